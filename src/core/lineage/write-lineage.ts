/** Column lineage of writes: the columns of a table come from those of the rows that are put into it. */

import type { Expr, Plan } from '../plan/plan.js';
import type { BoundRowChange, BoundTableWrite, RowAction } from '../plan/write.js';
import { expressionDependencies } from './expression.js';
import { type Dependencies, indirect, NOTHING, through, union } from './flow.js';
import { lineageOf, type StatementLineage, statementLineage, Tracer } from './lineage.js';

/** `plan`: the secured plan of the source. */
export function tableWriteLineage({ source, columns }: BoundTableWrite, plan: Plan): StatementLineage {
  const output = source.output.map((column, i) => ({ ...column, name: columns[i]?.name ?? column.name }));
  return statementLineage(plan, output);
}

/** UPDATE, DELETE and MERGE; `target` and `source` as they were secured. */
export function rowChangeLineage(
  change: BoundRowChange,
  target: Plan,
  source: Plan | undefined,
): StatementLineage {
  const tracer = new Tracer();
  tracer.plan(target);
  if (source !== undefined) tracer.plan(source);
  const from = (expr: Expr | undefined): Dependencies =>
    expr === undefined ? NOTHING : expressionDependencies(expr, tracer);
  const values = new Map<string, Dependencies[]>();
  const steering = [tracer.effects(), through(indirect('JOIN'), from(change.on))];
  for (const { condition, action } of change.clauses) {
    steering.push(through(indirect('FILTER'), from(condition)));
    for (const { column, value } of valuesOf(action)) {
      values.set(column, [...(values.get(column) ?? []), from(value)]);
    }
  }
  const outputs = [...values].map(([name, parts]) => ({ name, from: union(parts) }));
  return lineageOf(outputs, union(steering), false);
}

const valuesOf = (action: RowAction) => (action.kind === 'delete' ? [] : action.values);
