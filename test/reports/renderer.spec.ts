/** The thread that writes reports: compiled, as the gateway runs it. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ReportRenderer } from '../../src/admin/reports/report-renderer.js';
import { column, type Report } from '../../src/core/reports/report.js';
import type { SignedReport } from '../../src/core/reports/signed-report.js';
import { ROOT } from '../support/sources.js';
import { readCsv, readPage, readPdf, withoutSpaces } from './read-forms.js';

jest.setTimeout(120_000);
const ROWS = 3_000;
const MODULE = join(ROOT, 'dist', 'src', 'admin', 'reports', 'report-renderer.js');

const report: Report = {
  kind: 'access',
  title: 'Access',
  madeAt: '2026-01-01T00:00:00.000Z',
  filter: {},
  log: {
    origin: 'sluice/test',
    size: 1,
    root: 'r',
    checkpointAt: '2026-01-01T00:00:00.000Z',
    eventsInLog: 1,
    events: 1,
    first: null,
    last: null,
  },
  totals: { rows: ROWS },
  notes: [],
  sections: [
    {
      id: 'seen',
      title: 'Seen',
      columns: [column('object', 'Object'), column('rows', 'Rows', 'number')],
      rows: Array.from({ length: ROWS }, (_, i) => ({ object: `lake.s.t${i}`, rows: i })),
      omitted: 7,
      chart: { title: 'Rows', labels: ['object'], value: 'rows' },
    },
  ],
};
const jwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } as const;
const signed: SignedReport = {
  format: 'sluice-report',
  version: 1,
  report,
  jws: 'j',
  key: jwk,
  checkpoint: { note: 'a\n1\nr\n\n\u2014 a c2ln\n', jws: 'j' },
  logKey: { vkey: 'v', jwk },
};

let renderer: ReportRenderer;
beforeAll(async () => {
  const compiled = await import(pathToFileURL(MODULE).href);
  renderer = new compiled.ReportRenderer();
});
afterAll(() => renderer?.onModuleDestroy());

describe('the thread that writes reports', () => {
  it('says how many rows a form does not show', async () => {
    const page = String(await renderer.render({ signed, format: 'html' }));
    expect(readPage(page).tables.seen).toHaveLength(2_000);
    expect(page).toContain(`${ROWS} rows, ${ROWS - 2_000 + 7} more not shown here`);
    const pdf = await readPdf((await renderer.render({ signed, format: 'pdf' })) as Buffer);
    expect(pdf).toContain(withoutSpaces(`${ROWS} rows, ${ROWS - 400 + 7} more in CSV and JSON`));
    const csv = readCsv(String(await renderer.render({ signed, format: 'csv' })));
    expect(csv.filter(([part]) => part === 'seen')).toHaveLength(ROWS);
    expect(csv).toContainEqual(expect.arrayContaining(['seen:omitted', '7']));
  });

  it('leaves this one free', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 5);
    await renderer.render({ signed, format: 'pdf' });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(20);
  });

  it('takes so many at once, and no more', async () => {
    const asked = Array.from({ length: 12 }, () => renderer.render({ signed, format: 'csv' }));
    const ends = (await Promise.allSettled(asked)).map((end) =>
      end.status === 'fulfilled' ? 'ok' : end.reason.code,
    );
    expect(ends.filter((end) => end === 'ok')).toHaveLength(8);
    expect(ends.filter((end) => end === 'RATE_LIMITED')).toHaveLength(4);
  });

  it('is replaced when it is gone, and whoever waited is told', async () => {
    const asked = renderer.render({ signed, format: 'pdf' });
    const { worker } = renderer as unknown as { worker: Worker };
    setTimeout(() => void worker.terminate(), 50);
    await expect(asked).rejects.toMatchObject({ code: 'RESOURCES_EXHAUSTED' });
    await expect(renderer.render({ signed: {} as SignedReport, format: 'html' })).rejects.toThrow(
      /could not be written/,
    );
    expect(readCsv(String(await renderer.render({ signed, format: 'csv' }))).length).toBeGreaterThan(ROWS);
  });
});
