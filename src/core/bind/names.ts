/** Spark's own names for select items without an alias (toPrettySQL). */
import { foldName } from '../catalog/catalog.js';
import { typeName } from '../plan/types.js';
import type {
  Expression,
  FunctionCall,
  Lambda,
  LiteralValue,
  QualifiedName,
  SortItem,
  WindowSpec,
} from '../sql/ast.js';

const NAME_LENGTH_MAX = 1_000;

/** Parameters of the lambdas around. */
type Lambdas = ReadonlySet<string>;
const NO_LAMBDA: Lambdas = new Set();
/** What Spark puts in for arguments of mask() that are left out. */
const MASKED_BY = ['', 'X', 'x', 'n', 'NULL'];
const VARIABLE = 'namedlambdavariable()';

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
  return pretty(expression, NO_LAMBDA).slice(0, NAME_LENGTH_MAX);
}

function pretty(e: Expression, inside: Lambdas): string {
  switch (e.kind) {
    case 'literal':
      return literalName(e.value);
    case 'column':
      return columnName(e.name, inside);
    case 'parameter':
      return e.name === undefined ? '?' : `:${e.name}`;
    case 'unary':
      return e.operator === 'not'
        ? `(NOT ${pretty(e.operand, inside)})`
        : `(${e.operator} ${pretty(e.operand, inside)})`;
    case 'binary':
      if (e.operator === '||') return `concat(${pretty(e.left, inside)}, ${pretty(e.right, inside)})`;
      if (e.operator === '<>') return `(NOT (${pretty(e.left, inside)} = ${pretty(e.right, inside)}))`;
      return `(${pretty(e.left, inside)} ${e.operator.toUpperCase()} ${pretty(e.right, inside)})`;
    case 'between':
      return negated(
        e.negated,
        `between(${[e.operand, e.low, e.high].map((part) => pretty(part, inside)).join(', ')})`,
      );
    case 'in-list':
      return negated(
        e.negated,
        `(${pretty(e.operand, inside)} IN (${e.items.map((part) => pretty(part, inside)).join(', ')}))`,
      );
    case 'in-subquery':
      return negated(e.negated, `(${pretty(e.operand, inside)} IN (listquery()))`);
    case 'exists':
      return 'exists()';
    case 'scalar-subquery':
      return 'scalarsubquery()';
    case 'like':
      return negated(
        e.negated,
        `${pretty(e.operand, inside)} ${e.operator.toUpperCase()} ${pretty(e.pattern, inside)}`,
      );
    case 'is':
      return isName(e, inside);
    case 'call':
      return callName(e, inside);
    case 'case':
      return `CASE ${e.branches
        .map(
          (b) =>
            `WHEN ${e.operand ? `(${pretty(e.operand, inside)} = ${pretty(b.when, inside)})` : pretty(b.when, inside)} THEN ${pretty(b.then, inside)}`,
        )
        .join(' ')}${e.otherwise ? ` ELSE ${pretty(e.otherwise, inside)}` : ''} END`;
    case 'cast':
      return `${e.try ? 'TRY_CAST' : 'CAST'}(${pretty(e.operand, inside)} AS ${typeName(e.type).toUpperCase()})`;
    case 'subscript':
      return `${pretty(e.operand, inside)}[${pretty(e.index, inside)}]`;
    case 'field':
      return `${pretty(e.operand, inside)}.${e.field.name}`;
    case 'row':
      return `struct(${e.items.map((part) => pretty(part, inside)).join(', ')})`;
    case 'named-argument':
      return pretty(e.value, inside);
    case 'lambda':
      return lambdaName(e, inside);
  }
}

/** Spark calls every parameter the same. */
function columnName(name: QualifiedName, inside: Lambdas): string {
  const [first, ...fields] = name.map((part) => part.name);
  if (!inside.has(foldName(first ?? ''))) return name.at(-1)?.name ?? '';
  return [VARIABLE, ...fields].join('.');
}

function lambdaName({ parameters, body }: Lambda, outside: Lambdas): string {
  const inside = new Set([...outside, ...parameters.map(({ name }) => foldName(name))]);
  return `lambdafunction(${[pretty(body, inside), ...parameters.map(() => VARIABLE)].join(', ')})`;
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

function isName(e: Extract<Expression, { kind: 'is' }>, inside: Lambdas): string {
  const operand = pretty(e.operand, inside);
  if (e.test === 'null' || e.test === 'unknown') return `(${operand} IS ${e.negated ? 'NOT ' : ''}NULL)`;
  if (e.test !== 'distinct-from') return negated(e.negated, `(${operand} <=> ${e.test})`);
  const same = `(${operand} <=> ${e.other ? pretty(e.other, inside) : ''})`;
  return e.negated ? same : `(NOT ${same})`;
}

function callName(e: FunctionCall, inside: Lambdas): string {
  const name = e.name.at(-1)?.name.toLowerCase() ?? '';
  const args = e.star ? ['1'] : e.args.map((part) => pretty(part, inside));
  if (name === 'extract' && e.args.length === 2)
    return `extract(${args[0]} FROM ${args[1]})${overName(e, inside)}`;
  if (name === 'mask' && args.length < MASKED_BY.length) args.push(...MASKED_BY.slice(args.length));
  // Without a last step Spark puts in one that changes nothing.
  if ((name === 'aggregate' || name === 'reduce') && args.length === 3)
    args.push(`lambdafunction(${VARIABLE}, ${VARIABLE})`);
  if (name === 'if') return `(IF(${args.join(', ')}))`;
  const call = `${name}(${e.distinct ? 'DISTINCT ' : ''}${args.join(', ')})`;
  const filter = e.filter ? ` FILTER (WHERE ${pretty(e.filter, inside)})` : '';
  return `${call}${filter}${overName(e, inside)}`;
}

function overName(e: FunctionCall, inside: Lambdas): string {
  if (e.over === undefined) return '';
  return e.over.kind === 'window-name'
    ? ` OVER ${e.over.name.name}`
    : ` OVER (${windowName(e.over, inside)})`;
}

function windowName(spec: WindowSpec, inside: Lambdas): string {
  const parts: string[] = [];
  if (spec.partitionBy.length > 0)
    parts.push(`PARTITION BY ${spec.partitionBy.map((part) => pretty(part, inside)).join(', ')}`);
  if (spec.orderBy.length > 0)
    parts.push(`ORDER BY ${spec.orderBy.map((key) => sortName(key, inside)).join(', ')}`);
  if (spec.frame === undefined) {
    parts.push(
      spec.orderBy.length > 0
        ? 'RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW'
        : 'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING',
    );
  }
  return parts.join(' ');
}

const sortName = (item: SortItem, inside: Lambdas): string =>
  `${pretty(item.expression, inside)} ${item.descending ? 'DESC' : 'ASC'} NULLS ${(item.nulls ?? (item.descending ? 'last' : 'first')).toUpperCase()}`;
