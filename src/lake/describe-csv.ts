/**
 * Columns of a table of CSV files. Values are found by their place in the row, so all files must have the same columns
 * in the same order: else one column would show the values of another, past every mask.
 */
import { basename } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { foldName, type TableSource } from '../core/catalog/catalog.js';
import { quoteText } from '../core/sql/duckdb/identifier.js';
import type { FoundFile, FoundTable } from './discover.js';
import type { CsvNote, FileNotes } from './file-notes.js';
import { type Described, type Disagreement, listOf, partitionColumns, served } from './table-columns.js';

/** Text files up to this size are read whole to find their types. */
export const WHOLE_SAMPLE_BYTES_MAX = 64 * 2 ** 20;
export const SAMPLE_ROWS = 200_000;
const SEPARATORS = /[,;|\t]/;
const NUMBERS = new Set(['BIGINT', 'DOUBLE']);

export async function describeCsv(
  connection: DuckDBConnection,
  found: FoundTable,
  notes: FileNotes,
): Promise<Described> {
  const { partitions } = found;
  const files = found.files.filter((file) => file.sizeBytes > 0);
  const sniffed: CsvNote[] = [];
  for (const file of files) sniffed.push(await noteOf(connection, file, notes));
  const [first, ...others] = sniffed;
  if (first === undefined) throw new Error('there is nothing in it');
  others.forEach((other, i) => {
    if (sameColumns(first, other)) return;
    throw new Error(
      `${name(files[i + 1])} has other columns, in another order or written in another way, than ${name(files[0])}`,
    );
  });
  const columns = first.names.map((column, i) => ({
    name: column,
    type: commonType(sniffed.map(({ types }) => types[i] ?? 'VARCHAR')),
    nullable: true,
    pinned: true,
  }));
  const source: TableSource = {
    format: 'csv',
    files: files.map((file) => file.path),
    partitions,
    delimiter: first.delimiter,
    quote: first.quote,
    escape: first.escape,
    header: first.header,
  };
  return served(
    [...columns, ...(await partitionColumns(connection, withFolders(source.files), partitions))],
    source,
    disagreements(first.names, sniffed),
  );
}

async function noteOf(connection: DuckDBConnection, file: FoundFile, notes: FileNotes): Promise<CsvNote> {
  const known = notes.of(file)?.csv;
  if (known !== undefined) return known;
  const csv = await sniff(connection, file);
  notes.add(file, { csv });
  return csv;
}

async function sniff(connection: DuckDBConnection, file: FoundFile): Promise<CsvNote> {
  const sample = file.sizeBytes <= WHOLE_SAMPLE_BYTES_MAX ? -1 : SAMPLE_ROWS;
  const result = await connection.runAndReadAll(
    `SELECT Delimiter, Quote, Escape, HasHeader, DateFormat, TimestampFormat,
       list_transform(Columns, lambda c: c.name) AS names, list_transform(Columns, lambda c: c.type) AS types
     FROM sniff_csv(${quoteText(file.path)}, sample_size=${sample}, skip=0)`,
  );
  const sniffed = result.getRowObjectsJson()[0] as Readonly<Record<string, unknown>> | undefined;
  if (sniffed === undefined) throw new Error('DuckDB found no columns');
  const names = sniffed.names as readonly string[];
  // Rows of different lengths: DuckDB then takes whole lines for the values of one column, which no mask is for.
  if (names.length === 1 && SEPARATORS.test(names[0] ?? ''))
    throw new Error(`${name(file)}: its rows do not all have the same number of fields`);
  const given = (value: unknown, standard: string): string =>
    typeof value === 'string' && value.length === 1 ? value : standard;
  return {
    delimiter: given(sniffed.Delimiter, ','),
    quote: given(sniffed.Quote, '"'),
    escape: given(sniffed.Escape, '"'),
    header: sniffed.HasHeader === true,
    names,
    types: (sniffed.types as readonly string[]).map((type) =>
      csvType(type, sniffed.DateFormat, sniffed.TimestampFormat),
    ),
  };
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

function sameColumns(a: CsvNote, b: CsvNote): boolean {
  const written = ({ names, ...note }: CsvNote): string =>
    JSON.stringify([note.delimiter, note.quote, note.escape, note.header, names.map(foldName)]);
  return written(a) === written(b);
}

/** What every file's values can be read as. */
function commonType(types: readonly string[]): string {
  const [first = 'VARCHAR', ...others] = new Set(types);
  if (others.length === 0) return first;
  return [first, ...others].every((type) => NUMBERS.has(type)) ? 'DOUBLE' : 'VARCHAR';
}

const disagreements = (names: readonly string[], sniffed: readonly CsvNote[]): readonly Disagreement[] =>
  names.flatMap((column, i) => {
    const types = [...new Set(sniffed.map((note) => note.types[i] ?? 'VARCHAR'))].sort();
    return types.length < 2 ? [] : [{ column, types }];
  });

const withFolders = (paths: readonly string[]): string =>
  `read_csv(${listOf(paths)}, hive_partitioning=true, all_varchar=true, union_by_name=false)`;

const name = (file: FoundFile | undefined): string => basename(file?.path ?? '');
