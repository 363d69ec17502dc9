/**
 * The pure middle of a statement's way, decode to check: text in, judged plan out, nothing run and nothing
 * written.
 */
import { GovernanceError } from '../core/errors.js';
import type { BoundQuery } from '../core/plan/plan.js';
import type { Decision } from '../core/policy/decision.js';
import { planHash } from '../core/rewrite/plan-hash.js';
import { mayRaiseOverRestricted } from '../core/rewrite/raising.js';
import { isRepeatable } from '../core/rewrite/repeatable.js';
import { type SecuredPlan, securePlan } from '../core/rewrite/secure.js';
import { isWrite } from '../core/sql/ast-write.js';
import { parseStatement } from '../core/sql/parse.js';
import { type StatementShape, statementShape } from '../core/sql/shape.js';
import type { Engine, Prepared, SecuredStatement } from '../engines/engine.js';
import { type BindScope, bindRowRule, momentOf } from './bind-context.js';
import { bindAndDecide, type GovernDeps, scopeOf } from './decide-statement.js';
import { governanceOf, manifestOf } from './governance.js';
import type { Caller, Governance, ManifestColumn, StatementRequest } from './statement.js';
import type { Stopwatch } from './timings.js';
import { chooseEngine, readsDelta } from './write/engine-choice.js';
import type { GovernedChange } from './write/govern-change.js';
import { type GovernedWrite, governWrite } from './write/prepare-write.js';

/** A statement that passed every stage before record. */
export interface Governed {
  readonly shape: StatementShape;
  readonly bound: BoundQuery;
  readonly decision: Decision;
  readonly secured: SecuredPlan;
  readonly prepared: Prepared;
  readonly engine: Engine;
  readonly planHash: string;
  /** The same plan over the same data gives the same answer again. */
  readonly repeatable: boolean;
  readonly objects: readonly string[];
  readonly schema: readonly ManifestColumn[];
  readonly governance: Governance;
  /** Absent both: the statement only reads. */
  readonly write?: GovernedWrite;
  readonly change?: GovernedChange;
}

/** Everything up to check. Throws GovernanceError with the code of the stage that refused. */
export async function govern(
  deps: GovernDeps,
  caller: Caller,
  request: StatementRequest,
  watch: Stopwatch,
): Promise<Governed> {
  const statement = watch.timeSync('decode', () =>
    parseStatement(request.statement, { parameters: 'statement' }),
  );
  await reachVersion(deps, request);
  const scope = scopeOf(deps, caller, request);
  requireVersion(scope, request);
  if (isWrite(statement)) return governWrite(deps, statement, scope, watch);
  const { bound, decision } = bindAndDecide(statement, scope, watch);
  const secured = watch.timeSync('rewrite', () => secure(bound, decision, scope));
  const engine = chooseEngine(deps, scope, readsDelta(secured.leaves, scope));
  const prepared = await watch.time('check', () => engine.prepare(securedStatement(bound, secured, scope)));
  return {
    shape: statementShape(statement),
    bound,
    decision,
    secured,
    prepared,
    engine,
    planHash: planHash(secured.plan),
    repeatable: isRepeatable(secured.plan, momentOf(scope.now)),
    objects: [...decision.tables.keys()].sort(),
    schema: manifestOf(bound, decision),
    governance: governanceOf(decision, scope.decisionId),
  };
}

export function secure(bound: BoundQuery, decision: Decision, scope: BindScope): SecuredPlan {
  return securePlan({
    bound,
    decisions: decision.tables,
    tables: scope.catalog.tables,
    bindRule: (rule, table, raw, ids) => bindRowRule(scope, rule, table, raw, ids),
  });
}

export const securedStatement = (
  bound: BoundQuery,
  secured: SecuredPlan,
  scope: BindScope,
): SecuredStatement => ({
  plan: secured.plan,
  output: bound.output,
  catalog: scope.catalog,
  spool: mayRaiseOverRestricted(secured.plan),
});

/** A version that was just saved through another gateway is here within a moment: worth waiting for. */
async function reachVersion({ policies }: GovernDeps, { minPolicyVersion }: StatementRequest): Promise<void> {
  if (minPolicyVersion === undefined || policies.current().version >= minPolicyVersion) return;
  await policies.waitForNewer(minPolicyVersion - 1);
}

function requireVersion(scope: BindScope, request: StatementRequest): void {
  if (request.minPolicyVersion === undefined || scope.policies.version >= request.minPolicyVersion) return;
  throw new GovernanceError(
    'POLICY_VERSION_BEHIND',
    'This gateway has not reached that policy version yet.',
    {
      retryable: true,
      retryAfterSeconds: 1,
      remedy: 'Try again in a moment.',
    },
  );
}
