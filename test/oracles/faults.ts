/**
 * Ways in which governance goes wrong on the way of a statement. The oracles must notice every one of them;
 * a fault that does not apply gives back the object that it got.
 */
import { foldName } from '../../src/core/catalog/catalog.js';
import { type Expr, type Plan, type ProjectItem, type Secured } from '../../src/core/plan/plan.js';
import { mapExpr, mapPlan, walkExpr, walkPlan } from '../../src/core/plan/traverse.js';
import { sameType } from '../../src/core/plan/types.js';
import type { ColumnDecision, Decision, TableDecision } from '../../src/core/policy/decision.js';
import { booleanOf, callOf, columnOf, nullOf } from '../../src/core/rewrite/expressions.js';
import type { SecuredPlan } from '../../src/core/rewrite/secure.js';
import type { Fault } from './ask.js';
import { masksOnTop } from './masks-on-top.js';

type ChangeLeaf = (leaf: Secured, index: number) => Secured;

/** Changes the secured leaves that `change` wants; leaves that stand in a row rule are not among them. */
function onLeaves(name: string, change: ChangeLeaf, pick: PickLeaves = leavesOf): Fault {
  return {
    name,
    plan: (secured) => {
      const byRule = new Set(secured.leaves.filter((leaf) => leaf.byRule).map((leaf) => leaf.leaf));
      const picked = pick(secured.plan);
      let index = -1;
      let changed = false;
      const plan = mapPlan(secured.plan, {
        plan: (node) => {
          if (node.kind !== 'secured' || byRule.has(node.leaf)) return node;
          index += 1;
          const broken = picked.has(node.leaf) ? change(node, index) : node;
          if (broken !== node) changed = true;
          return broken;
        },
      });
      return changed ? { ...secured, plan } : secured;
    },
  };
}

type PickLeaves = (plan: Plan) => ReadonlySet<number>;

const leavesOf: PickLeaves = (plan) => {
  const found = new Set<number>();
  walkPlan(plan, {
    plan: (node) => {
      if (node.kind === 'secured') found.add(node.leaf);
    },
  });
  return found;
};
const leavesBelow = (plans: readonly Plan[]): ReadonlySet<number> =>
  new Set(plans.flatMap((plan) => [...leavesOf(plan)]));

const inSubqueries: PickLeaves = (plan) => {
  const plans: Plan[] = [];
  walkPlan(plan, {
    expr: (expr) => {
      if ('plan' in expr) plans.push(expr.plan);
    },
  });
  return leavesBelow(plans);
};
const where =
  (below: (node: Plan) => readonly Plan[]): PickLeaves =>
  (plan) => {
    const plans: Plan[] = [];
    walkPlan(plan, {
      plan: (node) => {
        plans.push(...below(node));
      },
    });
    return leavesBelow(plans);
  };

const withoutFilter = (leaf: Secured): Secured => {
  const { filter, ...rest } = leaf;
  return filter === undefined ? leaf : rest;
};
const isMasked = (item: ProjectItem): boolean => item.expr.kind !== 'column';

/** The items that `which` names show the raw column, which is read for them if it was not. */
export function unmask(leaf: Secured, which: (item: ProjectItem, masked: number) => boolean): Secured {
  let { raw } = leaf;
  let masked = 0;
  const items = leaf.items.map((item) => {
    if (!isMasked(item)) return item;
    masked += 1;
    if (!which(item, masked)) return item;
    const known = raw.find((column) => foldName(column.source) === foldName(item.column.name));
    const column = known ?? { ...item.column, id: item.column.id + 100_000, source: item.column.name };
    if (known === undefined) raw = [...raw, column];
    return { ...item, expr: columnOf(column) };
  });
  return items.some((item, i) => item !== leaf.items[i]) ? { ...leaf, raw, items } : leaf;
}
const bare: ChangeLeaf = (leaf) => unmask(withoutFilter(leaf), () => true);

/** The filter's own operands, when it is an AND or OR: put together differently somewhere in it. */
function swapped(leaf: Secured, from: 'and' | 'or', to: 'and' | 'or'): Secured {
  const { filter } = leaf;
  if (filter?.kind !== 'call') return leaf;
  if (filter.fn === from) return { ...leaf, filter: callOf(to, filter.args) };
  // OR over permissive rules stands below the AND over scopes.
  const i = filter.fn === 'and' ? filter.args.findIndex((a) => a.kind === 'call' && a.fn === from) : -1;
  const inner = filter.args[i];
  if (inner?.kind !== 'call') return leaf;
  return { ...leaf, filter: callOf('and', filter.args.with(i, callOf(to, inner.args))) };
}

/** Row rules look at what the mask leaves of a column. */
function filterOverMasks(leaf: Secured): Secured {
  if (leaf.filter === undefined) return leaf;
  const masks = new Map<number, Expr>();
  for (const item of leaf.items) {
    if (!isMasked(item)) continue;
    const raw = leaf.raw.find((column) => foldName(column.source) === foldName(item.column.name));
    if (raw !== undefined) masks.set(raw.id, item.expr);
  }
  let changed = false;
  const filter = mapExpr(leaf.filter, {
    expr: (node) => {
      const mask = node.kind === 'column' ? masks.get(node.id) : undefined;
      if (mask !== undefined) changed = true;
      return mask ?? node;
    },
  });
  return changed ? { ...leaf, filter } : leaf;
}

/** Two columns of one type change their expressions. */
function exchanged(leaf: Secured): Secured {
  const i = leaf.items.findIndex(isMasked);
  const one = leaf.items[i];
  const j = leaf.items.findIndex(
    (item, n) => n !== i && one !== undefined && sameType(item.column.type, one.column.type),
  );
  const other = leaf.items[j];
  if (one === undefined || other === undefined) return leaf;
  const items = leaf.items.with(i, { ...one, expr: other.expr }).with(j, { ...other, expr: one.expr });
  return { ...leaf, items };
}

/** What stands for NULL: the value itself, NULL or not. */
function nullMasked(leaf: Secured): Secured {
  const items = leaf.items.map((item) => {
    const value = item.expr.kind === 'case' ? item.expr.otherwise : undefined;
    return value?.kind === 'literal' || value?.kind === 'cast' ? { ...item, expr: value } : item;
  });
  return items.some((item, n) => item !== leaf.items[n]) ? { ...leaf, items } : leaf;
}

function clearBecomesNull(leaf: Secured): Secured {
  const clear = leaf.items.findIndex((item) => !isMasked(item));
  const item = leaf.items[clear];
  if (item === undefined) return leaf;
  return { ...leaf, items: leaf.items.with(clear, { ...item, expr: nullOf(item.column.type) }) };
}

/** Tables inside a row rule are read as if they had no rows. */
const emptyInRules = (secured: SecuredPlan): SecuredPlan => {
  const byRule = new Set(secured.leaves.filter((leaf) => leaf.byRule).map((leaf) => leaf.leaf));
  if (byRule.size === 0) return secured;
  const plan = mapPlan(secured.plan, {
    plan: (node) =>
      node.kind === 'secured' && byRule.has(node.leaf) ? { ...node, filter: booleanOf(false) } : node,
  });
  return { ...secured, plan };
};

/** Changes column decisions; the same decision where there is nothing to change. */
function onDecision(name: string, table: (table: TableDecision) => TableDecision): Fault {
  return {
    name,
    decision: (decision) => {
      const tables = new Map([...decision.tables].map(([id, own]) => [id, table(own)]));
      return [...tables].every(([id, own]) => own === decision.tables.get(id))
        ? decision
        : ({ ...decision, tables } satisfies Decision);
    },
  };
}
const onColumns =
  (is: (column: ColumnDecision) => boolean, change: (column: ColumnDecision) => ColumnDecision) =>
  (table: TableDecision): TableDecision =>
    table.columns.some(is)
      ? { ...table, columns: table.columns.map((column) => (is(column) ? change(column) : column)) }
      : table;

const hasSubquery = (expr: Expr): boolean => {
  let found = 'plan' in expr;
  walkExpr(expr, {
    expr: (node) => {
      found ||= 'plan' in node;
    },
  });
  return found;
};

export const PREDICATE_FAULT = onDecision(
  'predicate: deny is not kept',
  onColumns(
    (column) => column.predicate === 'deny',
    (column) => ({ ...column, predicate: 'allow' }),
  ),
);

export const FAULTS: readonly Fault[] = [
  onLeaves('a row filter is forgotten', withoutFilter),
  onLeaves('a row filter with a subquery is forgotten', (leaf) =>
    leaf.filter && hasSubquery(leaf.filter) ? withoutFilter(leaf) : leaf,
  ),
  onLeaves('the second reference to a table stays unfiltered', (leaf, i) =>
    i > 0 ? withoutFilter(leaf) : leaf,
  ),
  onLeaves('leaves in subqueries stay bare', bare, inSubqueries),
  onLeaves(
    'leaves in CTEs stay bare',
    bare,
    where((node) => (node.kind === 'with' ? node.ctes.map((cte) => cte.plan) : [])),
  ),
  onLeaves(
    'the right side of a join stays bare',
    bare,
    where((node) => (node.kind === 'join' ? [node.right] : [])),
  ),
  onLeaves(
    'the right side of a set operation stays bare',
    bare,
    where((node) => (node.kind === 'set-operation' ? [node.right] : [])),
  ),
  onLeaves('every mask is forgotten', (leaf) => unmask(leaf, () => true)),
  onLeaves('one mask is forgotten', (leaf) => unmask(leaf, (_, n) => n === 1)),
  onLeaves('the second reference to a table stays unmasked', (leaf, i) =>
    i > 0 ? unmask(leaf, () => true) : leaf,
  ),
  onLeaves('the mask of one column lands on another', exchanged),
  onLeaves('a constant stands for NULL too', nullMasked),
  onLeaves('a column that is clear becomes NULL', clearBecomesNull),
  onLeaves('row rules see masked values', filterOverMasks),
  onLeaves('an unknown row rule counts as true', (leaf) =>
    leaf.filter ? { ...leaf, filter: callOf('not', [callOf('is_false', [leaf.filter])]) } : leaf,
  ),
  onLeaves('row rules are OR where they should be AND', (leaf) => swapped(leaf, 'and', 'or')),
  onLeaves('row rules are AND where they should be OR', (leaf) => swapped(leaf, 'or', 'and')),
  onLeaves('the last row rule is dropped', (leaf) =>
    leaf.filter?.kind === 'call' && ['and', 'or'].includes(leaf.filter.fn) && leaf.filter.args[0]
      ? { ...leaf, filter: leaf.filter.args[0] }
      : leaf,
  ),
  onLeaves('a row filter is negated', (leaf) =>
    leaf.filter ? { ...leaf, filter: callOf('not', [leaf.filter]) } : leaf,
  ),
  onLeaves('nothing passes any more', (leaf) => ({ ...leaf, filter: booleanOf(false) })),
  { name: 'tables in a row rule have no rows', plan: emptyInRules },
  { name: 'masks are put on the result instead of the leaf', plan: masksOnTop },
  onDecision(
    'a hidden column is shown as NULL',
    onColumns(
      (column) => column.mask.kind === 'hide',
      (column) => ({ ...column, mask: { kind: 'null' } }),
    ),
  ),
  PREDICATE_FAULT,
];
