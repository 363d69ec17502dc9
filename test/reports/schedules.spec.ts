/** Reports that are made by themselves: when, by whom of several, and what a kill leaves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { dueBefore, lastDue, nextDue } from '../../src/admin/reports/recurrence.js';
import { checkReport } from '../../src/core/reports/signed-report.js';
import type { Recurrence } from '../../src/store/report-schedules.js';
import { BUILT_MAIN, type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { type Rest, restOf, within } from '../support/rest-client.js';

const START_TIMEOUT_MS = 180_000;
jest.setTimeout(START_TIMEOUT_MS);
const HOUR_MS = 3_600_000;

describe('a recurrence', () => {
  const recurrence: fc.Arbitrary<Recurrence> = fc.oneof(
    fc.record({
      every: fc.constant('day' as const),
      hour: fc.nat(23),
      weekday: fc.constant(null),
      day: fc.constant(null),
    }),
    fc.record({
      every: fc.constant('week' as const),
      hour: fc.nat(23),
      weekday: fc.nat(6),
      day: fc.constant(null),
    }),
    fc.record({
      every: fc.constant('month' as const),
      hour: fc.nat(23),
      weekday: fc.constant(null),
      day: fc.integer({ min: 1, max: 28 }),
    }),
  );
  const moment = fc.date({
    min: new Date('2024-01-01T00:00:00Z'),
    max: new Date('2032-01-01T00:00:00Z'),
    noInvalidDate: true,
  });
  const isDue = ({ every, hour, weekday, day }: Recurrence, at: Date): boolean =>
    at.getTime() % HOUR_MS === 0 &&
    at.getUTCHours() === hour &&
    (every !== 'week' || at.getUTCDay() === weekday) &&
    (every !== 'month' || at.getUTCDate() === day);

  it('is due next after a moment, and at no time in between', () => {
    fc.assert(
      fc.property(recurrence, moment, (one, at) => {
        const [next, last, before] = [nextDue(one, at), lastDue(one, at), dueBefore(one, at)];
        expect(last.getTime()).toBeLessThanOrEqual(at.getTime());
        expect(before.getTime()).toBeLessThan(at.getTime());
        expect(next.getTime()).toBeGreaterThan(at.getTime());
        for (const due of [next, last, before]) expect(isDue(one, due)).toBe(true);
        for (let t = last.getTime() + HOUR_MS; t < next.getTime(); t += HOUR_MS)
          expect(isDue(one, new Date(t))).toBe(false);
        expect(nextDue(one, last)).toEqual(next);
        expect(lastDue(one, next)).toEqual(next);
        expect(dueBefore(one, next)).toEqual(last);
      }),
      { numRuns: 300 },
    );
  });
});

describe('due reports', () => {
  let postgres: TestPostgres;
  let folder: string;
  let database: pg.Client;
  let gateways: GatewayProcess[] = [];

  const start = async (name: string): Promise<Rest> => {
    const gateway = await startGatewayProcess(BUILT_MAIN, {
      SLUICE_DATABASE_URL: postgres.ownerUrl,
      SLUICE_DATA_DIR: join(folder, name),
      SLUICE_DEMO: 'true',
      SLUICE_DEMO_SCALE: '0.001',
      SLUICE_MASK_KEY: '5'.repeat(64),
    });
    gateways.push(gateway);
    return restOf(gateway);
  };
  const history = async (rest: Rest, schedule: string) =>
    (await rest.ask('auditor', 'GET', `/v1/reports/history?schedule=${schedule}`)).json.items;
  const addDaily = async (rest: Rest, kind: string): Promise<string> => {
    const { status, json } = await rest.ask('auditor', 'POST', '/v1/reports/schedules', {
      kind,
      every: 'day',
      hour: 4,
    });
    expect(status).toBe(201);
    return json.id;
  };
  /** As if it had been due so many days ago. */
  const backdate = (id: string, days: number) =>
    database.query(`UPDATE report_schedule SET due_at = due_at - $2::int * interval '1 day' WHERE id = $1`, [
      id,
      days,
    ]);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-schedules-'));
    postgres = await startTestPostgres();
    database = new pg.Client({ connectionString: postgres.ownerUrl });
    await database.connect();
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await database?.end();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, START_TIMEOUT_MS);

  it('survive a kill; what was missed is made once, over all that was missed, by one of two gateways', async () => {
    const first = await start('a');
    const access = await addDaily(first, 'access');
    const keys = await addDaily(first, 'keys');
    expect(await history(first, access)).toEqual([]);
    await first.gateway.kill();
    gateways = [];
    for (const id of [access, keys]) await backdate(id, 4);

    const [one, other] = await Promise.all([start('a'), start('b')]);
    const made = async () => (await history(one, access)).length > 0 && (await history(one, keys)).length > 0;
    expect(await within(30_000, made)).toBe(true);
    const [kept, ...more] = await history(other, access);
    expect(more).toEqual([]);
    expect(await history(other, keys)).toHaveLength(1);
    const { json: schedules } = await one.ask('auditor', 'GET', '/v1/reports/schedules');
    for (const schedule of schedules.items) {
      expect(Date.parse(schedule.dueAt)).toBeGreaterThan(Date.now());
      expect(schedule.lastCode).toBeNull();
    }
    // Due four days ago and every day since: one report, from the day before that up to the last time.
    const { from, to } = kept.filter;
    expect(to).toBe(kept.dueAt);
    expect(Date.parse(to) - Date.parse(from)).toBe(4 * 24 * HOUR_MS);
    const { json, text } = await other.ask('auditor', 'GET', `/v1/reports/history/${kept.id}`);
    expect(checkReport(text)).toMatchObject({ valid: true });
    expect(json.report.filter).toEqual({ from, to });
    const read = await one.ask('auditor', 'GET', '/v1/audit/events?kind=audit.read&limit=20');
    const scheduled = read.json.items.filter(({ what }: { what: string }) =>
      what.startsWith('report access, scheduled'),
    );
    expect(scheduled).toHaveLength(1);
    expect(scheduled[0].personal).toMatchObject({ user: 'auditor', via: `schedule:${access}` });
  });

  it('come in pages', async () => {
    const rest = restOf(gateways[0]!);
    for (let i = 0; i < 3; i += 1) await rest.ask('auditor', 'GET', '/v1/reports/dsr');
    const { json: whole } = await rest.ask('auditor', 'GET', '/v1/reports/history?limit=500');
    const paged: string[] = [];
    let cursor = '';
    do {
      const { json } = await rest.ask('auditor', 'GET', `/v1/reports/history?limit=2${cursor}`);
      paged.push(...json.items.map(({ id }: { id: string }) => id));
      cursor = json.nextCursor === null ? '' : `&cursor=${json.nextCursor}`;
    } while (cursor !== '');
    expect(paged.length).toBeGreaterThan(4);
    expect(paged).toEqual(whole.items.map(({ id }: { id: string }) => id));
    const { json: some } = await rest.ask('auditor', 'GET', '/v1/reports/history?kind=dsr');
    expect(some.items).toHaveLength(3);
  });

  it('are kept to a number', async () => {
    const rest = restOf(gateways[0]!);
    const { rows } = await database.query(
      `INSERT INTO report_result (kind, made_at, filter, log_size, root, sha256, body)
       SELECT kind, made_at - n * interval '1 minute', filter, log_size, root, sha256, body
         FROM report_result, generate_series(1, 30) AS n WHERE kind = 'dsr' RETURNING id`,
    );
    expect(rows.length).toBe(90);
    await rest.ask('auditor', 'GET', '/v1/reports/dsr');
    const { json } = await rest.ask('auditor', 'GET', '/v1/reports/history?kind=dsr&limit=500');
    expect(json.items).toHaveLength(20);
    expect(Date.now() - Date.parse(json.items[0].madeAt)).toBeLessThan(60_000);
  });

  it('are found out when they were changed where they are kept', async () => {
    const [gateway] = gateways;
    const rest = restOf(gateway!);
    await rest.ask('auditor', 'GET', '/v1/reports/access');
    const { json } = await rest.ask('auditor', 'GET', '/v1/reports/history?limit=1');
    const { id } = json.items[0];
    await database.query(
      `UPDATE report_result SET body = replace(body, '"succeeded":0', '"succeeded":7') WHERE id = $1`,
      [id],
    );
    const answer = await rest.ask('auditor', 'GET', `/v1/reports/history/${id}`);
    expect([answer.status, answer.json.code]).toEqual([500, 'LOG_DAMAGED']);
  });

  it('are none over a log that was changed', async () => {
    const rest = restOf(gateways[0]!);
    const tamper = (from: string, to: string) => [
      'ALTER TABLE audit_event DISABLE TRIGGER USER',
      `UPDATE audit_event SET body = replace(body, '${from}', '${to}') WHERE kind = 'gateway.started'`,
      'ALTER TABLE audit_event ENABLE TRIGGER USER',
    ];
    const schedule = await addDaily(rest, 'denied');
    for (const statement of tamper('"spool":"off"', '"spool":"all"')) await database.query(statement);
    const answer = await rest.ask('auditor', 'GET', '/v1/reports/access');
    expect([answer.status, answer.json.code]).toEqual([500, 'LOG_DAMAGED']);
    await backdate(schedule, 1);
    const failed = async () => {
      const { json } = await rest.ask('auditor', 'GET', '/v1/reports/schedules');
      const found = json.items.find(({ id }: { id: string }) => id === schedule);
      return found.lastCode === 'LOG_DAMAGED' && found.retryAt !== null;
    };
    expect(await within(40_000, failed)).toBe(true);
    expect(await history(rest, schedule)).toEqual([]);
    for (const statement of tamper('"spool":"all"', '"spool":"off"')) await database.query(statement);
    expect((await rest.ask('auditor', 'GET', '/v1/reports/access')).status).toBe(200);
  });
});
