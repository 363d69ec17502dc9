/**
 * The one way a table's files are named to DuckDB: a table function with every option spelled out, so that
 * nothing is guessed from the files at run time. What is printed here is all that the second judge accepts as
 * a source.
 */
import { type ColumnMeta, foldName, type TableSource } from '../../catalog/catalog.js';
import { GovernanceError } from '../../errors.js';
import { quoteText } from './identifier.js';
import { duckDbType } from './types.js';

const option = (name: string, value: string): string => `${name}=${value}`;

const typesOf = (columns: readonly ColumnMeta[]): string =>
  `{${columns.map((c) => `${quoteText(c.name)}: ${quoteText(duckDbType(c.type))}`).join(', ')}}`;

/** `read_parquet([...], ...)` and its like; `columns` are all of the table's. */
export function readCall(source: TableSource, columns: readonly ColumnMeta[]): string {
  const keys = new Set(source.partitions.map(foldName));
  const partitions = columns.filter((c) => keys.has(foldName(c.name)));
  const stored = columns.filter((c) => !keys.has(foldName(c.name)));
  const files = `[${source.files.map(quoteText).join(', ')}]`;
  const hive =
    partitions.length === 0
      ? [option('hive_partitioning', 'false')]
      : [option('hive_partitioning', 'true'), option('hive_types', typesOf(partitions))];
  switch (source.format) {
    case 'parquet': {
      const several = source.files.length > 1 ? [option('union_by_name', 'true')] : [];
      return `read_parquet(${[files, ...hive, ...several].join(', ')})`;
    }
    case 'csv':
      return `read_csv(${[
        files,
        option('auto_detect', 'false'),
        option('header', String(source.header)),
        option('delim', quoteText(source.delimiter)),
        option('quote', quoteText(source.quote)),
        option('escape', quoteText(source.escape)),
        option('allow_quoted_nulls', 'false'),
        option('columns', typesOf(stored)),
        ...hive,
      ].join(', ')})`;
    case 'json':
      return `read_json(${[
        files,
        option('auto_detect', 'false'),
        option('format', quoteText(source.layout)),
        option('columns', typesOf(stored)),
        ...hive,
      ].join(', ')})`;
    case 'delta':
      throw new GovernanceError('FORMAT_NEEDS_SPARK', 'Delta tables are read and written on Spark only.', {
        remedy: 'Leave the engine out, or ask for "engine": "spark".',
        sqlState: '0A000',
      });
  }
}
