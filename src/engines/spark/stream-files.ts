/**
 * The files of a table as a stream. A table that is a folder of the lake is read from that folder, so that files which
 * come later are seen; of one whose files are on a list (one file, or what was written through Sluice) those on it. Of a
 * Delta table they are the files of the version that readers see.
 */
import { basename, dirname, extname, join } from 'node:path';
import { foldName, type TableMeta } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import { basePath, fileUrl, formatOptions, type Relation, schemaOf } from './table-files.js';

/** A pattern of so many names is what Spark still reads quickly. */
const FILES_LISTED_MAX = 2_000;
/** Spark gives no file such a name. */
const NO_FILE = 'none.parquet';
const EXTENSIONS = {
  parquet: '*.parquet',
  csv: '*.{csv,tsv,csv.gz,tsv.gz}',
  json: '*.{json,ndjson,jsonl,json.gz,ndjson.gz,jsonl.gz}',
} as const;

/** `deltaFiles`: what a Delta table consists of. */
export function readStream(
  table: TableMeta,
  limits: Readonly<Record<string, string>>,
  deltaFiles?: readonly string[],
): Relation {
  const { columns } = table;
  const source = table.source.format === 'delta' ? asParquet(table.source.folder, deltaFiles) : table.source;
  const folder = folderOf(table);
  const value = {
    format: source.format,
    paths: [folder === undefined ? listed(source.files) : fileUrl(folder)],
    options: {
      ...formatOptions(source),
      ...(folder === undefined ? {} : { pathGlobFilter: EXTENSIONS[source.format] }),
      ...limits,
    },
    ...(table.source.format === 'parquet' ? {} : { schema: schemaOf(columns) }),
  };
  return {
    relType: { case: 'read', value: { isStreaming: true, readType: { case: 'dataSource', value } } },
  };
}

/** A table without rows has no files, and a stream no rows. */
function asParquet(folder: string, files: readonly string[] | undefined) {
  if (files === undefined) throw new Error('a Delta table without its files');
  const listed = files.length > 0 ? files : [join(folder, NO_FILE)];
  return { format: 'parquet', files: listed, partitions: [] } as const;
}

/** The folder that is the table. Never one that holds others: its name must be the table's, and no file's. */
function folderOf({ source, table, managed }: TableMeta): string | undefined {
  if (source.format === 'delta') return undefined;
  const [first] = source.files;
  if (managed !== undefined || first === undefined || isNamed(first, table)) return undefined;
  const folder = source.partitions.length === 0 ? dirname(first) : basePath(first, source.partitions);
  const inside = source.files.every((file) => file.startsWith(`${folder}/`));
  return inside && foldName(basename(folder)) === foldName(table) ? folder : undefined;
}

const isNamed = (file: string, table: string): boolean =>
  foldName(basename(file.replace(/\.gz$/i, ''), extname(file.replace(/\.gz$/i, '')))) === foldName(table);

/** Spark takes one path: a pattern that fits these files and nothing else. */
function listed(files: readonly string[]): string {
  if (files.length > FILES_LISTED_MAX) {
    throw refused(
      `A table of more than ${FILES_LISTED_MAX} files on a list cannot be read as a stream.`,
      'Write it again in fewer, larger files.',
    );
  }
  const folder = commonFolder(files);
  const names = files.map((file) => literally(file.slice(folder.length)));
  return fileUrl(`${literally(folder)}{${names.join(',')}}`);
}

function commonFolder(files: readonly string[]): string {
  let folder = dirname(files[0] ?? '/');
  while (!files.every((file) => file.startsWith(slashed(folder)))) folder = dirname(folder);
  return slashed(folder);
}

const slashed = (folder: string): string => (folder.endsWith('/') ? folder : `${folder}/`);

const literally = (path: string): string => path.replace(/[\\,{}[\]*?]/g, '\\$&');

const refused = (what: string, remedy: string): GovernanceError =>
  new GovernanceError('FEATURE_NOT_ALLOWED', what, { remedy, sqlState: '0A000' });
