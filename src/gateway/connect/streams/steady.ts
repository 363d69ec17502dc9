/**
 * What of a stream is fixed at its start. A moment in a row rule or in SQL would be that of the start for as long as the
 * stream runs, so there must be none; and tables that are read beside the stream are the files of then.
 */
import type { ObjectId } from '../../../core/catalog/catalog.js';
import { notAllowed } from '../../../core/plan/connect/require-allowed.js';
import { walkPlan } from '../../../core/plan/traverse.js';
import { planHash } from '../../../core/rewrite/plan-hash.js';
import type { SecuredPlan } from '../../../core/rewrite/secure.js';
import type { BindScope } from '../../bind-context.js';
import { secure } from '../../govern.js';
import type { Caller } from '../../statement.js';
import { bindPlan } from '../bind-plan.js';
import type { ClientSession } from '../connect-session.js';
import { type GovernedPlan, type PlanDeps, planScope } from '../govern-plan.js';
import type { BoundLeaf } from '../plan-leaf.js';
import { withNamedTables } from '../secure-plan.js';
import { ZONE_SETTING } from '../zone-guard.js';

/** No rule that speaks of a moment can mean the same so much later. */
const LATER_MS = 401 * 86_400_000 + 13 * 3_600_000 + 17 * 60_000 + 19_000;

/** Versions of the tables that are read as of the start. Throws when the plan means something else at another time. */
export function fixedAtStart(
  deps: PlanDeps,
  caller: Caller,
  session: ClientSession,
  governed: GovernedPlan,
): ReadonlyMap<ObjectId, string> {
  const scope = planScope(deps, caller, session);
  const secured = securedLeaves(deps, session, governed, scope);
  const later = { ...scope, now: new Date(scope.now.getTime() + LATER_MS) };
  const hashes = (leaves: readonly Leaf[]): string => leaves.map(({ plan }) => planHash(plan.plan)).join();
  if (hashes(secured) !== hashes(securedLeaves(deps, session, governed, later))) {
    throw notAllowed(
      'A stream over a row rule or SQL that speaks of the present moment',
      'Read the table in batches. In the DataFrame, F.current_timestamp() is that of each batch.',
    );
  }
  const tables = new Map<ObjectId, string>();
  for (const { leaf, plan } of secured) {
    const streamed = leaf.stream === undefined ? undefined : leaf.bound.leaves[0]?.leaf;
    walkPlan(plan.plan, {
      plan: (node) => {
        if (node.kind !== 'secured' || node.leaf === streamed) return;
        const version = scope.catalog.tables.get(node.table)?.version;
        if (version !== undefined) tables.set(node.table, version);
      },
    });
  }
  return tables;
}

interface Leaf {
  readonly leaf: BoundLeaf;
  readonly plan: SecuredPlan;
}

function securedLeaves(
  { schema }: PlanDeps,
  session: ClientSession,
  { plan, decision, write }: GovernedPlan,
  scope: BindScope,
): readonly Leaf[] {
  const { leaves } = bindPlan(plan, schema, scope, session.settings.get(ZONE_SETTING), write !== undefined);
  return [...leaves.values()].map((leaf) => {
    const own = withNamedTables(leaf, decision, scope);
    return { leaf, plan: secure(leaf.bound, own.decision, own.scope) };
  });
}
