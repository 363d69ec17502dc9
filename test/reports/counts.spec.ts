/** Reports over random logs, held to a count that shares nothing with them; and what a report does about odd logs. */
import { describe, expect, it } from '@jest/globals';
import { signerVkey } from '../../src/core/audit/checkpoint.js';
import { canonicalJson } from '../../src/core/crypto/canonical-json.js';
import { publicJwk } from '../../src/core/crypto/jws.js';
import { GovernanceError } from '../../src/core/errors.js';
import { compilePolicies } from '../../src/core/policy/compile.js';
import { LogReading } from '../../src/core/reports/log-reading.js';
import { type ReportSources, reportMaker } from '../../src/core/reports/makers.js';
import {
  asJson,
  REPORT_KINDS,
  type Report,
  type ReportFilter,
  type ReportKind,
} from '../../src/core/reports/report.js';
import { checkReport, signReport } from '../../src/core/reports/signed-report.js';
import { LogMaker, makeSigner } from '../audit/made-log.js';
import { COLUMN, countsOf, expectAccess, expectTotals, rowsOf, usagesOf } from './counted.js';
import {
  countAccess,
  countBreach,
  countDenied,
  countPolicyChanges,
  countRetention,
  countUse,
  eventsOf,
} from './independent-count.mjs';
import { ACTORS, batchesOf, RandomLog } from './random-log.js';

const SOURCES: ReportSources = {
  policies: compilePolicies([], 1),
  tables: [],
  people: [],
  now: 0,
  signing: [],
  secrets: [],
  hashDomains: [],
  personal: { kept: 0, committed: () => 0 },
};

interface Log {
  readonly lines: readonly string[];
  readonly log: LogMaker;
}

async function randomLog(seed: number, batches = 150): Promise<Log> {
  const random = new RandomLog(seed);
  await random.grow(batches);
  return { log: random.maker, lines: await random.maker.export() };
}

function reportOf(
  { log, lines }: Log,
  kind: ReportKind,
  filter: ReportFilter = {},
  change: (batches: ReturnType<typeof batchesOf>) => ReturnType<typeof batchesOf> = (same) => same,
): Report {
  const personal = { kept: 0, committed: (): number => reading.personal };
  const maker = reportMaker(kind, filter, { ...SOURCES, personal });
  const reading = new LogReading(filter, maker);
  for (const batch of change(batchesOf(lines))) reading.batch(batch);
  const { log: range, notes } = reading.finish(log.checkpoints.at(-1)!);
  const body = maker.finish();
  return {
    kind,
    title: kind,
    madeAt: log.at(),
    filter,
    log: range,
    ...body,
    notes: [...notes, ...body.notes],
  };
}

const FILTERS: readonly ReportFilter[] = [
  {},
  { actor: ACTORS[0]! },
  { object: 'lake.main.odd' },
  { column: 'shop.crm.customers.email' },
  { object: 'lake.main.odd-er', purpose: 'care' },
  { from: '2026-01-02T00:00:00.000Z', to: '2026-01-04T12:00:00.000Z' },
  { from: '2030-01-01T00:00:00.000Z' },
];

describe.each([1, 2, 3, 4])('over random log %i', (seed) => {
  const made = randomLog(seed);
  const events = made.then(({ log, lines }) => eventsOf(lines.join(''), log.size));

  it.each(FILTERS)('access counts as the count does: %j', async (filter) => {
    expectAccess(reportOf(await made, 'access', filter), countAccess(await events, filter));
  });

  it.each(FILTERS.slice(1))('breach counts as the count does: %j', async (filter) => {
    const report = reportOf(await made, 'breach', filter);
    const counted = countBreach(await events, filter);
    expectTotals(report, { ...counted.totals, personsWithRows: counted.exposed });
    expect(usagesOf(report, 'persons', ['person'])).toEqual(counted.persons);
    expect(usagesOf(report, 'recipients', ['person', ...COLUMN])).toEqual(counted.recipients);
    expect(
      rowsOf(report, 'statements')
        .map((row) => row.statementId)
        .sort(),
    ).toEqual(counted.statements);
  });

  it.each([{}, FILTERS[5]!])('denied, policy-changes and retention do too: %j', async (filter) => {
    const denied = reportOf(await made, 'denied', filter);
    const refused = countDenied(await events, filter);
    expect(denied.totals).toEqual(refused.totals);
    const of = (id: string, ...keys: string[]) => countsOf(denied, id, keys, 'refusals');
    expect(of('statements', 'person', 'objects', 'code', 'purpose')).toEqual(refused.statements);
    expect(of('codes', 'code')).toEqual(refused.codes);
    expect(of('days', 'day')).toEqual(refused.days);
    expect(of('changes', 'person', 'action', 'noun', 'code')).toEqual(refused.changes);
    expect(of('sign-ins', 'method')).toEqual(refused['sign-ins']);

    const changes = reportOf(await made, 'policy-changes', filter);
    const changed = countPolicyChanges(await events, filter);
    expect(changes.totals).toEqual(changed.totals);
    const keys = ['policyVersion', 'name', 'version', 'change', 'event'];
    const rows = rowsOf(changes, 'changes').map((row) => JSON.stringify(keys.map((name) => row[name])));
    expect(rows.sort()).toEqual(changed.changes);

    const { personalPartsErased: _, personalPartsKept: __, ...kept } = countRetention(await events, filter);
    expect(reportOf(await made, 'retention', filter).totals).toMatchObject(kept);
  });

  it('ropa counts real use as the count does', async () => {
    const report = reportOf(await made, 'ropa');
    const { purposes } = countUse(await events);
    const counted = Object.fromEntries(Object.entries(purposes).map(([key, use]) => [key, use.statements]));
    expect(countsOf(report, 'purposes', ['object', 'purpose'], 'statements')).toEqual(counted);
  });

  it('says from where to where it reads, whatever the clocks said', async () => {
    const { log } = reportOf(await made, 'access', FILTERS[5]!);
    const all = await events;
    const { from = '', to = '' } = FILTERS[5]!;
    const inTimes = all.filter(({ at }) => at >= from && at < to);
    expect(log).toMatchObject({
      eventsInLog: all.length,
      events: inTimes.length,
      first: { eventId: inTimes[0].id, at: inTimes[0].at },
      last: { eventId: inTimes.at(-1).id, at: inTimes.at(-1).at },
    });
  });
});

describe('times of a filter', () => {
  it('include the first and not the last', async () => {
    const made = await randomLog(8, 40);
    const times = eventsOf(made.lines.join(''), made.log.size)
      .filter(({ kind }) => kind === 'statement.intent')
      .map(({ at }) => at)
      .sort();
    const filter = { from: times[3], to: times[9] };
    expect(reportOf(made, 'access', filter).totals.statements).toBe(
      times.filter((at) => at >= filter.from && at < filter.to).length,
    );
    expect(times.filter((at) => at === filter.to).length).toBeGreaterThan(0);
  });
});

describe('a report of an odd log', () => {
  it('that is empty has no numbers and says so', async () => {
    const log = new LogMaker(makeSigner(), 9);
    await log.checkpoint();
    for (const kind of REPORT_KINDS) {
      const report = reportOf({ log, lines: await log.export() }, kind);
      expect(report.log).toMatchObject({ size: 0, events: 0, eventsInLog: 0, first: null, last: null });
      expect(report.notes.map(({ code }) => code)).toContain('NO_EVENTS');
    }
  });

  it('whose clock went back says so, and counts what it says', async () => {
    const log = new LogMaker(makeSigner(), 9);
    const beat = (at: string) => log.commit(0, [{ kind: 'heartbeat', at, fields: { everySeconds: 1 } }]);
    beat('2026-03-01T00:00:00.000Z');
    beat('2026-02-01T00:00:00.000Z');
    await log.checkpoint();
    const report = reportOf({ log, lines: await log.export() }, 'access');
    expect(report.notes[0]).toMatchObject({ code: 'CLOCK_JUMP', text: expect.stringContaining('1 times') });
  });

  it('with events of a newer version counts the others and says so', async () => {
    const log = new LogMaker(makeSigner(), 9);
    const future = { kind: 'statement.intent', at: log.at(), fields: { v: 2, statementId: 'x' } };
    log.commit(0, [future as never, { kind: 'heartbeat', at: log.at(), fields: { everySeconds: 1 } }]);
    await log.checkpoint();
    const report = reportOf({ log, lines: await log.export() }, 'access');
    expect(report.log).toMatchObject({ eventsInLog: 2, events: 1 });
    expect(report.notes[0]).toMatchObject({
      code: 'NEWER_VERSION',
      text: expect.stringMatching(/^1 events/),
    });
    expect(report.totals.statements).toBe(0);
  });

  it('that was changed is none', async () => {
    const made = await randomLog(5, 20);
    const damaged = (change: Parameters<typeof reportOf>[3]) => () => reportOf(made, 'access', {}, change);
    const changes: Parameters<typeof reportOf>[3][] = [
      (batches) => batches.slice(1),
      (batches) => batches.slice(0, -1),
      (batches) => [batches[1]!, batches[0]!, ...batches.slice(2)],
      (batches) => batches.map((batch, i) => (i === 7 ? { ...batch, events: batch.events.slice(1) } : batch)),
      (batches) =>
        batches.map(({ text, events }) => ({
          text,
          events: events.map((e) => e.replace('"rowCount":', '"rowCount":1')),
        })),
      (batches) => [...batches, batches[0]!],
      (batches) => batches.map((batch, i) => (i === 3 ? { ...batch, text: '{"count":1}' } : batch)),
    ];
    for (const change of changes) {
      expect(damaged(change)).toThrow(GovernanceError);
      expect(damaged(change)).toThrow(/not what its last checkpoint was signed for/);
    }
  });
});

describe('a signed report', () => {
  const parts = (async () => {
    const made = await randomLog(6, 20);
    const { note, jws } = made.log.checkpoints.at(-1)!;
    const { signer } = made.log;
    const logKey = { vkey: signerVkey(signer), jwk: publicJwk(signer.jws)! };
    return { report: reportOf(made, 'access'), anchor: { checkpoint: { note, jws }, logKey } };
  })();
  const signAs = async (change: (report: Report) => Report) => {
    const { report, anchor } = await parts;
    return signReport(makeSigner(), change(report), { people: { x: 'Ana' }, events: {} }, anchor);
  };
  const signed = signAs((report) => report);

  it('is checked with nothing else, whichever way its JSON is written', async () => {
    const text = canonicalJson(await signed);
    expect(checkReport(text)).toMatchObject({ valid: true, kind: 'access' });
    expect(checkReport(JSON.stringify(JSON.parse(text), null, 2))).toMatchObject({ valid: true });
  });

  it('is found out when anything in it is changed', async () => {
    const text = canonicalJson(await signed);
    const value = () => JSON.parse(text);
    const { report } = await signed;
    expect(Object.keys(asJson(report)).length).toBeGreaterThan(5);
    const changed = [
      (r: ReturnType<typeof value>) => (r.report.totals.statements += 1),
      (r: ReturnType<typeof value>) => (r.report.madeAt = '2020-01-01T00:00:00.000Z'),
      (r: ReturnType<typeof value>) => r.report.sections[0].rows.pop(),
      (r: ReturnType<typeof value>) => (r.report.log.root = Buffer.alloc(32).toString('base64')),
      (r: ReturnType<typeof value>) => (r.report.log.size -= 1),
      (r: ReturnType<typeof value>) => (r.report.log.checkpointAt = '2020-01-01T00:00:00.000Z'),
      (r: ReturnType<typeof value>) => (r.personal.people.x = 'Bob'),
      (r: ReturnType<typeof value>) => delete r.personal,
      (r: ReturnType<typeof value>) => (r.report.extra = 1),
      (r: ReturnType<typeof value>) => (r.jws = `${r.jws.slice(0, -2)}AA`),
      (r: ReturnType<typeof value>) => (r.key = r.logKey.jwk),
      (r: ReturnType<typeof value>) => (r.checkpoint.note = r.checkpoint.note.replace(/\d/, '9')),
      (r: ReturnType<typeof value>) => (r.version = 2),
      (r: ReturnType<typeof value>) => (r.report = []),
    ];
    for (const change of changed) {
      const copy = value();
      change(copy);
      expect(checkReport(JSON.stringify(copy)).valid).toBe(false);
    }
    const elsewhere: readonly Partial<Report['log']>[] = [
      { root: Buffer.alloc(32).toString('base64') },
      { size: 1 },
      { origin: 'sluice/other' },
      { checkpointAt: '2020-01-01T00:00:00.000Z' },
    ];
    for (const log of elsewhere) {
      const forged = await signAs((same) => ({ ...same, log: { ...same.log, ...log } }));
      expect(checkReport(canonicalJson(forged)).valid).toBe(false);
    }
    for (const other of ['', '[]', '{}', 'null', `${text}x`, text.slice(0, -9)])
      expect(checkReport(other).valid).toBe(false);
  });
});
