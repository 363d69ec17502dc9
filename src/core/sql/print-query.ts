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
import type { AsOf, JoinRelation, JoinType, LateralView, Relation, RelationAlias } from './ast-relation.js';
import {
  type PrintOptions,
  printExpression,
  printSortItems,
  printStar,
  printWindow,
} from './print-expression.js';
import { printIdentifier, printName } from './print-literal.js';

export function printQuery(query: Query, o: PrintOptions): string {
  const parts: string[] = [];
  if (query.with.length > 0)
    parts.push(`WITH ${query.with.map((cte) => printCommonTable(cte, o)).join(', ')}`);
  parts.push(printBody(query.body, o));
  if (query.orderBy.length > 0) parts.push(`ORDER BY ${printSortItems(query.orderBy, o)}`);
  if (query.limit !== undefined) parts.push(`LIMIT ${printExpression(query.limit, o)}`);
  if (query.offset !== undefined) parts.push(`OFFSET ${printExpression(query.offset, o)}`);
  return parts.join(' ');
}

function printCommonTable(cte: CommonTable, o: PrintOptions): string {
  const columns = cte.columns.length === 0 ? '' : `(${cte.columns.map(printIdentifier).join(', ')})`;
  return `${printIdentifier(cte.name)}${columns} AS (${printQuery(cte.query, o)})`;
}

function printBody(body: QueryBody, o: PrintOptions): string {
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
  }
}

const printRows = (rows: readonly (readonly Expression[])[], o: PrintOptions): string =>
  rows.map((row) => printTuple(row, o)).join(', ');

/** `(a, b)`. A lone subquery brings its own parentheses: two pairs would make it a query in parentheses. */
function printTuple(items: readonly Expression[], o: PrintOptions): string {
  const text = items.map((item) => printExpression(item, o)).join(', ');
  return items.length === 1 && items[0]?.kind === 'scalar-subquery' ? text : `(${text})`;
}

function printSelect(select: Select, o: PrintOptions): string {
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

function printItem(item: SelectItem, o: PrintOptions): string {
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

export function printRelation(relation: Relation, o: PrintOptions): string {
  const lateral = 'lateral' in relation && relation.lateral ? 'LATERAL ' : '';
  switch (relation.kind) {
    case 'table':
      return printName(relation.name) + printAsOf(relation.asOf, o) + printAlias(relation.alias);
    case 'subquery':
      return `${lateral}(${printQuery(relation.query, o)})${printAlias(relation.alias)}`;
    case 'values-relation':
      return `VALUES ${printRows(relation.rows, o)}${printAlias(relation.alias)}`;
    case 'table-function': {
      const args = relation.args.map((e) => printExpression(e, o)).join(', ');
      return `${lateral}${printName(relation.name)}(${args})${printAlias(relation.alias)}`;
    }
    case 'join':
      return printJoin(relation, o);
    case 'lateral-view':
      return printLateralView(relation, o);
    case 'parenthesised':
      return `(${printRelation(relation.relation, o)})${printAlias(relation.alias)}`;
  }
}

function printAsOf(asOf: AsOf | undefined, o: PrintOptions): string {
  if (asOf === undefined) return '';
  return asOf.kind === 'version'
    ? ` VERSION AS OF ${asOf.version}`
    : ` TIMESTAMP AS OF ${o.literal({ kind: 'literal', value: { type: 'string', value: asOf.text }, at: asOf.at })}`;
}

const JOIN_WORDS: Readonly<Record<JoinType, string>> = {
  inner: 'JOIN',
  cross: 'CROSS JOIN',
  left: 'LEFT JOIN',
  right: 'RIGHT JOIN',
  full: 'FULL JOIN',
  'left-semi': 'LEFT SEMI JOIN',
  'left-anti': 'LEFT ANTI JOIN',
};

function printJoin(join: JoinRelation, o: PrintOptions): string {
  const operator = `${join.natural ? 'NATURAL ' : ''}${JOIN_WORDS[join.type]}`;
  const on = join.on === undefined ? '' : ` ON ${printExpression(join.on, o)}`;
  const using = join.using === undefined ? '' : ` USING (${join.using.map(printIdentifier).join(', ')})`;
  return `${printRelation(join.left, o)} ${operator} ${printRelation(join.right, o)}${on}${using}`;
}

function printLateralView(view: LateralView, o: PrintOptions): string {
  const args = view.args.map((e) => printExpression(e, o)).join(', ');
  const name = view.alias?.name === undefined ? '' : ` ${printIdentifier(view.alias.name)}`;
  const columns = view.alias?.columns ?? [];
  const named = columns.length === 0 ? '' : ` AS ${columns.map(printIdentifier).join(', ')}`;
  const outer = view.outer ? 'OUTER ' : '';
  return `${printRelation(view.input, o)} LATERAL VIEW ${outer}${printName(view.name)}(${args})${name}${named}`;
}

function printAlias(alias: RelationAlias | undefined): string {
  if (alias?.name === undefined) return '';
  const columns = alias.columns.length === 0 ? '' : `(${alias.columns.map(printIdentifier).join(', ')})`;
  return ` AS ${printIdentifier(alias.name)}${columns}`;
}
