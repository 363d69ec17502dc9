/**
 * Grouping: keys (by expression, position or alias), grouping sets and their cross products, and lifting
 * expressions over the aggregate: what equals a key becomes the key's column, an aggregate its result, and
 * any other column is an error.
 */
import { foldName } from '../catalog/catalog.js';
import type { Position } from '../errors.js';
import type { Column, Expr, Plan, ProjectItem, SortKey } from '../plan/plan.js';
import { exprPlan, mapPlan, walkExpr } from '../plan/traverse.js';
import type { Expression, GroupBy, GroupingElement, Select, SortItem } from '../sql/ast.js';
import { type Binder, badGrouping, invalid } from './context.js';
import { bindExpr, type ExprContext } from './expression.js';
import { containsAggregate } from './find-aggregates.js';
import { type GroupedItem, inferredKeys, isGroupByAll } from './group-by-all.js';
import { ordinalPosition } from './query.js';
import { expressionKey, findHere, referTo } from './scope.js';

const GROUPING_SETS_MAX = 1024;

/** An expression and where it was written. */
export interface Placed {
  readonly expr: Expr;
  readonly at: Position;
}
export interface Grouping {
  readonly keyExprs: readonly Expr[];
  /** For everything that stands above the aggregate. */
  lift(all: readonly Placed[]): {
    readonly plan: (input: Plan) => Plan;
    readonly expr: (expr: Expr) => Expr;
  };
}

/** Does the SELECT aggregate without GROUP BY? */
export const hasAggregates = (select: Select, orderBy: readonly SortItem[], binder: Binder): boolean =>
  select.items.some(
    (item) => item.kind === 'expression-item' && containsAggregate(item.expression, binder),
  ) || orderBy.some((item) => containsAggregate(item.expression, binder));

type BindItems = (context: ExprContext) => readonly GroupedItem[];

export function bindGrouping(select: Select, base: ExprContext, bindItems: BindItems): Grouping {
  const context: ExprContext = { ...base, clause: 'GROUP BY' };
  const keyExprs: Expr[] = [];
  const known = new Map<string, number>();
  const keyOf = (expression: Expression): number => keyFor(bindKey(expression, select, context, bindItems));
  const keyFor = (expr: Expr): number => {
    const key = expressionKey(expr);
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, keyExprs.length);
    keyExprs.push(expr);
    return keyExprs.length - 1;
  };
  const { groupBy } = select;
  const all = groupBy !== undefined && isGroupByAll(groupBy, base.scope);
  if (all)
    for (const expr of inferredKeys(bindItems(wholeSelect(context)), groupBy.at, base.binder)) keyFor(expr);
  const sets = groupBy === undefined || all ? undefined : groupingSets(groupBy, keyOf);
  return groupingOf(keyExprs, sets, base);
}

export function groupingOf(
  keyExprs: readonly Expr[],
  sets: readonly (readonly number[])[] | undefined,
  context: ExprContext,
): Grouping {
  const columns = keyExprs.map((expr, i) => {
    const missing = sets?.some((set) => !set.includes(i)) ?? false;
    return context.binder.column(`key${i + 1}`, expr.type, expr.nullable || missing);
  });
  return { keyExprs, lift: (all) => lifted(keyExprs, columns, sets, all, context) };
}

const wholeSelect = (context: ExprContext): ExprContext => ({
  ...context,
  aggregates: true,
  windows: true,
  groupingKeys: [],
});

/** A position, a column or expression over FROM, or the alias of a select item. */
function bindKey(expression: Expression, select: Select, context: ExprContext, bindItems: BindItems): Expr {
  const items = (): ReturnType<BindItems> => bindItems(wholeSelect(context));
  const star = select.items.some((item) => item.kind === 'star');
  if (expression.kind === 'literal') {
    const count = star ? Number.MAX_SAFE_INTEGER : select.items.length;
    const position = ordinalPosition(expression, count);
    if (position !== undefined) {
      const item = items()[position];
      if (item === undefined)
        throw invalid(`Position ${position + 1} is not in the select list.`, expression.at);
      refuseAggregate(item, expression);
      return item.expr;
    }
  }
  if (
    expression.kind === 'column' &&
    expression.name.length === 1 &&
    findHere(context.scope, expression.name) === undefined
  ) {
    const wanted = foldName(expression.name[0]?.name ?? '');
    const aliased = select.items.some(
      (item) => item.kind === 'expression-item' && foldName(item.alias?.name ?? '') === wanted,
    );
    const item = aliased ? items().find((i) => foldName(i.name) === wanted) : undefined;
    if (item !== undefined) {
      refuseAggregate(item, expression);
      return item.expr;
    }
  }
  return bindExpr(expression, context);
}

function refuseAggregate({ expr, by }: GroupedItem, expression: Expression): void {
  if (by !== undefined)
    throw badGrouping('GROUP BY names rows that are made later.', expression.at, 'Make them in a subquery.');
  walkExpr(expr, {
    expr: (node) => {
      if (node.kind === 'aggregate-call' || node.kind === 'window-call') {
        throw badGrouping('GROUP BY names an aggregate.', expression.at, 'Group by columns.');
      }
    },
  });
}

/** All elements cross each other; undefined: one set of all keys. */
function groupingSets(
  groupBy: GroupBy,
  keyOf: (e: Expression) => number,
): readonly (readonly number[])[] | undefined {
  const plain = groupBy.elements.every((element) => element.kind === 'expression-group');
  let sets: readonly (readonly number[])[] = [[]];
  for (const element of groupBy.elements) {
    const own = elementSets(element, keyOf);
    sets = sets.flatMap((a) => own.map((b) => [...new Set([...a, ...b])]));
    if (sets.length > GROUPING_SETS_MAX) {
      throw badGrouping(
        `There are more than ${GROUPING_SETS_MAX} grouping sets.`,
        groupBy.at,
        'Use fewer columns in CUBE.',
      );
    }
  }
  return plain ? undefined : sets;
}

function elementSets(
  element: GroupingElement,
  keyOf: (e: Expression) => number,
): readonly (readonly number[])[] {
  switch (element.kind) {
    case 'expression-group':
      return [[keyOf(element.expression)]];
    case 'rollup': {
      const parts = element.sets.map((set) => set.map(keyOf));
      return Array.from({ length: parts.length + 1 }, (_, i) => parts.slice(0, parts.length - i).flat());
    }
    case 'cube': {
      const parts = element.sets.map((set) => set.map(keyOf));
      if (parts.length > 10)
        throw badGrouping(
          'CUBE takes at most 10 columns.',
          element.sets[0]?.[0]?.at ?? { line: 1, column: 1 },
          'Use GROUPING SETS.',
        );
      return Array.from({ length: 2 ** parts.length }, (_, mask) =>
        parts.filter((__, i) => (mask & (1 << (parts.length - 1 - i))) === 0).flat(),
      );
    }
    case 'grouping-sets':
      return element.sets.flatMap((set) =>
        set.kind === 'set' ? [set.expressions.map(keyOf)] : elementSets(set, keyOf),
      );
  }
}

/** The aggregate node, and how expressions look above it. */
function lifted(
  keyExprs: readonly Expr[],
  columns: readonly Column[],
  sets: readonly (readonly number[])[] | undefined,
  all: readonly Placed[],
  context: ExprContext,
): { plan: (input: Plan) => Plan; expr: (expr: Expr) => Expr } {
  const byKey = new Map(keyExprs.map((expr, i) => [expressionKey(expr), columns[i]]));
  const fromIds = new Set(fromColumnIds(context));
  const aggregates = new Map<string, ProjectItem>();
  let place: Position = { line: 1, column: 1 };
  function liftOne(expr: Expr): Expr {
    const key = expr.kind === 'literal' ? undefined : byKey.get(expressionKey(expr));
    if (key !== undefined) return referTo(key);
    if (expr.kind === 'aggregate-call' || expr.kind === 'grouping') return referTo(resultOf(expr));
    if (expr.kind === 'column' && fromIds.has(expr.id)) throw notGrouped(expr.id, context, place);
    return liftChildren(expr);
  }

  function resultOf(expr: Expr): Column {
    const key = expressionKey(expr);
    const known = aggregates.get(key);
    if (known !== undefined) return known.column;
    const name = expr.kind === 'aggregate-call' || expr.kind === 'grouping' ? expr.fn : 'aggregate';
    const column = context.binder.column(name, expr.type, expr.nullable);
    aggregates.set(key, { column, expr });
    return column;
  }

  /** Operands one by one, so that a key is found before it is taken apart. */
  function liftChildren(expr: Expr): Expr {
    const plan = exprPlan(expr);
    const own = plan === undefined ? expr : ({ ...expr, plan: liftInside(plan) } as Expr);
    return mapOperands(own, liftOne);
  }

  /** A correlated subquery above the aggregate may use keys only. */
  const liftInside = (plan: Plan): Plan =>
    mapPlan(plan, {
      expr: (node) => {
        if (node.kind !== 'column' || !fromIds.has(node.id)) return node;
        const key = byKey.get(expressionKey(node));
        if (key === undefined) throw notGrouped(node.id, context, place);
        return referTo(key);
      },
    });

  for (const { expr, at } of all) {
    place = at;
    liftOne(expr);
  }
  return {
    expr: liftOne,
    plan: (input) => ({
      kind: 'aggregate',
      input,
      keys: keyExprs.map((expr, i) => ({ column: columns[i] as Column, expr })),
      aggregates: [...aggregates.values()],
      ...(sets === undefined ? {} : { groupingSets: sets }),
    }),
  };
}

const fromColumnIds = (context: ExprContext): readonly number[] => [
  ...context.scope.visible.map((column) => column.id),
  ...context.scope.bindings.flatMap((binding) => binding.columns.map((column) => column.id)),
];

function notGrouped(id: number, context: ExprContext, at: Position): Error {
  const columns = [...context.scope.visible, ...context.scope.bindings.flatMap((binding) => binding.columns)];
  const name = columns.find((column) => column.id === id)?.name ?? 'a column';
  return badGrouping(
    `${name} is neither grouped nor aggregated.`,
    at,
    `Add ${name} to GROUP BY, or aggregate it, e.g. with any_value.`,
  );
}

/** One level of operands rebuilt; subquery plans are left alone. */
function mapOperands(expr: Expr, map: (e: Expr) => Expr): Expr {
  const keys = (list: readonly SortKey[]): readonly SortKey[] =>
    list.map((key) => ({ ...key, expr: map(key.expr) }));
  switch (expr.kind) {
    case 'call':
      return { ...expr, args: expr.args.map(map) };
    case 'window-call':
      return {
        ...expr,
        args: expr.args.map(map),
        partitionBy: expr.partitionBy.map(map),
        orderBy: keys(expr.orderBy),
        ...(expr.filter === undefined ? {} : { filter: map(expr.filter) }),
      };
    case 'case':
      return {
        ...expr,
        branches: expr.branches.map((b) => ({ when: map(b.when), then: map(b.then) })),
        ...(expr.otherwise === undefined ? {} : { otherwise: map(expr.otherwise) }),
      };
    case 'cast':
      return { ...expr, operand: map(expr.operand) };
    case 'lambda':
      return { ...expr, body: map(expr.body) };
    case 'in-list':
      return { ...expr, operand: map(expr.operand), items: expr.items.map(map) };
    case 'in-subquery':
      return { ...expr, operands: expr.operands.map(map) };
    default:
      return expr;
  }
}
