/**
 * One SELECT: FROM, WHERE, grouping, HAVING, windows, QUALIFY, projection, DISTINCT, ORDER BY, in the order in which
 * they take effect. Expressions are bound over FROM first; then what is grouped is lifted over the aggregate,
 * and what is windowed over the window.
 */
import { foldName } from '../catalog/catalog.js';
import type { Position } from '../errors.js';
import type { Column, Expr, Plan, ProjectItem, SortKey } from '../plan/plan.js';
import { exprChildren, outputColumns } from '../plan/traverse.js';
import type { Expression, Select, SelectItem, SortItem } from '../sql/ast.js';
import { bindGrouping, type Grouping, hasAggregates, type Placed } from './aggregate.js';
import { type Binder, invalid } from './context.js';
import { bindCondition, bindExpr, type ExprContext, type WindowSpecs } from './expression.js';
import { bindFrom, type From, scopeOf } from './from.js';
import { bindGenerator, type Generator, generatorName } from './generator.js';
import { autoName } from './names.js';
import { orderedByAll } from './order-by-all.js';
import { ordinalPosition } from './query.js';
import { expressionKey, findHere, qualifiedColumns, referTo, type Scope } from './scope.js';
import { expandStar } from './star.js';
import { WindowLift } from './window-lift.js';

interface Item extends Placed {
  readonly name: string;
  /** The generator that makes it: its rows are made above the groups and below the windows. */
  readonly by?: Generator;
}

export function bindSelect(
  select: Select,
  orderBy: readonly SortItem[],
  binder: Binder,
  outer: Scope | undefined,
  ctes: Scope['ctes'],
): Plan {
  return bindSelectOver(select, orderBy, bindFrom(select.from, binder, outer, ctes), binder, outer, ctes);
}

/** Over a FROM that is bound already. */
export function bindSelectOver(
  select: Select,
  orderBy: readonly SortItem[],
  from: From,
  binder: Binder,
  outer: Scope | undefined,
  ctes: Scope['ctes'],
): Plan {
  const scope = scopeOf(from, outer, ctes);
  const windowSpecs: WindowSpecs = new Map(select.windows.map((w) => [foldName(w.name.name), w.spec]));
  const base: ExprContext = {
    binder,
    scope,
    clause: 'SELECT',
    aggregates: false,
    windows: false,
    windowSpecs,
  };
  const filtered = withWhere(from, select, base);

  const grouped =
    select.groupBy !== undefined || select.having !== undefined || hasAggregates(select, orderBy, binder);
  const grouping = grouped ? bindGrouping(select, base, (c) => bindItems(select.items, c)) : undefined;
  const inSelect: ExprContext = {
    ...base,
    aggregates: grouped,
    windows: true,
    ...(grouping === undefined ? {} : { groupingKeys: grouping.keyExprs }),
  };
  const items = bindItems(select.items, inSelect);
  const aliases = aliasMap(select.items, items);
  const generators = [...new Set(items.flatMap(({ by }) => by ?? []))];
  const inHaving: ExprContext = {
    ...inSelect,
    windows: false,
    clause: 'HAVING',
    aliases: aliasMap(
      select.items,
      items.filter(({ by }) => by === undefined),
    ),
  };
  const having = select.having && bindCondition(select.having, inHaving);
  const qualify =
    select.qualify &&
    bindCondition(select.qualify, { ...inSelect, aggregates: false, clause: 'QUALIFY', aliases });
  if (select.qualify) requireWindow([...items.map((item) => item.expr), qualify], select.qualify.at);
  const keys = bindOrder(orderBy, items, select, { ...inSelect, clause: 'ORDER BY' });
  const above: readonly Placed[] = [
    ...items,
    ...generators.map(({ list, at }) => ({ expr: list, at })),
    ...(having && select.having ? [{ expr: having, at: select.having.at }] : []),
    ...(qualify && select.qualify ? [{ expr: qualify, at: select.qualify.at }] : []),
    ...keys,
  ];
  return assemble({
    filtered,
    grouping,
    above,
    items,
    generators,
    having,
    qualify,
    keys,
    distinct: select.distinct,
    binder,
  });
}

function withWhere(from: From, select: Select, base: ExprContext): Plan {
  if (select.where === undefined) return from.plan;
  const condition = bindCondition(select.where, { ...base, clause: 'WHERE' });
  return { kind: 'filter', input: from.plan, condition };
}

/** Spark has QUALIFY only where there is a window for it to choose by. */
function requireWindow(exprs: readonly (Expr | undefined)[], at: Position): void {
  const windowed = (expr: Expr): boolean => expr.kind === 'window-call' || exprChildren(expr).some(windowed);
  if (!exprs.some((expr) => expr !== undefined && windowed(expr))) {
    throw invalid('QUALIFY needs a window function, here or in the select list.', at, 'Use WHERE or HAVING.');
  }
}

/** Items in order; a later one may use the alias of an earlier one, where FROM has no such column. */
function bindItems(items: readonly SelectItem[], context: ExprContext): readonly Item[] {
  const aliases = new Map<string, Expr | 'ambiguous'>();
  return items.flatMap((item): readonly Item[] => {
    if (item.kind === 'star') {
      return expandStar(item, context.scope, qualifiedColumns, context).map((found) => ({
        name: found.name,
        expr: found.expr,
        at: item.at,
      }));
    }
    const generated = bindGenerated(item, { ...context, aliases });
    if (generated !== undefined) {
      if (item.alias ?? item.aliases)
        for (const { name, expr } of generated) aliases.set(foldName(name), expr);
      return generated;
    }
    const expr = bindExpr(item.expression, { ...context, aliases });
    const name = item.alias?.name ?? autoName(item.expression);
    if (item.alias !== undefined) {
      const folded = foldName(item.alias.name);
      aliases.set(folded, aliases.has(folded) ? 'ambiguous' : expr);
    }
    return [{ name, expr, at: item.expression.at }];
  });
}

/** `explode(a) AS x`, `posexplode(a) AS (p, x)`: items of their own. */
function bindGenerated(
  { expression, alias, aliases, at }: Extract<SelectItem, { kind: 'expression-item' }>,
  context: ExprContext,
): readonly Item[] | undefined {
  if (expression.kind !== 'call' || generatorName(expression.name) === undefined) {
    if (aliases === undefined) return undefined;
    throw invalid('Several names stand only behind a function that makes rows.', at, 'Give one alias.');
  }
  const by = bindGenerator({ ...expression, outer: false }, aliases ?? (alias ? [alias] : []), context);
  return by.columns.map((column) => ({ name: column.name, expr: referTo(column), at: expression.at, by }));
}

function aliasMap(
  selectItems: readonly SelectItem[],
  items: readonly Item[],
): ReadonlyMap<string, Expr | 'ambiguous'> {
  const explicit = new Set(
    selectItems.flatMap((item) =>
      item.kind === 'expression-item'
        ? [...(item.aliases ?? []), ...(item.alias ? [item.alias] : [])].map(({ name }) => foldName(name))
        : [],
    ),
  );
  const aliases = new Map<string, Expr | 'ambiguous'>();
  for (const item of items) {
    const folded = foldName(item.name);
    if (!explicit.has(folded)) continue;
    const known = aliases.get(folded);
    const same =
      known !== undefined && known !== 'ambiguous' && expressionKey(known) === expressionKey(item.expr);
    aliases.set(folded, known === undefined || same ? item.expr : 'ambiguous');
  }
  return aliases;
}

function bindOrder(
  orderBy: readonly SortItem[],
  items: readonly Item[],
  select: Select,
  context: ExprContext,
): readonly PlacedKey[] {
  const all = orderedByAll(orderBy, context.scope, items);
  return all === undefined
    ? orderBy.map((item) => bindSortKey(item, items, select, context))
    : items.map(({ expr, at }) => ({ ...all, expr, at }));
}

/** Positions, then names of the output, then expressions over FROM in which output names may stand too. */
function bindSortKey(
  item: SortItem,
  items: readonly Item[],
  select: Select,
  context: ExprContext,
): PlacedKey {
  const nulls = item.nulls ?? (item.descending ? 'last' : 'first');
  const position = ordinalPosition(item.expression, items.length);
  const byPosition = position === undefined ? undefined : items[position]?.expr;
  const expr =
    byPosition ??
    outputNamed(item.expression, items, context) ??
    bindExpr(item.expression, {
      ...context,
      aliases: aliasMap(select.items, items),
    });
  return { expr, descending: item.descending, nulls, at: item.expression.at };
}

function outputNamed(expression: Expression, items: readonly Item[], context: ExprContext): Expr | undefined {
  if (expression.kind !== 'column' || expression.name.length !== 1) return undefined;
  const wanted = foldName(expression.name[0]?.name ?? '');
  const found = items.filter((item) => foldName(item.name) === wanted);
  const distinct = new Map(found.map((item) => [expressionKey(item.expr), item.expr]));
  if (distinct.size > 1) {
    // Two outputs of that name: FROM may still have a single column of it.
    if (findHere(context.scope, expression.name) === undefined) {
      throw invalid(`${wanted} names more than one output column.`, expression.at, 'Order by position.');
    }
    return undefined;
  }
  return distinct.values().next().value;
}

type PlacedKey = SortKey & Placed;

interface Parts {
  readonly filtered: Plan;
  readonly grouping: Grouping | undefined;
  /** Everything above the aggregate. */
  readonly above: readonly Placed[];
  readonly items: readonly Item[];
  readonly generators: readonly Generator[];
  readonly having: Expr | undefined;
  readonly qualify: Expr | undefined;
  readonly keys: readonly PlacedKey[];
  readonly distinct: boolean;
  readonly binder: Binder;
}

function assemble({
  filtered,
  grouping,
  above,
  items,
  generators,
  having,
  qualify,
  keys,
  distinct,
  binder,
}: Parts): Plan {
  let plan = filtered;
  let lift = (expr: Expr): Expr => expr;
  if (grouping !== undefined) {
    const lifted = grouping.lift(above);
    plan = lifted.plan(filtered);
    lift = lifted.expr;
    if (having !== undefined) plan = { kind: 'filter', input: plan, condition: lift(having) };
  }
  for (const { plan: rows, list } of generators) plan = rows(plan, lift(list));
  const windows = new WindowLift(binder);
  const projected: ProjectItem[] = items.map((item) => {
    const expr = windows.lift(lift(item.expr));
    return { column: binder.column(item.name, expr.type, expr.nullable), expr };
  });
  const sortExprs = keys.map((key) => windows.lift(lift(key.expr)));
  const qualified = qualify && windows.lift(lift(qualify));
  plan = windows.plan(plan);
  if (qualified !== undefined) plan = { kind: 'filter', input: plan, condition: qualified };
  if (keys.length === 0) {
    const project: Plan = { kind: 'project', input: plan, items: projected };
    return distinct ? { kind: 'distinct', input: project } : project;
  }
  return sorted(plan, projected, keys, sortExprs, distinct, binder);
}

/** Sort keys that are not among the output travel along as extra columns and are dropped again. */
function sorted(
  plan: Plan,
  projected: readonly ProjectItem[],
  keys: readonly PlacedKey[],
  sortExprs: readonly Expr[],
  distinct: boolean,
  binder: Binder,
): Plan {
  const byKey = new Map(projected.map((item) => [expressionKey(item.expr), item.column]));
  const extra: ProjectItem[] = [];
  const sortKeys = keys.map(({ at, ...key }, i): SortKey => {
    const expr = sortExprs[i] ?? key.expr;
    const known = byKey.get(expressionKey(expr));
    if (known !== undefined) return { ...key, expr: referTo(known) };
    if (expr.kind === 'literal') return { ...key, expr };
    if (distinct) {
      throw invalid('With DISTINCT, ORDER BY may only use what is selected.', at, 'Select it as well.');
    }
    const column: Column = binder.column(`sort${i + 1}`, expr.type, expr.nullable);
    extra.push({ column, expr });
    return { ...key, expr: referTo(column) };
  });
  const project: Plan = { kind: 'project', input: plan, items: [...projected, ...extra] };
  const sort: Plan = {
    kind: 'sort',
    input: distinct ? { kind: 'distinct', input: project } : project,
    keys: sortKeys,
  };
  if (extra.length === 0) return sort;
  const kept = outputColumns(project).slice(0, projected.length);
  return {
    kind: 'project',
    input: sort,
    items: kept.map((column) => ({
      column: binder.column(column.name, column.type, column.nullable),
      expr: referTo(column),
    })),
  };
}
