/** Pipe syntax as Spark SQL text. */
import type { Pipe, PipeStep } from './ast-pipe.js';
import { type PrintOptions, printExpression, printSortItems } from './print-expression.js';
import { printIdentifier } from './print-literal.js';
import { printBody, printItem, printLimit, printSelect } from './print-query.js';
import { printRelation } from './print-relation.js';

export const printPipe = ({ input, step }: Pipe, o: PrintOptions): string =>
  `${printBody(input, o)} |> ${printStep(step, o)}`;

function printStep(step: PipeStep, o: PrintOptions): string {
  switch (step.kind) {
    case 'select-step':
      return printSelect(step.select, o);
    case 'extend-step':
      return `EXTEND ${step.items.map((item) => printItem(item, o)).join(', ')}`;
    case 'set-step':
      return `SET ${step.assignments.map((a) => `${printIdentifier(a.column)} = ${printExpression(a.value, o)}`).join(', ')}`;
    case 'drop-step':
      return `DROP ${step.columns.map(printIdentifier).join(', ')}`;
    case 'alias-step':
      return `AS ${printIdentifier(step.name)}`;
    case 'where-step':
      return `WHERE ${printExpression(step.condition, o)}`;
    case 'aggregate-step': {
      const items = step.items.map((item) => printItem(item, o)).join(', ');
      const keys = step.keys.map((item) => printItem(item, o)).join(', ');
      return ['AGGREGATE', items, keys === '' ? '' : `GROUP BY ${keys}`]
        .filter((part) => part !== '')
        .join(' ');
    }
    case 'relation-step':
      return printRelation(step.relation, o).trimStart();
    case 'set-operation-step':
      return `${step.operator.toUpperCase()}${step.all ? ' ALL' : ''} ${printBody(step.right, o)}`;
    case 'order-step':
      return `ORDER BY ${printSortItems(step.orderBy, o)}`;
    case 'limit-step':
      return printLimit(step, o).join(' ');
  }
}
