/**
 * Binds UPDATE, DELETE and MERGE: conditions and values over the columns of the target, as its principal may know it, and
 * of the source. Each value is cast to the type of its column.
 */
import { foldName } from '../catalog/catalog.js';
import { GovernanceError, type Position } from '../errors.js';
import type { Column, Expr, Scan } from '../plan/plan.js';
import { outputColumns } from '../plan/traverse.js';
import { BOOLEAN } from '../plan/types.js';
import type { BoundRowChange, ColumnValue, RowAction, RowClause } from '../plan/write.js';
import type { Expression, QualifiedName } from '../sql/ast.js';
import type { Assignment, DeleteRows, Insert, MergeClause, MergeRows, UpdateRows } from '../sql/ast-write.js';
import { type BindContext, Binder, invalid } from './context.js';
import { bindCondition, bindExpr, type ExprContext } from './expression.js';
import { bindFrom, bindTableName, noTable } from './from.js';
import { literal } from './literals.js';
import { bindQueryIn } from './query.js';
import { type Binding, findHere, referTo, type Scope } from './scope.js';
import { assigned } from './store-assignment.js';
import { intoColumns, placedValues, resolved, type TargetNames } from './write.js';

type RowChange = DeleteRows | UpdateRows | MergeRows;

export function bindRowChange(
  statement: RowChange,
  context: BindContext,
  names: TargetNames,
): BoundRowChange {
  const table = resolved(statement.target, names);
  if (table === undefined) throw noTable(statement.target);
  const binder = new Binder(context);
  const { plan, qualifier } = bindTableName(statement.target, binder, new Map());
  if (plan.kind !== 'scan' || plan.table !== table.object) throw noTable(statement.target);
  const known = statement.alias === undefined ? qualifier : [foldName(statement.alias.name)];
  const target: Side = { columns: plan.columns, bindings: [{ qualifier: known, columns: plan.columns }] };
  const common = {
    kind: 'row-change' as const,
    target: { object: table.object, at: statement.target[0]?.at ?? statement.at },
    scan: plan,
    columns: table.all.map(({ name, type }) => ({ name, type })),
  };
  if (statement.kind === 'merge') return { ...common, ...bindMerge(statement, plan, target, binder) };
  const scope = contextOf([target], 'WHERE', binder);
  const condition = statement.where === undefined ? {} : { condition: bindCondition(statement.where, scope) };
  const action: RowAction =
    statement.kind === 'delete'
      ? { kind: 'delete' }
      : { kind: 'update', values: assignments(statement.assignments, target, scope) };
  return { ...common, clauses: [{ when: 'matched', action, ...condition }], leaves: binder.leaves };
}

/** INSERT REPLACE WHERE: as a MERGE in which no row meets another. */
export function bindReplacement(
  statement: Insert & { readonly replaceWhere: Expression },
  context: BindContext,
  names: TargetNames,
): BoundRowChange {
  const table = resolved(statement.target, names);
  if (table === undefined) throw noTable(statement.target);
  const binder = new Binder(context);
  const { plan: scan, qualifier } = bindTableName(statement.target, binder, new Map());
  if (scan.kind !== 'scan' || scan.table !== table.object) throw noTable(statement.target);
  const target: Side = { columns: scan.columns, bindings: [{ qualifier, columns: scan.columns }] };
  const { plan } = bindQueryIn(statement.query, binder, undefined, new Map());
  const placed = placedValues(statement, outputColumns(plan), table);
  const source = intoColumns(plan, table.all, placed, binder, statement.query.at);
  const values = source.output.map((column) => ({ column: column.name, value: referTo(column) }));
  return {
    kind: 'row-change',
    target: { object: table.object, at: statement.target[0]?.at ?? statement.at },
    scan,
    columns: table.all.map(({ name, type }) => ({ name, type })),
    source: { ...source, leaves: binder.leaves.filter((leaf) => leaf !== scan) },
    on: literal(BOOLEAN, false),
    clauses: [
      {
        when: 'not-matched-by-source',
        condition: bindCondition(statement.replaceWhere, contextOf([target], 'WHERE', binder)),
        action: { kind: 'delete' },
      },
      { when: 'not-matched', action: { kind: 'insert', values } },
    ],
    replaces: true,
    leaves: binder.leaves,
  };
}

/** The columns of one table or query in a MERGE, and what they are called. */
interface Side {
  readonly columns: readonly Column[];
  readonly bindings: readonly Binding[];
}

const scopeOver = (sides: readonly Side[]): Scope => ({
  visible: sides.flatMap(({ columns }) => columns),
  bindings: sides.flatMap(({ bindings }) => bindings),
  ctes: new Map(),
});

const contextOf = (sides: readonly Side[], clause: string, binder: Binder): ExprContext => ({
  binder,
  scope: scopeOver(sides),
  clause,
  aggregates: false,
  windows: false,
});

function bindMerge(
  statement: MergeRows,
  scan: Scan,
  target: Side,
  binder: Binder,
): Pick<BoundRowChange, 'source' | 'on' | 'clauses' | 'leaves'> {
  const from = bindFrom([statement.source], binder, undefined, new Map());
  const source: Side = { columns: from.visible, bindings: from.bindings };
  const sides = { target, source };
  requireLastOpen(statement.clauses);
  return {
    source: {
      plan: from.plan,
      output: from.visible,
      leaves: binder.leaves.filter((leaf) => leaf !== scan),
    },
    on: bindCondition(statement.on, contextOf([target, source], 'ON', binder)),
    clauses: statement.clauses.map((clause) => bindClause(clause, sides, binder)),
    leaves: binder.leaves,
  };
}

/** What comes after a clause that takes every row would never be reached. */
function requireLastOpen(clauses: readonly MergeClause[]): void {
  for (const [i, { when, condition }] of clauses.entries()) {
    const later = clauses.slice(i + 1).find((clause) => clause.when === when);
    if (condition !== undefined || later === undefined) continue;
    throw invalid(
      'Only the last WHEN clause of its kind may be without a condition.',
      later.at,
      'Give the earlier one a condition (AND ...), or leave this one out.',
    );
  }
}

function bindClause(
  { when, condition, action, at }: MergeClause,
  { target, source }: { readonly target: Side; readonly source: Side },
  binder: Binder,
): RowClause {
  const seen = { matched: [target, source], 'not-matched': [source], 'not-matched-by-source': [target] }[
    when
  ];
  const context = contextOf(seen, 'WHEN', binder);
  return {
    when,
    action: bindAction(action, target, source, context, at),
    ...(condition === undefined ? {} : { condition: bindCondition(condition, context) }),
  };
}

function bindAction(
  action: MergeClause['action'],
  target: Side,
  source: Side,
  context: ExprContext,
  at: Position,
): RowAction {
  switch (action.kind) {
    case 'delete':
      return { kind: 'delete' };
    case 'update':
      return { kind: 'update', values: assignments(action.assignments, target, context) };
    case 'update-all':
      return { kind: 'update', values: sameNamed(target, source, at) };
    case 'insert': {
      const pairs = action.columns.map((column, i) => ({
        column,
        value: action.values[i] ?? {
          kind: 'literal' as const,
          value: { type: 'null' as const },
          at: startOf(column),
        },
        at: startOf(column),
      }));
      return { kind: 'insert', values: assignments(pairs, target, context) };
    }
    case 'insert-all':
      return { kind: 'insert', values: sameNamed(target, source, at) };
  }
}

const startOf = (name: QualifiedName) => name[0]?.at ?? { line: 1, column: 1 };

function assignments(
  list: readonly Assignment[],
  target: Side,
  context: ExprContext,
): readonly ColumnValue[] {
  const seen = new Set<string>();
  return list.map(({ column: name, value, at }) => {
    const column = assignedColumn(name, target);
    const folded = foldName(column.name);
    if (seen.has(folded))
      throw invalid(`The column ${column.name} is assigned twice.`, at, 'Assign each column once.');
    seen.add(folded);
    const bound: Expr = bindExpr(value, context);
    return { column: column.name, value: assigned(bound, column.type, column.name, value.at) };
  });
}

function assignedColumn(name: QualifiedName, target: Side): Column {
  const found = findHere(scopeOver([target]), name);
  if (found === undefined) throw noColumn(name, target);
  if (found.fields.length === 0) return found.column;
  throw new GovernanceError('FEATURE_NOT_ALLOWED', 'Assigning to a field of a struct is not allowed.', {
    position: startOf(name),
    remedy: 'Assign the whole column, with named_struct(...).',
    sqlState: '0A000',
  });
}

/** `*`: every column of the target from that of the same name in the source. */
function sameNamed(target: Side, source: Side, at: Position): readonly ColumnValue[] {
  return target.columns.map(({ name, type }) => {
    const identifier = [{ name, quoted: true, at }];
    const found = findHere(scopeOver([source]), identifier);
    if (found === undefined) throw noColumn(identifier, source);
    return { column: name, value: assigned(referTo(found.column), type, name, at) };
  });
}

const noColumn = (name: QualifiedName, { columns }: Side): GovernanceError =>
  new GovernanceError(
    'UNRESOLVED_COLUMN',
    `There is no column ${name.map((part) => part.name).join('.')} here.`,
    {
      position: startOf(name),
      remedy: `There are ${columns.map((column) => column.name).join(', ')}.`,
      sqlState: '42703',
    },
  );
