/** Reports of a real gateway: their numbers, who may have them, and what hostile names do in them. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CellTexts, sectionTexts } from '../../src/core/reports/cell-text.js';
import { REPORT_KINDS, type Report } from '../../src/core/reports/report.js';
import type { SignedReport } from '../../src/core/reports/signed-report.js';
import type { Rest } from '../support/rest-client.js';
import { ROOT } from '../support/sources.js';
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
import { attribute, elements, readCsv, readPage, readPdf, textIn, withoutSpaces } from './read-forms.js';
import { EVIL, ReportGateway, STATEMENTS } from './report-gateway.js';

const START_TIMEOUT_MS = 120_000;
jest.setTimeout(START_TIMEOUT_MS);

let gateway: ReportGateway;
let rest: Rest;
beforeAll(async () => {
  gateway = await ReportGateway.start();
  rest = gateway.rest;
}, START_TIMEOUT_MS);
afterAll(() => gateway?.stop(), START_TIMEOUT_MS);

const get = (user: string, path: string, headers: object = {}) => gateway.get(user, path, headers);
const signedOf = (query: string, user?: string) => gateway.signed(query, user);
const sluice = (...args: string[]) => gateway.sluice(...args);
const actorOf = ({ personal }: SignedReport, name: string): string =>
  Object.entries(personal?.people ?? {}).find(([, known]) => known === name)![0];

describe('the numbers', () => {
  it('are those of an independent count over the exported log', async () => {
    const access = await signedOf('access');
    const actor = actorOf(access, 'analyst');
    const noon = rowsOf(access.report, 'seen')[0]!.first as string;
    const asked: readonly (readonly [string, object])[] = [
      ['access', {}],
      ['access?principal=analyst', { actor }],
      [
        'access?object=shop.crm.customers&column=email',
        { object: 'shop.crm.customers', column: 'shop.crm.customers.email' },
      ],
      [`access?purpose=care&from=${noon}`, { purpose: 'care', from: noon }],
      [`access?to=${noon}`, { to: noon }],
    ];
    const reports = await Promise.all(asked.map(([query]) => signedOf(query)));
    const breach = await signedOf('breach?column=shop.crm.customers.email');
    const denied = await signedOf('denied');
    const changes = await signedOf('policy-changes');
    const retention = await signedOf('retention');
    const ropa = await signedOf('ropa');
    const entitlements = await signedOf('entitlements');
    const log = await gateway.exported();
    const eventsUnder = ({ report }: SignedReport) => eventsOf(log, report.log.size);

    for (const [i, [, filter]] of asked.entries()) {
      const { report } = reports[i]!;
      expectAccess(report, countAccess(eventsUnder(reports[i]!), filter));
      expect(report.log.eventsInLog).toBe(eventsUnder(reports[i]!).length);
    }
    // Something was there to be counted.
    expect(access.report.totals.statements).toBeGreaterThan(STATEMENTS / 3);
    expect(rowsOf(access.report, 'seen').map(({ shown }) => shown)).toEqual(
      expect.arrayContaining(['clear', 'email', 'redact', 'none']),
    );
    const exposed = countBreach(eventsUnder(breach), { column: 'shop.crm.customers.email' });
    expectTotals(breach.report, { ...exposed.totals, personsWithRows: exposed.exposed });
    expect(usagesOf(breach.report, 'recipients', ['person', ...COLUMN])).toEqual(exposed.recipients);
    const refused = countDenied(eventsUnder(denied));
    expect(denied.report.totals).toEqual(refused.totals);
    expect(refused.totals.statements).toBeGreaterThan(0);
    const keys = ['person', 'objects', 'code', 'purpose'];
    expect(countsOf(denied.report, 'statements', keys, 'refusals')).toEqual(refused.statements);
    expect(changes.report.totals).toEqual(countPolicyChanges(eventsUnder(changes)).totals);
    // The export came later, and the reading of the log in between has a personal part of its own.
    const { personalPartsKept: kept, personalPartsErased: erased } = countRetention(eventsUnder(retention));
    expect(retention.report.totals).toMatchObject({ personalPartsKept: kept, personalPartsErased: erased });
    const use = countUse(eventsUnder(ropa));
    const statements = Object.entries(use.purposes).map(([key, { statements: n }]) => [key, n]);
    expect(countsOf(ropa.report, 'purposes', ['object', 'purpose'], 'statements')).toEqual(
      Object.fromEntries(statements),
    );
    for (const { object, persons } of rowsOf(ropa.report, 'activities'))
      expect([object, persons]).toEqual([object, use.people[object as string] ?? 0]);
    const used = countUse(eventsUnder(entitlements)).personObjects;
    for (const row of rowsOf(entitlements.report, 'entitlements').filter(({ action }) => action === 'read')) {
      const counted = used[JSON.stringify([row.person, row.object])];
      expect([row.statements, row.lastUse]).toEqual([counted?.statements ?? 0, counted?.last ?? '']);
    }
  });

  it.each(REPORT_KINDS)('of %s are the same in every form', async (kind) => {
    const query = kind === 'breach' ? `${kind}?object=shop.crm.customers` : kind;
    await signedOf(query);
    const { json } = await get('auditor', '/v1/reports/history?limit=1');
    const path = `/v1/reports/history/${json.items[0].id}`;
    const signed: SignedReport = (await get('auditor', path)).json;
    const texts = new CellTexts(signed.personal);
    const { report } = signed;

    const csv = readCsv((await get('auditor', path, { accept: 'text/csv' })).text);
    const page = readPage((await get('auditor', path, { accept: 'text/html' })).text);
    const pdf = await readPdf(await gateway.pdf(`${path}?format=pdf`));
    const total = (name: string) => csv.find(([part, key]) => part === 'total' && key === name)?.[2];
    expect(page.totals).toEqual(report.totals);
    for (const [name, value] of Object.entries(report.totals)) expect(total(name)).toBe(String(value));
    for (const section of report.sections) {
      const rows = sectionTexts(section, texts);
      expect(page.tables[section.id]).toEqual(rows);
      const width = section.columns.length;
      const found = csv.filter(([part]) => part === section.id).map((record) => record.slice(1, 1 + width));
      expect(found.map((cells) => cells.map(unquoted))).toEqual(rows);
      const alone = readCsv((await get('auditor', `${path}?format=csv&section=${section.id}`)).text);
      expect(alone.slice(1).map((cells) => cells.map(unquoted))).toEqual(rows);
    }
    const { root, size } = report.log;
    for (const fact of [root, `checkpointsize:${size}`, signed.checkpoint.note.split('\u2014 ')[1]!])
      expect(pdf).toContain(withoutSpaces(fact));
    expect(page.about['checkpoint root']).toBe(root);
    expect(csv.find(([, name]) => name === 'checkpoint root')?.map(unquoted)).toContain(root);
    for (const [name, value] of Object.entries(report.totals))
      expect(pdf).toContain(withoutSpaces(`${name.replace(/[A-Z]/g, (l) => l.toLowerCase())}:${value}`));
  });
});

/** A spreadsheet takes these for formulas. */
const unquoted = (cell: string): string => (/^'[=+\-@]/.test(cell) ? cell.slice(1) : cell);

describe('hostile names, purposes and justifications', () => {
  it('do nothing in any form', async () => {
    const query = 'breach?object=shop.crm.customers';
    const signed = await signedOf(query);
    expect(Object.values(signed.personal!.people)).toContain(EVIL);
    const html = (await get('auditor', `/v1/reports/${query}&format=html`)).text;
    const { root } = readPage(html);
    const tags = new Set(elements(root).map(({ tagName }) => tagName));
    for (const tag of ['script', 'img', 'iframe', 'link', 'object', 'a', 'form'])
      expect(tags).not.toContain(tag);
    const attributes = elements(root).flatMap(({ attrs }) => attrs);
    expect(attributes.filter(({ name }) => name.startsWith('on') || name === 'style')).toEqual([]);
    expect(attributes.filter(({ name, value }) => /^(href|src)$/.test(name) || /url\(/.test(value))).toEqual(
      [],
    );
    expect(elements(root, 'svg').every((svg) => attribute(svg, 'aria-hidden') === 'true')).toBe(true);
    expect(html).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(textIn(root)).toContain('\\u{202e}');
    const csv = (await get('auditor', `/v1/reports/${query}&format=csv`)).text;
    for (const cell of readCsv(csv).flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]|[\r\n\u202e\u2067]/);
    const pdf = await readPdf(await gateway.pdf(`/v1/reports/${query}&format=pdf`));
    expect(pdf).toContain('<script>');
    expect(pdf).toContain('\\u{202e}');
  });

  it('are shown on a page that a strict policy holds', async () => {
    const { headers, text } = await get('auditor', '/v1/reports/access?format=html');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
    const style = textIn(elements(readPage(text).root, 'style')[0]!);
    expect(policy).toContain(createHash('sha256').update(style).digest('base64'));
    expect(elements(readPage(text).root, 'figure').length).toBeGreaterThan(2);
  });
});

describe('who may', () => {
  it('have reports: those who may see the log; with names: auditors and administrators', async () => {
    for (const user of ['analyst', 'engineer', 'privacy'])
      for (const path of ['', '/access', '/history', '/schedules', '/nonsense'])
        expect((await get(user, `/v1/reports${path}`)).status).toBe(403);
    expect((await get('nobody', '/v1/reports/access')).status).toBe(401);
    const shown = await signedOf('access', 'steward');
    expect(shown.personal).toBeUndefined();
    expect(JSON.stringify(shown)).not.toContain('"analyst"');
    const breach = await get('steward', '/v1/reports/breach?object=shop.crm.customers&format=csv');
    expect(breach.text).toContain('withheld');
    for (const query of ['principal=analyst', 'personal=true'])
      expect((await get('steward', `/v1/reports/access?${query}`)).status).toBe(403);
    expect((await signedOf('access?personal=false')).personal).toBeUndefined();
    const schedule = { kind: 'access', every: 'day' };
    expect((await rest.ask('steward', 'POST', '/v1/reports/schedules', schedule)).status).toBe(403);
  });

  it('is on record, before they have it', async () => {
    await signedOf('denied?object=shop.hr.employees');
    const { json } = await get('admin', '/v1/audit/events?kind=audit.read&limit=5');
    expect(json.items).toContainEqual(
      expect.objectContaining({
        what: 'report denied {"object":"shop.hr.employees"}',
        personal: expect.objectContaining({ user: 'auditor' }),
      }),
    );
  });
});

describe('what cannot be', () => {
  it('is refused with its reason', async () => {
    for (const [path, status, code] of [
      ['nonsense', 404, 'NOT_FOUND'],
      ['breach', 400, 'BAD_REQUEST'],
      ['keys?object=a.b.c', 400, 'BAD_REQUEST'],
      ['access?from=2026-02-01&to=2026-01-01', 400, 'BAD_REQUEST'],
      ['access?from=yesterday', 400, 'BAD_REQUEST'],
      ['access?unknown=1', 400, 'BAD_REQUEST'],
      ['access?format=docx', 400, 'BAD_REQUEST'],
      ['access?format=csv&section=none', 400, 'BAD_REQUEST'],
      ['history/nonsense', 404, 'NOT_FOUND'],
      ['history/00000000-0000-4000-8000-000000000000', 404, 'NOT_FOUND'],
      ['history?cursor=x', 400, 'BAD_REQUEST'],
    ] as const)
      expect([path, (await get('auditor', `/v1/reports/${path}`)).json]).toEqual([
        path,
        expect.objectContaining({ status, code, remedy: expect.any(String) }),
      ]);
    const picky = await get('auditor', '/v1/reports/access', { accept: 'application/msword' });
    expect([picky.status, picky.json.code]).toEqual([406, 'NOT_ACCEPTABLE']);
  });

  it('is more than a gateway makes at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => get('auditor', '/v1/reports/access')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(12 - refused.length);
    expect(refused[0]!.json.code).toBe('RATE_LIMITED');
    expect(refused[0]!.headers.get('retry-after')).toBe('1');
  });

  it('is not made up: nobody used it, nothing is there', async () => {
    const { report }: { report: Report } = await signedOf('access?from=2020-01-01&to=2020-01-02');
    expect(report.log).toMatchObject({ events: 0, first: null, last: null });
    expect(report.notes.map(({ code }) => code)).toContain('NO_EVENTS');
    for (const kind of ['dsr', 'ccpa-metrics'])
      expect((await signedOf(kind)).report.notes.map(({ code }) => code)).toContain('NO_PRIVACY_REQUESTS');
  });
});

describe('ropa', () => {
  it('says what changed since the last', async () => {
    await signedOf('ropa');
    const unchanged = await signedOf('ropa');
    expect(rowsOf(unchanged.report, 'changes')).toEqual([]);
    await rest.ask('admin', 'PUT', '/v1/catalog/tables/shop.ref.countries/metadata', {
      owner: 'user:steward',
      tags: ['pii.place'],
    });
    await rest.run('admin', 'SELECT count(*) FROM shop.ref.countries', { purpose: 'planning' });
    const { report } = await signedOf('ropa');
    const object = 'shop.ref.countries';
    expect(rowsOf(report, 'changes')).toEqual(
      expect.arrayContaining([
        { object, field: 'personalData', before: 'no', after: 'yes' },
        {
          object,
          field: 'usedPurposes',
          before: expect.any(String),
          after: expect.stringContaining('planning'),
        },
      ]),
    );
    expect(report.notes[0]!.code).toBe('COMPARED_WITH');
  });
});

describe('policy changes and keys', () => {
  it('say who made them, and which keys there are, without any secret', async () => {
    const document = {
      kind: 'policy',
      name: 'report-spec',
      grants: [{ allow: ['browse'], to: ['user:x'], on: ['shop.ref.*'] }],
    };
    expect((await rest.ask('admin', 'POST', '/v1/policies', document)).status).toBe(201);
    let [signed, row] = [
      await signedOf('policy-changes'),
      undefined as ReturnType<typeof rowsOf>[number] | undefined,
    ];
    for (let i = 0; row === undefined && i < 50; i += 1) {
      signed = await signedOf('policy-changes');
      row = rowsOf(signed.report, 'changes').find(({ name }) => name === 'report-spec');
    }
    expect(row).toMatchObject({ change: 'created', source: 'api' });
    expect(signed.personal!.events[row!.changedBy as string]).toEqual({ user: 'admin' });
    const keys = await get('auditor', '/v1/reports/keys');
    expect(rowsOf(keys.json.report, 'signing')).toHaveLength(1);
    const secret = readFileSync(join(gateway.folder, 'data', 'keys', 'mask.key'), 'utf8').trim();
    const ring = JSON.parse(readFileSync(join(gateway.folder, 'data', 'keys', 'audit.json'), 'utf8'));
    for (const hidden of [secret, ring.keys[0].jws.d, ring.keys[0].note.d])
      expect(keys.text).not.toContain(hidden);
  });
});

describe('sluice report', () => {
  it('writes, prints and verifies', async () => {
    const file = join(gateway.folder, 'access.json');
    expect((await sluice('report', 'access', '--principal', 'analyst', '--out', file)).code).toBe(0);
    const verified = await sluice('report', 'verify', file);
    expect([verified.code, verified.output]).toEqual([0, expect.stringMatching(/^VALID: .*report access/)]);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"statements":(\d)/, '"statements":9$1'));
    const changed = await sluice('report', 'verify', file);
    expect([changed.code, changed.output]).toEqual([40, expect.stringMatching(/^INVALID: /)]);
    expect((await sluice('report', 'verify', join(gateway.folder, 'missing'))).code).toBe(40);
    const shown = await sluice('report', 'breach', '--object', 'shop.crm.customers');
    expect(shown.output).toMatch(/Who received rows/);
    expect(shown.output).not.toContain('\u202e');
    const pdf = join(gateway.folder, 'keys.pdf');
    expect((await sluice('report', 'keys', '--out', pdf)).code).toBe(0);
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
    const csv = await sluice('report', 'denied', '--format', 'csv');
    expect(readCsv(csv.output).length).toBeGreaterThan(10);
    const { items } = JSON.parse((await sluice('report', 'history', '--json')).output);
    expect(items[0].kind).toBe('denied');
    expect((await sluice('report', 'history', items[0].id)).output).toMatch(/^Denied access/);
  });

  it('does what the guide says', async () => {
    const guide = readFileSync(join(ROOT, 'docs', 'how-to', 'reports.md'), 'utf8');
    const commands = [...guide.matchAll(/^npx sluice (report .*?)(?: +#.*)?$/gm)].map(([, line]) => line!);
    expect(commands.length).toBeGreaterThan(6);
    for (const command of commands) {
      const { code, output } = await sluice(...command.split(' '));
      expect([command, code, output]).toEqual([command, 0, expect.any(String)]);
    }
    const { items } = (await get('auditor', '/v1/reports/schedules')).json;
    for (const { id } of items)
      expect((await rest.ask('auditor', 'DELETE', `/v1/reports/schedules/${id}`)).status).toBe(204);
  });

  it('schedules', async () => {
    const added = await sluice(
      'report',
      'schedule',
      'add',
      'ropa',
      '--every',
      'week',
      '--weekday',
      'friday',
      '--hour',
      '5',
    );
    expect([added.code, added.output]).toEqual([0, expect.stringMatching(/next at .*T05:00:00.000Z/)]);
    const { json } = await get('auditor', '/v1/reports/schedules');
    expect(json.items).toHaveLength(1);
    expect(json.items[0]).toMatchObject({
      kind: 'ropa',
      every: 'week',
      weekday: 'friday',
      hour: 5,
      lastCode: null,
    });
    expect(new Date(json.items[0].dueAt).getUTCDay()).toBe(5);
    expect((await sluice('report', 'schedule', 'remove', json.items[0].id)).code).toBe(0);
    expect((await rest.ask('admin', 'DELETE', `/v1/reports/schedules/${json.items[0].id}`)).status).toBe(404);
    for (const wrong of [
      { kind: 'breach', every: 'day' },
      { kind: 'access', every: 'day', day: 3 },
      { kind: 'access', every: 'month', day: 31 },
      { kind: 'access', every: 'hour' },
    ])
      expect((await rest.ask('admin', 'POST', '/v1/reports/schedules', wrong)).status).toBe(400);
  });
});

describe('after an erasure', () => {
  it('people are shown as erased, in reports that were kept before too', async () => {
    await signedOf('breach?principal=analyst');
    const kept = (await get('auditor', '/v1/reports/history?kind=breach&limit=1')).json.items[0].id;
    const before = await get('auditor', `/v1/reports/history/${kept}?format=csv`);
    expect(before.text).toContain('analyst');
    const events: string[] = [];
    let cursor = '';
    do {
      const { json } = await get('auditor', `/v1/audit/events?principal=analyst&limit=500${cursor}`);
      events.push(...json.items.map(({ eventId }: { eventId: string }) => eventId));
      cursor = json.nextCursor === null ? '' : `&cursor=${json.nextCursor}`;
    } while (cursor !== '');
    await rest.ask('admin', 'POST', '/v1/audit/erasures', { events, reason: 'request 7' });
    const after = await get('auditor', `/v1/reports/history/${kept}?format=csv`);
    // The roles and rules of analysts are called so too.
    expect(after.text.replaceAll('eu-analysts', '')).not.toContain('analyst');
    expect(after.text).toContain('erased (');
    expect(
      readCsv(after.text)
        .filter(([part]) => part === 'statements')
        .flat(),
    ).toContain('erased');
    const names = Object.values((await signedOf('access')).personal!.people);
    expect(names).toContain(null);
    expect(names).not.toContain('analyst');
    const { totals } = (await signedOf('retention')).report;
    expect(totals).toMatchObject({ personalPartsErased: events.length, erasedEvents: events.length });
  });
});
