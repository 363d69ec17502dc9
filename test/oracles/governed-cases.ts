/** Random statements under random policies, governed over no data: for laws of plans that need no engine. */
import { compilePolicies } from '../../src/core/policy/compile.js';
import { parsePolicy } from '../../src/core/policy/document.js';
import { DecidingPolicies } from '../../src/core/policy/memo.js';
import { type Governed, governed, seen } from './ask.js';
import { emptyCatalog } from './governed-lake.js';
import { closedTo } from './policy-model.js';
import { Random } from './random.js';
import { policyDocument, randomPolicy } from './random-policy.js';
import { randomQuery } from './random-query.js';

export interface GovernedCase {
  readonly sql: string;
  readonly way: Governed;
  /** Drew the statement; draws on for whoever has it. */
  readonly random: Random;
}

/** Those that are not refused. */
export async function* governedCases(options: {
  readonly seed: number;
  readonly policies: number;
  readonly queriesPerPolicy: number;
}): AsyncGenerator<GovernedCase> {
  const catalog = emptyCatalog();
  for (let p = 0; p < options.policies; p += 1) {
    const policy = randomPolicy(new Random(options.seed + p));
    const document = { document: parsePolicy(policyDocument(policy)), version: 1 };
    const world = { catalog, policies: new DecidingPolicies(compilePolicies([document], 1)) };
    for (let q = 0; q < options.queriesPerPolicy; q += 1) {
      const random = new Random(options.seed + p * 100 + q);
      const sql = randomQuery(random, closedTo(policy));
      const way = await seen(() => governed(world, sql));
      if (!('error' in way)) yield { sql, way, random };
    }
  }
}
