/**
 * Ways in which a rewriter goes wrong, as changes to a correct secured plan. The oracles must notice every
 * one of them; a fault that does not apply to a plan gives it back unchanged (the same object).
 */

import { foldName } from '../../src/core/catalog/catalog.js';
import type { Expr, Plan, ProjectItem, Secured } from '../../src/core/plan/plan.js';
import { mapPlan } from '../../src/core/plan/traverse.js';
import { booleanOf, callOf, columnOf, nullOf } from '../../src/core/rewrite/expressions.js';
import type { SecuredPlan } from '../../src/core/rewrite/secure.js';

export interface Fault {
  readonly name: string;
  apply(secured: SecuredPlan): SecuredPlan;
}

/** Changes the secured leaves that `pick` wants; the rest of the plan stays. */
function onLeaves(name: string, change: (leaf: Secured, index: number) => Secured): Fault {
  return {
    name,
    apply: (secured) => {
      const byRule = new Set(secured.leaves.filter((leaf) => leaf.byRule).map((leaf) => leaf.leaf));
      let index = -1;
      let changed = false;
      const plan = mapPlan(secured.plan, {
        plan: (node) => {
          if (node.kind !== 'secured' || byRule.has(node.leaf)) return node;
          index += 1;
          const broken = change(node, index);
          if (broken !== node) changed = true;
          return broken;
        },
      });
      return changed ? { ...secured, plan } : secured;
    },
  };
}

const withoutFilter = ({ filter: _, ...leaf }: Secured): Secured => leaf;

/** The raw column behind an item, read although the item did not need it. */
function rawItem(leaf: Secured, item: ProjectItem): { leaf: Secured; expr: Expr } {
  const known = leaf.raw.find((column) => foldName(column.source) === foldName(item.column.name));
  const raw = known ?? { ...item.column, id: item.column.id + 100_000, source: item.column.name };
  return { leaf: known ? leaf : { ...leaf, raw: [...leaf.raw, raw] }, expr: columnOf(raw) };
}

const isMasked = (item: ProjectItem): boolean => item.expr.kind !== 'column';

function unmask(leaf: Secured, which: (item: ProjectItem, masked: number) => boolean): Secured {
  let current = leaf;
  let masked = 0;
  const items = leaf.items.map((item) => {
    if (!isMasked(item)) return item;
    masked += 1;
    if (!which(item, masked)) return item;
    const raw = rawItem(current, item);
    current = raw.leaf;
    return { ...item, expr: raw.expr };
  });
  return items.some((item, i) => item !== leaf.items[i]) ? { ...current, items } : leaf;
}

/** The filter's own operands, when it is an AND or OR that the rewriter put together. */
const swapped = (filter: Expr, from: 'and' | 'or', to: 'and' | 'or'): Expr | undefined =>
  filter.kind === 'call' && filter.fn === from ? callOf(to, filter.args) : undefined;

export const FAULTS: readonly Fault[] = [
  onLeaves('a row filter is forgotten', (leaf) => (leaf.filter ? withoutFilter(leaf) : leaf)),
  onLeaves('the second reference to a table stays unfiltered', (leaf, i) =>
    i > 0 && leaf.filter ? withoutFilter(leaf) : leaf,
  ),
  onLeaves('every mask is forgotten', (leaf) => unmask(leaf, () => true)),
  onLeaves('one mask is forgotten', (leaf) => unmask(leaf, (_, n) => n === 1)),
  onLeaves('the second reference to a table stays unmasked', (leaf, i) =>
    i > 0 ? unmask(leaf, () => true) : leaf,
  ),
  onLeaves('an unknown row rule counts as true', (leaf) =>
    leaf.filter ? { ...leaf, filter: callOf('not', [callOf('is_false', [leaf.filter])]) } : leaf,
  ),
  onLeaves('row rules are OR where they should be AND', (leaf) => {
    const filter = leaf.filter && swapped(leaf.filter, 'and', 'or');
    return filter ? { ...leaf, filter } : leaf;
  }),
  onLeaves('row rules are AND where they should be OR', (leaf) => {
    const filter = leaf.filter && swapped(leaf.filter, 'or', 'and');
    return filter ? { ...leaf, filter } : leaf;
  }),
  onLeaves('the last row rule is dropped', (leaf) =>
    leaf.filter?.kind === 'call' && ['and', 'or'].includes(leaf.filter.fn) && leaf.filter.args[0]
      ? { ...leaf, filter: leaf.filter.args[0] }
      : leaf,
  ),
  onLeaves('a row filter is negated', (leaf) =>
    leaf.filter ? { ...leaf, filter: callOf('not', [leaf.filter]) } : leaf,
  ),
  onLeaves('nothing passes any more', (leaf) => ({ ...leaf, filter: booleanOf(false) })),
  onLeaves('a column that is clear becomes NULL', (leaf) => {
    const clear = leaf.items.findIndex((item) => !isMasked(item));
    if (clear < 0) return leaf;
    const items = leaf.items.map((item, i) =>
      i === clear ? { ...item, expr: nullOf(item.column.type) } : item,
    );
    return { ...leaf, items };
  }),
  {
    name: 'masks are put on the result instead of the leaf',
    apply: (secured) => maskOnTop(secured),
  },
];

/** Leaves show raw values, the final projection masks: WHERE, JOIN and GROUP BY see what they should not. */
function maskOnTop(secured: SecuredPlan): SecuredPlan {
  const top = secured.plan;
  if (top.kind !== 'project' || top.input.kind !== 'filter' || top.input.input.kind !== 'secured')
    return secured;
  const leaf = top.input.input;
  const bare = unmask(leaf, () => true);
  if (bare === leaf) return secured;
  const items = leaf.items.map((item) => ({
    ...item,
    column: { ...item.column, id: item.column.id + 200_000 },
  }));
  const shown = new Map(leaf.items.map((item, i) => [item.column.id, items[i]?.column]));
  const rawToShown = new Map(bare.raw.map((raw) => [raw.id, leafColumn(bare, raw.id)]));
  const project: Plan = {
    kind: 'project',
    input: { ...top.input, input: bare },
    items: items.map((item) => ({ ...item, expr: renamed(item.expr, rawToShown) })),
  };
  return {
    ...secured,
    plan: {
      ...top,
      input: project,
      items: top.items.map((item) => ({ ...item, expr: renamed(item.expr, shown) })),
    },
  };
}

const leafColumn = (leaf: Secured, rawId: number): Secured['items'][number]['column'] | undefined =>
  leaf.items.find((item) => item.expr.kind === 'column' && item.expr.id === rawId)?.column;

function renamed(expr: Expr, ids: ReadonlyMap<number, { readonly id: number } | undefined>): Expr {
  const holder: Plan = { kind: 'filter', input: { kind: 'one-row' }, condition: expr };
  const mapped = mapPlan(holder, {
    expr: (node) => (node.kind === 'column' ? { ...node, id: ids.get(node.id)?.id ?? node.id } : node),
  });
  if (mapped.kind !== 'filter') throw new Error('a filter became something else');
  return mapped.condition;
}
