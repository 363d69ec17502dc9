/**
 * `npm run mutation [-- PATH...]`: breaks the rooms where governance is decided in every way that Stryker knows, one at
 * a time, and tells which breaks no spec notices. Results are kept per file: what was killed stays so until the file
 * changes, what survived is asked again when any file did. `--report` only writes docs/mutation.md from what is kept.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeReport } from './mutation/report.mjs';
import { makeTree, treeHash } from './mutation/tree.mjs';
import { FOLDER } from './mutation/tree-place.mjs';
import { Worker } from './mutation/workers.mjs';
import { ROOT } from './prepare.mjs';

const ROOMS = ['src/core/policy', 'src/core/rewrite', 'src/core/bind'];
const BASELINE_TIMEOUT_MS = 300_000;
/** Processor time that tests for one mutant may take; the laws of the first two rooms are dear. */
const BUDGETS_MS = [
  ['src/core/policy', 1_600],
  ['src/core/rewrite', 1_200],
  ['src/core/bind', 600],
];
const BUDGET_FACTOR = Number(process.env.SLUICE_MUTATION_BUDGET ?? 1);
/** One mutant of so many is judged; 1 is all of them. */
const EVERY = Number(process.env.SLUICE_MUTATION_EVERY ?? 1);
const TIMEOUT_FACTOR = 20;
const TIMEOUT_MORE_MS = 15_000;
const SAY_EVERY_MS = 20_000;

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const onlyReport = process.argv.includes('--report');
const say = (text) => process.stderr.write(`mutation: ${text}\n`);

async function run() {
  const { mutants, specs } = await makeTree(ROOMS);
  const hash = treeHash();
  say(`${mutants.length} mutants, ${specs.length} specs`);
  const covering = await baseline(specs, hash);
  const worker = new Worker('judge');
  // In the order of the arguments, else of the rooms.
  const rank = (file) => (wanted.length === 0 ? ROOMS : wanted).findIndex((name) => file.includes(name));
  const files = [...new Set(mutants.map(({ file }) => file))].filter((file) => rank(file) >= 0);
  for (const file of files.sort((a, b) => rank(a) - rank(b))) {
    const own = mutants.filter((mutant) => mutant.file === file);
    await judgeFile(worker, file, withKeys(own), covering, hash);
  }
  await worker.end();
}

/** For each mutant the specs and tests that come past it. */
async function baseline(specs, hash) {
  const worker = new Worker('baseline');
  const covering = new Map();
  const costs = new Map();
  const hooks = new Map();
  for (const spec of specs) {
    const found = await once(`${spec}.${hash}`, () => worker.ask({ spec }, BASELINE_TIMEOUT_MS));
    if (found.costs === undefined)
      throw new Error(
        `${spec} does not pass without a mutant: ${found.status ?? ''} ${found.failed} ${found.error}`,
      );
    costs.set(spec, found.costs);
    hooks.set(spec, found.hooks);
    const see = (id, number, hits) => {
      const bySpec = covering.get(id) ?? new Map();
      const tests = bySpec.get(spec) ?? new Map();
      tests.set(number, Math.max(tests.get(number) ?? 0, hits));
      covering.set(id, bySpec.set(spec, tests));
    };
    for (const number of found.costs.keys()) {
      for (const [id, hits] of Object.entries(found.hits.load)) see(id, number, hits);
      for (const [id, hits] of Object.entries(found.hits[number] ?? {})) see(id, number, hits);
    }
  }
  await worker.end();
  return { covering, costs, hooks };
}

async function once(name, make) {
  const path = join(FOLDER, 'baseline', `${name.replaceAll('/', '-')}.json`);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const made = await make();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(made));
  return made;
}

/** What a load of the modules of a spec costs. */
const LOAD_MS = 10;

/**
 * Tests that come past a mutant, as long as they fit: first those that killed others in the same file, then specs of the
 * file and of its room, then others; cheap ones first.
 */
function chosen({ covering, costs, hooks }, { id, file }, killers) {
  const bySpec = covering.get(id) ?? new Map();
  const cost = (spec, number) => costs.get(spec)[number];
  const parts = [...bySpec].flatMap(([spec, tests]) => {
    const kills = (number) => killers.get(`${spec}#${number}`) ?? 0;
    const sorted = [...tests.keys()].sort((a, b) => cost(spec, a) - cost(spec, b));
    const [known, others] = [sorted.filter(kills), sorted.filter((number) => !kills(number))];
    const part = (numbers, first) => ({
      spec,
      numbers,
      order: [-first, distance(spec, file), total(numbers)],
    });
    const total = (numbers) => hooks.get(spec) + numbers.reduce((sum, n) => sum + cost(spec, n), 0);
    return [...known.map((n) => part([n], kills(n))), ...(others.length > 0 ? [part(others, 0)] : [])];
  });
  const budget = BUDGET_FACTOR * BUDGETS_MS.find(([room]) => file.startsWith(room))[1];
  const specs = [];
  let spent = 0;
  for (const { spec, numbers } of parts.sort((a, b) => compareLists(a.order, b.order))) {
    if (spent + LOAD_MS + hooks.get(spec) > budget && specs.length > 0) continue;
    spent += LOAD_MS + hooks.get(spec);
    const fitting = numbers.filter((n) => {
      if (spent + cost(spec, n) > budget && specs.length > 0) return false;
      spent += cost(spec, n);
      return true;
    });
    if (fitting.length > 0) specs.push({ spec, numbers: fitting });
  }
  const hits = Math.max(0, ...[...bySpec.values()].flatMap((tests) => [...tests.values()]));
  return { specs, hits, cost: spent };
}

/** Of a spec from a file: its own (`decide.spec.ts` is also of `decide-columns.ts`), of its room, another's. */
function distance(spec, file) {
  if (file.startsWith(spec.replace(/\.spec\.ts$/, ''))) return 0;
  return dirname(spec) === dirname(file) ? 1 : 2;
}

const compareLists = (a, b) => a.map((x, i) => x - b[i]).find((difference) => difference !== 0) ?? 0;

async function judgeFile(worker, file, mutants, covered, hash) {
  const kept = keptOf(file);
  const killers = new Map();
  let said = Date.now();
  for (const [i, { id, ...mutant }] of mutants.entries()) {
    const before = kept.get(mutant.key);
    if (before === undefined ? i % EVERY !== 0 : stands(before, hash)) continue;
    const { specs, hits, cost } = chosen(covered, { id, file }, killers);
    const { status, by, test } =
      specs.length === 0
        ? { status: 'survived', by: 'no test comes past it' }
        : await worker.ask({ mutant: id, hits, specs }, cost * TIMEOUT_FACTOR + TIMEOUT_MORE_MS);
    if (test !== undefined) killers.set(test, (killers.get(test) ?? 0) + 1);
    kept.set(mutant.key, { ...mutant, status, by, hash, budget: BUDGET_FACTOR });
    if (Date.now() - said < SAY_EVERY_MS) continue;
    say(`${file}: ${i + 1} of ${mutants.length}`);
    said = Date.now();
    keep(file, mutants, kept);
  }
  keep(file, mutants, kept);
  const survived = [...kept.values()].filter(({ status }) => status === 'survived').length;
  say(`${file}: ${kept.size - survived} of ${kept.size} killed, of ${mutants.length}`);
}

const stands = ({ status, hash, budget }, now) =>
  status !== 'survived' || (hash === now && budget >= BUDGET_FACTOR);

/** A mutant is known by what it makes of which text; the same in one file are told apart by their order. */
function withKeys(mutants) {
  const seen = new Map();
  return mutants.map((mutant) => {
    const key = JSON.stringify([mutant.mutatorName, mutant.original, mutant.replacement]);
    seen.set(key, (seen.get(key) ?? 0) + 1);
    return { ...mutant, key: `${key}#${seen.get(key)}` };
  });
}

const resultsFile = (file) => join(FOLDER, 'results', `${file}.json`);

function keptOf(file) {
  const path = resultsFile(file);
  if (!existsSync(path)) return new Map();
  const { source, results } = JSON.parse(readFileSync(path, 'utf8'));
  if (source !== readFileSync(join(ROOT, file), 'utf8')) return new Map();
  return new Map(results.map((result) => [result.key, result]));
}

function keep(file, mutants, kept) {
  const path = resultsFile(file);
  mkdirSync(dirname(path), { recursive: true });
  const source = readFileSync(join(ROOT, file), 'utf8');
  // Lines are of now, whenever a mutant was judged.
  const results = mutants.flatMap(({ key, line }) => (kept.has(key) ? [{ ...kept.get(key), line }] : []));
  writeFileSync(path, JSON.stringify({ source, total: mutants.length, results }));
}

if (!onlyReport) await run();
process.stdout.write(`${JSON.stringify(writeReport(ROOMS))}\n`);
