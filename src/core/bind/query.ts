/** Queries: CTEs, bodies, set operations, VALUES, and ORDER BY / LIMIT around them. */
import { foldName } from '../catalog/catalog.js';
import { commonType } from '../plan/coercion.js';
import type { Column, Expr, Plan, ProjectItem } from '../plan/plan.js';
import { outputColumns } from '../plan/traverse.js';
import type { CommonTable, Expression, Query, QueryBody, SetOperation, SortItem } from '../sql/ast.js';
import { type Binder, invalid, typeMismatch } from './context.js';
import { bindExpr, type ExprContext } from './expression.js';
import { bindTableName, type From, scopeOf } from './from.js';
import { requireNoLambda } from './lambda.js';
import { implicitCast } from './literals.js';
import { orderedByAll } from './order-by-all.js';
import { bindPipe } from './pipe.js';
import { bindRecursive } from './recursion.js';
import { type Cte, emptyScope, referTo, type Scope } from './scope.js';
import { bindSelect } from './select.js';

/** A plan whose output columns are the query's columns, in order. */
export interface BoundBody {
  readonly plan: Plan;
}

const LIMIT_MAX = 2 ** 31 - 1;

/** `outer`: the enclosing query for correlated references. */
export function bindQueryIn(
  query: Query,
  binder: Binder,
  outer: Scope | undefined,
  ctes: Scope['ctes'],
): BoundBody {
  const { known, wrap } = bindWith(query, binder, outer, ctes);
  return { plan: wrap(bindOrdered(query, binder, outer, known)) };
}

export interface BoundWith {
  readonly known: Scope['ctes'];
  /** A plan in which they are defined. */
  wrap(plan: Plan): Plan;
}

export function bindWith(
  query: Query,
  binder: Binder,
  outer: Scope | undefined,
  ctes: Scope['ctes'],
): BoundWith {
  const known = new Map(ctes);
  const defined: { id: number; name: string; plan: Plan }[] = [];
  const here = new Set<string>();
  for (const common of query.with) {
    const name = foldName(common.name.name);
    if (here.has(name))
      throw invalid(`The CTE ${common.name.name} is defined twice.`, common.at, 'Rename one.');
    here.add(name);
    const recursive = query.recursive && bindRecursive(common, binder, outer, known);
    const { cte, plan } = recursive || bindCommon(common, binder, outer, known);
    known.set(name, cte);
    defined.push({ id: cte.id, name: common.name.name, plan });
  }
  return {
    known,
    wrap: (input) => (defined.length === 0 ? input : { kind: 'with', ctes: defined, input }),
  };
}

/** It does not see itself: inside it, its name still means what it meant outside. */
function bindCommon(
  common: CommonTable,
  binder: Binder,
  outer: Scope | undefined,
  ctes: Scope['ctes'],
): { readonly cte: Cte; readonly plan: Plan } {
  const { plan } = bindQueryIn(common.query, binder, outer, ctes);
  const columns = renamed(outputColumns(plan), common.columns, common.at);
  return { cte: { id: binder.cte(), columns }, plan };
}

export function bindSubquery(query: Query, context: ExprContext): BoundBody {
  requireNoLambda(context, query.at);
  return bindQueryIn(query, context.binder, context.scope, context.scope.ctes);
}

/** Columns under the names of an alias list; without a list they keep theirs. */
export function renamed(
  columns: readonly Column[],
  names: readonly { readonly name: string }[],
  at: Expression['at'],
): readonly Column[] {
  if (names.length === 0) return columns;
  if (names.length !== columns.length) {
    throw invalid(
      `There are ${columns.length} columns, but ${names.length} names for them.`,
      at,
      'Name every column.',
    );
  }
  return columns.map((column, i) => ({ ...column, name: names[i]?.name ?? column.name }));
}

function bindOrdered(query: Query, binder: Binder, outer: Scope | undefined, ctes: Scope['ctes']): Plan {
  const sorted =
    query.body.kind === 'select'
      ? bindSelect(query.body, query.orderBy, binder, outer, ctes)
      : sortOutput(bindBody(query.body, binder, outer, ctes), query.orderBy, binder, outer, ctes);
  return limited(sorted, query, binder, ctes);
}

export function limited(
  input: Plan,
  query: Pick<Query, 'limit' | 'offset'>,
  binder: Binder,
  ctes: Scope['ctes'],
): Plan {
  if (query.limit === undefined && query.offset === undefined) return input;
  const limit = query.limit && rowNumber(query.limit, 'LIMIT', binder, ctes);
  const offset = query.offset && rowNumber(query.offset, 'OFFSET', binder, ctes);
  return {
    kind: 'limit',
    input,
    ...(limit === undefined ? {} : { limit }),
    ...(offset === undefined ? {} : { offset }),
  };
}

export function rowNumber(
  expression: Expression,
  clause: string,
  binder: Binder,
  ctes: Scope['ctes'],
): number {
  const scope = emptyScope(undefined, ctes);
  const bound = bindExpr(expression, { binder, scope, clause, aggregates: false, windows: false });
  const value = bound.kind === 'literal' && typeof bound.value === 'bigint' ? Number(bound.value) : undefined;
  if (value === undefined || value < 0 || value > LIMIT_MAX) {
    throw invalid(
      `${clause} takes a whole number from 0 to ${LIMIT_MAX}.`,
      expression.at,
      'Write a number or a parameter.',
    );
  }
  return value;
}

/** ORDER BY over a body that is not a SELECT sees its output columns only. */
function sortOutput(
  plan: Plan,
  orderBy: readonly SortItem[],
  binder: Binder,
  outer: Scope | undefined,
  ctes: Scope['ctes'],
): Plan {
  if (orderBy.length === 0) return plan;
  return sortOver({ plan, visible: outputColumns(plan), bindings: [] }, orderBy, binder, outer, ctes);
}

export function sortOver(
  from: From,
  orderBy: readonly SortItem[],
  binder: Binder,
  outer: Scope | undefined,
  ctes: Scope['ctes'],
): Plan {
  const scope = scopeOf(from, outer, ctes);
  const context: ExprContext = { binder, scope, clause: 'ORDER BY', aggregates: false, windows: false };
  const all = orderedByAll(orderBy, scope);
  const keys = (all === undefined ? orderBy : from.visible.map((column) => ({ ...all, column }))).map(
    (item) => ({
      expr:
        'column' in item
          ? referTo(item.column)
          : (ordinal(item.expression, from.visible) ?? bindExpr(item.expression, context)),
      descending: item.descending,
      nulls: item.nulls ?? (item.descending ? ('last' as const) : ('first' as const)),
    }),
  );
  return { kind: 'sort', input: from.plan, keys };
}

/** `ORDER BY 2`: a bare whole number is a position. */
export function ordinal(expression: Expression, columns: readonly Column[]): Expr | undefined {
  const position = ordinalPosition(expression, columns.length);
  const column = position === undefined ? undefined : columns[position];
  return column && referTo(column);
}

export function ordinalPosition(expression: Expression, count: number): number | undefined {
  if (expression.kind !== 'literal' || expression.value.type !== 'number' || expression.value.as !== 'int')
    return undefined;
  const n = Number(expression.value.text);
  if (n < 1 || n > count) {
    throw invalid(`Position ${n} is not in the select list.`, expression.at, `Use 1 to ${count}.`);
  }
  return n - 1;
}

export function bindBody(
  body: QueryBody,
  binder: Binder,
  outer: Scope | undefined,
  ctes: Scope['ctes'],
): Plan {
  switch (body.kind) {
    case 'select':
      return bindSelect(body, [], binder, outer, ctes);
    case 'nested-query':
      return bindQueryIn(body.query, binder, outer, ctes).plan;
    case 'table-body': {
      const { plan } = bindTableName(body.name, binder, ctes);
      return plan;
    }
    case 'values':
      return bindValues(body.rows, [], body.at, binder, emptyScope(outer, ctes));
    case 'set-operation':
      return bindSetOperation(body, binder, outer, ctes);
    case 'pipe':
      return bindPipe(body, binder, outer, ctes);
  }
}

function bindSetOperation(
  body: SetOperation,
  binder: Binder,
  outer: Scope | undefined,
  ctes: Scope['ctes'],
): Plan {
  const left = bindBody(body.left, binder, outer, ctes);
  return combine(body, left, bindBody(body.right, binder, outer, ctes), binder);
}

export function combine(
  body: Pick<SetOperation, 'operator' | 'all' | 'at'>,
  left: Plan,
  right: Plan,
  binder: Binder,
): Plan {
  const [a, b] = [outputColumns(left), outputColumns(right)];
  if (a.length !== b.length) {
    throw invalid(
      `The sides of ${body.operator.toUpperCase()} have ${a.length} and ${b.length} columns.`,
      body.at,
      'Select as many on both sides.',
    );
  }
  const columns = a.map((column, i) => {
    const other = b[i] ?? column;
    const type = commonType([column.type, other.type]);
    if (type === undefined)
      throw typeMismatch(`Column ${i + 1} of the two sides has no common type.`, body.at);
    return binder.column(column.name, type, column.nullable || other.nullable);
  });
  return {
    kind: 'set-operation',
    operator: body.operator,
    all: body.all,
    left: castSide(left, columns, binder),
    right: castSide(right, columns, binder),
    columns,
  };
}

function castSide(plan: Plan, columns: readonly Column[], binder: Binder): Plan {
  const own = outputColumns(plan);
  const items: ProjectItem[] = own.map((column, i) => {
    const expr = implicitCast(referTo(column), columns[i]?.type ?? column.type);
    return {
      column: expr.kind === 'column' ? column : binder.column(column.name, expr.type, expr.nullable),
      expr,
    };
  });
  if (items.every((item) => item.expr.kind === 'column')) return plan;
  // A column that keeps its id may stand in one projection only once under that id.
  const fresh = items.map((item) => ({
    ...item,
    column: binder.column(item.column.name, item.expr.type, item.expr.nullable),
  }));
  return { kind: 'project', input: plan, items: fresh };
}

/** VALUES: columns col1, col2 ..., each of the type its cells meet in. */
export function bindValues(
  rows: readonly (readonly Expression[])[],
  names: readonly { readonly name: string }[],
  at: Expression['at'],
  binder: Binder,
  scope: Scope,
): Plan {
  const width = rows[0]?.length ?? 0;
  const context: ExprContext = { binder, scope, clause: 'VALUES', aggregates: false, windows: false };
  const cells = rows.map((row) => {
    if (row.length !== width) throw invalid('The rows of VALUES differ in length.', row[0]?.at ?? at);
    return row.map((cell) => bindExpr(cell, context));
  });
  const columns = Array.from({ length: width }, (_, i) => {
    const type = commonType(cells.map((row) => row[i]?.type ?? { kind: 'void' }));
    if (type === undefined) throw typeMismatch(`The values of column ${i + 1} have no common type.`, at);
    const nullable = cells.some((row) => row[i]?.nullable ?? true);
    return binder.column(`col${i + 1}`, type, nullable);
  });
  return {
    kind: 'values',
    columns: renamed(columns, names, at),
    rows: cells.map((row) => row.map((cell, i) => implicitCast(cell, columns[i]?.type ?? cell.type, at))),
  };
}
