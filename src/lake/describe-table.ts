/**
 * What columns a table has. Types are found once, here, and pinned: a query later tells DuckDB the types
 * instead of letting it guess them again. What Spark has no type for is left out and reported.
 */
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type ColumnMeta, foldName, type TableSource } from '../core/catalog/catalog.js';
import { type DataType, STRING, TIMESTAMP_NTZ } from '../core/plan/types.js';
import { quoteText } from '../core/sql/duckdb/identifier.js';
import { fromDuckDbType } from '../core/sql/duckdb/types.js';
import type { FoundTable } from './discover.js';

/** Text files up to this size are read whole to find their types. */
const WHOLE_SAMPLE_BYTES_MAX = 64 * 2 ** 20;
const SAMPLE_ROWS = 200_000;
const PEEK_BYTES = 4_096;
/** Names Spark itself gives a meaning to, or nobody could type. */
const COLUMN_NAME_LENGTH_MAX = 256;

export interface Described {
  readonly source: TableSource;
  readonly columns: readonly ColumnMeta[];
  /** Why a column is not there. */
  readonly problems: readonly string[];
}

interface RawColumn {
  readonly name: string;
  /** As DuckDB writes it. */
  readonly type: string;
  readonly nullable: boolean;
  /** The type is a guess over text: what has no Spark type is served as the text it is. */
  readonly pinned: boolean;
}

/** Throws when the files cannot be read as what they are called. */
export async function describeTable(connection: DuckDBConnection, found: FoundTable): Promise<Described> {
  if (found.files.every((file) => file.sizeBytes === 0)) throw new Error('there is nothing in it');
  const files = found.files.map((file) => file.path);
  switch (found.format) {
    case 'parquet':
      return describeParquet(connection, files, found.partitions);
    case 'csv':
      return describeCsv(connection, found, files);
    case 'json':
      return describeJson(connection, found, files);
  }
}

async function describeParquet(
  connection: DuckDBConnection,
  files: readonly string[],
  partitions: readonly string[],
): Promise<Described> {
  const columns = await describe(
    connection,
    `read_parquet(${list(files)}, hive_partitioning=${partitions.length > 0}, union_by_name=${files.length > 1})`,
    new Set(partitions.map(foldName)),
  );
  return served(columns, { format: 'parquet', files, partitions });
}

async function describeCsv(
  connection: DuckDBConnection,
  found: FoundTable,
  files: readonly string[],
): Promise<Described> {
  const result = await connection.runAndReadAll(
    `SELECT Delimiter, Quote, Escape, HasHeader, DateFormat, TimestampFormat,
       list_transform(Columns, lambda c: c.name) AS names, list_transform(Columns, lambda c: c.type) AS types
     FROM sniff_csv(${quoteText(files[0]!)}, sample_size=${sampleSize(found)}, skip=0)`,
  );
  const sniffed = result.getRowObjectsJson()[0] as Readonly<Record<string, unknown>> | undefined;
  if (sniffed === undefined) throw new Error('DuckDB found no columns');
  const names = sniffed.names as readonly string[];
  const types = sniffed.types as readonly string[];
  const columns = names.map((name, i) => ({
    name,
    type: csvType(types[i]!, sniffed.DateFormat, sniffed.TimestampFormat),
    nullable: true,
    pinned: true,
  }));
  const given = (value: unknown, standard: string): string =>
    typeof value === 'string' && value.length === 1 ? value : standard;
  const source: TableSource = {
    format: 'csv',
    files,
    partitions: found.partitions,
    delimiter: given(sniffed.Delimiter, ','),
    quote: given(sniffed.Quote, '"'),
    escape: given(sniffed.Escape, '"'),
    header: sniffed.HasHeader === true,
  };
  return served([...columns, ...(await partitionColumns(connection, found))], source);
}

/**
 * Dates in other formats than ISO are served as the text they are: the format would have to be guessed again.
 */
function csvType(type: string, dateFormat: unknown, timestampFormat: unknown): string {
  if (type === 'DATE') return dateFormat === null || dateFormat === '%Y-%m-%d' ? type : 'VARCHAR';
  if (type.startsWith('TIMESTAMP')) {
    const iso = timestampFormat === null || String(timestampFormat).startsWith('%Y-%m-%d');
    return iso ? type : 'VARCHAR';
  }
  return type;
}

async function describeJson(
  connection: DuckDBConnection,
  found: FoundTable,
  files: readonly string[],
): Promise<Described> {
  const layout = (await firstCharacter(files[0]!)) === '[' ? 'array' : 'newline_delimited';
  const keys = new Set(found.partitions.map(foldName));
  const columns = await describe(
    connection,
    `read_json(${list(files)}, format=${quoteText(layout)}, sample_size=${sampleSize(found)},
       map_inference_threshold=-1, maximum_depth=16, hive_partitioning=${keys.size > 0})`,
    keys,
    true,
  );
  return served(columns, { format: 'json', files, partitions: found.partitions, layout });
}

/** The keys of `k=v` folders with the types DuckDB finds for them. */
async function partitionColumns(
  connection: DuckDBConnection,
  found: FoundTable,
): Promise<readonly RawColumn[]> {
  if (found.partitions.length === 0) return [];
  const keys = new Set(found.partitions.map(foldName));
  const files = found.files.map((file) => file.path);
  const all = await describe(
    connection,
    `read_csv(${list(files)}, hive_partitioning=true, all_varchar=true, union_by_name=false)`,
    keys,
  );
  return all.filter((column) => keys.has(foldName(column.name)));
}

async function describe(
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

function served(raw: readonly RawColumn[], source: TableSource): Described {
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
  return { source, columns, problems };
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

const list = (files: readonly string[]): string => `[${files.map(quoteText).join(', ')}]`;

const sampleSize = (found: FoundTable): number =>
  found.files.reduce((sum, file) => sum + file.sizeBytes, 0) <= WHOLE_SAMPLE_BYTES_MAX ? -1 : SAMPLE_ROWS;

async function firstCharacter(path: string): Promise<string | undefined> {
  const handle = await open(path);
  try {
    const raw = handle.createReadStream({ end: PEEK_BYTES - 1, autoClose: false });
    const stream = /\.gz$/i.test(path) ? raw.pipe(createGunzip()) : raw;
    stream.on('error', () => {});
    for await (const chunk of stream)
      return (chunk as Buffer)
        .toString('utf8')
        .replace(/^\uFEFF/, '')
        .trimStart()[0];
  } finally {
    await handle.close();
  }
  return undefined;
}
