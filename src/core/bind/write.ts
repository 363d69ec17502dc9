/**
 * Binds statements that write whole rows: CREATE TABLE, INSERT, TRUNCATE and DROP. The rows are a query like any other; on top of
 * it stands one projection that gives each column of the table its value in its type.
 */
import { type ColumnMeta, foldName, type ObjectId } from '../catalog/catalog.js';
import { GovernanceError, type Position } from '../errors.js';
import type { BoundQuery, Column, Expr, Plan, ProjectItem } from '../plan/plan.js';
import { outputColumns } from '../plan/traverse.js';
import { BOOLEAN } from '../plan/types.js';
import type { BoundTableWrite, BoundWrite, TableFormat, TargetColumn, WriteTarget } from '../plan/write.js';
import type { Identifier, QualifiedName } from '../sql/ast.js';
import type { CreateTable, CreateTableAs, DropTable, Insert, TruncateTable } from '../sql/ast-write.js';
import { type BindContext, Binder, invalid } from './context.js';
import { noTable } from './from.js';
import { literal } from './literals.js';
import { bindQueryIn } from './query.js';
import { referTo } from './scope.js';
import { assigned } from './store-assignment.js';
import { requireTableColumns, requireTableName } from './target-columns.js';

/** A table that is written to, as the principal may know it. */
export interface TargetTable {
  readonly object: ObjectId;
  /** Without hidden columns: what positions count over. */
  readonly known: readonly ColumnMeta[];
  readonly all: readonly ColumnMeta[];
  readonly format: TableFormat;
}

export interface TargetNames {
  /** Undefined for unknown and for hidden tables alike. */
  resolve(parts: readonly string[]): TargetTable | undefined;
  /** The canonical id that a name means here. */
  idOf(parts: readonly string[]): ObjectId;
}

export function bindTableStatement(
  statement: CreateTable | CreateTableAs | Insert | DropTable | TruncateTable,
  context: BindContext,
  names: TargetNames,
): BoundWrite {
  switch (statement.kind) {
    case 'insert':
      return bindInsert(statement, context, names);
    case 'drop-table': {
      const found = resolved(statement.name, names);
      if (found !== undefined) return { kind: 'drop', target: targetOf(found.object, statement.name) };
      if (!statement.ifExists) throw noTable(statement.name);
      return { kind: 'nothing', target: targetOf(idOf(statement.name, names), statement.name) };
    }
    case 'truncate':
      return bindTruncate(statement, context, names);
    default:
      return bindCreate(statement, context, names);
  }
}

const parts = (name: QualifiedName): readonly string[] => name.map((part) => part.name);
const at = (name: QualifiedName): Position => name[0]?.at ?? { line: 1, column: 1 };
const targetOf = (object: ObjectId, name: QualifiedName): WriteTarget => ({ object, at: at(name) });

export const resolved = (name: QualifiedName, names: TargetNames): TargetTable | undefined =>
  name.length <= 3 ? names.resolve(parts(name)) : undefined;

function idOf(name: QualifiedName, names: TargetNames): ObjectId {
  requireTableName(parts(name), at(name));
  return names.idOf(parts(name));
}

function bindCreate(
  statement: CreateTable | CreateTableAs,
  context: BindContext,
  names: TargetNames,
): BoundWrite {
  const target = targetOf(idOf(statement.name, names), statement.name);
  const there = resolved(statement.name, names) !== undefined;
  if (there && statement.ifNotExists) return { kind: 'nothing', target };
  if (there && !statement.orReplace) throw alreadyThere(statement.name);
  const source =
    statement.kind === 'create-table'
      ? noRows(
          statement.columns.map(({ name, type }) => ({ name: name.name, type })),
          context,
        )
      : bindSource(statement, context);
  const columns = source.output.map(({ name, type }) => ({ name, type }));
  requireTableColumns(columns, statement.kind === 'create-table' ? statement.at : statement.query.at);
  return {
    kind: 'table-write',
    target,
    mode: there ? 'replace' : 'create',
    format: statement.format ?? 'parquet',
    columns,
    source,
    ...(statement.comment === undefined ? {} : { comment: statement.comment }),
  };
}

export const alreadyThere = (name: QualifiedName): GovernanceError =>
  new GovernanceError('TABLE_OR_VIEW_ALREADY_EXISTS', `There is a table ${parts(name).join('.')} already.`, {
    position: at(name),
    remedy: 'Use CREATE OR REPLACE TABLE, INSERT INTO, or another name.',
    sqlState: '42P07',
  });

function bindSource({ query }: CreateTableAs, context: BindContext): BoundQuery {
  const binder = new Binder(context);
  const { plan } = bindQueryIn(query, binder, undefined, new Map());
  return { plan, output: outputColumns(plan), leaves: binder.leaves };
}

/** The columns of a table that begins empty. */
export function noRows(columns: readonly TargetColumn[], context: BindContext): BoundQuery {
  const binder = new Binder(context);
  const output = columns.map(({ name, type }) => binder.column(name, type, true));
  const row = output.map(({ type }) => literal(type, null));
  const condition = literal(BOOLEAN, false);
  return {
    plan: { kind: 'filter', input: { kind: 'values', columns: output, rows: [row] }, condition },
    output,
    leaves: [],
  };
}

function bindInsert(statement: Insert, context: BindContext, names: TargetNames): BoundTableWrite {
  const table = resolved(statement.target, names);
  if (table === undefined) throw noTable(statement.target);
  const binder = new Binder(context);
  const { plan } = bindQueryIn(statement.query, binder, undefined, new Map());
  const placed = placedValues(statement, outputColumns(plan), table);
  const source = intoColumns(plan, table.all, placed, binder, statement.query.at);
  return {
    kind: 'table-write',
    target: targetOf(table.object, statement.target),
    mode: statement.overwrite ? 'overwrite' : 'append',
    format: table.format,
    columns: table.all.map(({ name, type }) => ({ name, type })),
    source,
  };
}

/** All rows of the table by none. */
function bindTruncate({ target }: TruncateTable, context: BindContext, names: TargetNames): BoundTableWrite {
  const table = resolved(target, names);
  if (table === undefined) throw noTable(target);
  const columns = table.all.map(({ name, type }) => ({ name, type }));
  return {
    kind: 'table-write',
    target: targetOf(table.object, target),
    mode: 'overwrite',
    format: table.format,
    columns,
    source: noRows(columns, context),
  };
}

/** For each column of the table, by its folded name, the column of the query that it gets. */
export function placedValues(
  statement: Insert,
  given: readonly Column[],
  table: TargetTable,
): ReadonlyMap<string, Column> {
  if (statement.byName) return byName(statement, given, table);
  const wanted = statement.columns?.map((name) => namedColumn(name, table)) ?? table.known;
  if (given.length !== wanted.length) {
    throw invalid(
      `The table takes ${wanted.length} columns here, the query gives ${given.length}.`,
      statement.query.at,
      `Give ${wanted.map(({ name }) => name).join(', ')}, or name the columns: INSERT INTO t (a, b) ...`,
    );
  }
  const placed = new Map<string, Column>();
  for (const [i, { name }] of wanted.entries()) {
    const column = given[i];
    if (placed.has(foldName(name)))
      throw invalid(`The column ${name} is named twice.`, statement.columns?.[i]?.at ?? statement.at);
    if (column !== undefined) placed.set(foldName(name), column);
  }
  return placed;
}

function byName(
  statement: Insert,
  given: readonly Column[],
  table: TargetTable,
): ReadonlyMap<string, Column> {
  const placed = new Map<string, Column>();
  for (const column of given) {
    const { name } = namedColumn({ name: column.name, at: statement.query.at }, table);
    if (placed.has(foldName(name)))
      throw invalid(`The query gives ${name} twice.`, statement.query.at, 'Give each column once.');
    placed.set(foldName(name), column);
  }
  return placed;
}

export function namedColumn(
  { name, at: position }: Pick<Identifier, 'name' | 'at'>,
  table: TargetTable,
): ColumnMeta {
  const found = table.known.find((column) => foldName(column.name) === foldName(name));
  if (found !== undefined) return found;
  throw new GovernanceError('UNRESOLVED_COLUMN', `The table ${table.object} has no column ${name}.`, {
    position,
    remedy: `Its columns are ${table.known.map((column) => column.name).join(', ')}.`,
    sqlState: '42703',
  });
}

/** One projection over the query; what was not given is NULL. */
export function intoColumns(
  input: Plan,
  columns: readonly ColumnMeta[],
  placed: ReadonlyMap<string, Column>,
  binder: Binder,
  position: Position,
): BoundQuery {
  const items = columns.map(({ name, type }): ProjectItem => {
    const given = placed.get(foldName(name));
    const expr: Expr =
      given === undefined ? literal(type, null) : assigned(referTo(given), type, name, position);
    return { column: binder.column(name, type, expr.nullable), expr };
  });
  const plan: Plan = { kind: 'project', input, items };
  return { plan, output: items.map(({ column }) => column), leaves: binder.leaves };
}
