import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { type Asked, EngineLake, runOptions } from '../../../test/support/engine-lake.js';
import { batchLines } from '../spark/arrow/lines.js';

const ROWS = 6_000;
const END = Buffer.from([255, 255, 255, 255, 0, 0, 0, 0]);
const CUT_OFF = 'cut off';
/** A third is NULL. */
const orNull = (sql: string): string => `CASE WHEN hash(i, 7) % 3 > 0 THEN ${sql} END`;
/** Values of every type, in DuckDB's words. */
const COLUMNS: Readonly<Record<string, string>> = {
  b: 'hash(i) % 2 = 0',
  i8: '((hash(i) % 256)::INTEGER - 128)::TINYINT',
  i16: '(i - 3000)::SMALLINT',
  i32: '((hash(i) % 4000000000)::BIGINT - 2000000000)::INTEGER',
  i64: '(hash(i) >> 1)::BIGINT - 4611686018427387904',
  f32: "CASE i % 5 WHEN 0 THEN 'NaN'::FLOAT WHEN 1 THEN '-Infinity'::FLOAT ELSE (i / 7)::FLOAT END",
  f64: "CASE i % 5 WHEN 0 THEN 'NaN'::DOUBLE WHEN 1 THEN 'Infinity'::DOUBLE ELSE -i / 7.0 END",
  d4: '((i % 1999 - 999) / 10)::DECIMAL(4, 1)',
  d9: '((i - 3000) * 1.01)::DECIMAL(9, 2)',
  d18: '(((hash(i) % 1000000000000)::BIGINT - 500000000000) / 7)::DECIMAL(18, 3)',
  d38: '(i - 3000)::DECIMAL(19, 5) * 1234567890123456::DECIMAL(16, 0)',
  s: "CASE i % 4 WHEN 0 THEN '' WHEN 1 THEN 'Köln ' || i WHEN 2 THEN repeat('long ☃', i % 50) ELSE md5(i::VARCHAR) END",
  code: "'one of the few long values ' || i % 5",
  bin: "encode(CASE i % 2 WHEN 0 THEN 'x' ELSE md5(i::VARCHAR) END)",
  day: "DATE '1969-01-01' + i::INTEGER",
  ts: "TIMESTAMPTZ '1969-12-31 23:00:00.000001+00' + to_seconds(i)",
  ntz: "TIMESTAMP '1969-12-31 23:00:00.5' + to_seconds(i)",
  l: "list_transform(range(i % 4), lambda x: CASE WHEN x = 1 THEN NULL ELSE 'item number ' || x || ' of ' || i END)",
  ll: '[[i, NULL], [], NULL]',
  st: "{'a': i, 'b': CASE WHEN i % 2 = 0 THEN [i] END, 'c': {'d': 'deep within it all ' || i}}",
  m: "map {'k' || i: i, 'other': NULL}",
};
/** And what only Spark's words give. */
const MADE = [
  'NULL',
  "INTERVAL '1-2' YEAR TO MONTH",
  "INTERVAL '-3 04:05:06.7' DAY TO SECOND",
  'coalesce(l, array(s))',
];
let lake: EngineLake;

beforeAll(async () => {
  const items = Object.entries(COLUMNS).map(([name, sql]) => `${orNull(sql)} AS ${name}`);
  lake = await EngineLake.open({
    'zoo.parquet': `SELECT i AS id, ${items.join(', ')} FROM range(${ROWS}) AS t(i)`,
    'late.parquet': `SELECT i AS id, CASE WHEN i = 900000 THEN 'canary' ELSE i::VARCHAR END AS v FROM range(1000000) AS t(i)`,
  });
}, 60_000);
afterAll(() => lake.close(), 20_000);

async function arrow(sql: string, asked: Asked = {}) {
  const { body, done } = await lake.bytes(sql, 'arrow', asked);
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
  return { data: Buffer.concat(chunks), ...(await done) };
}

/** Two ways to one text: DuckDB's own, and what we read out of the stream. */
async function sameAsJson(sql: string, asked: Asked = {}): Promise<number> {
  const statement = lake.statement(sql, asked);
  const kept = await lake.engine.rows(await lake.engine.prepare(statement), runOptions(asked));
  const wanted: string[] = [];
  for await (const batch of kept.batches()) wanted.push(batch.json);
  const { data, rowCount, truncated } = await arrow(sql, asked);
  let text = '';
  // A stream without batches has no columns to look at, but must be one.
  const pieces =
    rowCount === 0 ? [] : batchLines({ data, rows: rowCount }, statement.output, 'json', rowCount);
  for (const piece of pieces) text += piece.bytes;
  expect(tableFromIPC(data).numRows).toBe(rowCount);
  expect(text.trimEnd().replaceAll(']\n[', '],[') === wanted.join(',')).toBe(true);
  expect([rowCount, truncated]).toEqual([kept.rowCount, kept.truncated]);
  expect(data.subarray(-END.length)).toEqual(END);
  return rowCount;
}

describe('an Arrow stream', () => {
  it('has the values of JSON, whatever the types and however many', async () => {
    const item = fc.constantFrom(...Object.keys(COLUMNS), ...MADE);
    const shape = fc.record({
      items: fc.uniqueArray(item, { minLength: 1, maxLength: 8 }),
      from: fc.integer({ min: 0, max: ROWS }),
      to: fc.oneof(fc.constant(ROWS), fc.integer({ min: 0, max: ROWS })),
      every: fc.integer({ min: 1, max: 5 }),
      rowLimit: fc.option(fc.integer({ min: 1, max: ROWS }), { nil: undefined }),
      spool: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ items, from, to, every, rowLimit, spool }) => {
        const sql = `SELECT ${items.join(', ')} FROM zoo WHERE id >= ${from} AND id < ${to} AND id % ${every} = 0 ORDER BY id`;
        await sameAsJson(sql, { spool, ...(rowLimit === undefined ? {} : { rowLimit }) });
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('of everything at once has every row', async () => {
    expect(await sameAsJson(`SELECT *, ${MADE.join(', ')} FROM zoo ORDER BY id`)).toBe(ROWS);
  });

  it('of no rows has the columns, each under a name of its own', async () => {
    const { data, rowCount } = await arrow('SELECT id AS a, d38 AS a FROM zoo WHERE id < 0');
    const table = tableFromIPC(data);
    expect([rowCount, table.numRows, table.schema.fields.map(String)]).toEqual([
      0,
      0,
      ['a: Int64', 'a_2: Decimal[35e+5]'],
    ]);
  });

  it('that is cut off by an error or a limit never has its end', async () => {
    const broken = async (sql: string, asked: Asked = {}): Promise<unknown> => {
      const chunks: Buffer[] = [];
      try {
        const { body, done } = await lake.bytes(sql, 'arrow', asked);
        done.catch(() => undefined);
        for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
      } catch (error) {
        expect(Buffer.concat(chunks).subarray(-END.length).equals(END)).toBe(false);
        return (error as { readonly code?: string }).code ?? CUT_OFF;
      }
      return 'ended';
    };
    expect(await broken('SELECT CAST(v AS INT) FROM late')).toBe('CAST_INVALID_INPUT');
    expect(await broken('SELECT CAST(v AS INT) FROM late', { spool: true })).toBe('CAST_INVALID_INPUT');
    expect(await broken('SELECT * FROM late', { byteLimit: 1_000_000 })).toBe('BYTE_LIMIT_EXCEEDED');
    expect(await broken('SELECT a.v FROM late a, late b', { timeoutMs: 300 })).toBe('STATEMENT_TIMEOUT');
  });
});
