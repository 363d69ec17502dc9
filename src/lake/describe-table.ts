/**
 * What columns a table has. Types are found once, here, and pinned: a query later tells DuckDB the types
 * instead of letting it guess them again. What Spark has no type for is left out and reported.
 */
import { basename } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { foldName } from '../core/catalog/catalog.js';
import { quoteText } from '../core/sql/duckdb/identifier.js';
import { describeCsv, SAMPLE_ROWS, WHOLE_SAMPLE_BYTES_MAX } from './describe-csv.js';
import { describeParquet } from './describe-parquet.js';
import type { FoundFile, FoundTable } from './discover.js';
import type { FileNotes, JsonLayout } from './file-notes.js';
import { jsonLayout } from './json-files.js';
import { type Described, describe, listOf, served } from './table-columns.js';

/** Throws when the files cannot be read as what they are called. */
export async function describeTable(
  connection: DuckDBConnection,
  found: FoundTable,
  notes: FileNotes,
): Promise<Described> {
  if (found.files.every((file) => file.sizeBytes === 0)) throw new Error('there is nothing in it');
  switch (found.format) {
    case 'parquet':
      return describeParquet(connection, found, notes);
    case 'csv':
      return describeCsv(connection, found, notes);
    case 'json':
      return describeJson(connection, found, notes);
  }
}

async function describeJson(
  connection: DuckDBConnection,
  { files, partitions }: FoundTable,
  notes: FileNotes,
): Promise<Described> {
  const layout = await commonLayout(files, notes);
  const keys = new Set(partitions.map(foldName));
  const paths = files.map((file) => file.path);
  const columns = await describe(
    connection,
    `read_json(${listOf(paths)}, format=${quoteText(layout)}, sample_size=${sampleSize(files)},
       map_inference_threshold=-1, maximum_depth=16, hive_partitioning=${keys.size > 0})`,
    keys,
    true,
  );
  return served(columns, { format: 'json', files: paths, partitions, layout });
}

async function commonLayout(files: readonly FoundFile[], notes: FileNotes): Promise<JsonLayout> {
  let layout: JsonLayout | undefined;
  for (const file of files) {
    const known = notes.of(file)?.json ?? (await layoutOf(file));
    notes.add(file, { json: known });
    if (file.sizeBytes === 0) continue;
    layout ??= known;
    if (known !== layout) throw new Error(`${basename(file.path)} is written in another way than the others`);
  }
  return layout ?? 'newline_delimited';
}

async function layoutOf(file: FoundFile): Promise<JsonLayout> {
  try {
    return await jsonLayout(file.path);
  } catch (error) {
    throw new Error(`${basename(file.path)}: ${(error as Error).message}`);
  }
}

const sampleSize = (files: readonly FoundFile[]): number =>
  files.reduce((sum, file) => sum + file.sizeBytes, 0) <= WHOLE_SAMPLE_BYTES_MAX ? -1 : SAMPLE_ROWS;
