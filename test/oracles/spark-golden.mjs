/**
 * Asks real Spark, in one session, what the statements of test/corpus/spark-plans.yaml and functions.yaml
 * give and keeps the answers in test/golden. Run by hand when a corpus changes; `--check` compares instead of
 * writing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { sparkPython } from '../../scripts/spark-venv.mjs';
import { questionsOf } from './function-questions.mjs';

const TEST = dirname(dirname(fileURLToPath(import.meta.url)));
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;
/** Single values that are asked for in one statement: hundreds take Spark longer than one by one. */
const GROUP_MAX = 50;

const corpus = (name) => parse(readFileSync(join(TEST, 'corpus', name), 'utf8'));

/** Every statement of spark-plans.yaml, casts written out. */
export function planQuestions({ plans, casts }) {
  const written = casts.flatMap(({ from, to }) =>
    to.flatMap((type) => [
      ...from.map((value) => `SELECT CAST(${value} AS ${type})`),
      `SELECT ${from.map((value) => `TRY_CAST(${value} AS ${type})`).join(', ')}`,
    ]),
  );
  return [...plans.map((plan) => (typeof plan === 'string' ? plan : plan.sql)), ...written];
}

/** Golden file to the statements it answers. */
export const goldenQuestions = () => ({
  'spark-plans.golden.json': planQuestions(corpus('spark-plans.yaml')),
  'functions.golden.json': [...new Set(Object.values(questionsOf(corpus('functions.yaml'))).flat())],
});

const fileOf = (name) => join(TEST, 'golden', name);
const known = (name) =>
  existsSync(fileOf(name)) ? JSON.parse(readFileSync(fileOf(name), 'utf8')).answers : {};

/** A single value that did not raise when it was asked last: it can be asked together with others. */
const isSingle = (question, answer) =>
  answer?.types?.length === 1 &&
  answer.rows.length === 1 &&
  question.startsWith('SELECT ') &&
  !/ FROM (\(VALUES|\w+)|\|>/.test(question);

/** Answers by statement, from one session. */
function ask(questions) {
  const before = Object.assign({}, ...Object.keys(goldenQuestions()).map(known));
  const singles = questions.filter((question) => isSingle(question, before[question]));
  const alone = questions.filter((question) => !isSingle(question, before[question]));
  const groups = Array.from({ length: Math.ceil(singles.length / GROUP_MAX) }, (_, i) =>
    singles.slice(i * GROUP_MAX, (i + 1) * GROUP_MAX),
  );
  const run = spawnSync(sparkPython() ?? 'no-spark', [join(TEST, 'oracles/spark_answers.py')], {
    input: JSON.stringify({
      setup: corpus('spark-plans.yaml').setup,
      questions: alone,
      groups: groups.map((group) => group.map((question) => question.replace(/^SELECT /, ''))),
    }),
    encoding: 'utf8',
    maxBuffer: ANSWER_BYTES_MAX,
    // Spark logs every error that a question is meant to raise.
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (run.status !== 0)
    throw new Error(`Spark answered with exit code ${run.status}: run node scripts/spark-venv.mjs first`);
  const told = JSON.parse(run.stdout.trim().split('\n').at(-1));
  const pairs = [
    ...alone.map((question, i) => [question, told.answers[i]]),
    ...groups.flatMap((group, i) => group.map((question, j) => [question, told.groups[i][j]])),
  ];
  return { version: told.version, answers: new Map(pairs) };
}

/** One answer a line, so that a change shows as one line. */
function written(questions, { version, answers }) {
  const lines = questions.map(
    (question) => `    ${JSON.stringify(question)}: ${JSON.stringify(answers.get(question))}`,
  );
  return `{\n  "version": ${JSON.stringify(version)},\n  "answers": {\n${lines.join(',\n')}\n  }\n}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = Object.entries(goldenQuestions());
  const told = ask(files.flatMap(([, questions]) => questions));
  for (const [name, questions] of files) {
    const text = written(questions, told);
    if (!process.argv.includes('--check')) writeFileSync(fileOf(name), text);
    else if (readFileSync(fileOf(name), 'utf8') !== text) {
      process.stderr.write(
        `Spark answers differently from test/golden/${name}: run without --check and look.\n`,
      );
      process.exitCode = 1;
    }
  }
}
