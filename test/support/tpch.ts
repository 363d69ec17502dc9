/** TPC-H and TPC-DS: their data, and the answers of DuckDB alone and of real Spark to its queries as they were written. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteText } from '../../src/core/sql/duckdb/identifier.js';
import { type Canonical, fromEngine } from './engine-values.js';
import { ROOT } from './sources.js';
import type { SqlText } from './spark-sql-tests.js';

export const TPCH_TABLES = [
  'customer',
  'lineitem',
  'nation',
  'orders',
  'part',
  'partsupp',
  'region',
  'supplier',
] as const;
/** An average or quotient of DECIMALs has six digits after the point here and in Spark; DuckDB alone gives a DOUBLE. */
export const DUCKDB_TOLERANCE = 1e-6;
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

export type Rows = readonly (readonly Canonical[])[];

/** A folder with a Parquet file for each table; undefined, with one line said, where it cannot be made. */
export function tpcFolder(benchmark: 'tpch' | 'tpcds', scale: string): string | undefined {
  const made = spawnSync(process.execPath, [join(ROOT, 'scripts', 'tpc-data.mjs'), benchmark, scale], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (made.status === 0) return made.stdout.trim();
  if (process.env.CI) throw new Error(`there is no data of ${benchmark}; the lines above say why`);
  process.stderr.write(
    `sluice: the queries of ${benchmark} are not run: their data could not be made (see above).\n`,
  );
  return undefined;
}

const file = (folder: string, table: string): string => join(folder, `${table}.parquet`);

/** DuckDB reads the original text; it shares nothing with what the product prints. */
export async function duckDbAnswers(folder: string, texts: readonly SqlText[]): Promise<readonly Rows[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    for (const table of TPCH_TABLES)
      await connection.run(`CREATE VIEW ${table} AS SELECT * FROM ${quoteText(file(folder, table))}`);
    const answers: Rows[] = [];
    for (const { sql } of texts) {
      const reader = await connection.runAndReadAll(sql);
      answers.push(reader.getRows().map((row) => row.map(fromEngine)));
    }
    return answers;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export interface SparkAnswer {
  readonly types: readonly string[];
  readonly rows: Rows;
  readonly error?: string;
}

export function sparkAnswers(
  python: string,
  folder: string,
  tables: readonly string[],
  texts: readonly SqlText[],
): readonly SparkAnswer[] {
  const views = tables.map(
    (table) =>
      `CREATE TEMPORARY VIEW ${table} USING parquet OPTIONS (path ${JSON.stringify(file(folder, table))})`,
  );
  // A session of a test has not the memory that a broadcast of a wide dimension takes.
  const setup = ['SET spark.sql.autoBroadcastJoinThreshold=-1', ...views];
  const run = spawnSync(python, [join(ROOT, 'test', 'oracles', 'spark_answers.py')], {
    input: JSON.stringify({ setup, questions: texts.map(({ sql }) => sql) }),
    encoding: 'utf8',
    maxBuffer: ANSWER_BYTES_MAX,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (run.status !== 0) throw new Error(`Spark ended with ${run.status}`);
  const { answers } = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '');
  return answers;
}

/** The first difference between rows of the product and of somebody else, or undefined. */
export function firstDifference(ours: Rows, theirs: Rows, tolerance = 0): string | undefined {
  if (ours.length !== theirs.length) return `${ours.length} rows instead of ${theirs.length}`;
  for (const [i, row] of ours.entries()) {
    const other = theirs[i] ?? [];
    if (row.length !== other.length) return `${row.length} columns instead of ${other.length}`;
    const column = row.findIndex((value, j) => !sameValue(value, other[j] ?? null, tolerance));
    if (column >= 0) return `row ${i}, column ${column}: ${row[column]} instead of ${other[column]}`;
  }
  return undefined;
}

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

function sameValue(ours: Canonical, theirs: Canonical, tolerance: number): boolean {
  const [a, b] = [String(ours), String(theirs)];
  if (ours === null || theirs === null || !NUMBER.test(a) || !NUMBER.test(b)) return ours === theirs;
  return Math.abs(Number(a) - Number(b)) <= tolerance;
}
