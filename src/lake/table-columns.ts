/** Columns as DuckDB finds them in files, and which of them can be served as what. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { type ColumnMeta, foldName, type TableSource } from '../core/catalog/catalog.js';
import { type DataType, STRING, TIMESTAMP_NTZ } from '../core/plan/types.js';
import { quoteText } from '../core/sql/duckdb/identifier.js';
import { fromDuckDbType } from '../core/sql/duckdb/types.js';

/** Nobody could type a longer one. */
const COLUMN_NAME_LENGTH_MAX = 256;

/** A column that is not of the same type in all files of a table. */
export interface Disagreement {
  readonly column: string;
  /** As DuckDB writes them. */
  readonly types: readonly string[];
}

export interface Described {
  readonly source: TableSource;
  readonly columns: readonly ColumnMeta[];
  /** Why a column is not there. */
  readonly problems: readonly string[];
  readonly disagreements: readonly Disagreement[];
}

export interface RawColumn {
  readonly name: string;
  /** As DuckDB writes it. */
  readonly type: string;
  readonly nullable: boolean;
  /** The type is a guess over text: what has no Spark type is served as the text it is. */
  readonly pinned: boolean;
}

export async function describe(
  connection: DuckDBConnection,
  from: string,
  partitionKeys: ReadonlySet<string>,
  pinned = false,
): Promise<readonly RawColumn[]> {
  const result = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
  return result.getRowsJson().map((row) => ({
    name: String(row[0]),
    type: String(row[1]),
    nullable: row[2] !== 'NO',
    pinned: pinned || partitionKeys.has(foldName(String(row[0]))),
  }));
}

/**
 * The keys of `k=v` folders with the types DuckDB finds for them. `from`: the files of the table, read with
 * `hive_partitioning`.
 */
export async function partitionColumns(
  connection: DuckDBConnection,
  from: string,
  partitions: readonly string[],
): Promise<readonly RawColumn[]> {
  if (partitions.length === 0) return [];
  const keys = new Set(partitions.map(foldName));
  return (await describe(connection, from, keys)).filter(({ name }) => keys.has(foldName(name)));
}

export function served(
  raw: readonly RawColumn[],
  source: TableSource,
  disagreements: readonly Disagreement[] = [],
): Described {
  const columns: ColumnMeta[] = [];
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const column of raw) {
    const type = sparkType(column);
    if (type === undefined) problems.push(`Column ${column.name}: Spark has no type for ${column.type}.`);
    else if (
      column.name.length === 0 ||
      column.name.length > COLUMN_NAME_LENGTH_MAX ||
      column.name.includes('\0')
    ) {
      problems.push('A column has a name that cannot be used.');
    } else if (seen.has(foldName(column.name))) {
      problems.push(`Column ${column.name}: another column differs only in case.`);
    } else {
      seen.add(foldName(column.name));
      columns.push({ name: column.name, type, nullable: column.nullable, tags: [] });
    }
  }
  if (columns.length === 0) throw new Error('no column can be served');
  return { source, columns, problems, disagreements };
}

/**
 * What was guessed from text falls back to text; nanoseconds, as pandas writes them, are cut to Spark's
 * microseconds.
 */
function sparkType(column: RawColumn): DataType | undefined {
  if (column.type === 'TIMESTAMP_NS') return TIMESTAMP_NTZ;
  if (column.type === 'JSON') return STRING;
  return fromDuckDbType(column.type) ?? (column.pinned ? STRING : undefined);
}

export const listOf = (files: readonly string[]): string => `[${files.map(quoteText).join(', ')}]`;
