/** Spark's own names for select items without an alias (toPrettySQL). */
import { typeName } from '../plan/types.js';
import type { Expression, FunctionCall, LiteralValue, SortItem, WindowSpec } from '../sql/ast.js';

const NAME_LENGTH_MAX = 1_000;

/** `count(1)`, `(a + 1)`, `upper(name)`; a column keeps its name, a cast of a column too. */
export function autoName(expression: Expression): string {
  if (
    expression.kind === 'cast' &&
    (expression.operand.kind === 'column' || expression.operand.kind === 'field')
  ) {
    return autoName(expression.operand);
  }
  if (expression.kind === 'column') return expression.name.at(-1)?.name ?? '';
  if (expression.kind === 'field') return expression.field.name;
  return pretty(expression).slice(0, NAME_LENGTH_MAX);
}

function pretty(e: Expression): string {
  switch (e.kind) {
    case 'literal':
      return literalName(e.value);
    case 'column':
      return e.name.at(-1)?.name ?? '';
    case 'parameter':
      return e.name === undefined ? '?' : `:${e.name}`;
    case 'unary':
      return e.operator === 'not' ? `(NOT ${pretty(e.operand)})` : `(${e.operator} ${pretty(e.operand)})`;
    case 'binary':
      if (e.operator === '||') return `concat(${pretty(e.left)}, ${pretty(e.right)})`;
      if (e.operator === '<>') return `(NOT (${pretty(e.left)} = ${pretty(e.right)}))`;
      return `(${pretty(e.left)} ${e.operator.toUpperCase()} ${pretty(e.right)})`;
    case 'between':
      return negated(e.negated, `between(${[e.operand, e.low, e.high].map(pretty).join(', ')})`);
    case 'in-list':
      return negated(e.negated, `(${pretty(e.operand)} IN (${e.items.map(pretty).join(', ')}))`);
    case 'in-subquery':
      return negated(e.negated, `(${pretty(e.operand)} IN (listquery()))`);
    case 'exists':
      return 'exists()';
    case 'scalar-subquery':
      return 'scalarsubquery()';
    case 'like':
      return negated(e.negated, `${pretty(e.operand)} ${e.operator.toUpperCase()} ${pretty(e.pattern)}`);
    case 'is':
      return isName(e);
    case 'call':
      return callName(e);
    case 'case':
      return `CASE ${e.branches
        .map(
          (b) =>
            `WHEN ${e.operand ? `(${pretty(e.operand)} = ${pretty(b.when)})` : pretty(b.when)} THEN ${pretty(b.then)}`,
        )
        .join(' ')}${e.otherwise ? ` ELSE ${pretty(e.otherwise)}` : ''} END`;
    case 'cast':
      return `${e.try ? 'TRY_CAST' : 'CAST'}(${pretty(e.operand)} AS ${typeName(e.type).toUpperCase()})`;
    case 'subscript':
      return `${pretty(e.operand)}[${pretty(e.index)}]`;
    case 'field':
      return `${pretty(e.operand)}.${e.field.name}`;
    case 'row':
      return `struct(${e.items.map(pretty).join(', ')})`;
    case 'lambda':
      return 'lambda';
  }
}

const negated = (not: boolean, text: string): string => (not ? `(NOT ${text})` : text);

function literalName(value: LiteralValue): string {
  switch (value.type) {
    case 'null':
      return 'NULL';
    case 'boolean':
      return String(value.value);
    case 'string':
      return value.value;
    case 'number':
      return value.as === 'double' || value.as === 'float' ? doubleName(Number(value.text)) : value.text;
    case 'binary':
      return `X'${value.hex.toUpperCase()}'`;
    case 'date':
      return `DATE '${value.text}'`;
    case 'timestamp':
      return `TIMESTAMP '${value.text}'`;
    case 'timestamp_ntz':
      return `TIMESTAMP_NTZ '${value.text}'`;
    case 'interval':
      return `INTERVAL '${value.amount}' ${value.from.toUpperCase()}`;
  }
}

/** Java's text of a double: 1.0, 1.0E10. */
function doubleName(n: number): string {
  const size = Math.abs(n);
  if (n !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [mantissa = '', exponent = ''] = n.toExponential().split('e');
    return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
  }
  return Number.isInteger(n) ? `${n}.0` : String(n);
}

function isName(e: Extract<Expression, { kind: 'is' }>): string {
  const operand = pretty(e.operand);
  if (e.test === 'null' || e.test === 'unknown') return `(${operand} IS ${e.negated ? 'NOT ' : ''}NULL)`;
  if (e.test !== 'distinct-from') return negated(e.negated, `(${operand} <=> ${e.test})`);
  const same = `(${operand} <=> ${e.other ? pretty(e.other) : ''})`;
  return e.negated ? same : `(NOT ${same})`;
}

function callName(e: FunctionCall): string {
  const name = e.name.at(-1)?.name.toLowerCase() ?? '';
  const args = e.star ? ['1'] : e.args.map(pretty);
  if (name === 'extract' && e.args.length === 2) return `extract(${args[0]} FROM ${args[1]})${overName(e)}`;
  if (name === 'if') return `(IF(${args.join(', ')}))`;
  const call = `${name}(${e.distinct ? 'DISTINCT ' : ''}${args.join(', ')})`;
  const filter = e.filter ? ` FILTER (WHERE ${pretty(e.filter)})` : '';
  return `${call}${filter}${overName(e)}`;
}

function overName(e: FunctionCall): string {
  if (e.over === undefined) return '';
  return e.over.kind === 'window-name' ? ` OVER ${e.over.name.name}` : ` OVER (${windowName(e.over)})`;
}

function windowName(spec: WindowSpec): string {
  const parts: string[] = [];
  if (spec.partitionBy.length > 0) parts.push(`PARTITION BY ${spec.partitionBy.map(pretty).join(', ')}`);
  if (spec.orderBy.length > 0) parts.push(`ORDER BY ${spec.orderBy.map(sortName).join(', ')}`);
  if (spec.frame === undefined) {
    parts.push(
      spec.orderBy.length > 0
        ? 'RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW'
        : 'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING',
    );
  }
  return parts.join(' ');
}

const sortName = (item: SortItem): string =>
  `${pretty(item.expression)} ${item.descending ? 'DESC' : 'ASC'} NULLS ${(item.nulls ?? (item.descending ? 'last' : 'first')).toUpperCase()}`;
