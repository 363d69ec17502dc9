/** Rows of arrays on Spark. The table function stands where no rows are before it: its array may be of an enclosing query. */
import type { Unnest } from '../../plan/plan.js';
import { outputColumns } from '../../plan/traverse.js';
import { type Block, columnName } from '../plan-sql/block.js';
import type { PlanPrinter } from '../plan-sql/plan-printer.js';

export function unnest(plan: Unnest, printer: PlanPrinter): Block {
  const fn = plan.position === undefined ? 'explode' : 'posexplode';
  const made = plan.position === undefined ? [plan.item] : [plan.position, plan.item];
  const list = printer.expressions.print(plan.list);
  const columns = outputColumns(plan);
  const items = columns.map(({ id }) => columnName(id));
  if (plan.input.kind === 'one-row') {
    const call = `${fn}${plan.outer ? '_outer' : ''}(${list})`;
    return { from: printer.aliased(call, made), items, columns };
  }
  const input = printer.nested(printer.unordered(printer.block(plan.input)));
  const names = made.map(({ id }) => columnName(id)).join(', ');
  const view = `LATERAL VIEW ${plan.outer ? 'OUTER ' : ''}${fn}(${list}) ${printer.alias()} AS ${names}`;
  return { ...input, from: `${input.from} ${view}`, joined: true, items, columns };
}
