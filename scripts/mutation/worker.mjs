/**
 * A process that runs specs of the tree, with one mutant switched on or none. All modules of the tree are made anew
 * for each run, so nothing that a mutant remembered is there for the next; packages are loaded once.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import { Suite } from './suite.mjs';
import { TREE } from './tree-place.mjs';

/** A loop that asks for its mutant this much more often than without one does not end. */
const HITS_FACTOR = 100;
const HITS_MORE = 10_000;

const require = createRequire(import.meta.url);
const switches = {};
globalThis.__stryker__ = switches;

/** Laws hold for the same few cases for every mutant, and no smaller one is looked for. */
const RUNS_MAX = Number(process.env.SLUICE_MUTATION_RUNS ?? 30);
const fastCheck = require('fast-check');
const fewer = {
  ...fastCheck,
  assert: (property, parameters = {}) =>
    fastCheck.assert(property, {
      ...parameters,
      seed: 1,
      endOnFailure: true,
      numRuns: Math.min(parameters.numRuns ?? RUNS_MAX, RUNS_MAX),
    }),
};
const GIVEN = { 'fast-check': { ...fewer, default: fewer, __esModule: true } };

const judging = process.argv[2] === 'judge';
const compiled = new Map();
function wrapperOf(path) {
  const known = compiled.get(path);
  if (known !== undefined) return known;
  const names = ['exports', 'require', 'module', '__filename', '__dirname'];
  // What a test comes past is counted without mutants only: it costs more than what is counted.
  const counted = readFileSync(path, 'utf8');
  const code = judging ? counted.replace('function stryCov_9fa48() {', '$& return;') : counted;
  const made = compileFunction(code, names, { filename: path });
  compiled.set(path, made);
  return made;
}

function load(path, modules, globals) {
  const known = modules.get(path);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  modules.set(path, module);
  const requireHere = (name) => {
    if (name === '@jest/globals') return globals;
    if (name in GIVEN) return GIVEN[name];
    return name.startsWith('.') ? load(join(dirname(path), name), modules, globals) : require(name);
  };
  wrapperOf(path).call(module.exports, module.exports, requireHere, module, path, dirname(path));
  return module.exports;
}

function open(spec, modules = new Map()) {
  const suite = new Suite();
  const path = join(TREE, spec.replace(/\.ts$/, '.js'));
  modules.delete(path);
  load(path, modules, suite.globals());
  return suite;
}

/** Every test, with the mutants that it comes past and how often. */
async function baseline({ spec }) {
  switches.activeMutant = '';
  switches.mutantCoverage = { static: {}, perTest: {} };
  switches.currentTestId = 'load';
  const suite = open(spec);
  const keys = new Map();
  const costs = suite.tests.map(() => 0);
  let hooks = 0;
  let at = process.cpuUsage();
  let running = [];
  const spend = () => {
    const { user, system } = process.cpuUsage(at);
    if (running.length === 1) costs[running[0]] += (user + system) / 1000;
    else hooks += (user + system) / 1000;
    at = process.cpuUsage();
  };
  const failure = await suite.run([...suite.tests.keys()], (numbers) => {
    spend();
    running = numbers;
    switches.currentTestId = numbers.join();
    keys.set(switches.currentTestId, numbers);
  });
  spend();
  if (failure !== undefined) return { failed: failure.failed, error: String(failure.error?.stack) };
  const { perTest } = switches.mutantCoverage;
  const hits = { load: perTest.load ?? {} };
  for (const [key, numbers] of keys)
    for (const number of numbers) {
      hits[number] ??= {};
      for (const [id, count] of Object.entries(perTest[key] ?? {}))
        hits[number][id] = (hits[number][id] ?? 0) + count;
    }
  return { costs, hooks, hits };
}

/** The first test that fails with the mutant on. */
async function judge({ mutant, hits, specs }) {
  switches.activeMutant = mutant;
  switches.hitLimit = hits * HITS_FACTOR + HITS_MORE;
  const modules = new Map();
  for (const { spec, numbers } of specs) {
    switches.hitCount = 0;
    let failure;
    try {
      const began = () => {
        switches.hitCount = 0;
      };
      failure = await open(spec, modules).run(numbers, began);
    } catch (error) {
      failure = { failed: 'loading', error };
    }
    if (failure === undefined) continue;
    const looped = /Hit count limit/.test(String(failure.error?.message));
    return {
      status: looped ? 'looped' : 'killed',
      by: `${spec}: ${failure.failed}`,
      test: `${spec}#${failure.number}`,
    };
  }
  return { status: 'survived' };
}

process.on('unhandledRejection', () => undefined);
process.on('message', async (asked) => {
  const answer = asked.mutant === undefined ? await baseline(asked) : await judge(asked);
  process.send({ ...answer, rss: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit(0));
