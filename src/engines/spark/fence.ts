/**
 * Does a statement need a fence over its row rules? An optimiser may bring an expression of the user's below a row
 * rule; one that raises there tells of hidden rows. Spark leaves conditions over something that is not deterministic
 * where they are, so a fence keeps them out, at the price of what a scan could have skipped for them.
 *
 * Closed the safe way round: without a fence only what is known never to raise, under Spark's ANSI rules.
 */
import type { CastExpr, Expr, Plan } from '../../core/plan/plan.js';
import { exprChildren, exprPlan, planChildren, planExpressions } from '../../core/plan/traverse.js';

/** Total over all values. */
const SAFE = new Set(
  `and or not = <> < <= > >= <=> is_null is_not_null is_true is_false like ilike coalesce nvl nvl2 if
   upper lower length trim ltrim rtrim concat greatest least nullif isnan startswith endswith contains
   year month day quarter hour minute second`.split(/\s+/),
);
/** Computed after every row rule: nothing moves an aggregation below a condition. Their arguments are asked apart. */
const SAFE_AGGREGATES = new Set('count count_if min max any_value bool_and bool_or'.split(' '));
const SIZE: Readonly<Record<string, number>> = { tinyint: 1, smallint: 2, int: 3, bigint: 4 };

export function needsFence(plan: Plan): boolean {
  // Masks and row rules are total, or their author's own.
  if (plan.kind === 'secured') return false;
  return planExpressions(plan).some(mayRaise) || planChildren(plan).some(needsFence);
}

function mayRaise(expr: Expr): boolean {
  if (!isSafe(expr)) return true;
  const inner = exprPlan(expr);
  return exprChildren(expr).some(mayRaise) || (inner !== undefined && needsFence(inner));
}

function isSafe(expr: Expr): boolean {
  switch (expr.kind) {
    case 'literal':
    case 'column':
    case 'case':
    case 'in-list':
    case 'exists':
    case 'in-subquery':
    case 'grouping':
      return true;
    case 'call':
      return SAFE.has(expr.fn);
    case 'aggregate-call':
      return SAFE_AGGREGATES.has(expr.fn);
    case 'cast':
      return expr.try || castIsSafe(expr);
    default:
      return false;
  }
}

function castIsSafe({ operand, type }: CastExpr): boolean {
  const from = operand.type.kind;
  const to = type.kind;
  if (from === to && from !== 'decimal' && SIZE[from] === undefined)
    return to === 'string' || to === 'double';
  if (to === 'string') return from !== 'binary';
  const [small, large] = [SIZE[from], SIZE[to]];
  if (small !== undefined && large !== undefined) return small <= large;
  return (from === 'float' && to === 'double') || from === 'void';
}
