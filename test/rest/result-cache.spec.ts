/** Answers that are given again: never anything that would not be given now, and always on record. */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { writeTables } from '../support/engine-lake.js';
import { type Answer, type Rest, startRest, within } from '../support/rest-client.js';

const START_TIMEOUT_MS = 90_000;
jest.setTimeout(180_000);
const SEQUENCES = 8;
const STEPS = 10;
const SEEN_MS = 20_000;

let folder: string;
let rest: Rest;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cache-'));
  mkdirSync(join(folder, 'lake'));
  await place('people', peopleOf(0));
  await place('orders', 'SELECT range AS id, range % 7 AS person FROM range(20)');
  rest = await startRest({
    SLUICE_LAKE: join(folder, 'lake'),
    SLUICE_LAKE_POLL: '1h',
    SLUICE_LAKE_WATCH: 'false',
  });
  await rest.ask('admin', 'POST', '/v1/policies', policyOf(0));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await rest?.gateway.stop();
  rmSync(folder, { recursive: true, force: true });
}, START_TIMEOUT_MS);

/** Seven people; each state of the data has others. */
const peopleOf = (state: number): string =>
  `SELECT range AS id, 'p${state}-' || range || '@example.org' AS email,
     CASE WHEN (range + ${state}) % 2 = 0 THEN 'DE' ELSE 'US' END AS country FROM range(7)`;
async function place(table: string, sql: string): Promise<void> {
  await writeTables(folder, { 'new.parquet': sql });
  renameSync(join(folder, 'new.parquet'), join(folder, 'lake', `${table}.parquet`));
}
const READERS = ['analyst', 'engineer', 'steward'] as const;
const all = READERS.map((role) => `role:${role}`);
const allow = { allow: ['browse', 'read'], to: all, on: ['lake'] };
const mask = (kind: unknown, to: readonly string[]) => ({ on: ['lake.main.people.email'], to, mask: kind });
const rows = (where: string, to: readonly string[]) => ({
  name: 'some',
  on: ['lake.main.people'],
  to,
  mode: 'restrictive',
  where,
});
const POLICIES = [
  { grants: [allow], columns: [mask('email', ['role:analyst'])] },
  {
    grants: [allow],
    columns: [mask('hide', ['role:analyst']), mask({ hash: { domain: 'd' } }, ['role:engineer'])],
  },
  { grants: [allow], rows: [rows('country IN (:principal.countries)', ['role:analyst'])] },
  {
    grants: [allow],
    rows: [rows("country = 'US' OR email = :principal.user", ['role:engineer', 'role:steward'])],
  },
  { grants: [allow, { deny: ['read'], to: ['role:engineer'], on: ['lake.main.people'] }] },
  { grants: [{ ...allow, to: ['role:steward'] }] },
];
const policyOf = (state: number) => ({ kind: 'policy', name: 'state', ...POLICIES[state % POLICIES.length] });
const setPolicy = async (state: number): Promise<void> => {
  expect((await rest.ask('admin', 'PUT', '/v1/policies/state', policyOf(state))).status).toBe(200);
};

const PEOPLE = 'SELECT id, email, country FROM lake.main.people ORDER BY id';
const STATEMENTS = [
  PEOPLE,
  'SELECT * FROM lake.main.people ORDER BY id',
  'SELECT count(*), max(email) FROM lake.main.people',
  "SELECT id FROM lake.main.people WHERE email LIKE 'p%' ORDER BY id",
  'SELECT o.id, p.email FROM lake.main.orders o LEFT JOIN lake.main.people p ON o.person = p.id ORDER BY 1, 2',
  'SELECT id, current_user() AS me FROM lake.main.orders ORDER BY id',
  'SELECT id FROM lake.main.people WHERE 1 / (id - :p) IS NULL ORDER BY id',
];
const ask = (user: string, statement: string, body: object = {}, headers: object = {}): Promise<Answer> =>
  rest.run(user, statement, { waitTimeout: '30s', ...body }, headers);
const noticesOf = ({ json }: Answer): readonly string[] =>
  json.governance.notices.map(({ code }: { code: string }) => code);
const isKept = (answer: Answer): boolean => noticesOf(answer).includes('CACHED');
/** All that a caller learns, but for what tells of this one run. */
const told = ({ status, json }: Answer) => ({
  status,
  code: json.code,
  schema: json.manifest?.schema,
  rows: json.result?.rows,
  filtered: json.governance?.filteredTables,
  masked: json.governance?.maskedColumns,
});
const outcomeOf = async ({ json }: Answer): Promise<{ cacheAgeMs?: number; rowCount: number }> => {
  const found = await rest.ask(
    'auditor',
    'GET',
    `/v1/audit/events?statement=${json.statementId}&personal=false`,
  );
  return found.json.items.find((event: { kind: string }) => event.kind === 'statement.outcome');
};

describe('an answer that is given again', () => {
  it('says so, with its age, and is on record as what it is', async () => {
    await setPolicy(0);
    const first = await ask('analyst', PEOPLE);
    const again = await ask('analyst', PEOPLE);
    expect([isKept(first), isKept(again)]).toEqual([false, true]);
    expect(told(again)).toEqual(told(first));
    expect(again.json.governance.notices[0].text).toMatch(/^This answer was made \d+ s ago/);
    expect(await outcomeOf(first)).not.toHaveProperty('cacheAgeMs');
    expect(await outcomeOf(again)).toMatchObject({ rowCount: 7, cacheAgeMs: expect.any(Number) });
    const chunk = await rest.ask('analyst', 'GET', `/v1/statements/${again.json.statementId}/chunks/0`);
    expect(chunk.json.rows).toEqual(first.json.result.rows);
  });

  it('is not for who asks for a new one, and what cannot be understood is refused', async () => {
    await ask('analyst', PEOPLE);
    expect(isKept(await ask('analyst', PEOPLE, { cache: false }))).toBe(false);
    expect(isKept(await ask('analyst', PEOPLE, { cache: true }))).toBe(true);
    for (const cache of ['no', 0, null]) expect((await ask('analyst', PEOPLE, { cache })).status).toBe(400);
  });

  it('is not one that the statement was removed of', async () => {
    const { json } = await ask('analyst', `${PEOPLE} LIMIT 3`);
    expect((await rest.ask('analyst', 'DELETE', `/v1/statements/${json.statementId}`)).status).toBe(204);
    expect(isKept(await ask('analyst', `${PEOPLE} LIMIT 3`))).toBe(false);
  });

  it.each([
    'SELECT current_timestamp(), id FROM lake.main.orders',
    'SELECT collect_list(id) FROM lake.main.orders',
    'SELECT 1',
  ])('is never that of %s', async (statement) => {
    await ask('analyst', statement);
    expect(isKept(await ask('analyst', statement))).toBe(false);
  });

  it('is the same bytes as a stream', async () => {
    for (const accept of ['text/csv', 'application/x-ndjson', 'application/vnd.apache.arrow.stream']) {
      const hits = async (): Promise<number> => {
        const text = await (await fetch(`${rest.gateway.adminUrl}/metrics`)).text();
        return Number(/sluice_result_cache_lookups_total\{outcome="hit"\} (\d+)/.exec(text)?.[1]);
      };
      const before = await hits();
      const first = await ask('steward', PEOPLE, { waitTimeout: undefined }, { accept });
      const again = await ask('steward', PEOPLE, { waitTimeout: undefined }, { accept });
      expect(first.text.length).toBeGreaterThan(50);
      expect(again.text).toBe(first.text);
      expect(await hits()).toBe(before + 1);
    }
  });

  it('is not that of somebody who may see something else', async () => {
    await setPolicy(0);
    const [masked] = [await ask('analyst', PEOPLE)];
    const clear = await ask('steward', PEOPLE);
    expect(isKept(clear)).toBe(false);
    expect(clear.json.result.rows).not.toEqual(masked.json.result.rows);
    // The same secured plan: the same answer.
    const other = await ask('engineer', PEOPLE);
    expect([isKept(other), other.json.result.rows]).toEqual([true, clear.json.result.rows]);
  });

  it('is gone with the policy or the data that it was made of, and out of memory soon', async () => {
    await setPolicy(0);
    await ask('steward', PEOPLE);
    await setPolicy(1);
    expect(isKept(await ask('steward', PEOPLE))).toBe(false);
    await place('people', peopleOf(1));
    const now = await ask('steward', PEOPLE);
    expect([isKept(now), now.json.result.rows[0][1]]).toEqual([false, 'p1-0@example.org']);
    await setPolicy(2);
    const entries = async (): Promise<string | undefined> => {
      const text = await (await fetch(`${rest.gateway.adminUrl}/metrics`)).text();
      return /sluice_result_cache_entries (\d+)/.exec(text)?.[1];
    };
    expect(await within(SEEN_MS, async () => (await entries()) === '0')).toBe(true);
  });
});

describe('whatever changes', () => {
  const step = fc.oneof(
    { weight: 1, arbitrary: fc.record({ policy: fc.nat(POLICIES.length - 1) }) },
    { weight: 1, arbitrary: fc.record({ data: fc.nat(3) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        user: fc.constantFrom(...READERS),
        statement: fc.constantFrom(...STATEMENTS),
        parameter: fc.nat(2),
      }),
    },
  );

  it('an answer is the one that would be given without a cache', async () => {
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: STEPS, maxLength: STEPS }), async (steps) => {
        for (const now of steps) {
          if ('policy' in now) await setPolicy(now.policy);
          else if ('data' in now) await place('people', peopleOf(now.data));
          else {
            const { user, statement, parameter } = now;
            const parameters = statement.includes(':p') ? [{ name: 'p', value: parameter }] : [];
            const answer = await ask(user, statement, { parameters });
            const again = await ask(user, statement, { parameters });
            const without = await ask(user, statement, { parameters, cache: false });
            for (const cached of [answer, again]) expect(told(cached)).toEqual(told(without));
            if (again.status === 200 && isKept(again)) kept += 1;
          }
        }
      }),
      { numRuns: SEQUENCES },
    );
    // A cache that never answers would pass as well.
    expect(kept).toBeGreaterThan(SEQUENCES / 2);
  });
});
