/**
 * Golden answers are Spark's: each statement of the corpora has one, and where Spark can be asked (in CI it
 * must be: scripts/test.mjs makes the environment) it is asked again for all of them, in one session.
 */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { goldenQuestions } from '../oracles/spark-golden.mjs';
import { ROOT } from '../support/sources.js';
import { sparkPython } from '../support/spark-sql-tests.js';
import { goldenAnswers } from './golden-answers.js';

const SPARK_TIMEOUT_MS = 900_000;

/** With one line said where Spark cannot be asked; in CI that is a failure. */
function canAskSpark(): boolean {
  if (sparkPython() === undefined) return false;
  if (spawnSync('java', ['-version']).status === 0) return true;
  const problem = 'Spark needs Java 17 or newer on the PATH.';
  if (process.env.CI) throw new Error(problem);
  process.stderr.write(`sluice: golden answers are not compared with real Spark: ${problem}\n`);
  return false;
}

describe('golden answers', () => {
  it.each(['functions', 'spark-plans'] as const)(
    'of %s are those of its corpus, no more and no less',
    (name) => {
      const answered = Object.keys(goldenAnswers(name));
      expect(answered).toEqual(goldenQuestions()[`${name}.golden.json`]);
      expect(new Set(answered).size).toBeGreaterThan(1_000);
    },
  );

  if (canAskSpark()) {
    it(
      'are what real Spark answers today',
      async () => {
        const script = `${ROOT}/test/oracles/spark-golden.mjs`;
        await promisify(execFile)(process.execPath, [script, '--check'], { timeout: SPARK_TIMEOUT_MS });
      },
      SPARK_TIMEOUT_MS,
    );
  }
});
