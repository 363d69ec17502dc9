/** A governed DataFrame plan as lineage sees it: leaves as they were secured, what is above them by names. */
import { planLineage, tracePlan } from '../../core/lineage/connect/plan-lineage.js';
import type { LeafPlan, TracedPlan } from '../../core/lineage/connect/plan-tracer.js';
import type { PlanMessage } from '../../core/plan/connect/message.js';
import type { ToldStatement } from '../lineage-teller.js';
import type { BoundPlan } from './bind-plan.js';
import type { KeptResult } from './connect-session.js';
import type { GovernedPlan } from './govern-plan.js';
import { COLUMNS_SEEN, marksOf } from './plan-leaf.js';
import type { SecuredConnectPlan } from './secure-plan.js';

export interface TraceInput {
  /** With views put in. */
  readonly plan: PlanMessage;
  readonly bound: BoundPlan;
  readonly secured: SecuredConnectPlan;
  /** Results in it that the server keeps, by the ids that the client knows. */
  readonly kept: ReadonlyMap<string, KeptResult>;
  readonly policyVersion: number;
}

export function traceOf({ plan, bound, secured, kept, policyVersion }: TraceInput): TracedPlan {
  const leaves = new Map<PlanMessage, LeafPlan>();
  for (const [relation, { bound: query, alias, named }] of bound.leaves) {
    const made = secured.leaves.get(relation);
    if (made === undefined) throw new Error('a leaf was not secured');
    leaves.set(relation, {
      plan: made.plan,
      output: query.output,
      qualifier: alias === undefined ? [] : [...alias.qualifier, alias.name],
      named: new Map(named.map(({ table, key }) => [table.id, key])),
    });
  }
  return tracePlan(
    plan,
    {
      leaf: (relation) => leaves.get(relation),
      kept: (id) => kept.get(id)?.trace(),
      columnNames: (relation) => {
        const seen = marksOf(relation)[COLUMNS_SEEN];
        // Under other policies it may have had other columns.
        return seen?.policyVersion === policyVersion ? seen.columns.map(({ name }) => name) : undefined;
      },
    },
    [...leaves.values()],
  );
}

export const toldPlan = (
  shape: string,
  engine: string,
  { planHash, governance, objects, trace }: GovernedPlan,
): ToldStatement => ({
  shape,
  planHash,
  engine,
  governance,
  objects,
  lineage: (schema) =>
    planLineage(
      trace(),
      schema?.map(({ name }) => name),
    ),
});
