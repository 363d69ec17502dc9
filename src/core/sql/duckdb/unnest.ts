/** Rows of arrays on DuckDB: `unnest` in a select list, where several of them go on together. */
import type { Unnest } from '../../plan/plan.js';
import { outputColumns } from '../../plan/traverse.js';
import { type Block, columnName } from '../plan-sql/block.js';
import type { PlanPrinter } from '../plan-sql/plan-printer.js';

export function unnest(plan: Unnest, printer: PlanPrinter): Block {
  const input = printer.unordered(printer.block(plan.input));
  const passed = input.columns.map((column) => columnName(column.id));
  const item = columnName(plan.item.id);
  // One level below, so that it is computed once.
  const listed = printer.nested({
    ...input,
    items: [...passed, `${printer.expressions.print(plan.list)} AS ${item}`],
    columns: [...input.columns, plan.item],
  });
  const each = (list: string): string =>
    `unnest(${plan.outer ? `CASE WHEN len(${item}) > 0 THEN ${list} ELSE [NULL] END` : list})`;
  const position =
    plan.position === undefined
      ? []
      : [`CAST(${each(`range(len(${item}))`)} AS INTEGER) AS ${columnName(plan.position.id)}`];
  return {
    ...listed,
    items: [...passed, ...position, `${each(item)} AS ${item}`],
    columns: outputColumns(plan),
  };
}
