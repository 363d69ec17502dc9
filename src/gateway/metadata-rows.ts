/**
 * Answers of SHOW, DESCRIBE and USE as a bound VALUES plan: they take the same way through record and engine
 * as any query, so every format and limit works for them too. What a principal may not browse is not in them.
 */
import { type CatalogSnapshot, findColumn, foldName, type TableMeta } from '../core/catalog/catalog.js';
import { GovernanceError, type Position } from '../core/errors.js';
import type { BoundQuery, Column, LiteralExpr } from '../core/plan/plan.js';
import { BOOLEAN, type DataType, STRING, typeName } from '../core/plan/types.js';
import type { QualifiedName, Statement } from '../core/sql/ast.js';
import { functionTable } from '../core/sql/functions/table.js';

export type Cell = string | boolean | null;

export interface MetadataContext {
  readonly catalog: CatalogSnapshot;
  readonly currentCatalog: string;
  readonly currentSchema: string;
  /** The table as this principal may know it (hidden columns left out); undefined: unknown or hidden. */
  readonly browse: (table: TableMeta) => TableMeta | undefined;
}

/** A VALUES plan with these columns and rows; text columns unless a cell is boolean. */
export function valuesQuery(names: readonly string[], rows: readonly (readonly Cell[])[]): BoundQuery {
  const columns: Column[] = names.map((name, i) => ({
    id: i + 1,
    name,
    type: rows.some((row) => typeof row[i] === 'boolean') ? BOOLEAN : STRING,
    nullable: true,
  }));
  const literal = (value: Cell, type: DataType): LiteralExpr => ({
    kind: 'literal',
    type,
    nullable: true,
    value,
  });
  const literals = rows.map((row) => row.map((cell, i) => literal(cell, columns[i]?.type ?? STRING)));
  // VALUES needs a row; an empty answer is one row that a filter takes away.
  const plan = {
    kind: 'values' as const,
    columns,
    rows: literals.length > 0 ? literals : [columns.map((column) => literal(null, column.type))],
  };
  const condition: LiteralExpr = { kind: 'literal', type: BOOLEAN, nullable: false, value: false };
  return {
    plan: literals.length > 0 ? plan : { kind: 'filter', input: plan, condition },
    output: columns,
    leaves: [],
  };
}

type ShowStatement = Extract<Statement, { kind: 'show' }>;
type DescribeStatement = Extract<Statement, { kind: 'describe-table' }>;
type UseStatement = Extract<Statement, { kind: 'use' }>;

export function showQuery(statement: ShowStatement, context: MetadataContext): BoundQuery {
  const matches = likeFilter(statement.like);
  const tables = visibleTables(context);
  const inParts = statement.in?.map((part) => foldName(part.name));
  switch (statement.what) {
    case 'catalogs':
      return valuesQuery(
        ['catalog'],
        unique(tables.map((t) => t.catalog))
          .filter(matches)
          .map(one),
      );
    case 'schemas': {
      const catalog = inParts?.[0] ?? foldName(context.currentCatalog);
      const schemas = tables.filter((t) => foldName(t.catalog) === catalog).map((t) => t.schema);
      if (schemas.length === 0 && statement.in) throw noSchema(statement.in, statement.at);
      return valuesQuery(['namespace'], unique(schemas).filter(matches).map(one));
    }
    case 'tables': {
      const [catalog, schema] = namespaceOf(inParts, context);
      const found = tables.filter((t) => foldName(t.catalog) === catalog && foldName(t.schema) === schema);
      if (found.length === 0 && statement.in) throw noSchema(statement.in, statement.at);
      const named = found.filter((t) => matches(t.table));
      return valuesQuery(
        ['namespace', 'tableName', 'isTemporary'],
        named.map((t) => [t.schema, t.table, false]),
      );
    }
    case 'columns': {
      const table = statement.in && findTable(statement.in, context);
      if (table === undefined) throw noTable(statement.in?.[0]?.at ?? statement.at);
      return valuesQuery(
        ['col_name'],
        table.columns
          .map((c) => c.name)
          .filter(matches)
          .map(one),
      );
    }
    case 'functions': {
      const names = functionTable
        .all()
        .filter((f) => f.internal !== true && f.operator !== true)
        .map((f) => f.name);
      return valuesQuery(['function'], unique(names).filter(matches).map(one));
    }
  }
}

export function describeTable(statement: DescribeStatement, context: MetadataContext): BoundQuery {
  const table = findTable(statement.name, context);
  if (table === undefined) throw noTable(statement.name[0]?.at ?? statement.at);
  if (statement.column !== undefined) return describeColumn(statement, table);
  const rows: Cell[][] = table.columns.map((c) => [c.name, typeName(c.type), tagsOf(c.tags)]);
  if (statement.extended) {
    rows.push(['', '', ''], ['# Detailed Table Information', '', '']);
    rows.push(['Catalog', table.catalog, ''], ['Database', table.schema, ''], ['Table', table.table, '']);
    if (table.owner !== undefined) rows.push(['Owner', table.owner, '']);
    if (table.tags.length > 0) rows.push(['Tags', table.tags.join(', '), '']);
  }
  return valuesQuery(['col_name', 'data_type', 'comment'], rows);
}

function describeColumn(statement: DescribeStatement, table: TableMeta): BoundQuery {
  const name = statement.column?.at(-1)?.name ?? '';
  const column = findColumn(table, name);
  if (column === undefined) {
    throw new GovernanceError('UNRESOLVED_COLUMN', `There is no column ${name} in this table.`, {
      position: statement.column?.[0]?.at ?? statement.at,
      remedy: 'DESCRIBE the table to see its columns.',
      sqlState: '42703',
    });
  }
  return valuesQuery(
    ['info_name', 'info_value'],
    [
      ['col_name', column.name],
      ['data_type', typeName(column.type)],
      ['comment', tagsOf(column.tags)],
    ],
  );
}

/** The columns of a query, as DESCRIBE QUERY shows them. */
export const describeOutput = (output: readonly Column[]): BoundQuery =>
  valuesQuery(
    ['col_name', 'data_type', 'comment'],
    output.map((column) => [column.name, typeName(column.type), null]),
  );

export function describeFunction(name: string, at: Position): BoundQuery {
  const spec = functionTable.lookup(name.toLowerCase());
  if (spec === undefined || spec.internal === true) {
    const nearest = functionTable.nearest(name.toLowerCase());
    throw new GovernanceError('FUNCTION_NOT_ALLOWED', `There is no function ${name} in the function table.`, {
      position: at,
      remedy: nearest.length > 0 ? `Did you mean ${nearest.join(', ')}?` : 'SHOW FUNCTIONS lists them.',
      sqlState: '42883',
    });
  }
  return valuesQuery(['function_desc'], [[`Function: ${spec.name}`], [`Usage: ${spec.summary}`]]);
}

/** REST has no session: USE only says whether the name exists, and how to have its effect. */
export function useQuery(statement: UseStatement, context: MetadataContext): BoundQuery {
  const parts = statement.name.map((part) => foldName(part.name));
  const tables = visibleTables(context);
  const known = tables.some((table) => {
    const catalog = foldName(table.catalog);
    const schema = foldName(table.schema);
    if (parts.length === 2) return catalog === parts[0] && schema === parts[1];
    if (statement.what === 'catalog') return catalog === parts[0];
    const here = catalog === foldName(context.currentCatalog) && schema === parts[0];
    return here || (statement.what === 'any' && catalog === parts[0]);
  });
  if (!known) throw noSchema(statement.name, statement.at);
  return valuesQuery(['result'], []);
}

/** The table a name means here, if this principal may know of it. */
export function findTable(name: QualifiedName, context: MetadataContext): TableMeta | undefined {
  const parts = name.map((part) => foldName(part.name));
  const padded = [foldName(context.currentCatalog), foldName(context.currentSchema)].slice(
    0,
    Math.max(0, 3 - parts.length),
  );
  const table = context.catalog.tables.get([...padded, ...parts].join('.'));
  return table && parts.length <= 3 ? context.browse(table) : undefined;
}

const visibleTables = (context: MetadataContext): readonly TableMeta[] =>
  [...context.catalog.tables.values()].filter((table) => context.browse(table) !== undefined);

function namespaceOf(parts: readonly string[] | undefined, context: MetadataContext): [string, string] {
  if (parts === undefined) return [foldName(context.currentCatalog), foldName(context.currentSchema)];
  if (parts.length === 1) return [foldName(context.currentCatalog), parts[0] ?? ''];
  return [parts[0] ?? '', parts[1] ?? ''];
}

/** SHOW ... LIKE: `*` is any text, `|` separates alternatives, case does not count (Spark's rule). */
export function likeFilter(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true;
  const alternatives = pattern.split('|').map((alternative) => foldName(alternative.trim()).split('*'));
  return (name) => alternatives.some((pieces) => matchesPieces(foldName(name), pieces));
}

/** Greedy and linear: a pattern of many stars costs no more than its length. */
function matchesPieces(name: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces;
  if (rest.length === 0) return name === first;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let from = first.length;
  const end = name.length - last.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, from);
    if (found < 0) return false;
    from = found + piece.length;
  }
  return from <= end;
}

const unique = (names: readonly string[]): string[] => [...new Set(names)].sort();
const one = (name: string): Cell[] => [name];
const tagsOf = (tags: readonly string[]): string | null => (tags.length > 0 ? tags.join(', ') : null);

const noTable = (at: Position): GovernanceError =>
  new GovernanceError('TABLE_OR_VIEW_NOT_FOUND', 'There is no such table, or you may not know of it.', {
    position: at,
    remedy: 'SHOW TABLES lists what you may browse.',
    sqlState: '42P01',
  });

const noSchema = (name: QualifiedName, at: Position): GovernanceError =>
  new GovernanceError('SCHEMA_NOT_FOUND', 'There is no such catalog or schema, or you may not know of it.', {
    position: name[0]?.at ?? at,
    remedy: 'SHOW SCHEMAS lists what you may browse.',
    sqlState: '42704',
  });
