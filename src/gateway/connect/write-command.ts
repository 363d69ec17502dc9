/**
 * Commands of DataFrame programs that write, as the statements they are: `df.write.saveAsTable("t")` is a CREATE TABLE
 * whose rows are those of a relation. A path, an option or a layout has no place in them.
 */
import { GovernanceError } from '../../core/errors.js';
import { tableNameParts } from '../../core/plan/connect/identifiers.js';
import {
  caseOf,
  expressionCase,
  type MessageSchema,
  type PlanMessage,
  textOf,
} from '../../core/plan/connect/message.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import type { TableFormat } from '../../core/plan/write.js';
import type { QualifiedName, Query } from '../../core/sql/ast.js';
import type { Insert, WriteStatement } from '../../core/sql/ast-write.js';
import { printSparkStatement } from '../../core/sql/print-spark.js';
import { expressionTree } from './expression-tree.js';
import { START } from './plan-leaf.js';

/** What the rows of a command are called in its statement, which names nothing else that is read. */
export const ROWS = 'rows';

/** Is there a table of this name that the caller may know of? */
export type TableExists = (name: readonly string[]) => boolean;

const NAMES_ONLY = 'Name a table: saveAsTable, insertInto, or writeTo.';
const SAVE_MODES = [undefined, 'append', 'overwrite', 'error', 'ignore'] as const;
const SAVE_AS_TABLE = 1;
const INSERT_INTO = 2;
const V2_MODES = [
  undefined,
  'create',
  'overwrite',
  'overwritePartitions',
  'append',
  'replace',
  'createOrReplace',
] as const;

/** Parts of a command that would say where or how files lie. */
const LAYOUT: Readonly<Record<string, string>> = {
  sortColumnNames: 'Sorted files',
  partitioningColumns: 'Partitioned files',
  clusteringColumns: 'Clustered files',
  bucketBy: 'Buckets',
  tableProperties: 'Properties of a table',
  withSchemaEvolution: 'Columns that change with a write',
};

export function writeOperation(command: PlanMessage, exists: TableExists): WriteStatement {
  refuseLayout(command);
  const { case: kind, value } = caseOf(command, 'saveType');
  if (kind !== 'table') throw notAllowed('A path to write to', NAMES_ONLY);
  const parts = tableNameParts(textOf(value, 'tableName'));
  const mode = SAVE_MODES[Number(command.mode ?? 0)] ?? 'error';
  const format = formatOf(command.source);
  if (value.saveMethod === INSERT_INTO)
    return insert(parts, { overwrite: mode === 'overwrite', byName: false });
  if (value.saveMethod !== SAVE_AS_TABLE) throw notAllowed('This way to save a table', NAMES_ONLY);
  switch (mode) {
    case 'append':
      return exists(parts) ? insert(parts, { overwrite: false, byName: true }) : create(parts, format);
    case 'overwrite':
      return create(parts, format, { orReplace: true });
    case 'ignore':
      return create(parts, format, { ifNotExists: true });
    case 'error':
      return create(parts, format);
  }
}

export function writeOperationV2(command: PlanMessage, exists: TableExists): WriteStatement {
  refuseLayout(command);
  const parts = tableNameParts(textOf(command, 'tableName'));
  const mode = V2_MODES[Number(command.mode ?? 0)];
  const format = formatOf(command.provider);
  if (mode !== 'overwrite' && command.overwriteCondition !== undefined) {
    throw notAllowed('A condition of this write');
  }
  switch (mode) {
    case 'create':
      return create(parts, format);
    case 'createOrReplace':
      return create(parts, format, { orReplace: true });
    case 'replace':
      if (!exists(parts)) throw noTable();
      return create(parts, format, { orReplace: true });
    case 'append':
      return insert(parts, { overwrite: false, byName: true });
    // Without partitions a table is one.
    case 'overwritePartitions':
      return insert(parts, { overwrite: true, byName: true });
    case 'overwrite':
      return overwriteBy(parts, command.overwriteCondition as PlanMessage | undefined);
    case undefined:
      throw notAllowed('A write without a mode');
  }
}

/** Of all rows it is that of any table; else the condition chooses rows of a Delta table. */
function overwriteBy(parts: readonly string[], condition: PlanMessage | undefined): WriteStatement {
  if (condition === undefined) throw notAllowed('Overwriting without a condition');
  if (isTrue(condition)) return insert(parts, { overwrite: true, byName: true });
  const appended = insert(parts, { overwrite: false, byName: true });
  return { ...appended, replaceWhere: expressionTree(condition, () => undefined) };
}

function refuseLayout(command: PlanMessage): void {
  for (const [field, what] of Object.entries(LAYOUT)) {
    const value = command[field];
    const set = typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : value === true;
    if (set) throw notAllowed(what, 'Leave it out: files are written in one way.');
  }
  const [option] = Object.keys((command.options as object | undefined) ?? {});
  if (option !== undefined) {
    throw notAllowed(
      `The option ${JSON.stringify(option.slice(0, 60))} of a write`,
      'Leave it out: files are written in one way.',
    );
  }
}

export function formatOf(source: unknown): TableFormat | undefined {
  const format = typeof source === 'string' ? source.toLowerCase() : '';
  if (format === '') return undefined;
  if (format === 'parquet' || format === 'delta') return format;
  throw notAllowed('This format of a table', 'Say parquet or delta.');
}

/** `F.lit(True)`: all rows. */
function isTrue(condition: PlanMessage | undefined): boolean {
  if (condition === undefined) return false;
  const { case: kind, value } = expressionCase(condition);
  const literal =
    kind === 'literal' ? (value.literalType as { readonly case?: string; readonly value?: unknown }) : {};
  return literal.case === 'boolean' && literal.value === true;
}

export const qualifiedName = (parts: readonly string[]): QualifiedName =>
  parts.map((name) => ({ name, quoted: true, at: START }));

/** `SELECT * FROM rows` */
export const rowsQuery = (): Query => ({
  kind: 'query',
  with: [],
  body: { kind: 'table-body', name: qualifiedName([ROWS]), at: START },
  orderBy: [],
  at: START,
});

/** The statement, over these rows. */
export function withRows(schema: MessageSchema, input: PlanMessage, statement: WriteStatement): PlanMessage {
  const relation = (kind: string, value: object): PlanMessage =>
    schema.make('Relation', { relType: { case: kind, value } });
  return relation('withRelations', {
    root: relation('sql', { query: printSparkStatement(statement) }),
    references: [relation('subqueryAlias', { input, alias: ROWS })],
  });
}

const create = (
  parts: readonly string[],
  format: TableFormat | undefined,
  { orReplace = false, ifNotExists = false } = {},
): WriteStatement => ({
  kind: 'create-table-as',
  name: qualifiedName(parts),
  orReplace,
  ifNotExists,
  query: rowsQuery(),
  at: START,
  ...(format === undefined ? {} : { format }),
});

const insert = (
  parts: readonly string[],
  { overwrite, byName }: { readonly overwrite: boolean; readonly byName: boolean },
): Insert => ({
  kind: 'insert',
  target: qualifiedName(parts),
  overwrite,
  byName,
  query: rowsQuery(),
  at: START,
});

const noTable = (): GovernanceError =>
  new GovernanceError('TABLE_OR_VIEW_NOT_FOUND', 'There is no such table, or you may not know of it.', {
    remedy: 'createOrReplace makes it.',
    sqlState: '42P01',
  });
