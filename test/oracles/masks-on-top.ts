/**
 * The classic mistake as a fault: leaves show raw values and the masks are put on what comes out, so that
 * WHERE, JOIN, GROUP BY and ORDER BY see what they should not.
 */
import type { ColumnId, Expr, Plan, ProjectItem } from '../../src/core/plan/plan.js';
import { exprChildren, mapExpr, mapPlan, outputColumns } from '../../src/core/plan/traverse.js';
import type { SecuredPlan } from '../../src/core/rewrite/secure.js';
import { unmask } from './faults.js';

/** Where every output item of the top projection is a leaf's column as it is: they can be masked there. */
export function masksOnTop(secured: SecuredPlan): SecuredPlan {
  const masks = new Map<ColumnId, ProjectItem>();
  const plan = mapPlan(secured.plan, {
    plan: (node) => {
      if (node.kind !== 'secured') return node;
      for (const item of node.items) if (item.expr.kind !== 'column') masks.set(item.column.id, item);
      return unmask(node, () => true);
    },
  });
  if (masks.size === 0) return secured;
  const top = onTop(plan, masks, rawToShown(plan));
  return top === undefined ? secured : { ...secured, plan: top };
}

/** Raw columns are known above the leaf by the id of the item that shows them. */
function rawToShown(plan: Plan): ReadonlyMap<ColumnId, ColumnId> {
  const shown = new Map<ColumnId, ColumnId>();
  mapPlan(plan, {
    plan: (node) => {
      if (node.kind === 'secured')
        for (const item of node.items)
          if (item.expr.kind === 'column') shown.set(item.expr.id, item.column.id);
      return node;
    },
  });
  return shown;
}

function onTop(
  plan: Plan,
  masks: ReadonlyMap<ColumnId, ProjectItem>,
  shown: ReadonlyMap<ColumnId, ColumnId>,
): Plan | undefined {
  if (plan.kind === 'with' || plan.kind === 'limit' || plan.kind === 'sort') {
    const input = onTop(plan.input, masks, shown);
    return input && { ...plan, input };
  }
  if (plan.kind !== 'project' || !usesMask(outputColumns(plan.input), masks)) return undefined;
  let changed = false;
  const items = plan.items.map((item) => {
    if (!plain(item.expr)) return item;
    const expr = mapExpr(item.expr, {
      expr: (node) => {
        const mask = node.kind === 'column' ? masks.get(node.id) : undefined;
        if (mask === undefined) return node;
        changed = true;
        return overShown(mask.expr, shown);
      },
    });
    return { ...item, expr };
  });
  return changed ? { ...plan, items } : undefined;
}

const usesMask = (
  columns: readonly { readonly id: ColumnId }[],
  masks: ReadonlyMap<ColumnId, ProjectItem>,
): boolean => columns.some((column) => masks.has(column.id));

const plain = (expr: Expr): boolean => !('plan' in expr) && exprChildren(expr).every(plain);

const overShown = (expr: Expr, shown: ReadonlyMap<ColumnId, ColumnId>): Expr =>
  mapExpr(expr, {
    expr: (node) => (node.kind === 'column' ? { ...node, id: shown.get(node.id) ?? node.id } : node),
  });
