/**
 * Columns as a Parquet file has them. Parquet's own interval counts milliseconds and few read it: intervals are their
 * months or microseconds, as Spark writes them.
 */
import { fileNames } from '../../core/plan/output-names.js';
import type { Column } from '../../core/plan/plan.js';
import type { DataType } from '../../core/plan/types.js';
import { quoteIdentifier, quoteText } from '../../core/sql/duckdb/identifier.js';
import { duckDbType } from '../../core/sql/duckdb/types.js';

/** A SELECT list with the exact types, over columns that are called `q.o0`, `q.o1`, ... */
export function parquetItems(output: readonly Column[]): string {
  const names = fileNames(output);
  return output
    .map(({ type }, i) => {
      const value = `CAST(q.o${i} AS ${duckDbType(type)})`;
      return `${inFile(value, type, 0)} AS ${quoteIdentifier(names[i] as string)}`;
    })
    .join(', ');
}

/** `ordered`: in the order in which they come. */
export const copyParquet = (select: string, path: string, ordered: boolean): string =>
  `COPY (${select}) TO ${quoteText(path)} (FORMAT parquet, USE_TMP_FILE false, PRESERVE_ORDER ${ordered})`;

function inFile(sql: string, type: DataType, depth: number): string {
  if (!hasInterval(type)) return sql;
  const item = `v${depth}`;
  switch (type.kind) {
    case 'interval':
      return type.family === 'year-month' ? months(sql) : microseconds(sql);
    case 'array':
      return `list_transform(${sql}, lambda ${item}: ${inFile(item, type.element, depth + 1)})`;
    case 'struct': {
      const fields = type.fields.map(({ name, type: field }) => {
        const value = inFile(`struct_extract(${sql}, ${quoteText(name)})`, field, depth);
        return `${quoteIdentifier(name)} := ${value}`;
      });
      return unlessNull(sql, `struct_pack(${fields.join(', ')})`);
    }
    case 'map': {
      const key = inFile(`${item}.key`, type.key, depth + 1);
      const value = inFile(`${item}.value`, type.value, depth + 1);
      const pair = `{'key': ${key}, 'value': ${value}}`;
      return unlessNull(
        sql,
        `map_from_entries(list_transform(map_entries(${sql}), lambda ${item}: ${pair}))`,
      );
    }
    default:
      return sql;
  }
}

function hasInterval(type: DataType): boolean {
  switch (type.kind) {
    case 'interval':
      return true;
    case 'array':
      return hasInterval(type.element);
    case 'struct':
      return type.fields.some((field) => hasInterval(field.type));
    case 'map':
      return hasInterval(type.key) || hasInterval(type.value);
    default:
      return false;
  }
}

const months = (sql: string): string =>
  `CAST(date_part('year', ${sql}) * 12 + date_part('month', ${sql}) AS INTEGER)`;

const microseconds = (sql: string): string =>
  `CAST(date_part('day', ${sql})::HUGEINT * 86400000000 + date_part('hour', ${sql})::HUGEINT * 3600000000
    + date_part('minute', ${sql}) * 60000000 + date_part('microsecond', ${sql}) AS BIGINT)`;

const unlessNull = (sql: string, then: string): string => `CASE WHEN ${sql} IS NOT NULL THEN ${then} END`;
