/**
 * Which columns a plan uses, and the highest ids in it. Used to leave unused columns out of secured leaves:
 * what is not projected cannot leak, and the engine reads less.
 */
import type { BoundQuery, ColumnId, Expr, LeafId, Plan, ProjectItem } from '../plan/plan.js';
import { outputColumns, walkExpr, walkPlan } from '../plan/traverse.js';

/** Columns that an expression, the result or a by-position consumer of the whole query uses. */
export function usedColumns(
  root: BoundQuery | { readonly items: readonly ProjectItem[]; readonly filter?: Expr | undefined },
): ReadonlySet<ColumnId> {
  const used = new Set<ColumnId>();
  const visitor = {
    expr: (expr: Expr) => {
      if (expr.kind === 'column') used.add(expr.id);
      // A subquery hands its columns on by position.
      if ('plan' in expr) markOutput(expr.plan, used);
    },
    plan: (plan: Plan) => markByPosition(plan, used),
  };
  if ('plan' in root) {
    for (const column of root.output) used.add(column.id);
    walkPlan(root.plan, visitor);
  } else {
    for (const item of root.items) walkExpr(item.expr, visitor);
    if (root.filter !== undefined) walkExpr(root.filter, visitor);
  }
  return used;
}

/** Nodes that take columns by position or as a whole use every column of their input. */
function markByPosition(plan: Plan, used: Set<ColumnId>): void {
  switch (plan.kind) {
    case 'set-operation':
      markOutput(plan.left, used);
      markOutput(plan.right, used);
      break;
    case 'recursion':
      markOutput(plan.anchor, used);
      markOutput(plan.step, used);
      break;
    case 'distinct':
      markOutput(plan.input, used);
      break;
    case 'cte-ref':
      for (const column of plan.columns) used.add(column.source);
      break;
    default:
      break;
  }
}

function markOutput(plan: Plan, used: Set<ColumnId>): void {
  for (const column of outputColumns(plan)) used.add(column.id);
}

/** The highest column id anywhere in the statement. */
export function columnIdMax(bound: BoundQuery): ColumnId {
  let max = 0;
  const see = (id: ColumnId) => {
    if (id > max) max = id;
  };
  walkPlan(bound.plan, {
    plan: (plan) => {
      for (const column of outputColumns(plan)) see(column.id);
    },
    expr: (expr) => {
      if (expr.kind === 'column' || expr.kind === 'lambda-variable') see(expr.id);
      if (expr.kind === 'lambda') for (const parameter of expr.parameters) see(parameter.id);
    },
  });
  return max;
}

/** The highest leaf id in the statement. */
export const leafIdMax = (bound: BoundQuery): LeafId =>
  bound.leaves.reduce((max, leaf) => Math.max(max, leaf.leaf), 0);
