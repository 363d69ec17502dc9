/**
 * All 99 queries of TPC-DS, as Spark tests itself with them, through parse, bind, secure, print, the second judge and
 * DuckDB: the answers are those of real Spark to the texts as they were written. `SLUICE_TPCDS` names one file only.
 */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GovernanceError } from '../src/core/errors.js';
import { typeName } from '../src/core/plan/types.js';
import { EngineLake } from './support/engine-lake.js';
import { sparkPython, sparkSqlTests } from './support/spark-sql-tests.js';
import { firstDifference, type Rows, type SparkAnswer, sparkAnswers, tpcFolder } from './support/tpch.js';

const SCALE = '0.01';
const TIMEOUT_MS = 1_800_000;
const QUERY_TIMEOUT_MS = 120_000;

const only = process.env.SLUICE_TPCDS;
const texts = sparkSqlTests()?.tpcds.filter(({ file }) => only === undefined || file.includes(only));
const folder = texts && tpcFolder('tpcds', SCALE);
const python = sparkPython();

describe('TPC-DS', () => {
  it('is here, in CI always', () => {
    expect((texts !== undefined && folder !== undefined && python !== undefined) || !process.env.CI).toBe(
      true,
    );
  });
});

if (texts !== undefined && folder !== undefined) {
  describe('TPC-DS on DuckDB', () => {
    let lake: EngineLake;
    let spark: readonly SparkAnswer[] | undefined;
    beforeAll(async () => {
      const tables = readdirSync(folder).map((file) => file.replace('.parquet', ''));
      lake = await EngineLake.open(
        Object.fromEntries(tables.map((t) => [`${t}.parquet`, `SELECT * FROM '${folder}/${t}.parquet'`])),
      );
      if (python !== undefined)
        spark = sparkAnswers(
          python,
          folder,
          tables,
          texts.map((text) => ({ ...text, sql: asGenerated(text.sql) })),
        );
    }, TIMEOUT_MS);
    afterAll(() => lake.close());

    it.each(texts.map(({ file, sql }, i) => [file, sql, i] as const))(
      '%s',
      async (_, sql, i) => {
        const rows = await answer(lake, asGenerated(sql));
        if (spark === undefined) return;
        if (typeof rows === 'string') {
          expect([rows, spark[i]?.error]).toEqual(['ARITHMETIC_ERROR', 'DIVIDE_BY_ZERO']);
          return;
        }
        const types = lake.statement(asGenerated(sql)).output.map((column) => typeName(column.type));
        expect(types).toEqual(spark[i]?.types);
        expect(firstDifference(inOrder(rows), inOrder(spark[i]?.rows ?? []))).toBeUndefined();
      },
      QUERY_TIMEOUT_MS,
    );
  });
}

/** The generator calls a column as the specification does, Spark's text as an older one did. */
const asGenerated = (sql: string): string => sql.replace(/\bc_last_review_date\b/g, 'c_last_review_date_sk');

/** The code where it raises: at this scale two queries divide by zero, on Spark too. */
async function answer(lake: EngineLake, sql: string): Promise<Rows | string> {
  try {
    return ((await lake.rows(sql, { timeoutMs: QUERY_TIMEOUT_MS })) as { rows: Rows[number][] }).rows;
  } catch (error) {
    if (error instanceof GovernanceError) return error.code;
    throw error;
  }
}

/** Rows that tie in ORDER BY come in any order. */
const inOrder = (rows: Rows): Rows =>
  rows
    .map((row) => ({ row, text: JSON.stringify(row) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ row }) => row);
