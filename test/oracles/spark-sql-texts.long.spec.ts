/**
 * The parser against Spark: Spark's own SQL tests, and what Spark's parser makes of what we print.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Accepted, printBack } from '../support/print-back.js';
import { ROOT } from '../support/sources.js';
import { SPARK_VERSION, sparkPython, sparkSqlTests } from '../support/spark-sql-tests.js';
import { samePlanText } from './spark-plan-text.js';

const STATEMENT_MS_MAX = 1_000;
const ACCEPTED_MIN = 11_000;
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;
const SPARK_TIMEOUT_MS = 600_000;

const corpus = sparkSqlTests();
const python = sparkPython();

/** Differences that are meant, by what the original says. */
const BY_DESIGN: Readonly<Record<string, RegExp>> = {
  'hints are dropped': /\/\*\+/,
  'LIKE ANY and LIKE ALL become OR and AND': /\bi?like\s+(any|all|some)\b/i,
  'the plan quotes the text of the query': /^\s*(explain\s+(\w+\s+)?)?desc/i,
  'the schema becomes part of the table name': /^\s*show\s+columns/i,
  'LIMIT ALL is no limit': /\blimit\s+all\b/i,
  'VALUES with an alias becomes SELECT *': /^\s*(desc\w*\s+(query\s+)?)?\(*values\b/i,
  // With one name in it, Spark takes `t WHERE (flag)` for an alias with a column; here it is the condition
  // that it looks like.
  'WHERE (name) is a condition': /\bwhere\s*\(\s*[\w`]+\s*\)/i,
};

function plansOf(python: string, pairs: readonly Accepted[]): readonly (readonly [string, string] | null)[] {
  const run = spawnSync(python, [join(ROOT, 'test', 'oracles', 'spark_parse.py')], {
    input: JSON.stringify({ pairs: pairs.map(({ sql, printed }) => [sql, printed]) }),
    encoding: 'utf8',
    maxBuffer: ANSWER_BYTES_MAX,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (run.status !== 0) throw new Error(`Spark ended with ${run.status}`);
  const { version, plans } = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '');
  expect(version).toBe(SPARK_VERSION);
  return plans;
}

describe("Spark's own SQL tests", () => {
  it('are here, with Spark, in CI always', () => {
    expect((corpus !== undefined && python !== undefined) || !process.env.CI).toBe(true);
  });
});

if (corpus !== undefined) {
  const accepted: Accepted[] = [];

  describe("Spark's own SQL tests", () => {
    it('neither crash nor hang the parser, and what is accepted prints back to the same tree', () => {
      for (const text of corpus.inputs) {
        const start = performance.now();
        const result = printBack(text);
        expect(performance.now() - start).toBeLessThan(STATEMENT_MS_MAX);
        if (result !== undefined) accepted.push(result);
      }
      expect(accepted.length).toBeGreaterThan(ACCEPTED_MIN);
    });

    if (python !== undefined)
      it(
        'are planned by Spark as what is printed of them',
        () => {
          const refused: string[] = [];
          const changed: unknown[] = [];
          plansOf(python, accepted).forEach((plans, i) => {
            const { sql, printed } = accepted[i]!;
            if (plans === null || samePlanText(...plans)) return;
            if (plans[0].startsWith('ERROR')) refused.push(sql);
            else if (!Object.values(BY_DESIGN).some((meant) => meant.test(sql)))
              changed.push({ sql, printed, plans });
          });
          expect(changed).toEqual([]);
          // Checks that come later than the grammar here: dates, intervals, VALUES of unequal length.
          expect(refused.length).toBeLessThan(accepted.length / 200);
        },
        SPARK_TIMEOUT_MS,
      );
  });
}
