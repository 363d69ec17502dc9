/** The files of a table as Spark reads them: exactly those that the catalogue knows, under the options they were found with. */
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { type ColumnMeta, foldName, type TableMeta } from '../../core/catalog/catalog.js';
import { printIdentifier, printType } from '../../core/sql/print-literal.js';

const NULL_BYTES = 16;

/** As a message of Spark Connect. */
export type Relation = Readonly<Record<string, unknown>>;

export function readFiles({ source, columns }: TableMeta): Relation {
  if (source.format === 'delta') return readDelta(source);
  const base =
    source.partitions.length === 0 ? undefined : basePath(source.files[0] ?? '', source.partitions);
  const value = {
    format: source.format,
    paths: source.files.map(fileUrl),
    options: {
      ...formatOptions(source),
      ...(base === undefined ? {} : { basePath: fileUrl(base) }),
    },
    // Parquet says itself what it holds; the leaf casts it to what the catalogue says.
    ...(source.format === 'parquet' ? {} : { schema: schemaOf(columns) }),
  };
  return { relType: { case: 'read', value: { readType: { case: 'dataSource', value } } } };
}

/** A Delta table at this version of its log. */
export const readDelta = ({
  folder,
  logVersion,
}: {
  readonly folder: string;
  readonly logVersion: number;
}): Relation => {
  const options = { versionAsOf: String(logVersion) };
  const value = { format: 'delta', paths: [fileUrl(folder)], options };
  return { relType: { case: 'read', value: { readType: { case: 'dataSource', value } } } };
};

/** A Delta table in SQL. */
export const tableAt = (folder: string): string => `delta.${printIdentifier({ name: fileUrl(folder) })}`;

/** Files are on a file system that every worker sees under the same paths. */
export const fileUrl = (path: string): string => `file://${path}`;

export const schemaOf = (columns: readonly ColumnMeta[]): string =>
  columns.map((column) => `${printIdentifier(column)} ${printType(column.type)}`).join(', ');

/** The folder that the first `key=value` folder lies in. */
export function basePath(file: string, partitions: readonly string[]): string {
  const keys = new Set(partitions.map(foldName));
  let folder = dirname(file);
  let base = folder;
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    const key = /^([^=]+)=/.exec(folder.slice(folder.lastIndexOf('/') + 1))?.[1];
    if (key !== undefined && keys.has(foldName(key))) base = dirname(folder);
  }
  return base;
}

/** What is in the files does not move with the time zone of whoever asks. */
const ZONE = { timeZone: 'UTC' } as const;

type Source = Exclude<TableMeta['source'], { readonly format: 'delta' }>;
type Options = Readonly<Record<string, string>>;
export const formatOptions = (source: Source): Options => OPTIONS[source.format](source as never);
const OPTIONS: { readonly [F in Source['format']]: (source: Extract<Source, { format: F }>) => Options } = {
  parquet: ({ files }) => ({ mergeSchema: String(files.length > 1) }),
  csv: (source) => ({
    sep: source.delimiter,
    quote: source.quote,
    escape: source.escape,
    header: String(source.header),
    multiLine: 'true',
    // An empty field is NULL, `""` the empty text: Spark calls both NULL unless NULL is spelt in a third way.
    nullValue: randomBytes(NULL_BYTES).toString('hex'),
    mode: 'FAILFAST',
    ...ZONE,
  }),
  json: ({ layout }) => ({ multiLine: String(layout === 'array'), mode: 'FAILFAST', ...ZONE }),
};
