/**
 * PIVOT: groups by what is left over, a column for each value and aggregate. As in Spark, where all results are numbers or
 * booleans they are computed for the values there are, and a value that is not there is NULL (not a count of 0);
 * otherwise each aggregate goes over all rows and takes no notice of those of other values.
 */
import { foldName } from '../catalog/catalog.js';
import type { AggregateCall, Column, Expr, Plan, ProjectItem } from '../plan/plan.js';
import { exprChildren, mapExpr } from '../plan/traverse.js';
import { type DataType, INT } from '../plan/types.js';
import type { NamedExpression, PivotRelation } from '../sql/ast-relation.js';
import { groupingOf, type Placed } from './aggregate.js';
import { type Binder, badGrouping, invalid } from './context.js';
import { bindCast, bindExpr, call, type ExprContext } from './expression.js';
import type { From } from './from.js';
import { literal } from './literals.js';
import { autoName } from './names.js';
import { findHere, referTo, type Scope, unresolved } from './scope.js';

const PIVOT_COLUMNS_MAX = 2_000;
const ALONE: ReadonlySet<DataType['kind']> = new Set([
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'float',
  'double',
  'decimal',
  'boolean',
]);

interface Aggregated extends Placed {
  readonly name: string;
}
interface Value {
  readonly name: string;
  /** Is the row one of this value? Over the columns given. */
  matches(columns: readonly Column[]): Expr;
}

export function bindPivot(pivot: PivotRelation, input: From, binder: Binder, scope: Scope): From {
  const context: ExprContext = { binder, scope, clause: 'PIVOT', aggregates: true, windows: false };
  const aggregates = pivot.aggregates.map((item) => bindAggregated(item, context));
  const columns = pivot.columns.map((name) => {
    const found = findHere(scope, [name]);
    if (found === undefined) throw unresolved(scope, [name]);
    return found.column;
  });
  const values = pivot.values.map((value) => bindValue(value, columns, { ...context, aggregates: false }));
  if (values.length * aggregates.length > PIVOT_COLUMNS_MAX)
    throw invalid(`PIVOT makes at most ${PIVOT_COLUMNS_MAX} columns.`, pivot.at, 'Name fewer values.');
  const used = new Set([
    ...columns.map(({ id }) => id),
    ...aggregates.flatMap(({ expr }) => columnsOf(expr)),
  ]);
  const groups = input.visible.filter((column) => !used.has(column.id));
  const made = aggregates.every(({ expr }) => ALONE.has(expr.type.kind))
    ? inTwoSteps({ input: input.plan, groups, columns, aggregates, values, context })
    : inOneStep({ input: input.plan, groups, columns, aggregates, values, context });
  return fromOf(pivot, input, groups, made);
}

function bindAggregated({ expression, alias }: NamedExpression, context: ExprContext): Aggregated {
  const expr = bindExpr(expression, context);
  if (!holdsAggregate(expr))
    throw badGrouping('PIVOT takes aggregates.', expression.at, 'Aggregate it, e.g. with any_value.');
  return { expr, at: expression.at, name: alias?.name ?? autoName(expression) };
}

const holdsAggregate = (expr: Expr): boolean =>
  expr.kind === 'aggregate-call' || exprChildren(expr).some(holdsAggregate);

function columnsOf(expr: Expr): readonly number[] {
  return expr.kind === 'column' ? [expr.id] : exprChildren(expr).flatMap(columnsOf);
}

/** A constant for each of the columns. */
function bindValue(
  { expression, alias }: NamedExpression,
  columns: readonly Column[],
  context: ExprContext,
): Value {
  const parts = expression.kind === 'row' ? expression.items : [expression];
  if (parts.length !== columns.length)
    throw invalid(`A value of this PIVOT has ${columns.length} parts.`, expression.at);
  const bound = parts.map((part) =>
    bindExpr(part, { ...context, scope: { ...context.scope, visible: [], bindings: [] } }),
  );
  const texts = bound.map((expr) => constantText(expr));
  const text =
    texts.length === 1 ? texts[0] : texts.includes(undefined) ? undefined : `{${texts.join(', ')}}`;
  const name = alias?.name ?? text;
  if (name === undefined)
    throw invalid(
      'A value of PIVOT that is not a plain constant needs a name.',
      expression.at,
      'Add AS and a name.',
    );
  const { at } = expression;
  const casts = bound.map((expr, i) => bindCast(expr, columns[i]?.type ?? expr.type, false, at));
  return {
    name,
    matches: (over) =>
      casts
        .map(
          (value, i): Expr =>
            call('<=>', [referTo(over[i] as Column), context.binder.copy(value)], at, context),
        )
        .reduce((a, b) => call('and', [a, b], at, context)),
  };
}

/** As Spark writes a constant; undefined: it would have to be computed. */
function constantText(expr: Expr): string | undefined {
  if (expr.kind !== 'literal') return undefined;
  const { value, type } = expr;
  if (value === null) return 'null';
  const plain = ['string', 'boolean', 'date', 'decimal', 'tinyint', 'smallint', 'int', 'bigint'];
  return plain.includes(type.kind) ? String(value) : undefined;
}

interface Pivot {
  readonly input: Plan;
  readonly groups: readonly Column[];
  readonly columns: readonly Column[];
  readonly aggregates: readonly Aggregated[];
  readonly values: readonly Value[];
  readonly context: ExprContext;
}
interface Made {
  readonly plan: Plan;
  /** Those of the groups, then the new ones. */
  readonly columns: readonly Column[];
}

/** A result for each group and value there is, then one row for each group. */
function inTwoSteps({ input, groups, columns, aggregates, values, context }: Pivot): Made {
  const { binder } = context;
  const grouping = groupingOf([...groups, ...columns].map(referTo), undefined, context);
  const lifted = grouping.lift(aggregates);
  const copy = (column: Column, expr: Expr): ProjectItem => ({
    column: binder.column(column.name, column.type, column.nullable),
    expr,
  });
  const keys = [...groups, ...columns].map((column) => copy(column, lifted.expr(referTo(column))));
  const results = aggregates.map(({ expr, name }): ProjectItem => {
    const over = lifted.expr(expr);
    return { column: binder.column(name, over.type, over.nullable), expr: over };
  });
  const one: Plan = { kind: 'project', input: lifted.plan(input), items: [...keys, ...results] };
  const pivoted = keys.slice(groups.length).map(({ column }) => column);
  const picked = values.flatMap((value) =>
    results.map(
      ({ column }, i): ProjectItem => ({
        column: binder.column(nameOf(value, aggregates, i), column.type, true),
        expr: pick(column, value.matches(pivoted)),
      }),
    ),
  );
  const again = keys.slice(0, groups.length).map(({ column }) => copy(column, referTo(column)));
  return {
    plan: { kind: 'aggregate', input: one, keys: again, aggregates: picked },
    columns: [...again, ...picked].map(({ column }) => column),
  };
}

/** The one value there is. */
const pick = (column: Column, filter: Expr): AggregateCall => ({
  kind: 'aggregate-call',
  fn: 'any_value',
  args: [referTo(column)],
  distinct: false,
  filter,
  orderBy: [],
  ignoreNulls: true,
  type: column.type,
  nullable: true,
});

function inOneStep({ input, groups, columns, aggregates, values, context }: Pivot): Made {
  const { binder } = context;
  const pivoted = values.flatMap((value) =>
    aggregates.map(({ expr, at }, i) => ({
      name: nameOf(value, aggregates, i),
      expr: mapExpr(binder.copy(expr), {
        expr: (node) =>
          node.kind === 'aggregate-call' ? onlyWhere(value.matches(columns), node, context) : node,
      }),
      at,
    })),
  );
  const lifted = groupingOf(groups.map(referTo), undefined, context).lift(pivoted);
  const items = [...groups.map((column) => ({ name: column.name, expr: referTo(column) })), ...pivoted].map(
    ({ name, expr }): ProjectItem => {
      const over = lifted.expr(expr);
      return { column: binder.column(name, over.type, true), expr: over };
    },
  );
  return {
    plan: { kind: 'project', input: lifted.plan(input), items },
    columns: items.map(({ column }) => column),
  };
}

/** Its arguments are NULL for the rows of other values. */
function onlyWhere(when: Expr, aggregate: AggregateCall, context: ExprContext): AggregateCall {
  const args = aggregate.args.length > 0 ? aggregate.args : [literal(INT, 1n)];
  return {
    ...aggregate,
    args: args.map((then, i): Expr => {
      const setting = i > 0 && then.kind === 'literal';
      return setting
        ? then
        : {
            kind: 'case',
            branches: [{ when: context.binder.copy(when), then }],
            type: then.type,
            nullable: true,
          };
    }),
    ...(['first', 'last'].includes(aggregate.fn) ? { ignoreNulls: true } : {}),
  };
}

const nameOf = (value: Value, aggregates: readonly Aggregated[], i: number): string =>
  aggregates.length === 1 ? value.name : `${value.name}_${aggregates[i]?.name ?? ''}`;

/** What was known by the name of its table still is, unless the whole has a name. */
function fromOf(
  { alias }: PivotRelation,
  input: From,
  groups: readonly Column[],
  { plan, columns }: Made,
): From {
  if (alias?.name !== undefined)
    return { plan, visible: columns, bindings: [{ qualifier: [foldName(alias.name.name)], columns }] };
  const kept = new Map(groups.map(({ id }, i) => [id, columns[i] as Column]));
  const bindings = input.bindings.map((binding) => ({
    ...binding,
    columns: binding.columns.flatMap((column) => kept.get(column.id) ?? []),
  }));
  return { plan, visible: columns, bindings };
}
