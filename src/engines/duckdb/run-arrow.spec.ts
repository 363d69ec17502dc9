import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Data, DataType, RecordBatchReader, tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { type Asked, EngineLake, runOptions } from '../../../test/support/engine-lake.js';
import { ZOO_COLUMNS, ZOO_MADE, zoo } from '../../../test/support/zoo.js';
import { batchLines } from '../spark/arrow/lines.js';

const ROWS = 6_000;
const END = Buffer.from([255, 255, 255, 255, 0, 0, 0, 0]);
const CUT_OFF = 'cut off';
let lake: EngineLake;

beforeAll(async () => {
  lake = await EngineLake.open({
    'zoo.parquet': zoo(ROWS),
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

/** How many NULLs it looked under. */
function requireNothingUnderNull(data: Data, above: (i: number) => boolean = () => true): number {
  const valid = (i: number): boolean => above(i) && data.getValid(i);
  const { type, values, valueOffsets } = data;
  const isBool = DataType.isBool(type);
  const isFixed = values?.byteLength > 0 && valueOffsets === undefined && !isBool;
  const width = isFixed ? values.BYTES_PER_ELEMENT * data.stride : 0;
  const bytes = isFixed
    ? new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    : new Uint8Array();
  let nulls = 0;
  for (let i = 0; i < data.length; i += 1) {
    if (valid(i)) continue;
    nulls += 1;
    let left = bytes.subarray(i * width, (i + 1) * width).reduce((sum, byte) => sum + byte, 0);
    if (isBool) left += (values[i >> 3] >> (i & 7)) & 1;
    if (valueOffsets !== undefined) left += (valueOffsets[i + 1] as number) - (valueOffsets[i] as number);
    if (left !== 0) throw new Error(`something is left under a NULL of type ${type}`);
  }
  const inner = DataType.isStruct(type) ? valid : undefined;
  return data.children.reduce((sum, child) => sum + requireNothingUnderNull(child, inner), nulls);
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
    const item = fc.constantFrom(...ZOO_COLUMNS, ...ZOO_MADE);
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
    expect(await sameAsJson(`SELECT *, ${ZOO_MADE.join(', ')} FROM zoo ORDER BY id`)).toBe(ROWS);
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

  it('has nothing under a NULL, where the engine keeps what was there before', async () => {
    const hidden = ZOO_COLUMNS.map((name) => `IF(id % 3 = 1, ${name}, NULL) AS ${name}`);
    const sql = `SELECT ${hidden.join(', ')}, IF(id % 2 = 0, named_struct('a', i64, 'b', ntz), NULL) AS z FROM zoo`;
    const { data } = await arrow(sql);
    let nulls = 0;
    for (const batch of RecordBatchReader.from(data)) {
      for (const column of batch.data.children) nulls += requireNothingUnderNull(column);
    }
    expect(nulls).toBeGreaterThan(ROWS * ZOO_COLUMNS.length * 0.5);
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
