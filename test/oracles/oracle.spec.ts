import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compilePolicies } from '../../src/core/policy/compile.js';
import { parsePolicy } from '../../src/core/policy/document.js';
import { DecidingPolicies } from '../../src/core/policy/memo.js';
import { type DuckDbEngine, openDuckDbEngine } from '../../src/engines/duckdb/duckdb-engine.js';
import { FAULTS } from './faults.js';
import { type Lakes, lakes } from './governed-lake.js';
import {
  compareWithCopy,
  compareWithTwin,
  type Ground,
  type MakePolicies,
  makeGround,
  type Verdict,
} from './oracle-run.js';

/** Pairs of query and policy; SLUICE_LONG asks for a hundred times as many. */
const PAIRS = process.env.SLUICE_LONG ? 50_000 : 500;
const QUERIES_PER_POLICY = 25;
const FAULT_QUERIES_MAX = 400;
const SEED = Number(process.env.SLUICE_ORACLE_SEED ?? 20261123);

const policies: MakePolicies = (documents) =>
  new DecidingPolicies(
    compilePolicies(
      documents.map((document) => ({ document: parsePolicy(document), version: 1 })),
      1,
    ),
  );

let engine: DuckDbEngine;
let ground: Lakes;

beforeAll(async () => {
  ground = lakes();
  engine = await openDuckDbEngine({
    directories: [ground.root],
    runDirectory: join(ground.root, 'run'),
    spillBytesMax: 1_000_000_000,
    threads: 2,
    runningMax: 2,
    waitingMax: 10,
    waitingPerKeyMax: 10,
  });
});
afterAll(async () => {
  await engine.close();
  ground.dispose();
});

const told = (seed: number, policy: Ground['policy'], verdict: Verdict): string =>
  JSON.stringify(
    { seed, sql: verdict.sql, policy, governed: verdict.governed, other: verdict.other },
    null,
    1,
  );

describe('oracles over random queries and policies', () => {
  it(
    `1: ${PAIRS} governed results equal the same query over a physically filtered and masked copy`,
    async () => {
      let answered = 0;
      for (let i = 0; i < PAIRS / QUERIES_PER_POLICY; i += 1) {
        const here = await makeGround(SEED + i, ground, policies);
        for (let q = 0; q < QUERIES_PER_POLICY; q += 1) {
          const seed = SEED + i * 1000 + q;
          const verdict = await compareWithCopy(engine, here, seed);
          if ('rows' in verdict.governed) answered += 1;
          if (!verdict.same) throw new Error(`oracle 1 differs: ${told(seed, here.policy, verdict)}`);
        }
      }
      // Most random statements must run, or the oracle proves nothing.
      expect(answered / PAIRS).toBeGreaterThan(0.7);
    },
    20 * 60_000,
  );

  it(
    `2: for ${PAIRS} statements, changing only hidden data changes nothing that can be seen`,
    async () => {
      for (let i = 0; i < PAIRS / QUERIES_PER_POLICY; i += 1) {
        const here = await makeGround(SEED + 500_000 + i, ground, policies);
        for (let q = 0; q < QUERIES_PER_POLICY; q += 1) {
          const seed = SEED + 500_000 + i * 1000 + q;
          const verdict = await compareWithTwin(engine, here, seed);
          if (!verdict.same) throw new Error(`oracle 2 differs: ${told(seed, here.policy, verdict)}`);
        }
      }
    },
    20 * 60_000,
  );

  it.each(FAULTS)(
    'notices that $name',
    async (fault) => {
      let applied = 0;
      for (let i = 0; i < FAULT_QUERIES_MAX; i += 1) {
        const here = await groundFor(i);
        const verdict = await compareWithCopy(engine, here, SEED + i, (plan) => fault.apply(plan));
        if (verdict.faulted) applied += 1;
        if (verdict.faulted && !verdict.same) return;
      }
      throw new Error(`${fault.name}: applied to ${applied} plans and never noticed`);
    },
    5 * 60_000,
  );
});

const grounds = new Map<number, Promise<Ground>>();
function groundFor(i: number): Promise<Ground> {
  const seed = SEED + 900_000 + (i % 16);
  const known = grounds.get(seed) ?? makeGround(seed, ground, policies);
  grounds.set(seed, known);
  return known;
}
