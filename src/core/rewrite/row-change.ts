/**
 * UPDATE, DELETE and MERGE, secured. A change is first told as a query over the same tables, which holds all of its
 * expressions and takes the way of every query: decided, rewritten, judged. What comes back is the change over raw
 * values: only rows that the caller sees are touched, and none leaves what the caller sees.
 */
import { foldName } from '../catalog/catalog.js';
import { GovernanceError } from '../errors.js';
import type { BoundQuery, Column, ColumnId, Expr, Plan, ProjectItem, Secured } from '../plan/plan.js';
import type { SecuredChange, SecuredClause } from '../plan/secured-change.js';
import { exprPlan, mapExpr, walkExpr, walkPlan } from '../plan/traverse.js';
import type { BoundRowChange, ColumnValue, RowAction, RowClause } from '../plan/write.js';
import { booleanOf, callOf, columnOf, nullOf } from './expressions.js';
import { columnIdMax } from './usage.js';

/** A value of the change that becomes one of a column of the table. */
export interface ChangedColumn {
  readonly column: string;
  /** As the query gives it. */
  readonly output: Column;
}

export interface ChangeQuery {
  readonly query: BoundQuery;
  readonly values: readonly ChangedColumn[];
}

/** Throws for expressions that Delta cannot take. */
export function changeQuery(change: BoundRowChange): ChangeQuery {
  for (const expr of expressionsOf(change)) refuseSubqueries(expr, change);
  const { scan, source, on } = change;
  const joined: Plan =
    source === undefined
      ? scan
      : {
          kind: 'join',
          type: 'full',
          left: scan,
          right: source.plan,
          lateral: false,
          ...(on === undefined ? {} : { on }),
        };
  const conditions = change.clauses.flatMap(({ condition }) => condition ?? []);
  const input: Plan =
    conditions.length === 0
      ? joined
      : { kind: 'filter', input: joined, condition: conditions.reduce((a, b) => callOf('or', [a, b])) };
  const given = change.clauses.flatMap(({ action }) => (action.kind === 'delete' ? [] : action.values));
  const draft: Plan = { kind: 'filter', input, condition: booleanOf(true) };
  let id = columnIdMax({ plan: draft, output: [], leaves: [] });
  for (const { value } of given) id = Math.max(id, largestIn(value));
  const items = given.map(({ column, value }): ProjectItem => {
    id += 1;
    return { column: { id, name: column, type: value.type, nullable: value.nullable }, expr: value };
  });
  // DELETE gives no value: that a row is there is asked all the same.
  const shown: readonly ProjectItem[] =
    items.length > 0
      ? items
      : [
          {
            column: { id: id + 1, name: 'row', type: booleanOf(true).type, nullable: false },
            expr: booleanOf(true),
          },
        ];
  return {
    query: {
      plan: { kind: 'project', input, items: shown },
      output: shown.map(({ column }) => column),
      leaves: change.leaves,
    },
    values: items.map(({ column }) => ({ column: column.name, output: column })),
  };
}

/** `secured`: the plan that `changeQuery` became. Rows the caller does not see are as if they were not there. */
export function securedChange(change: BoundRowChange, secured: Plan): SecuredChange {
  const leaf = leafOf(change, secured);
  requireClear(change, leaf);
  const visible = leaf.filter;
  if (visible !== undefined) refuseSubqueries(visible, change);
  const { source, on } = change;
  const seen = (condition: Expr | undefined): Expr | undefined => ifVisible(visible, condition);
  return {
    targetColumns: new Map([...change.scan.columns, ...leaf.raw].map((column) => [column.id, column.source])),
    ...(source === undefined
      ? {}
      : { source: { plan: sourceIn(secured), output: readColumns(change, source) } }),
    ...(on === undefined ? {} : { on: seen(on) ?? on }),
    clauses: change.clauses.map((clause) => securedClause(clause, change, leaf, seen)),
    ...(change.replaces === undefined ? {} : { replaces: change.columns }),
  };
}

/** A secured leaf has no columns but those that are read. */
function readColumns(change: BoundRowChange, { output }: BoundQuery): readonly Column[] {
  const read = new Set<ColumnId>();
  for (const expr of expressionsOf(change)) {
    walkExpr(expr, {
      expr: (e) => {
        if (e.kind === 'column') read.add(e.id);
      },
    });
  }
  return output.filter(({ id }) => read.has(id));
}

function securedClause(
  { when, condition, action }: RowClause,
  { source, columns }: BoundRowChange,
  leaf: Secured,
  seen: (condition: Expr | undefined) => Expr | undefined,
): SecuredClause {
  // What matches is visible by `on`; without a source, and where nothing matches, the condition must say so.
  const guarded = source === undefined || when === 'not-matched-by-source' ? seen(condition) : condition;
  const check = action.kind === 'delete' ? undefined : checkOf(action.kind, action.values, leaf);
  const all: RowAction =
    action.kind === 'insert' ? { kind: 'insert', values: everyColumn(action.values, columns) } : action;
  return {
    when,
    action: all,
    ...(guarded === undefined ? {} : { condition: guarded }),
    ...(check === undefined ? {} : { check }),
  };
}

/** Nothing of the caller's is computed for a row that is hidden from them. */
function ifVisible(visible: Expr | undefined, condition: Expr | undefined): Expr | undefined {
  if (visible === undefined) return condition;
  const type = visible.type;
  return {
    kind: 'case',
    branches: [{ when: visible, then: condition ?? booleanOf(true) }],
    otherwise: booleanOf(false),
    type,
    nullable: condition?.nullable ?? false,
  };
}

/** The row rules over the row as it will be. */
function checkOf(kind: 'update' | 'insert', values: readonly ColumnValue[], leaf: Secured): Expr | undefined {
  if (leaf.filter === undefined) return undefined;
  const given = new Map(values.map(({ column, value }) => [foldName(column), value]));
  const raw = new Map(leaf.raw.map((column) => [column.id, column]));
  return mapExpr(leaf.filter, {
    expr: (expr) => {
      const column = expr.kind === 'column' ? raw.get(expr.id) : undefined;
      if (column === undefined) return expr;
      const value = given.get(foldName(column.source));
      if (value !== undefined) return value;
      return kind === 'insert' ? nullOf(column.type) : columnOf(column);
    },
  });
}

const everyColumn = (
  values: readonly ColumnValue[],
  columns: BoundRowChange['columns'],
): readonly ColumnValue[] => {
  const given = new Map(values.map((value) => [foldName(value.column), value]));
  return columns.map(({ name, type }) => given.get(foldName(name)) ?? { column: name, value: nullOf(type) });
};

function leafOf({ scan }: BoundRowChange, secured: Plan): Secured {
  const found: Secured[] = [];
  walkPlan(secured, {
    plan: (node) => {
      if (node.kind === 'secured' && node.leaf === scan.leaf) found.push(node);
    },
  });
  const [leaf] = found;
  if (leaf === undefined) throw new Error('the target of a change was not secured');
  return leaf;
}

/** The other side of the join that `changeQuery` made. */
function sourceIn(secured: Plan): Plan {
  const project = secured.kind === 'project' ? secured.input : secured;
  const joined = project.kind === 'filter' ? project.input : project;
  if (joined.kind !== 'join') throw new Error('a change lost its source');
  return joined.right;
}

/** A change reads true values or none: a masked one would change rows by what the caller may not know, or be written. */
function requireClear(change: BoundRowChange, leaf: Secured): void {
  const raw = new Set(leaf.raw.map(({ id }) => id));
  const clear = new Set(
    leaf.items.flatMap(({ column, expr }) => (expr.kind === 'column' && raw.has(expr.id) ? [column.id] : [])),
  );
  const target = new Map(change.scan.columns.map((column) => [column.id, column.source]));
  for (const expr of expressionsOf(change)) {
    walkExpr(expr, {
      expr: (e) => {
        const column = e.kind === 'column' ? target.get(e.id) : undefined;
        if (e.kind !== 'column' || column === undefined || clear.has(e.id)) return;
        throw new GovernanceError(
          'COLUMN_PREDICATE_DENIED',
          `${column} is masked for you, so a change of rows may not read it.`,
          {
            position: change.target.at,
            remedy: `Leave ${column} out of conditions and values; new values may be written to it.`,
            sqlState: '42501',
            denied: [{ object: change.target.object, columns: [column], action: 'read' }],
          },
        );
      },
    });
  }
}

const expressionsOf = ({ on, clauses }: BoundRowChange): readonly Expr[] => [
  ...(on === undefined ? [] : [on]),
  ...clauses.flatMap(({ condition, action }) => [
    ...(condition === undefined ? [] : [condition]),
    ...(action.kind === 'delete' ? [] : action.values.map(({ value }) => value)),
  ]),
];

function refuseSubqueries(expr: Expr, { target }: BoundRowChange): void {
  walkExpr(expr, {
    expr: (e) => {
      if (exprPlan(e) === undefined) return;
      throw new GovernanceError(
        'FEATURE_NOT_ALLOWED',
        'A change of rows cannot ask another table, in its conditions or by a row rule of its target.',
        {
          position: target.at,
          remedy: 'Join the other table in the source of a MERGE.',
          sqlState: '0A000',
        },
      );
    },
  });
}

function largestIn(expr: Expr): ColumnId {
  let largest = 0;
  walkExpr(expr, {
    expr: (e) => {
      if (e.kind === 'column' || e.kind === 'lambda-variable') largest = Math.max(largest, e.id);
      if (e.kind === 'lambda') for (const { id } of e.parameters) largest = Math.max(largest, id);
    },
  });
  return largest;
}
