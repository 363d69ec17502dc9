/**
 * All 22 queries of TPC-H, as Spark tests itself with them, through parse, bind, secure, print, the second
 * judge and DuckDB: the answers are those of DuckDB alone and of real Spark to the texts as they were
 * written.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { typeName } from '../src/core/plan/types.js';
import { EngineLake } from './support/engine-lake.js';
import { sparkPython, sparkSqlTests } from './support/spark-sql-tests.js';
import {
  DUCKDB_TOLERANCE,
  duckDbAnswers,
  firstDifference,
  type Rows,
  type SparkAnswer,
  sparkAnswers,
  TPCH_TABLES,
  tpcFolder,
} from './support/tpch.js';

const SCALE = '0.01';
const TIMEOUT_MS = 300_000;

const texts = sparkSqlTests()?.tpch;
const folder = tpcFolder('tpch', SCALE);
const python = sparkPython();

describe('TPC-H', () => {
  it('is here, in CI always', () => {
    expect((texts !== undefined && folder !== undefined && python !== undefined) || !process.env.CI).toBe(
      true,
    );
  });
});

if (texts !== undefined && folder !== undefined) {
  describe('TPC-H on DuckDB', () => {
    let lake: EngineLake;
    let direct: readonly Rows[];
    let spark: readonly SparkAnswer[] | undefined;
    beforeAll(async () => {
      const tables = TPCH_TABLES.map((table) => [
        `${table}.parquet`,
        `SELECT * FROM '${folder}/${table}.parquet'`,
      ]);
      lake = await EngineLake.open(Object.fromEntries(tables));
      direct = await duckDbAnswers(folder, texts);
      if (python !== undefined) spark = sparkAnswers(python, folder, TPCH_TABLES, texts);
    }, TIMEOUT_MS);
    afterAll(() => lake.close());

    it.each(texts.map(({ file, sql }, i) => [file, sql, i] as const))('%s', async (_, sql, i) => {
      const { rows } = (await lake.rows(sql)) as { rows: Rows[number][] };
      expect(firstDifference(rows, direct[i] ?? [], DUCKDB_TOLERANCE)).toBeUndefined();
      if (spark === undefined) return;
      const types = lake.statement(sql).output.map((column) => typeName(column.type));
      expect(types).toEqual(spark[i]?.types);
      expect(firstDifference(rows, spark[i]?.rows ?? [])).toBeUndefined();
    });

    it('compares rows, not emptiness', () => {
      expect(texts.filter((_, i) => direct[i]?.length === 0).map(({ file }) => file)).toEqual([]);
    });
  });
}
