/**
 * Binding: from what was written to what it means. Names become ids, stars columns, types are worked out; a
 * name that the principal may not know is unknown. Spark's analyzer in small, over our own catalogue.
 */
import { GovernanceError } from '../errors.js';
import type { BoundQuery, Expr, ScanColumn } from '../plan/plan.js';
import { outputColumns } from '../plan/traverse.js';
import type { Expression, Query } from '../sql/ast.js';
import { type BindContext, Binder } from './context.js';
import { bindCondition as bindConditionIn } from './expression.js';
import { bindQueryIn } from './query.js';

export type { BindContext, BoundTable, ParameterValue } from './context.js';

/** Throws GovernanceError with the position of what does not make sense. */
export function bindQuery(query: Query, context: BindContext): BoundQuery {
  const binder = new Binder(context);
  const { plan } = bindQueryIn(query, binder, undefined, new Map());
  return { plan, output: outputColumns(plan), leaves: binder.leaves };
}

/** A row rule over the raw columns of one table: boolean, without aggregates and windows. */
export function bindCondition(
  expression: Expression,
  columns: readonly ScanColumn[],
  context: BindContext,
): Expr {
  const binder = new Binder(context);
  const bound = bindConditionIn(expression, {
    binder,
    scope: { visible: columns, bindings: [], ctes: new Map() },
    clause: 'a row rule',
    aggregates: false,
    windows: false,
  });
  if (bound.type.kind !== 'boolean') {
    throw new GovernanceError('TYPE_MISMATCH', 'A row rule must be a condition.', {
      position: expression.at,
    });
  }
  return bound;
}
