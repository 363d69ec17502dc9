/**
 * Tags and masks of copies, for random queries: the tags of each column are those of the columns its values come from, and
 * what a reader gets from the copy is what the writer put there under the masks that those tags mean for the reader.
 */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { masked, type OracleMask } from '../oracles/mask-values.js';
import { type Rest, startRest } from '../support/rest-client.js';

const START_TIMEOUT_MS = 90_000;
const RUNS = process.env.SLUICE_LONG ? 300 : 25;
jest.setTimeout(600_000);

/** Text columns of customers, the tag that each comes with, and what it means for an analyst (policies/personal-data.yaml). */
const TAGS: Readonly<Record<string, readonly string[]>> = {
  city: [],
  country: [],
  full_name: ['pii.name'],
  email: ['pii.email'],
  phone: ['pii.phone'],
  iban: ['pii.iban'],
};
const MASKS: Readonly<Record<string, OracleMask>> = {
  'pii.name': 'redact',
  'pii.email': 'email',
  'pii.phone': { showLast: 2 },
  'pii.iban': { showLast: 4 },
};

interface Item {
  readonly sql: string;
  /** Columns whose values are in it. */
  readonly from: readonly string[];
}
const column = fc.constantFrom(...Object.keys(TAGS));
const plain: fc.Arbitrary<Item> = column.map((name) => ({ sql: name, from: [name] }));
const item: fc.Arbitrary<Item> = fc.letrec<{ item: Item }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 3 },
    plain,
    tie('item').map(({ sql, from }) => ({ sql: `upper(${sql})`, from })),
    fc
      .tuple(tie('item'), tie('item'))
      .map(([a, b]) => ({ sql: `concat(${a.sql}, ' ', ${b.sql})`, from: [...a.from, ...b.from] })),
    fc
      .tuple(tie('item'), tie('item'))
      .map(([a, b]) => ({ sql: `coalesce(${a.sql}, ${b.sql})`, from: [...a.from, ...b.from] })),
    // What decides between them is not in the value.
    fc.tuple(column, tie('item'), tie('item')).map(([c, a, b]) => ({
      sql: `CASE WHEN ${c} > 'm' THEN ${a.sql} ELSE ${b.sql} END`,
      from: [...a.from, ...b.from],
    })),
    column.map((name) => ({ sql: `(SELECT max(${name}) FROM shop.crm.customers)`, from: [name] })),
    column.map((name) => ({ sql: `max(${name}) OVER (PARTITION BY country)`, from: [name] })),
    fc.constant({ sql: "'x'", from: [] }),
  ),
})).item;
const source = fc.constantFrom(
  'shop.crm.customers',
  '(SELECT * FROM shop.crm.customers)',
  '(SELECT * FROM shop.crm.customers WHERE id < 40 UNION ALL SELECT * FROM shop.crm.customers WHERE id >= 40)',
  '(SELECT c.* FROM shop.crm.customers c JOIN shop.ref.countries r ON r.code = c.country)',
);
const filter = fc.constantFrom(
  'id < 60',
  "email LIKE '%a%' AND id < 200",
  'id IN (SELECT id FROM shop.crm.customers WHERE id % 7 = 1 AND id < 300)',
);

let rest: Rest;
beforeAll(async () => {
  rest = await startRest();
  const policy = {
    kind: 'policy',
    name: 'copies',
    grants: [
      { allow: ['browse', 'read', 'write'], to: ['role:steward'], on: ['shop.copies.*'] },
      { allow: ['browse', 'read'], to: ['role:analyst'], on: ['shop.copies.*'] },
    ],
  };
  expect((await rest.ask('admin', 'POST', '/v1/policies', policy)).status).toBe(201);
}, START_TIMEOUT_MS);
afterAll(() => rest?.gateway.stop(), START_TIMEOUT_MS);

type Row = readonly (string | null)[];
const rows = async (user: string, sql: string): Promise<readonly Row[]> => {
  const answer = await rest.run(user, sql);
  if (answer.status !== 200) throw new Error(`${sql}: ${answer.text}`);
  return answer.json.result.rows;
};
const sorted = (list: readonly Row[]): readonly string[] => list.map((row) => JSON.stringify(row)).sort();
const tagsOf = ({ from }: Item): readonly string[] =>
  [...new Set(from.flatMap((name) => TAGS[name] ?? []))].sort();

/** One tag: its mask; several that do not compare: nothing is shown. */
function shownToAnalyst(value: string | null, tags: readonly string[]): string | null {
  const [only] = tags;
  if (only === undefined) return value;
  // showLast 2 and showLast 4 compare: the one that shows less is taken.
  const phoneAndIban = tags.length === 2 && tags.join() === 'pii.iban,pii.phone';
  if (tags.length > 1 && !phoneAndIban) return null;
  return masked(value, MASKS[phoneAndIban ? 'pii.phone' : only]) as string | null;
}

describe('a copy', () => {
  it('has the tags of where its values come from, and shows what they let a reader see', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { minLength: 1, maxLength: 4 }),
        source,
        filter,
        async (items, from, where) => {
          n += 1;
          const name = `shop.copies.c${n}`;
          const query = `SELECT ${items.map(({ sql }, i) => `${sql} AS v${i}`).join(', ')} FROM ${from} WHERE ${where}`;
          const clear = await rows('steward', query);
          expect(await rows('steward', `CREATE TABLE ${name} AS ${query}`)).toEqual([[clear.length]]);
          const { json } = await rest.ask('analyst', 'GET', `/v1/catalog/tables/${name}`);
          expect(json.columns.map((c: { readonly tags: readonly string[] }) => c.tags)).toEqual(
            items.map(tagsOf),
          );
          expect(sorted(await rows('steward', `SELECT * FROM ${name}`))).toEqual(sorted(clear));
          const seen = clear.map((row) =>
            row.map((value, i) => shownToAnalyst(value, tagsOf(items[i] ?? { sql: '', from: [] }))),
          );
          expect(sorted(await rows('analyst', `SELECT * FROM ${name}`))).toEqual(sorted(seen));
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  it('is visible to its writer as a whole: as many rows as were written', async () => {
    const policy = {
      kind: 'policy',
      name: 'countries',
      grants: [{ allow: ['browse', 'read', 'write'], to: ['role:analyst'], on: ['shop.visits.*'] }],
      rows: [
        {
          name: 'some',
          on: ['shop.visits.log'],
          to: ['role:analyst'],
          mode: 'restrictive',
          where: 'n % 3 = 1 OR country IN (SELECT code FROM shop.ref.countries WHERE region = "Europe")',
        },
      ],
    };
    expect((await rest.ask('admin', 'POST', '/v1/policies', policy)).status).toBe(201);
    await rows('admin', 'CREATE TABLE shop.visits.log (n INT, country STRING)');
    const europe = new Set(
      (await rows('steward', "SELECT code FROM shop.ref.countries WHERE region = 'Europe'")).flat(),
    );
    const visit = fc.record({
      n: fc.option(fc.integer({ min: 0, max: 9 })),
      country: fc.option(fc.constantFrom('DE', 'FR', 'US', 'JP')),
    });
    const count = async (user: string): Promise<number> =>
      Number((await rows(user, 'SELECT count(*) FROM shop.visits.log'))[0]?.[0]);
    await fc.assert(
      fc.asyncProperty(fc.array(visit, { minLength: 1, maxLength: 4 }), async (visits) => {
        const before = [await count('analyst'), await count('admin')];
        const values = visits.map(
          ({ n, country }) => `(${n ?? 'NULL'}, ${country === null ? 'NULL' : `'${country}'`})`,
        );
        const answer = await rest.run('analyst', `INSERT INTO shop.visits.log VALUES ${values.join(', ')}`);
        const inSight = visits.every(
          ({ n, country }) => (n !== null && n % 3 === 1) || (country !== null && europe.has(country)),
        );
        expect(answer.status === 200 ? 'written' : answer.json.code).toBe(
          inSight ? 'written' : 'WRITE_CHECK_FAILED',
        );
        const added = inSight ? visits.length : 0;
        expect([await count('analyst'), await count('admin')]).toEqual(
          before.map((rowsBefore) => rowsBefore + added),
        );
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
});
