import type { TargetColumn } from '../../core/plan/write.js';
import { quoteIdentifier } from '../../core/sql/duckdb/identifier.js';
import { duckDbType } from '../../core/sql/duckdb/types.js';
import { columnName } from '../../core/sql/plan-sql/block.js';

/** The judged SELECT with the names and the exact types of the table's columns. */
export function writeText(
  select: string,
  output: readonly { readonly id: number }[],
  columns: readonly TargetColumn[],
): string {
  const items = columns.map(({ name, type }, i) => {
    const column = output[i];
    if (column === undefined) throw new Error('a column of the table has no value');
    return `CAST(${columnName(column.id)} AS ${duckDbType(type)}) AS ${quoteIdentifier(name)}`;
  });
  return `SELECT ${items.join(', ')} FROM (${select}) AS written`;
}
