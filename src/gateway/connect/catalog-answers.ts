/**
 * `spark.catalog`: answered from our catalogue and the session, as SQL over constants, so that it takes the way of any
 * plan. What a principal may not browse is not in it.
 */
import { foldName, type TableMeta } from '../../core/catalog/catalog.js';
import { isOwnSchema } from '../../core/catalog/work-schema.js';
import { GovernanceError } from '../../core/errors.js';
import { FUNCTION_NAMES } from '../../core/plan/connect/functions.js';
import { tableNameParts } from '../../core/plan/connect/identifiers.js';
import { type Case, type PlanMessage, textOf } from '../../core/plan/connect/message.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import { typeName } from '../../core/plan/types.js';
import { functionTable } from '../../core/sql/functions/table.js';
import { printIdentifier, printString } from '../../core/sql/print-literal.js';
import { type BindScope, browsable } from '../bind-context.js';
import { likeFilter } from '../metadata-rows.js';
import type { ClientSession } from './connect-session.js';

type Value = string | boolean | null | readonly string[];
type Row = readonly Value[];

interface CatalogContext {
  readonly session: ClientSession;
  readonly scope: BindScope;
  readonly tables: readonly TableMeta[];
}
type Answer = (operation: PlanMessage, context: CatalogContext) => string;

const DATABASE = ['name', 'catalog', 'description', 'locationUri'];
const TABLE = ['name', 'catalog', 'namespace', 'description', 'tableType', 'isTemporary'];
const COLUMN = ['name', 'description', 'dataType', 'nullable', 'isPartition', 'isBucket', 'isCluster'];
const FUNCTION = ['name', 'catalog', 'namespace', 'description', 'className', 'isTemporary'];

const ANSWERS: Readonly<Record<string, Answer>> = {
  currentCatalog: (_, { session }) => rows(['current_catalog'], [[session.namespace.catalog]]),
  currentDatabase: (_, { session }) => rows(['current_database'], [[session.namespace.schema]]),
  setCurrentCatalog: (operation, context) => {
    const catalog = foldName(textOf(operation, 'catalogName'));
    if (!context.tables.some((table) => table.catalog === catalog)) throw noSchema();
    context.session.namespace = { catalog, schema: 'main' };
    return rows(['result'], []);
  },
  setCurrentDatabase: (operation, context) => {
    context.session.namespace = schemaNamed(textOf(operation, 'dbName'), context) ?? raise(noSchema());
    return rows(['result'], []);
  },
  listCatalogs: (operation, { tables }) => {
    const names = unique(tables.map(({ catalog }) => catalog)).filter(likeFilter(pattern(operation)));
    return rows(
      ['name', 'description'],
      names.map((name) => [name, null]),
    );
  },
  listDatabases: (operation, { tables, session }) => {
    const { catalog } = session.namespace;
    const here = tables.filter((table) => table.catalog === catalog).map(({ schema }) => schema);
    const names = unique(here).filter(likeFilter(pattern(operation)));
    return rows(
      DATABASE,
      names.map((name) => [name, catalog, null, '']),
    );
  },
  getDatabase: (operation, context) => {
    const found = schemaNamed(textOf(operation, 'dbName'), context) ?? raise(noSchema());
    return rows(DATABASE, [[found.schema, found.catalog, null, '']]);
  },
  databaseExists: (operation, context) =>
    rows(['exists'], [[schemaNamed(textOf(operation, 'dbName'), context) !== undefined]]),
  listTables: (operation, context) => {
    const named = operation.dbName === undefined ? context.session.namespace : undefined;
    const { catalog, schema } =
      named ?? schemaNamed(textOf(operation, 'dbName'), context) ?? raise(noSchema());
    const matches = likeFilter(pattern(operation));
    const tables = context.tables.filter((table) => table.catalog === catalog && table.schema === schema);
    const views = [...context.session.views.values()].map(({ name }) => name);
    return rows(TABLE, [
      ...tables.filter(({ table }) => matches(table)).map(tableRow),
      ...views.filter(matches).map(viewRow),
    ]);
  },
  listViews: (operation, { session }) =>
    rows(
      TABLE,
      [...session.views.values()]
        .map(({ name }) => name)
        .filter(likeFilter(pattern(operation)))
        .map(viewRow),
    ),
  getTable: (operation, context) => {
    const parts = nameIn(operation, 'tableName');
    const view = viewNamed(parts, context);
    return rows(TABLE, [
      view === undefined ? tableRow(tableNamed(parts, context) ?? raise(noTable())) : viewRow(view),
    ]);
  },
  tableExists: (operation, context) => {
    const parts = nameIn(operation, 'tableName');
    const found = viewNamed(parts, context) ?? tableNamed(parts, context);
    return rows(['exists'], [[found !== undefined]]);
  },
  listColumns: (operation, context) => {
    const parts = nameIn(operation, 'tableName');
    const view = viewNamed(parts, context);
    const columns =
      view === undefined
        ? (tableNamed(parts, context) ?? raise(noTable())).columns
        : (context.session.views.get(foldName(view))?.columns ?? []);
    return rows(
      COLUMN,
      columns.map(({ name, type, nullable }) => [name, null, typeName(type), nullable, false, false, false]),
    );
  },
  listFunctions: (operation) =>
    rows(
      FUNCTION,
      functionNames()
        .filter(likeFilter(pattern(operation)))
        .map(functionRow),
    ),
  getFunction: (operation) => {
    const name = functionNamed(operation) ?? raise(noFunction());
    return rows(FUNCTION, [functionRow(name)]);
  },
  functionExists: (operation) => rows(['exists'], [[functionNamed(operation) !== undefined]]),
  dropTempView: (operation, { session }) =>
    rows(['dropped'], [[session.views.delete(foldName(textOf(operation, 'viewName')))]]),
  // There are none: a view belongs to its session.
  dropGlobalTempView: () => rows(['dropped'], [[false]]),
  dropView: (operation, context) => {
    const view = viewNamed(nameIn(operation, 'viewName'), context);
    if (view === undefined && operation.ifExists !== true) throw noTable();
    if (view !== undefined) context.session.views.delete(foldName(view));
    return rows(['result'], []);
  },
  // What is read is what the table is at the moment; that there is one is asked as in Spark.
  refreshTable: (operation, context) => {
    const parts = nameIn(operation, 'tableName');
    if (viewNamed(parts, context) === undefined && tableNamed(parts, context) === undefined) throw noTable();
    return rows(['result'], []);
  },
};

/** The operation as SQL that answers it. Throws for those that would change or tell what is not the caller's. */
export function catalogAnswer({ case: kind, value }: Case, session: ClientSession, scope: BindScope): string {
  const answer = Object.hasOwn(ANSWERS, kind) ? ANSWERS[kind] : undefined;
  if (answer === undefined)
    throw notAllowed(
      `catalog.${kind}`,
      'Name tables: createTable, dropTable, truncateTable and SQL write them.',
    );
  const tables = [...scope.catalog.tables.values()].flatMap((table) => browsable(scope, table) ?? []);
  return answer(value, { session, scope, tables });
}

/** The rows as a query. */
function rows(columns: readonly string[], values: readonly Row[]): string {
  const names = columns.map((name) => printIdentifier({ name }));
  const given = values.length > 0 ? values : [columns.map(() => null)];
  const lines = given.map(
    (row) => `(${row.map((value, i) => printValue(value, columns[i] ?? '')).join(', ')})`,
  );
  return `SELECT * FROM VALUES ${lines.join(', ')} AS answer(${names.join(', ')})${values.length > 0 ? '' : ' WHERE false'}`;
}

function printValue(value: Value, column: string): string {
  if (value === null) return column === 'namespace' ? 'CAST(NULL AS ARRAY<STRING>)' : 'CAST(NULL AS STRING)';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return typeof value === 'string' ? printString(value) : `array(${value.map(printString).join(', ')})`;
}

const tableRow = ({ catalog, schema, table }: TableMeta): Row => [
  table,
  catalog,
  [schema],
  null,
  'EXTERNAL',
  false,
];
const viewRow = (name: string): Row => [name, null, null, null, 'TEMPORARY', true];
const functionRow = (name: string): Row => [name, null, null, null, 'built-in', true];

function nameIn(operation: PlanMessage, field: string): readonly string[] {
  const parts = tableNameParts(textOf(operation, field));
  return operation.dbName === undefined ? parts : [...tableNameParts(textOf(operation, 'dbName')), ...parts];
}

const viewNamed = (parts: readonly string[], { session }: CatalogContext): string | undefined =>
  parts.length === 1 ? session.views.get(foldName(parts[0] ?? ''))?.name : undefined;

function tableNamed(parts: readonly string[], { tables, session }: CatalogContext): TableMeta | undefined {
  if (parts.length > 3) return undefined;
  const { catalog, schema } = session.namespace;
  const full = [catalog, schema]
    .slice(0, 3 - parts.length)
    .concat(parts)
    .map(foldName);
  return tables.find(
    (table) => table.catalog === full[0] && table.schema === full[1] && table.table === full[2],
  );
}

function schemaNamed(
  name: string,
  { tables, session }: CatalogContext,
): { readonly catalog: string; readonly schema: string } | undefined {
  const parts = tableNameParts(name).map(foldName);
  const [catalog = '', schema = ''] = parts.length === 1 ? [session.namespace.catalog, parts[0]] : parts;
  // One's own is there before anything is in it.
  if (parts.length <= 2 && isOwnSchema(session.user, { catalog, schema })) return { catalog, schema };
  const found = tables.find((table) => table.catalog === catalog && table.schema === schema);
  return found && parts.length <= 2 ? { catalog: found.catalog, schema: found.schema } : undefined;
}

const functionNames = (): readonly string[] =>
  unique([
    ...[...FUNCTION_NAMES].filter((name) => /^[a-z]/.test(name)),
    ...functionTable
      .all()
      .filter(({ internal, operator }) => internal !== true && operator !== true)
      .map(({ name }) => name),
  ]);

function functionNamed(operation: PlanMessage): string | undefined {
  const name = foldName(textOf(operation, 'functionName'));
  return functionNames().find((known) => known === name);
}

const pattern = (operation: PlanMessage): string | undefined =>
  operation.pattern === undefined ? undefined : textOf(operation, 'pattern');
const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

const raise = (error: GovernanceError): never => {
  throw error;
};
const noTable = (): GovernanceError =>
  new GovernanceError('TABLE_OR_VIEW_NOT_FOUND', 'There is no such table, or you may not know of it.', {
    remedy: 'spark.catalog.listTables shows what you may browse.',
    sqlState: '42P01',
  });
const noSchema = (): GovernanceError =>
  new GovernanceError('SCHEMA_NOT_FOUND', 'There is no such catalog or schema, or you may not know of it.', {
    remedy: 'spark.catalog.listDatabases shows what you may browse.',
    sqlState: '42704',
  });
const noFunction = (): GovernanceError =>
  new GovernanceError('FUNCTION_NOT_ALLOWED', 'There is no such function.', {
    remedy: 'spark.catalog.listFunctions shows what may be called.',
    sqlState: '42883',
  });
