/**
 * UPDATE, DELETE and MERGE, from bound to secured: a query that holds all of their expressions takes the way of every query.
 * On top of that come the right to the target, tags, and what must not go back.
 */
import { foldName, type TableMeta } from '../../core/catalog/catalog.js';
import { type StatementLineage, statementLineage } from '../../core/lineage/lineage.js';
import type { BoundQuery, Plan } from '../../core/plan/plan.js';
import type { BoundRowChange } from '../../core/plan/write.js';
import type { Decision } from '../../core/policy/decision.js';
import { changeQuery, securedChange } from '../../core/rewrite/row-change.js';
import type { PreparedChange, SecuredRowChange } from '../../engines/engine.js';
import type { BindScope } from '../bind-context.js';
import { decideFor, requireAllowed } from '../decide-statement.js';
import { governanceOf, refuseDeniedPredicates } from '../governance.js';
import type { Governance } from '../statement.js';
import type { ColumnTags } from '../table-commits.js';
import { decideTarget } from './decide-write.js';
import { type DecidedRows, decideRows } from './govern-write.js';

/** A change of rows that was decided, secured and judged. */
export interface GovernedChange {
  readonly bound: BoundRowChange;
  readonly existing: TableMeta;
  readonly scope: BindScope;
  readonly tags: readonly ColumnTags[];
  readonly prepared: PreparedChange;
}

export interface DecidedChange {
  readonly bound: BoundRowChange;
  /** All of its expressions. */
  readonly query: BoundQuery;
  readonly decision: Decision;
  readonly existing: TableMeta;
  readonly rows: DecidedRows;
}

/** Of SQL. The right first: who may not write is told that and no more. */
export function decideChange(bound: BoundRowChange, scope: BindScope): DecidedChange {
  decideTarget(bound, scope);
  const { query } = changeQuery(bound);
  const decision = decideFor(query, scope);
  requireAllowed(decision, scope.decisionId);
  refuseDeniedPredicates(query, decision);
  return decideChanged(bound, query, scope, decision, statementLineage(query.plan, query.output));
}

/** `query` is what `changeQuery` made, and decided on; `lineage` is that of its outputs. */
export function decideChanged(
  bound: BoundRowChange,
  query: BoundQuery,
  scope: BindScope,
  decision: Decision,
  lineage: StatementLineage,
): DecidedChange {
  const { existing } = decideTarget(bound, scope);
  if (existing === undefined) throw new Error('a change of rows of no table');
  // What it brings along is the same as if the rows came to the table.
  const { target, columns } = bound;
  const rows = decideRows(
    { kind: 'table-write', target, mode: 'append', format: 'delta', columns, source: query },
    scope,
    decision,
    existing,
    columnLineage(lineage, columns),
  );
  return { bound, query, decision, existing, rows };
}

/** For each column of the table what any clause gives it. */
function columnLineage(lineage: StatementLineage, columns: BoundRowChange['columns']): StatementLineage {
  const inputsOf = (name: string) =>
    lineage.outputs
      .filter((output) => foldName(output.name) === foldName(name))
      .flatMap(({ inputs }) => inputs);
  return { ...lineage, outputs: columns.map(({ name }) => ({ name, inputs: inputsOf(name) })) };
}

/** `plan`: what its query became. */
export const secureChange = (
  { bound, query }: DecidedChange,
  plan: Plan,
  { catalog }: BindScope,
): SecuredRowChange => ({
  // What is computed for a row is computed above its leaf, so row rules are fenced off.
  query: { plan, output: query.output, catalog, spool: true },
  change: securedChange(bound, plan),
});

export function changeGovernance({ bound, decision, rows }: DecidedChange, scope: BindScope): Governance {
  const read = governanceOf(decision, scope.decisionId);
  return {
    ...read,
    written: { object: bound.target.object, mode: bound.kind },
    notices: [...read.notices, ...rows.notices],
  };
}
