/**
 * Does a statement have to be spooled? An optimiser may evaluate an expression of the user's before the row
 * filter, so an expression that can raise over a leaf with hidden rows or masked columns can tell of them by
 * its error. Such a statement runs to its end before anything leaves, and once more over copies if it fails
 * (DESIGN section 4).
 *
 * Conservative: where expressions stand does not matter. Joins, subqueries and pushed-down conditions bring
 * any expression of the statement next to any leaf, so one raising expression and one restricted leaf
 * anywhere are enough.
 */
import type { Expr, Plan } from '../plan/plan.js';
import { outputColumns, walkPlan } from '../plan/traverse.js';
import type { DataType } from '../plan/types.js';
import { castMayRaise } from '../sql/duckdb/cast.js';
import { functionTable } from '../sql/functions/table.js';
import { constantCastSucceeds } from './constant-cast.js';

/**
 * True when an expression that may raise and a restricted leaf are both in the plan, inside row rules and
 * masks included.
 */
export function mayRaiseOverRestricted(plan: Plan): boolean {
  let restricted = false;
  let raising = false;
  walkPlan(plan, {
    plan: (node) => {
      if (node.kind === 'secured' && (node.filter !== undefined || node.items.some(isMask)))
        restricted = true;
      // Past its limits it is an error.
      if (node.kind === 'recursion') raising = true;
    },
    expr: (expr) => {
      raising = raising || mayRaise(expr);
    },
  });
  return restricted && raising;
}

const isMask = (item: { readonly expr: Expr }): boolean => item.expr.kind !== 'column';

/** Can this node itself raise over some input? Its operands are asked apart. */
function mayRaise(expr: Expr): boolean {
  switch (expr.kind) {
    case 'call':
    case 'aggregate-call':
    case 'window-call':
      return (
        functionTable.lookup(expr.fn)?.mayRaise(
          expr.args.map((arg) => arg.type),
          expr.args,
        ) ?? true
      );
    case 'cast':
      return !expr.try && castMayRaise(expr.operand.type, expr.type) && !certain(expr.operand, expr.type);
    case 'scalar-subquery':
      return !givesOneRow(expr.plan);
    default:
      return false;
  }
}

const certain = (operand: Expr, to: DataType): boolean =>
  operand.kind === 'literal' && constantCastSucceeds(operand, to);

/** Sure to give at most one row: an aggregation of everything, or one row of constants. */
function givesOneRow(plan: Plan): boolean {
  switch (plan.kind) {
    case 'one-row':
      return true;
    case 'values':
      return plan.rows.length <= 1;
    case 'aggregate':
      return plan.keys.length === 0 && (plan.groupingSets === undefined || plan.groupingSets.length <= 1);
    case 'limit':
      return (plan.limit !== undefined && plan.limit <= 1) || givesOneRow(plan.input);
    case 'project':
    case 'filter':
    case 'sort':
    case 'distinct':
    case 'window':
    case 'with':
      return outputColumns(plan).length > 0 && givesOneRow(plan.input);
    default:
      return false;
  }
}
