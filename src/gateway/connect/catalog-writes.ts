/** Operations of `spark.catalog` that write, as the statements they are. A path, an option or a property has no place in them. */

import { tableNameParts } from '../../core/plan/connect/identifiers.js';
import { type Case, type PlanMessage, textOf } from '../../core/plan/connect/message.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import type { DataType } from '../../core/plan/types.js';
import type { CreateTable, WriteStatement } from '../../core/sql/ast-write.js';
import { printIdentifier, printType } from '../../core/sql/print-literal.js';
import { START } from './plan-leaf.js';
import { readSparkType } from './spark-type.js';
import { formatOf, qualifiedName } from './write-command.js';

const NO_METADATA = new Set([undefined, '', '{}']);

/** Undefined: it only asks. */
export function catalogWrite({ case: kind, value }: Case): WriteStatement | undefined {
  switch (kind) {
    case 'createTable':
    case 'createExternalTable':
      return createTable(value);
    case 'dropTable':
      if (value.purge === true)
        throw notAllowed('PURGE', 'Files of a dropped table are removed by themselves.');
      return { kind: 'drop-table', name: tableName(value), ifExists: value.ifExists === true, at: START };
    case 'truncateTable':
      return { kind: 'truncate', target: tableName(value), at: START };
    default:
      return undefined;
  }
}

const tableName = (value: PlanMessage) => qualifiedName(tableNameParts(textOf(value, 'tableName')));

function createTable(value: PlanMessage): CreateTable {
  if (value.path !== undefined)
    throw notAllowed('A path of a table', 'Leave it out: a table lies in the warehouse of the gateway.');
  if (Object.keys((value.options as object | undefined) ?? {}).length > 0)
    throw notAllowed('Options of a table', 'Leave them out: files are written in one way.');
  const { schema, description } = value;
  if (schema === undefined) throw notAllowed('A table without columns', 'Give it a schema.');
  requirePlainFields(schema as PlanMessage);
  const columns = readSparkType(schema as PlanMessage).map(({ name, type }) => ({
    name: { name, quoted: true, at: START },
    type,
    at: START,
  }));
  if (columns.length === 0) throw notAllowed('A table without columns', 'Give its schema a field.');
  const format = formatOf(value.source);
  return {
    kind: 'create-table',
    name: tableName(value),
    orReplace: false,
    ifNotExists: false,
    columns,
    at: START,
    ...(format === undefined ? {} : { format }),
    ...(typeof description === 'string' && description !== '' ? { comment: description } : {}),
  };
}

/** What would be forgotten is refused, as in SQL. */
function requirePlainFields(schema: PlanMessage): void {
  const kind = schema.kind as { readonly case?: string; readonly value?: PlanMessage };
  if (kind.case !== 'struct') throw notAllowed('A schema that is not a struct');
  for (const field of (kind.value?.fields ?? []) as readonly PlanMessage[]) {
    if (field.nullable !== true)
      throw notAllowed('NOT NULL of a column', 'A column is a name and a type: make its field nullable.');
    if (!NO_METADATA.has(field.metadata as string | undefined))
      throw notAllowed('Metadata of a column', 'A column is a name and a type.');
  }
}

/** What the operation answers: no rows; of a new table with its columns. */
export function answerOfWrite(statement: WriteStatement): string {
  const columns: readonly (readonly [string, DataType])[] =
    statement.kind === 'create-table' ? statement.columns.map(({ name, type }) => [name.name, type]) : [];
  const shown = columns.map(
    ([name, type]) => `CAST(NULL AS ${printType(type)}) AS ${printIdentifier({ name })}`,
  );
  return `SELECT ${shown.length > 0 ? shown.join(', ') : 'CAST(NULL AS STRING) AS result'} FROM VALUES (1) WHERE false`;
}
