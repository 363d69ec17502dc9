/**
 * Pipe syntax: each operator takes what the one before it gives. A column that is handed on keeps the table it is known
 * by, so `t.a` means the same behind every operator until AS gives all of them one name.
 */
import { foldName } from '../catalog/catalog.js';
import { GovernanceError } from '../errors.js';
import type { Column, Plan, ProjectItem } from '../plan/plan.js';
import { outputColumns } from '../plan/traverse.js';
import type { Expression, GroupingElement, Identifier, QueryBody, Select, SelectItem } from '../sql/ast.js';
import type { Pipe, PipeStep } from '../sql/ast-pipe.js';
import { type Binder, badGrouping, invalid } from './context.js';
import { bindCondition, bindExpr, type ExprContext } from './expression.js';
import { containsAggregate } from './find-aggregates.js';
import { bindFrom, bindRelation, bindTableName, type From, scopeOf } from './from.js';
import { bindBody, combine, limited, ordinalPosition, sortOver } from './query.js';
import { findHere, referTo, type Scope } from './scope.js';
import { bindSelectOver } from './select.js';

interface Place {
  readonly binder: Binder;
  readonly outer: Scope | undefined;
  readonly ctes: Scope['ctes'];
}

export function bindPipe(pipe: Pipe, binder: Binder, outer: Scope | undefined, ctes: Scope['ctes']): Plan {
  const { plan, visible } = through(pipe, { binder, outer, ctes });
  const columns = outputColumns(plan);
  const same =
    columns.length === visible.length && columns.every((column, i) => column.id === visible[i]?.id);
  return same
    ? plan
    : project(
        plan,
        visible.map((column) => ({ name: column.name, expr: referTo(column) })),
        binder,
      );
}

/** Operators from the first to the last; a long pipe is a chain to the left. */
function through(body: QueryBody, place: Place): From {
  const steps: Pipe[] = [];
  let first = body;
  while (first.kind === 'pipe') {
    steps.unshift(first);
    first = first.input;
  }
  return steps.reduce((from, { step }) => apply(step, from, place), start(first, place));
}

function start(body: QueryBody, { binder, outer, ctes }: Place): From {
  if (body.kind === 'select') {
    const from = bindFrom(body.from, binder, outer, ctes);
    return handedOn(from, bindSelectOver(body, [], from, binder, outer, ctes));
  }
  if (body.kind === 'table-body') {
    const { plan, qualifier } = bindTableName(body.name, binder, ctes);
    const visible = outputColumns(plan);
    return { plan, visible, bindings: [{ qualifier, columns: visible }] };
  }
  return fresh(bindBody(body, binder, outer, ctes));
}

const fresh = (plan: Plan): From => ({ plan, visible: outputColumns(plan), bindings: [] });

function apply(step: PipeStep, from: From, place: Place): From {
  const { binder, outer, ctes } = place;
  switch (step.kind) {
    case 'select-step':
      return handedOn(from, bindSelectOver(step.select, [], from, binder, outer, ctes));
    case 'extend-step':
      return extended(step.items, from, place);
    case 'set-step':
      return step.assignments.reduce((so, { column, value }) => assigned(column, value, so, place), from);
    case 'drop-step':
      return dropped(step.columns, from, place);
    case 'alias-step':
      return { ...from, bindings: [{ qualifier: [foldName(step.name.name)], columns: from.visible }] };
    case 'where-step': {
      const condition = bindCondition(step.condition, contextOf(from, place, 'WHERE'));
      return { ...from, plan: { kind: 'filter', input: from.plan, condition } };
    }
    case 'aggregate-step':
      return aggregated(step.items, step.keys, from, place);
    case 'relation-step':
      return bindRelation(step.relation, binder, outer, ctes, from);
    case 'set-operation-step': {
      const right = bindBody(step.right, binder, outer, ctes);
      return fresh(combine({ ...step, at: step.right.at }, onlyVisible(from, binder), right, binder));
    }
    case 'order-step':
      return { ...from, plan: sortOver(from, step.orderBy, binder, outer, ctes) };
    case 'limit-step':
      return { ...from, plan: limited(from.plan, step, binder, ctes) };
  }
}

const contextOf = (from: From, { binder, outer, ctes }: Place, clause: string): ExprContext => ({
  binder,
  scope: scopeOf(from, outer, ctes),
  clause,
  aggregates: false,
  windows: false,
});

/** What a projection hands on under another id is still known by its table. */
function handedOn(from: From, plan: Plan): From {
  const items = projection(plan);
  const made = new Map<number, readonly Column[]>();
  for (const { expr, column } of items)
    if (expr.kind === 'column') made.set(expr.id, [...(made.get(expr.id) ?? []), column]);
  const bindings = from.bindings.map(({ qualifier, columns }) => ({
    qualifier,
    columns: columns.flatMap(({ id }) => made.get(id) ?? []),
  }));
  return {
    plan,
    visible: outputColumns(plan),
    bindings: bindings.filter(({ columns }) => columns.length > 0),
  };
}

const projection = (plan: Plan): readonly ProjectItem[] =>
  plan.kind === 'project' ? plan.items : plan.kind === 'distinct' ? projection(plan.input) : [];

type Named = { readonly name: string; readonly expr: ProjectItem['expr'] };

const project = (input: Plan, items: readonly Named[], binder: Binder): Plan => ({
  kind: 'project',
  input,
  items: items.map(({ name, expr }) => ({ column: binder.column(name, expr.type, expr.nullable), expr })),
});

const kept = (columns: readonly Column[]): readonly Named[] =>
  columns.map((column) => ({ name: column.name, expr: referTo(column) }));

const onlyVisible = (from: From, binder: Binder): Plan => project(from.plan, kept(from.visible), binder);

function extended(items: readonly SelectItem[], from: From, place: Place): From {
  refuseAggregates(items, 'EXTEND', place.binder);
  const { at } = items[0] ?? { at: { line: 1, column: 1 } };
  const select = selectOf([{ kind: 'star', target: [], except: [], at }, ...items], at);
  return handedOn(from, bindSelectOver(select, [], from, place.binder, place.outer, place.ctes));
}

/** Each sees what those before it have set. */
function assigned(column: Identifier, value: Expression, from: From, place: Place): From {
  const target = onlyColumn(column, from);
  if (containsAggregate(value, place.binder)) throw noAggregate('SET', value);
  const expr = bindExpr(value, contextOf(from, place, 'SET'));
  const items = from.visible.map((each) =>
    each.id === target.id ? { name: each.name, expr } : { name: each.name, expr: referTo(each) },
  );
  return handedOn(from, project(from.plan, items, place.binder));
}

function dropped(columns: readonly Identifier[], from: From, { binder }: Place): From {
  const gone = new Set<number>();
  for (const column of columns) {
    const { id } = onlyColumn(column, from);
    if (gone.has(id)) throw invalid(`${column.name} is dropped twice.`, column.at, 'Name it once.');
    gone.add(id);
  }
  const rest = from.visible.filter(({ id }) => !gone.has(id));
  if (rest.length === 0) throw invalid('DROP leaves no column.', columns[0]?.at ?? { line: 1, column: 1 });
  return handedOn(from, project(from.plan, kept(rest), binder));
}

function onlyColumn(column: Identifier, from: From): Column {
  const found = findHere({ visible: from.visible, bindings: [], ctes: new Map() }, [column]);
  if (found !== undefined) return found.column;
  throw new GovernanceError('UNRESOLVED_COLUMN', `There is no column ${column.name} here.`, {
    position: column.at,
    remedy: 'Name a column that comes through the pipe.',
    sqlState: '42703',
  });
}

/** Keys first, then what is aggregated. A bare whole number is the place of a column that comes in. */
function aggregated(
  items: readonly SelectItem[],
  keys: readonly SelectItem[],
  from: From,
  place: Place,
): From {
  for (const item of items) requireAggregate(item, place.binder);
  const placed = keys.map((key) => (key.kind === 'star' ? key : atPlace(key, from)));
  const { at } = placed[0] ?? items[0] ?? { at: { line: 1, column: 1 } };
  const elements = placed.flatMap((key): readonly GroupingElement[] =>
    key.kind === 'star' ? [] : [{ kind: 'expression-group', expression: key.expression }],
  );
  const select = selectOf([...placed, ...items], at);
  const grouped: Select = elements.length === 0 ? select : { ...select, groupBy: { elements, at } };
  return fresh(bindSelectOver(grouped, [], from, place.binder, place.outer, place.ctes));
}

function atPlace(key: Extract<SelectItem, { kind: 'expression-item' }>, { visible }: From): SelectItem {
  const place = ordinalPosition(key.expression, visible.length);
  const column = place === undefined ? undefined : visible[place];
  if (column === undefined) return key;
  const { at } = key.expression;
  return { ...key, expression: { kind: 'column', name: [{ name: column.name, quoted: true, at }], at } };
}

function requireAggregate(item: SelectItem, binder: Binder): void {
  if (item.kind === 'expression-item' && containsAggregate(item.expression, binder)) return;
  throw badGrouping(
    'AGGREGATE takes aggregates.',
    item.at,
    'Write it behind GROUP BY, or in an EXTEND before.',
  );
}

function refuseAggregates(items: readonly SelectItem[], operator: string, binder: Binder): void {
  for (const item of items)
    if (item.kind === 'expression-item' && containsAggregate(item.expression, binder))
      throw noAggregate(operator, item.expression);
}

const noAggregate = (operator: string, { at }: Expression): GovernanceError =>
  badGrouping(`An aggregate may not stand in ${operator}.`, at, 'Use AGGREGATE, or OVER (...).');

const selectOf = (items: readonly SelectItem[], at: Select['at']): Select => ({
  kind: 'select',
  hints: [],
  distinct: false,
  items,
  from: [],
  windows: [],
  at,
});
