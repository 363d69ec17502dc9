/**
 * Asks real Spark what the calls of test/corpus/functions.yaml give and keeps the answers in
 * test/golden/functions.golden.json. `--check` compares instead of writing.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { sparkPython } from '../../scripts/spark-venv.mjs';
import { questionsOf } from './function-questions.mjs';

const TEST = dirname(dirname(fileURLToPath(import.meta.url)));
const GOLDEN = join(TEST, 'golden/functions.golden.json');
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

const questions = [
  ...new Set(
    Object.values(questionsOf(parse(readFileSync(join(TEST, 'corpus/functions.yaml'), 'utf8')))).flat(),
  ),
];
const run = spawnSync(sparkPython() ?? 'no-spark', [join(TEST, 'oracles/spark_answers.py')], {
  input: JSON.stringify({ setup: [], questions }),
  encoding: 'utf8',
  maxBuffer: ANSWER_BYTES_MAX,
  stdio: ['pipe', 'pipe', 'ignore'],
});
if (run.status !== 0)
  throw new Error(`Spark answered with exit code ${run.status}: run node scripts/spark-venv.mjs first`);
const { version, answers } = JSON.parse(run.stdout.trim().split('\n').at(-1));
const lines = questions.map(
  (question, i) => `    ${JSON.stringify(question)}: ${JSON.stringify(answers[i])}`,
);
const text = `{\n  "version": ${JSON.stringify(version)},\n  "answers": {\n${lines.join(',\n')}\n  }\n}\n`;
if (!process.argv.includes('--check')) writeFileSync(GOLDEN, text);
else if (readFileSync(GOLDEN, 'utf8') !== text) {
  process.stderr.write(
    'Spark answers differently from test/golden/functions.golden.json: run without --check and look.\n',
  );
  process.exitCode = 1;
}
