/**
 * Columns of a table of Parquet files. Of each file that is new or changed its footer is read, once; files with the
 * same schema then count as one.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { foldName } from '../core/catalog/catalog.js';
import type { FoundFile, FoundTable } from './discover.js';
import type { FileNotes } from './file-notes.js';
import {
  type Described,
  type Disagreement,
  describe,
  listOf,
  partitionColumns,
  served,
} from './table-columns.js';

/** Footers that are read in one go. */
const FOOTERS_MAX = 500;
/** Schemas in one table: past it nobody could say what the table is. */
const SCHEMAS_MAX = 100;

export async function describeParquet(
  connection: DuckDBConnection,
  { files, partitions }: FoundTable,
  notes: FileNotes,
): Promise<Described> {
  const unread = files.filter((file) => notes.of(file)?.parquet === undefined);
  for (let at = 0; at < unread.length; at += FOOTERS_MAX)
    await readFooters(connection, unread.slice(at, at + FOOTERS_MAX), notes);
  const firsts = firstOfEachSchema(files, notes);
  if (firsts.length > SCHEMAS_MAX) throw new Error(`its files have more than ${SCHEMAS_MAX} schemas`);
  const keys = new Set(partitions.map(foldName));
  const stored = await describe(
    connection,
    `read_parquet(${listOf(firsts)}, hive_partitioning=false, union_by_name=${firsts.length > 1})`,
    new Set(),
  );
  const paths = files.map((file) => file.path);
  return served(
    [
      ...stored.filter((column) => !keys.has(foldName(column.name))),
      ...(await partitionColumns(connection, withFolders(paths), partitions)),
    ],
    { format: 'parquet', files: paths, partitions },
    await disagreements(connection, firsts),
  );
}

async function readFooters(
  connection: DuckDBConnection,
  files: readonly FoundFile[],
  notes: FileNotes,
): Promise<void> {
  let schemas: ReadonlyMap<string, string>;
  try {
    schemas = await schemaNames(
      connection,
      files.map((file) => file.path),
    );
  } catch (error) {
    const [only, ...others] = files;
    if (others.length === 0) throw new Error(`${basename(only?.path ?? '')}: ${(error as Error).message}`);
    // One of them cannot be read: the one that is named.
    for (const file of files) await readFooters(connection, [file], notes);
    return;
  }
  for (const file of files) {
    const parquet = schemas.get(file.path);
    if (parquet === undefined) throw new Error(`${basename(file.path)}: it has no schema`);
    notes.add(file, { parquet });
  }
}

async function schemaNames(
  connection: DuckDBConnection,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const result = await connection.runAndReadAll(
    `SELECT file_name, name, type, type_length, repetition_type, num_children, converted_type, scale, precision,
       logical_type FROM parquet_schema(${listOf(paths)}) ORDER BY file_name, column_id`,
  );
  const parts = new Map<string, unknown[]>();
  for (const [file, ...element] of result.getRowsJson()) {
    const known = parts.get(String(file));
    if (known === undefined) parts.set(String(file), [element.slice(1)]);
    else known.push(element);
  }
  return new Map(
    [...parts].map(([file, elements]) => [
      file,
      createHash('sha256').update(JSON.stringify(elements)).digest('base64url'),
    ]),
  );
}

/** The order of columns is that of the first file. */
function firstOfEachSchema(files: readonly FoundFile[], notes: FileNotes): readonly string[] {
  const firsts = new Map<string, string>();
  for (const file of files) {
    const schema = notes.of(file)?.parquet ?? '';
    if (!firsts.has(schema)) firsts.set(schema, file.path);
  }
  return [...firsts.values()];
}

const withFolders = (paths: readonly string[]): string =>
  `read_parquet(${listOf(paths)}, hive_partitioning=true, union_by_name=false)`;

async function disagreements(
  connection: DuckDBConnection,
  firsts: readonly string[],
): Promise<readonly Disagreement[]> {
  if (firsts.length < 2) return [];
  const types = new Map<string, { readonly column: string; readonly types: Set<string> }>();
  for (const file of firsts) {
    for (const { name, type } of await describe(connection, `read_parquet(${listOf([file])})`, new Set())) {
      const known = types.get(foldName(name)) ?? { column: name, types: new Set<string>() };
      known.types.add(type);
      types.set(foldName(name), known);
    }
  }
  return [...types.values()].flatMap((found) =>
    found.types.size < 2 ? [] : [{ column: found.column, types: [...found.types].sort() }],
  );
}
