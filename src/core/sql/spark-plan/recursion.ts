/** A recursive CTE on Spark, which has both limits itself. */
import type { Plan, Recursion } from '../../plan/plan.js';
import { outputColumns } from '../../plan/traverse.js';
import { columnName, renderBlock } from '../plan-sql/block.js';
import type { PlanPrinter } from '../plan-sql/plan-printer.js';

export function recursion(plan: Recursion, printer: PlanPrinter): string {
  const side = (input: Plan): string => {
    const block = printer.nested(printer.unordered(printer.block(input)));
    const own = outputColumns(input);
    return renderBlock({
      ...block,
      items: plan.columns.map(({ id }, i) => `${columnName(own[i]?.id ?? id)} AS ${columnName(id)}`),
    });
  };
  return ` MAX RECURSION LEVEL ${plan.levelsMax} AS (${side(plan.anchor)} UNION ALL ${side(plan.step)})`;
}
