/** A governed DataFrame plan as lineage sees it: leaves as they were secured, what is above them by names. */

import { planLineage, tracePlan } from '../../core/lineage/connect/plan-lineage.js';
import type { LeafPlan, TracedPlan } from '../../core/lineage/connect/plan-tracer.js';
import type { StatementLineage } from '../../core/lineage/lineage.js';
import { rowChangeLineage } from '../../core/lineage/write-lineage.js';
import type { PlanMessage } from '../../core/plan/connect/message.js';
import type { BoundRowChange, TargetColumn } from '../../core/plan/write.js';
import { printType } from '../../core/sql/print-literal.js';
import type { SecuredStatement } from '../../engines/engine.js';
import type { NamedType, ToldStatement } from '../lineage-teller.js';
import { writtenTable } from '../told-statement.js';
import type { GovernedWrite } from '../write/prepare-write.js';
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
      approximate: made.code !== undefined,
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

/** The part of a governed plan that only a write has. */
interface WritingPlan {
  readonly write?: Pick<GovernedWrite, 'into'>;
  readonly change?: {
    readonly bound: Pick<BoundRowChange, 'columns'>;
    readonly prepared: { readonly change: { readonly query: Pick<SecuredStatement, 'output'> } };
  };
}

export function toldPlan(shape: string, engine: string, plan: GovernedPlan & WritingPlan): ToldStatement {
  const { planHash, governance, objects, trace } = plan;
  const target = writtenTable(governance);
  const told = { shape, planHash, engine, governance, objects };
  if (target === undefined) {
    const namesOf = (schema: readonly NamedType[] | undefined) => schema?.map(({ name }) => name);
    return { ...told, lineage: (schema) => planLineage(trace(), namesOf(schema)) };
  }
  const columns = plan.write?.into?.write.columns ?? plan.change?.bound.columns ?? [];
  return {
    ...told,
    target,
    schema: columns.map(({ name, type }) => ({ name, type: printType(type) })),
    lineage: () => writtenLineage(trace(), columns, plan),
  };
}

/** Of a table that is dropped nothing comes; of rows that are changed, what any clause gives a column. */
function writtenLineage(
  trace: TracedPlan,
  columns: readonly TargetColumn[],
  { change }: WritingPlan,
): StatementLineage {
  const names = change?.prepared.change.query.output ?? columns;
  const lineage = planLineage(
    trace,
    names.map(({ name }) => name),
  );
  return rowChangeLineage(lineage, columns);
}
