/**
 * `npm test`: 2,000 pairs of query and policy for each oracle. `npm run test:long -- test/oracles/oracle`: 200,000,
 * with progress on stderr. SLUICE_ORACLE_PAIRS sets another number, SLUICE_ORACLE_SEED another start: several
 * seeds make shards. SLUICE_ORACLE_FROM goes on after so many pairs of a run that was cut off. Oracle 3 gets a quarter.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compilePolicies } from '../../src/core/policy/compile.js';
import { parsePolicy } from '../../src/core/policy/document.js';
import { DecidingPolicies } from '../../src/core/policy/memo.js';
import { type DuckDbEngine, openDuckDbEngine } from '../../src/engines/duckdb/duckdb-engine.js';
import { turnsOf } from '../support/turns.js';
import type { Seen } from './ask.js';
import { Coverage, FEATURES, REFUSALS } from './coverage.js';
import { FAULTS, PREDICATE_FAULT } from './faults.js';
import { type Lakes, lakes } from './governed-lake.js';
import {
  compareFaulted,
  compareRefilled,
  compareWithCopy,
  compareWithTwin,
  type Ground,
  type MakePolicies,
  makeGround,
  type Verdict,
} from './oracle-run.js';
import type { OraclePolicy } from './policy-model.js';
import type { Random } from './random.js';
import { predicatePolicy } from './random-policy.js';

const PAIRS = Number(process.env.SLUICE_ORACLE_PAIRS ?? (process.env.SLUICE_LONG ? 200_000 : 2_000));
const SEED = Number(process.env.SLUICE_ORACLE_SEED ?? 20261123);
const FROM = Number(process.env.SLUICE_ORACLE_FROM ?? 0);
const ASKED = PAIRS - FROM;
/** What oracle 3 applies to is rare, and what it guards is one rule. */
const QUARTER = 4;
const QUERIES_PER_POLICY = 10;
const PAIR_TIMEOUT_MS = 400;
const PROGRESS_EVERY_POLICIES = 100;
const DIFFERENCES_MAX = 5;
const ROWS_TOLD_MAX = 5;
/** A fault must change so many plans, and so many of them must be noticed. */
const FAULT_APPLIED_MIN = 20;
const FAULT_NOTICED_MIN = 3;
const FAULT_QUERIES_MAX = 4_000;
const FAULT_GROUNDS = 24;
const FAULT_TIMEOUT_MS = 5 * 60_000;

const policies: MakePolicies = (documents) =>
  new DecidingPolicies(
    compilePolicies(
      documents.map((document) => ({ document: parsePolicy(document), version: 1 })),
      1,
    ),
  );

let engine: DuckDbEngine;
let lake: Lakes;

beforeAll(async () => {
  lake = lakes();
  engine = await openDuckDbEngine({
    directories: [lake.root],
    runDirectory: join(lake.root, 'run'),
    spillBytesMax: 1_000_000_000,
    // One thread: of two expressions that raise, the same one is first each time.
    threads: 1,
    runningMax: 2,
    turns: turnsOf(2),
  });
});
afterAll(async () => {
  await engine.close();
  lake.dispose();
});

type Compare = (ground: Ground, seed: number) => Promise<Verdict | undefined>;

/** Every pair must agree; `see` gets each that does. */
async function everyPair(
  name: string,
  seed: number,
  compare: Compare,
  see: (ground: Ground, verdict: Verdict) => void,
  makePolicy?: (random: Random) => OraclePolicy,
  part = 1,
): Promise<void> {
  const groups = Math.ceil(PAIRS / part / QUERIES_PER_POLICY);
  const differences: string[] = [];
  for (
    let i = Math.floor(FROM / part / QUERIES_PER_POLICY);
    i < groups && differences.length < DIFFERENCES_MAX;
    i += 1
  ) {
    const ground = await makeGround(seed + i, lake, policies, makePolicy);
    for (let q = 0; q < QUERIES_PER_POLICY; q += 1) {
      const querySeed = seed + i * 1000 + q;
      const verdict = await compare(ground, querySeed);
      if (verdict?.same === true) see(ground, verdict);
      if (verdict?.same === false) differences.push(told(seed + i, querySeed, ground, verdict));
    }
    ground.drop();
    if ((i + 1) % PROGRESS_EVERY_POLICIES === 0)
      process.stderr.write(`${name}: ${(i + 1) * QUERIES_PER_POLICY} of ${PAIRS / part} pairs\n`);
  }
  if (differences.length > 0) throw new Error(`${name} differs:\n${differences.join('\n')}`);
}

const told = (policySeed: number, seed: number, { policy }: Ground, verdict: Verdict): string =>
  JSON.stringify({
    policySeed,
    seed,
    sql: verdict.sql,
    governed: onlyIn(verdict.governed, verdict.other),
    other: onlyIn(verdict.other, verdict.governed),
    why: verdict.why,
    policy,
  });

/** Rows that the other has not. */
const onlyIn = (one: Seen, other: Seen): unknown =>
  'rows' in one && 'rows' in other
    ? one.rows.filter((row) => !other.rows.includes(row)).slice(0, ROWS_TOLD_MAX)
    : 'rows' in one
      ? `${one.rows.length} rows`
      : one;

describe('oracles over random queries and policies', () => {
  it(
    `1: ${PAIRS} governed results equal the same query over a physically filtered and masked copy`,
    async () => {
      const coverage = new Coverage();
      await everyPair(
        'oracle 1',
        SEED,
        (ground, seed) => compareWithCopy(engine, ground, seed),
        (ground, verdict) => coverage.add(ground, verdict),
      );
      process.stderr.write(`oracle 1 answered ${coverage.answered} of ${ASKED}: ${coverage}\n`);
      // Most random statements must run, or the oracle proves nothing; and nothing of them may dry up.
      expect(coverage.answered / ASKED).toBeGreaterThan(0.7);
      expect([...coverage.missing(FEATURES, 3), ...coverage.missing(REFUSALS, 1)]).toEqual([]);
    },
    60_000 + PAIRS * PAIR_TIMEOUT_MS,
  );

  it(
    `2: for ${PAIRS} statements, changing only hidden data changes neither rows, errors, schema nor explain`,
    async () => {
      let answered = 0;
      await everyPair(
        'oracle 2',
        SEED + 500_000,
        (ground, seed) => compareWithTwin(engine, ground, seed),
        (_, verdict) => {
          if ('rows' in verdict.governed) answered += 1;
        },
      );
      expect(answered / ASKED).toBeGreaterThan(0.7);
    },
    60_000 + PAIRS * PAIR_TIMEOUT_MS,
  );

  it(
    '3: what stands in a column with predicate: deny does not change which rows an allowed statement gives',
    async () => {
      let compared = 0;
      await everyPair(
        'oracle 3',
        SEED + 700_000,
        (ground, seed) => compareRefilled(engine, ground, seed),
        () => {
          compared += 1;
        },
        predicatePolicy,
        QUARTER,
      );
      expect(compared / (ASKED / QUARTER)).toBeGreaterThan(0.02);
    },
    60_000 + PAIRS * PAIR_TIMEOUT_MS,
  );
});

describe('seeded faults', () => {
  /** Runs faulted cases until enough were changed and enough of those noticed. */
  async function notices(
    compare: (ground: Ground, seed: number) => Promise<Verdict | undefined>,
    makePolicy?: (random: Random) => OraclePolicy,
  ): Promise<void> {
    let applied = 0;
    let noticed = 0;
    for (let i = 0; i < FAULT_QUERIES_MAX; i += 1) {
      if (applied >= FAULT_APPLIED_MIN && noticed >= FAULT_NOTICED_MIN) break;
      const verdict = await compare(await groundFor(i, makePolicy), SEED + i);
      if (verdict === undefined) continue;
      applied += 1;
      if (!verdict.same) noticed += 1;
    }
    expect(applied).toBeGreaterThanOrEqual(FAULT_APPLIED_MIN);
    expect(noticed).toBeGreaterThanOrEqual(FAULT_NOTICED_MIN);
  }

  it.each(FAULTS)(
    'oracle 1 notices that $name',
    (fault) => notices((ground, seed) => compareFaulted(engine, ground, seed, fault)),
    FAULT_TIMEOUT_MS,
  );

  it(
    `oracle 3 notices that ${PREDICATE_FAULT.name}`,
    () => notices((ground, seed) => compareRefilled(engine, ground, seed, PREDICATE_FAULT), predicatePolicy),
    FAULT_TIMEOUT_MS,
  );
});

const grounds = new Map<string, Promise<Ground>>();
function groundFor(i: number, makePolicy?: (random: Random) => OraclePolicy): Promise<Ground> {
  const seed = SEED + 900_000 + (i % FAULT_GROUNDS);
  const key = `${seed} ${makePolicy?.name}`;
  const known = grounds.get(key) ?? makeGround(seed, lake, policies, makePolicy);
  grounds.set(key, known);
  return known;
}
