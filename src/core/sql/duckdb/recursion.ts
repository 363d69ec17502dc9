/**
 * A recursive CTE on DuckDB, which has no limits of its own: each row carries its level and the number of rows of the levels
 * before it, and what goes past the limits raises.
 */
import type { Recursion } from '../../plan/plan.js';
import { outputColumns } from '../../plan/traverse.js';
import { raising } from '../functions/define.js';
import { columnName, renderBlock } from '../plan-sql/block.js';
import type { PlanPrinter } from '../plan-sql/plan-printer.js';

export function recursion(plan: Recursion, printer: PlanPrinter): string {
  const [level, before] = [columnName(plan.level.id), columnName(plan.before.id)];
  const table = `t${plan.cte}`;
  const side = (input: Recursion['anchor'], more: readonly string[]): string => {
    const block = printer.nested(printer.unordered(printer.block(input)));
    const own = outputColumns(input);
    const items = plan.columns.map(({ id }, i) => `${columnName(own[i]?.id ?? id)} AS ${columnName(id)}`);
    return renderBlock({ ...block, items: [...items, ...more] });
  };
  const counted = (value: string, max: number): string =>
    `CASE WHEN (SELECT ${value} FROM ${table}) > ${max} THEN ${raising('RECURSION_LIMIT')} ELSE (SELECT ${value} FROM ${table}) END`;
  const anchor = side(plan.anchor, [`CAST(1 AS INTEGER) AS ${level}`, `CAST(0 AS BIGINT) AS ${before}`]);
  const step = side(plan.step, [
    `CAST(${counted(`max(${level}) + 1`, plan.levelsMax)} AS INTEGER) AS ${level}`,
    `CAST(${counted(`max(${before}) + count(*)`, plan.rowsMax)} AS BIGINT) AS ${before}`,
  ]);
  return ` AS ((${anchor}) UNION ALL (${step}))`;
}
