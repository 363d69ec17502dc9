/**
 * Asks real Spark what the statements and casts of test/corpus/spark-plans.yaml give and keeps the answers in
 * test/golden/spark-plans.golden.json. Run by hand when the corpus changes; `--check` compares instead of
 * writing.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const TEST = dirname(dirname(fileURLToPath(import.meta.url)));
const GOLDEN = join(TEST, 'golden/spark-plans.golden.json');
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** Every statement of the corpus, casts written out. */
export function questionsOf(corpus) {
  const plans = corpus.plans.map((plan) => (typeof plan === 'string' ? plan : plan.sql));
  const casts = corpus.casts.flatMap(({ from, to }) =>
    to.flatMap((type) => [
      ...from.map((value) => `SELECT CAST(${value} AS ${type})`),
      `SELECT ${from.map((value) => `TRY_CAST(${value} AS ${type})`).join(', ')}`,
    ]),
  );
  return [...plans, ...casts];
}

const python = () =>
  join(
    process.env.SLUICE_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice'),
    'spark-venv-4.2.0/bin/python',
  );

function ask(corpus) {
  const questions = questionsOf(corpus);
  const run = spawnSync(python(), [join(TEST, 'oracles/spark_answers.py')], {
    input: JSON.stringify({ setup: corpus.setup, questions }),
    encoding: 'utf8',
    maxBuffer: ANSWER_BYTES_MAX,
    // Spark logs every error that a question is meant to raise.
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (run.status !== 0) throw new Error(`Spark answered with exit code ${run.status}`);
  const { version, answers } = JSON.parse(run.stdout.trim().split('\n').at(-1));
  return { version, answers: Object.fromEntries(questions.map((question, i) => [question, answers[i]])) };
}

/** One answer a line, so that a change shows as one line. */
function written({ version, answers }) {
  const lines = Object.entries(answers).map(
    ([question, answer]) => `    ${JSON.stringify(question)}: ${JSON.stringify(answer)}`,
  );
  return `{\n  "version": ${JSON.stringify(version)},\n  "answers": {\n${lines.join(',\n')}\n  }\n}\n`;
}

const text = written(ask(parse(readFileSync(join(TEST, 'corpus/spark-plans.yaml'), 'utf8'))));
if (!process.argv.includes('--check')) writeFileSync(GOLDEN, text);
else if (readFileSync(GOLDEN, 'utf8') !== text) {
  process.stderr.write(
    'Spark answers differently from test/golden/spark-plans.golden.json: run without --check and look.\n',
  );
  process.exitCode = 1;
}
