import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { EngineLake, runOptions } from '../../../test/support/engine-lake.js';
import { ZOO_COLUMNS, ZOO_MADE, zoo } from '../../../test/support/zoo.js';
import type { Column } from '../../core/plan/plan.js';
import type { ByteResult, RowResult } from '../engine.js';
import { batchLines } from '../spark/arrow/lines.js';
import { CONVERSIONS_MAX, type DuckDbRowConverter, openRowConverter } from './row-converter.js';

const ROWS = 5_000;
/** Intervals of each shape, negative ones among them; nested, where they have no counterpart in JSON. */
const MADE = [
  ...ZOO_MADE,
  "INTERVAL '-7' MONTH",
  "INTERVAL '3' YEAR",
  "INTERVAL '-05:06' HOUR TO MINUTE",
  "INTERVAL '100 23' DAY TO HOUR",
  "INTERVAL '-59.000001' SECOND",
  "array(INTERVAL '-1 01:02:03' DAY TO SECOND, NULL)",
  "named_struct('t', ts, 'n', ntz, 'x', bin, 'i', INTERVAL '1-2' YEAR TO MONTH)",
  'map(id, array(ts, NULL))',
  'array(bin)',
  'array(f64, NULL)',
  "map('a', bin)",
  "CAST('0.0000000100' AS DECIMAL(38, 10))",
  "CAST('-12345678901234567890123456.0000000100' AS DECIMAL(38, 10))",
  "array(CAST('12345678901234567890.5' AS DECIMAL(30, 1)))",
];
let lake: EngineLake;
let converter: DuckDbRowConverter;
let reader: DuckDBConnection;
const signal = new AbortController().signal;

beforeAll(async () => {
  lake = await EngineLake.open({ 'zoo.parquet': zoo(ROWS) });
  converter = await openRowConverter({ runDirectory: join(lake.folder, 'formats'), spillBytesMax: 10 ** 9 });
  reader = await (await DuckDBInstance.create(':memory:')).connect();
  await reader.run("SET TimeZone = 'UTC'");
}, 60_000);
afterAll(async () => {
  reader.closeSync();
  await converter.close();
  await lake.close();
}, 20_000);

interface Asked {
  readonly output: readonly Column[];
  readonly rows: RowResult;
  readonly direct: (format: 'arrow' | 'parquet') => Promise<Buffer>;
}

async function asked(sql: string): Promise<Asked> {
  const statement = lake.statement(sql);
  const prepared = await lake.engine.prepare(statement);
  return {
    output: statement.output,
    rows: await lake.engine.rows(prepared, runOptions()),
    direct: async (format) => whole(await lake.engine.bytes(prepared, format, runOptions())),
  };
}

async function whole({ body, done }: ByteResult): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
  await done;
  return Buffer.concat(chunks);
}

async function arrowOf({ rows, output }: Asked): Promise<Buffer> {
  const parts = [converter.arrowSchema(output)];
  for await (const { json } of rows.batches()) parts.push(await converter.arrowBatches(json, output, signal));
  return Buffer.concat([...parts, converter.arrowEnd(output)]);
}

const textOf = (data: Buffer, output: readonly Column[], rowCount: number): string =>
  rowCount === 0
    ? ''
    : [...batchLines({ data, rows: rowCount }, output, 'json', rowCount)].map(({ bytes }) => bytes).join('');

let files = 0;
async function readBack(file: Buffer): Promise<unknown> {
  files += 1;
  const path = join(lake.folder, `${files}.parquet`);
  writeFileSync(path, file);
  const types = await reader.runAndReadAll(`DESCRIBE SELECT * FROM '${path}'`);
  const rows = await reader.runAndReadAll(
    `SELECT count(*), md5(string_agg(t::VARCHAR, chr(10) ORDER BY file_row_number)) FROM read_parquet('${path}', file_row_number = true) AS t`,
  );
  return [types.getRowsJson().map(([name, type]) => `${name} ${type}`), rows.getRowsJson()];
}

const query = fc.record({
  items: fc.uniqueArray(fc.constantFrom(...ZOO_COLUMNS, ...MADE), { minLength: 1, maxLength: 8 }),
  from: fc.integer({ min: 0, max: ROWS }),
  to: fc.integer({ min: 0, max: ROWS }),
});
const textOfQuery = ({ items, from, to }: { items: readonly string[]; from: number; to: number }) =>
  `SELECT ${items.join(', ')} FROM zoo WHERE id >= ${from} AND id < ${to} ORDER BY id`;

describe('rows that were text', () => {
  it('are in Arrow what the engine itself would have given, in the same bytes each time', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (random) => {
        const question = await asked(textOfQuery(random));
        const { output, rows } = question;
        const data = await arrowOf(question);
        const direct = await question.direct('arrow');
        expect(String(tableFromIPC(data).schema)).toBe(String(tableFromIPC(direct).schema));
        expect(textOf(data, output, rows.rowCount)).toBe(textOf(direct, output, rows.rowCount));
        expect((await arrowOf(question)).equals(data)).toBe(true);
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  it('are in Parquet what the engine itself would have written', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (random) => {
        const question = await asked(textOfQuery(random));
        const file = await whole(await converter.parquet(question.rows, question.output, signal));
        expect(await readBack(file)).toEqual(await readBack(await question.direct('parquet')));
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  it('of everything at once are all there', async () => {
    const question = await asked(`SELECT *, ${MADE.join(', ')} FROM zoo ORDER BY id`);
    const { output, rows } = question;
    expect(rows.rowCount).toBe(ROWS);
    expect(textOf(await arrowOf(question), output, ROWS)).toBe(
      textOf(await question.direct('arrow'), output, ROWS),
    );
    const file = await whole(await converter.parquet(rows, output, signal));
    expect(await readBack(file)).toEqual(await readBack(await question.direct('parquet')));
  }, 60_000);

  it('are no file when some of them are missing, or when nobody waits for it any more', async () => {
    const { rows, output } = await asked('SELECT id, s FROM zoo');
    const short = await converter.parquet({ ...rows, rowCount: ROWS + 1 }, output, signal);
    await expect(whole(short)).rejects.toThrow();
    await expect(short.done).rejects.toThrow();
    const left = await converter.parquet(rows, output, AbortSignal.abort());
    await expect(left.done).rejects.toMatchObject({ code: 'STATEMENT_CANCELED' });
  });

  it('wait for one another, and are all made', async () => {
    const question = await asked('SELECT * FROM zoo ORDER BY id');
    const made = await Promise.all(Array.from({ length: CONVERSIONS_MAX * 4 }, () => arrowOf(question)));
    expect(made.every((one) => one.equals(made[0] as Buffer))).toBe(true);
  }, 30_000);
});
