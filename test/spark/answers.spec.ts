/**
 * One dialect, two engines: what DuckDB answers to the statements of test/corpus/spark-plans.yaml (which are held to
 * real Spark there) and to TPC-H, Spark answers too, through the same plans, printed and judged for it, secured or not.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { GovernanceError } from '../../src/core/errors.js';
import { quoteIdentifier } from '../../src/core/sql/duckdb/identifier.js';
import { duckDbType } from '../../src/core/sql/duckdb/types.js';
import type { Engine } from '../../src/engines/engine.js';
import { type Securing, TABLES } from '../support/duckdb-plans.js';
import { ROOT } from '../support/sources.js';
import { SparkLake } from '../support/spark-lake.js';
import { SPARK_TIMEOUT_MS, sparkIsHere } from '../support/spark-server.js';
import { sparkSqlTests } from '../support/spark-sql-tests.js';
import { TPCH_TABLES, tpcFolder } from '../support/tpch.js';

const SCALE = '0.01';

const { plans } = parse(readFileSync(`${ROOT}/test/corpus/spark-plans.yaml`, 'utf8')) as {
  readonly plans: readonly (string | { readonly sql: string; readonly ordered: boolean })[];
};
const statements = plans.map((plan) => (typeof plan === 'string' ? { sql: plan, ordered: false } : plan));
const tpch = sparkIsHere() ? sparkSqlTests()?.tpch : undefined;
const folder = tpch === undefined ? undefined : tpcFolder('tpch', SCALE);

/** A row rule over the first column, and everything but numbers masked. */
const SECURING: Securing = {
  filter: ([first]) => {
    if (first === undefined) return undefined;
    const column = { kind: 'column', id: first.id, type: first.type, nullable: true } as const;
    return { kind: 'call', fn: 'is_not_null', args: [column], type: { kind: 'boolean' }, nullable: false };
  },
  mask: (column, raw) =>
    column.type.kind === 'string'
      ? { kind: 'call', fn: 'sluice_mask_redact', args: [raw], type: column.type, nullable: true }
      : raw,
};

/** Rows, or what was raised. */
async function answer(lake: SparkLake, engine: Engine, sql: string, securing?: Securing) {
  try {
    return await lake.rows(engine, sql, securing === undefined ? {} : { securing });
  } catch (error) {
    if (error instanceof GovernanceError)
      return error.code === 'SECOND_CHECK' ? `${error.code}: ${(error.cause as Error).message}` : error.code;
    throw error;
  }
}

async function compare(lake: SparkLake, sql: string, ordered: boolean, securing?: Securing): Promise<void> {
  const shown = (rows: readonly string[] | string) =>
    ordered || typeof rows === 'string' ? rows : [...rows].sort();
  const duckdb = shown(await answer(lake, lake.lake.engine, sql, securing));
  const spark = shown(await answer(lake, lake.spark, sql, securing));
  expect([sql, spark]).toEqual([sql, duckdb]);
}

if (sparkIsHere()) {
  describe('the corpus', () => {
    let lake: SparkLake;
    beforeAll(async () => {
      lake = await SparkLake.open(
        Object.fromEntries(
          Object.entries(TABLES).map(([name, { columns, rows }]) => {
            const names = columns.map(([column]) => quoteIdentifier(column));
            const cast = columns.map(
              ([, type], i) => `CAST(${names[i]} AS ${duckDbType(type)}) AS ${names[i]}`,
            );
            return [`${name}.parquet`, `SELECT ${cast} FROM (VALUES ${rows}) AS t(${names})`];
          }),
        ),
      );
    }, SPARK_TIMEOUT_MS);
    afterAll(() => lake.close());

    it.each(statements)('$sql', ({ sql, ordered }) => compare(lake, sql, ordered), SPARK_TIMEOUT_MS);

    it.each(statements.slice(0, 20))(
      'secured: $sql',
      ({ sql, ordered }) => compare(lake, sql, ordered, SECURING),
      SPARK_TIMEOUT_MS,
    );
  });
}

if (tpch !== undefined && folder !== undefined) {
  describe('TPC-H', () => {
    let lake: SparkLake;
    beforeAll(async () => {
      lake = await SparkLake.open(
        Object.fromEntries(
          TPCH_TABLES.map((table) => [`${table}.parquet`, `SELECT * FROM '${folder}/${table}.parquet'`]),
        ),
      );
    }, SPARK_TIMEOUT_MS);
    afterAll(() => lake.close());

    it.each(tpch)('$file', ({ sql }) => compare(lake, sql, false), SPARK_TIMEOUT_MS);
  });
}
