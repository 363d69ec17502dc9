/**
 * Every call of test/corpus/functions.yaml, which DuckDB is held to real Spark with, as the Spark engine prints it: the
 * same answers, or both raise.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { GovernanceError } from '../../src/core/errors.js';
import { functionTable } from '../../src/core/sql/functions/table.js';
import type { Engine } from '../../src/engines/engine.js';
import { type FunctionCorpus, questionsOf } from '../oracles/function-questions.mjs';
import { ROOT } from '../support/sources.js';
import { SparkLake } from '../support/spark-lake.js';
import { SPARK_TIMEOUT_MS, sparkIsHere } from '../support/spark-server.js';

const TIMEOUT_MS = 600_000;
/** Before the year 1 neither engine has a text that anybody has agreed on. */
const BEFORE_YEAR_ONE = '(BC)';
/** Digits that the mathematical libraries of Java and C agree on. */
const DIGITS = 14;

const corpus = parse(readFileSync(`${ROOT}/test/corpus/functions.yaml`, 'utf8')) as FunctionCorpus;
const questions = Object.entries(questionsOf(corpus));

let lake: SparkLake;

/** Rows; `raises` for what a value can raise. A statement that Sluice refuses is refused for both. */
async function answer(engine: Engine, sql: string): Promise<readonly string[] | string> {
  try {
    return await lake.rows(engine, sql);
  } catch (error) {
    if (error instanceof GovernanceError && error.code !== 'SECOND_CHECK') return 'raises';
    throw error;
  }
}

const rounded = (row: string): string =>
  JSON.stringify(
    JSON.parse(row, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value)),
  );

if (sparkIsHere()) {
  beforeAll(async () => {
    lake = await SparkLake.open({ 'a.parquet': 'SELECT 1 AS id' });
  }, SPARK_TIMEOUT_MS);
  afterAll(() => lake.close());

  describe('on Spark', () => {
    it.each(questions)(
      '%s gives what it gives on DuckDB',
      async (name, asked) => {
        const approximate = functionTable.lookup(name)?.approximate === true;
        // A group or a row of VALUES may come in any order.
        const shown = (rows: readonly string[] | string): string =>
          typeof rows === 'string'
            ? rows
            : rows
                .map(approximate ? rounded : String)
                .sort()
                .join('\n');
        const differences: unknown[] = [];
        for (const sql of asked) {
          const duckdb = shown(await answer(lake.lake.engine, sql));
          const spark = shown(await answer(lake.spark, sql));
          if (duckdb !== spark && !duckdb.includes(BEFORE_YEAR_ONE)) differences.push({ sql, duckdb, spark });
        }
        expect(differences).toEqual([]);
      },
      TIMEOUT_MS,
    );
  });
}
