/** Queries and relations as Spark SQL text. */
import type {
  CommonTable,
  Expression,
  GroupBy,
  GroupingElement,
  Query,
  QueryBody,
  Select,
  SelectItem,
} from './ast.js';
import {
  type PrintOptions,
  printExpression,
  printSortItems,
  printStar,
  printWindow,
} from './print-expression.js';
import { printIdentifier, printName } from './print-literal.js';
import { printPipe } from './print-pipe.js';
import { printRelation } from './print-relation.js';

export function printQuery(query: Query, o: PrintOptions): string {
  const parts: string[] = [];
  if (query.with.length > 0)
    parts.push(
      `WITH ${query.recursive ? 'RECURSIVE ' : ''}${query.with.map((cte) => printCommonTable(cte, o)).join(', ')}`,
    );
  parts.push(printBody(query.body, o));
  if (query.orderBy.length > 0) parts.push(`ORDER BY ${printSortItems(query.orderBy, o)}`);
  parts.push(...printLimit(query, o));
  return parts.join(' ');
}

export const printLimit = (
  { limit, offset }: Pick<Query, 'limit' | 'offset'>,
  o: PrintOptions,
): readonly string[] => [
  ...(limit === undefined ? [] : [`LIMIT ${printExpression(limit, o)}`]),
  ...(offset === undefined ? [] : [`OFFSET ${printExpression(offset, o)}`]),
];

function printCommonTable(cte: CommonTable, o: PrintOptions): string {
  const columns = cte.columns.length === 0 ? '' : `(${cte.columns.map(printIdentifier).join(', ')})`;
  const levels = cte.levelsMax === undefined ? '' : ` MAX RECURSION LEVEL ${cte.levelsMax}`;
  return `${printIdentifier(cte.name)}${columns}${levels} AS (${printQuery(cte.query, o)})`;
}

export function printBody(body: QueryBody, o: PrintOptions): string {
  switch (body.kind) {
    case 'select':
      return printSelect(body, o);
    case 'set-operation': {
      const operator = `${body.operator.toUpperCase()}${body.all ? ' ALL' : ''}`;
      return `${printBody(body.left, o)} ${operator} ${printBody(body.right, o)}`;
    }
    case 'values':
      return `VALUES ${printRows(body.rows, o)}`;
    case 'table-body':
      return `TABLE ${printName(body.name)}`;
    case 'nested-query':
      return `(${printQuery(body.query, o)})`;
    case 'pipe':
      return printPipe(body, o);
  }
}

export const printRows = (rows: readonly (readonly Expression[])[], o: PrintOptions): string =>
  rows.map((row) => printTuple(row, o)).join(', ');

/** `(a, b)`. A lone subquery brings its own parentheses: two pairs would make it a query in parentheses. */
export function printTuple(items: readonly Expression[], o: PrintOptions): string {
  const text = items.map((item) => printExpression(item, o)).join(', ');
  return items.length === 1 && items[0]?.kind === 'scalar-subquery' ? text : `(${text})`;
}

export function printSelect(select: Select, o: PrintOptions): string {
  const parts = [`SELECT${select.distinct ? ' DISTINCT' : ''}`];
  parts.push(select.items.map((item) => printItem(item, o)).join(', '));
  if (select.from.length > 0) parts.push(`FROM ${select.from.map((r) => printRelation(r, o)).join(', ')}`);
  if (select.where !== undefined) parts.push(`WHERE ${printExpression(select.where, o)}`);
  if (select.groupBy !== undefined) parts.push(printGroupBy(select.groupBy, o));
  if (select.having !== undefined) parts.push(`HAVING ${printExpression(select.having, o)}`);
  if (select.qualify !== undefined) parts.push(`QUALIFY ${printExpression(select.qualify, o)}`);
  if (select.windows.length > 0) {
    const windows = select.windows.map((w) => `${printIdentifier(w.name)} AS ${printWindow(w.spec, o)}`);
    parts.push(`WINDOW ${windows.join(', ')}`);
  }
  return parts.join(' ');
}

export function printItem(item: SelectItem, o: PrintOptions): string {
  if (item.kind === 'star') return printStar(item);
  if (item.aliases !== undefined)
    return `${printExpression(item.expression, o)} AS (${item.aliases.map(printIdentifier).join(', ')})`;
  const alias = item.alias === undefined ? '' : ` AS ${printIdentifier(item.alias)}`;
  return printExpression(item.expression, o) + alias;
}

const printGroupBy = (groupBy: GroupBy, o: PrintOptions): string =>
  `GROUP BY ${groupBy.elements.map((element) => printGroupingElement(element, o)).join(', ')}`;

function printGroupingElement(element: GroupingElement, o: PrintOptions): string {
  const set = (expressions: readonly Expression[]): string => printTuple(expressions, o);
  switch (element.kind) {
    case 'expression-group':
      return printExpression(element.expression, o);
    case 'rollup':
    case 'cube':
      return `${element.kind.toUpperCase()} (${element.sets.map(set).join(', ')})`;
    case 'grouping-sets': {
      const sets = element.sets.map((s) =>
        s.kind === 'set' ? set(s.expressions) : printGroupingElement(s, o),
      );
      const keys =
        element.keys === undefined ? '' : `${element.keys.map((e) => printExpression(e, o)).join(', ')} `;
      return `${keys}GROUPING SETS (${sets.join(', ')})`;
    }
  }
}
