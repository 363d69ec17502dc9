/**
 * What someone outside sees of a statement: decode, bind, decide, rewrite, check and run as the gateway does
 * them, without HTTP and Postgres. A `Fault` breaks one of these on purpose.
 */
import type { CatalogSnapshot } from '../../src/core/catalog/catalog.js';
import { GovernanceError } from '../../src/core/errors.js';
import type { BoundQuery } from '../../src/core/plan/plan.js';
import type { Decision, Principal } from '../../src/core/policy/decision.js';
import type { SecuredPlan } from '../../src/core/rewrite/secure.js';
import { parseStatement } from '../../src/core/sql/parse.js';
import type { Engine, SecuredStatement } from '../../src/engines/engine.js';
import type { BindScope } from '../../src/gateway/bind-context.js';
import { bindAndDecide } from '../../src/gateway/decide-statement.js';
import { explainStatement } from '../../src/gateway/explain.js';
import { secure, securedStatement } from '../../src/gateway/govern.js';
import type { PolicyView } from '../../src/gateway/policies.js';
import type { StatementRequest } from '../../src/gateway/statement.js';
import { Stopwatch } from '../../src/gateway/timings.js';
import { turnOf } from '../support/turns.js';
import { maskKey } from './mask-values.js';
import { PROBE_ATTRIBUTES } from './random-rule.js';

export const PROBE: Principal = {
  user: 'probe',
  roles: ['analyst'],
  groups: ['emea'],
  attributes: PROBE_ATTRIBUTES,
  via: 'test',
};
const NOW = new Date('2026-01-01T00:00:00Z');

export interface World {
  readonly catalog: CatalogSnapshot;
  readonly policies: PolicyView;
}

export interface Answer {
  /** JSON of each row; in order where the statement asks for one, else sorted. */
  readonly rows: readonly string[];
  readonly schema: string;
}
export interface Refusal {
  readonly error: string;
  readonly message: string;
  readonly details: string;
}
export type Seen = Answer | Refusal;

/** Each part gives back the same object where it does not apply. */
export interface Fault {
  readonly name: string;
  readonly decision?: (decision: Decision) => Decision;
  readonly plan?: (secured: SecuredPlan) => SecuredPlan;
}

/** A statement on the way to the engine. */
export interface Governed {
  readonly bound: BoundQuery;
  readonly decision: Decision;
  readonly statement: SecuredStatement;
  readonly hashDomains: readonly string[];
  /** The fault changed something. */
  readonly faulted: boolean;
}

const request = (sql: string): StatementRequest => ({
  statement: sql,
  parameters: [],
  engine: 'duckdb',
  tags: {},
  catalog: 'lake',
  schema: 'main',
});

/** Up to rewrite; throws what the gateway would. */
export function governed(world: World, sql: string, fault?: Fault): Governed {
  let faulted = false;
  const broken = <T>(value: T, change: ((value: T) => T) | undefined): T => {
    const changed = change === undefined ? value : change(value);
    if (changed !== value) faulted = true;
    return changed;
  };
  const { policies } = world;
  const scope: BindScope = {
    catalog: world.catalog,
    policies: {
      version: policies.version,
      canBrowse: (principal, table, now) => policies.canBrowse(principal, table, now),
      decide: (asked) => broken(policies.decide(asked), fault?.decision),
      resources: (principal, engine, now) => policies.resources(principal, engine, now),
    },
    principal: PROBE,
    request: request(sql),
    now: NOW,
    decisionId: 'oracle',
    currentCatalog: 'lake',
    currentSchema: 'main',
  };
  const { bound, decision } = bindAndDecide(
    parseStatement(sql, { parameters: 'statement' }),
    scope,
    new Stopwatch(),
  );
  const secured = broken(secure(bound, decision, scope), fault?.plan);
  const statement = securedStatement(bound, secured, scope);
  return { bound, decision, statement, hashDomains: secured.hashDomains, faulted };
}

/** Check and run. */
export async function run(engine: Engine, { statement, bound, hashDomains }: Governed): Promise<Answer> {
  const prepared = await engine.prepare(statement);
  const result = await engine.rows(prepared, {
    limits: { byteLimit: 10_000_000, timeoutMs: 30_000 },
    signal: new AbortController().signal,
    turn: turnOf('probe'),
    hashKeys: new Map(hashDomains.map((domain) => [domain, maskKey(domain)])),
  });
  const rows: string[] = [];
  for await (const batch of result.batches()) {
    for (const row of JSON.parse(`[${batch.json}]`) as unknown[]) rows.push(JSON.stringify(row));
  }
  const schema = bound.output.map((column) => `${column.name} ${JSON.stringify(column.type)}`).join(', ');
  return { rows: isOrdered(bound) ? rows : rows.sort(), schema };
}

function isOrdered({ plan }: BoundQuery): boolean {
  let top = plan;
  while (top.kind === 'with' || top.kind === 'limit' || top.kind === 'project') top = top.input;
  return top.kind === 'sort';
}

/** Never throws for what a user may cause. */
export async function seen<T>(work: () => T | Promise<T>): Promise<T | Refusal> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GovernanceError)) throw error;
    const { remedy, position, denied } = error.details;
    return {
      error: error.code,
      message: error.message,
      details: JSON.stringify({ remedy, position, denied }),
    };
  }
}

export const ask = (engine: Engine, world: World, sql: string): Promise<Seen> =>
  seen(() => run(engine, governed(world, sql)));

/**
 * Both ways to have a statement explained. Names of files and the decision's random id are no news; the
 * engine's own plan is a right of its own and counts rows, so it is not asked for.
 */
export async function explained(engine: Engine, world: World, sql: string): Promise<readonly unknown[]> {
  const deps = {
    catalog: () => world.catalog,
    policies: { current: () => world.policies, waitForNewer: async () => undefined },
    engineFor: () => withoutPlans(engine),
    clock: () => NOW,
    defaultCatalog: () => 'lake',
  };
  const answer = await seen(() => explainStatement(deps, { principal: PROBE }, request(sql)));
  const text = JSON.stringify(answer)
    .replaceAll(world.catalog.version, 'LAKE')
    .replace(/"decisionId":"[^"]*"/g, '');
  // An EXPLAIN statement is a plan over constants: its text stands in it.
  const rows = await seen(() => governed(world, `EXPLAIN ${sql}`).bound);
  return [text, rows];
}

const withoutPlans = (engine: Engine): Engine => ({
  id: engine.id,
  prepare: (statement) => engine.prepare(statement),
  rows: (prepared, options) => engine.rows(prepared, options),
  bytes: (prepared, format, options) => engine.bytes(prepared, format, options),
  explain: async () => '',
  status: () => engine.status(),
  close: () => engine.close(),
});
