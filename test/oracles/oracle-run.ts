/**
 * The two oracles over one random case each. A case is named by its seed alone, so that a failure can be run
 * again.
 */

import type { CatalogSnapshot } from '../../src/core/catalog/catalog.js';
import type { SecuredPlan } from '../../src/core/rewrite/secure.js';
import type { Engine } from '../../src/engines/engine.js';
import type { PolicyView } from '../../src/gateway/policies.js';
import { ask, type Lakes, type Seen } from './governed-lake.js';
import { Random } from './random.js';
import {
  keeps,
  maskRow,
  type OraclePolicy,
  physicalCopy,
  policyDocument,
  randomPolicy,
} from './random-policy.js';
import { randomQuery } from './random-query.js';
import { type Data, type Row, randomData, TABLES } from './tables.js';

export type MakePolicies = (documents: readonly Record<string, unknown>[]) => PolicyView;

/** Everything is open to the probe: the policy over physical copies. */
export const OPEN_DOCUMENT = {
  kind: 'policy',
  name: 'open',
  grants: [{ allow: ['browse', 'read', 'explain'], to: ['user:probe'], on: ['lake.main.*'] }],
};

/** One policy over one lake, with what the oracles compare it to. */
export interface Ground {
  readonly policy: OraclePolicy;
  readonly hidden: ReadonlySet<string>;
  readonly governed: { readonly catalog: CatalogSnapshot; readonly policies: PolicyView };
  readonly copy: { readonly catalog: CatalogSnapshot; readonly policies: PolicyView };
  readonly twin: CatalogSnapshot;
}

export async function makeGround(seed: number, lakes: Lakes, make: MakePolicies): Promise<Ground> {
  const random = new Random(seed);
  const data = randomData(random);
  const policy = randomPolicy(random);
  const { data: copied, hidden } = physicalCopy(data, policy);
  return {
    policy,
    hidden,
    governed: { catalog: await lakes.make(data), policies: make([policyDocument(policy)]) },
    copy: { catalog: await lakes.make(copied, hidden), policies: make([OPEN_DOCUMENT]) },
    twin: await lakes.make(twinData(random, data, policy)),
  };
}

export interface Verdict {
  readonly same: boolean;
  readonly sql: string;
  readonly governed: Seen;
  readonly other: Seen;
  readonly faulted: boolean;
}

/** Oracle 1: governed over the raw lake == ungoverned over the physical copy. */
export async function compareWithCopy(
  engine: Engine,
  ground: Ground,
  seed: number,
  fault?: (plan: SecuredPlan) => SecuredPlan,
): Promise<Verdict> {
  const sql = randomQuery(new Random(seed), ground.hidden);
  let faulted = false;
  const governed = await ask(engine, ground.governed.catalog, ground.governed.policies, sql, (plan) => {
    const broken = fault ? fault(plan) : plan;
    if (broken !== plan) faulted = true;
    return broken;
  });
  const other = await ask(engine, ground.copy.catalog, ground.copy.policies, sql);
  return { same: sameSeen(governed, other), sql, governed, other, faulted };
}

/** Oracle 2: the same governed statement over a lake that differs only where the probe may not look. */
export async function compareWithTwin(engine: Engine, ground: Ground, seed: number): Promise<Verdict> {
  const sql = randomQuery(new Random(seed), ground.hidden);
  const { policies } = ground.governed;
  const governed = await ask(engine, ground.governed.catalog, policies, sql);
  const other = await ask(engine, ground.twin, policies, sql);
  return { same: JSON.stringify(governed) === JSON.stringify(other), sql, governed, other, faulted: false };
}

/**
 * Rows must be equal. An engine may skip an expression that would raise (an empty side of a join), so an
 * error over the copy is no error of the governed run by necessity; the other way round it would tell of rows
 * that the copy does not have.
 */
const sameSeen = (governed: Seen, copy: Seen): boolean => {
  if ('error' in copy) return 'error' in governed ? governed.error === copy.error : RAISED.has(copy.error);
  if ('error' in governed) return false;
  return JSON.stringify(governed.rows) === JSON.stringify(copy.rows) && governed.schema === copy.schema;
};
const RAISED = new Set(['ARITHMETIC_ERROR', 'CAST_INVALID_INPUT', 'ENGINE_ERROR']);

/**
 * Other data that looks the same: hidden rows are replaced, dropped or added, and masked values are exchanged
 * for others with the same mask. Rows that a subquery in a rule reads stay, so that visibility does not
 * change.
 */
export function twinData(random: Random, data: Data, policy: OraclePolicy): Data {
  const readByRules = new Set(
    policy.rules.filter((r) => r.where.includes('lake.main.orders')).map(() => 'orders'),
  );
  return Object.fromEntries(
    TABLES.map((table) => {
      const rows = data[table.name] ?? [];
      if (readByRules.has(table.name)) return [table.name, rows];
      return [table.name, rows.flatMap((row, i) => twinRow(random, row, i, table.name, data, policy))];
    }),
  );
}

const TWIN_TRIES_MAX = 12;

function twinRow(
  random: Random,
  row: Row,
  index: number,
  table: string,
  data: Data,
  policy: OraclePolicy,
): readonly Row[] {
  const fresh = (): Row => TABLES.find((t) => t.name === table)?.row(random, index + 1000) ?? row;
  if (!keeps(row, table, data, policy)) {
    if (random.chance(0.3)) return [];
    for (let i = 0; i < TWIN_TRIES_MAX; i += 1) {
      const other = fresh();
      if (!keeps(other, table, data, policy)) return [other];
    }
    return [row];
  }
  const seen = JSON.stringify(maskRow(row, table, policy));
  for (let i = 0; i < TWIN_TRIES_MAX; i += 1) {
    const other = fresh();
    const masks = policy.masks.filter((m) => m.table === table && random.chance(0.7));
    const changed = { ...row, ...Object.fromEntries(masks.map((m) => [m.column, other[m.column] ?? null])) };
    const same = JSON.stringify(maskRow(changed, table, policy)) === seen;
    if (same && keeps(changed, table, data, policy)) return [changed];
  }
  return [row];
}
