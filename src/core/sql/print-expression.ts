/** Expressions as Spark SQL text, with the parentheses that Spark's precedences ask for. */
import type {
  BinaryOperator,
  Case,
  Expression,
  FrameBound,
  FunctionCall,
  Identifier,
  Like,
  Literal,
  QualifiedName,
  SortItem,
  Star,
  WindowSpec,
} from './ast.js';
import { isDateUnit } from './date-units.js';
import { isTrim } from './parse-call.js';
import { printIdentifier, printLiteral, printName, printString, printType } from './print-literal.js';
import { printQuery } from './print-query.js';

/** How a literal is written: as itself, or taken out for the record. */
export interface PrintOptions {
  readonly literal: (literal: Literal) => string;
}

/** Binding strength, loosest first. An operand that binds looser than its place allows gets parentheses. */
const ANY = 0;
const OR = 1;
const AND = 2;
const NOT = 3;
const PREDICATE = 4;
const COMPARISON = 5;
const UNARY = 12;
const PRIMARY = 13;
const BINARY: Readonly<Record<BinaryOperator, number>> = {
  or: OR,
  and: AND,
  '=': COMPARISON,
  '<=>': COMPARISON,
  '<>': COMPARISON,
  '<': COMPARISON,
  '<=': COMPARISON,
  '>': COMPARISON,
  '>=': COMPARISON,
  '|': 6,
  '^': 7,
  '&': 8,
  '<<': 9,
  '>>': 9,
  '>>>': 9,
  '+': 10,
  '-': 10,
  '||': 10,
  '*': 11,
  '/': 11,
  '%': 11,
  div: 11,
};

function strength(e: Expression): number {
  switch (e.kind) {
    case 'binary':
      return BINARY[e.operator];
    case 'unary':
      return e.operator === 'not' ? NOT : UNARY;
    case 'between':
    case 'in-list':
    case 'in-subquery':
    case 'exists':
    case 'like':
    case 'is':
      return PREDICATE;
    case 'lambda':
    case 'named-argument':
      return ANY;
    case 'literal':
      return e.value.type === 'number' && e.value.text.startsWith('-') ? UNARY : PRIMARY;
    default:
      return PRIMARY;
  }
}

export function printExpression(e: Expression, options: PrintOptions): string {
  return print(e, ANY, options);
}

function print(e: Expression, least: number, options: PrintOptions): string {
  const text = bare(e, options);
  return strength(e) < least ? `(${text})` : text;
}

const list = (items: readonly Expression[], o: PrintOptions): string =>
  items.map((item) => print(item, ANY, o)).join(', ');
const not = (negated: boolean): string => (negated ? ' NOT' : '');

function bare(e: Expression, o: PrintOptions): string {
  switch (e.kind) {
    case 'literal':
      return o.literal(e);
    case 'column':
      return printName(e.name);
    case 'parameter':
      return e.name === undefined
        ? '?'
        : `:${e.name
            .split('.')
            .map((name) => printIdentifier({ name }))
            .join('.')}`;
    case 'unary':
      return e.operator === 'not'
        ? `NOT ${print(e.operand, NOT, o)}`
        : `${e.operator}${signed(e.operand, o)}`;
    case 'binary':
      // Chains go to the left, so the right operand must bind tighter.
      return `${print(e.left, BINARY[e.operator], o)} ${e.operator.toUpperCase()} ${print(e.right, BINARY[e.operator] + 1, o)}`;
    case 'between':
      return `${value(e.operand, o)}${not(e.negated)} BETWEEN ${value(e.low, o)} AND ${value(e.high, o)}`;
    case 'in-list':
      return `${value(e.operand, o)}${not(e.negated)} IN (${list(e.items, o)})`;
    case 'in-subquery':
      return `${value(e.operand, o)}${not(e.negated)} IN (${printQuery(e.query, o)})`;
    case 'exists':
      return `EXISTS (${printQuery(e.query, o)})`;
    case 'scalar-subquery':
      return `(${printQuery(e.query, o)})`;
    case 'like':
      return printLike(e, o);
    case 'is':
      return e.test === 'distinct-from' && e.other !== undefined
        ? `${value(e.operand, o)} IS${not(e.negated)} DISTINCT FROM ${value(e.other, o)}`
        : `${value(e.operand, o)} IS${not(e.negated)} ${e.test.toUpperCase()}`;
    case 'call':
      return printCall(e, o);
    case 'case':
      return printCase(e, o);
    case 'cast':
      return `${e.try ? 'TRY_CAST' : 'CAST'}(${print(e.operand, ANY, o)} AS ${printType(e.type)})`;
    case 'subscript':
      return `${container(e.operand, o)}[${print(e.index, ANY, o)}]`;
    case 'field':
      return `${container(e.operand, o)}.${printIdentifier(e.field)}`;
    case 'row':
      return `(${list(e.items, o)})`;
    case 'named-argument':
      return `${printIdentifier(e.name)} => ${print(e.value, ANY, o)}`;
    case 'lambda':
      return `${printParameters(e.parameters)} -> ${print(e.body, ANY, o)}`;
  }
}

function printParameters(parameters: readonly Identifier[]): string {
  const names = parameters.map(printIdentifier);
  return names.length === 1 ? names.join() : `(${names.join(', ')})`;
}

/** What stands beside a predicate's keyword: comparisons may, predicates may not. */
const value = (e: Expression, o: PrintOptions): string => print(e, COMPARISON, o);

/**
 * `-(1)` and `-(-1)`: without the parentheses the sign would become part of the number, or two of them a
 * comment.
 */
const signed = (e: Expression, o: PrintOptions): string =>
  e.kind === 'literal' || strength(e) < PRIMARY ? `(${print(e, ANY, o)})` : print(e, PRIMARY, o);

/** Only what cannot run into the dot or the bracket stands before it bare. */
function container(e: Expression, o: PrintOptions): string {
  return CONTAINERS.has(e.kind) || (e.kind === 'call' && !e.bare && isPlainCall(e))
    ? print(e, PRIMARY, o)
    : `(${print(e, ANY, o)})`;
}
const CONTAINERS: ReadonlySet<Expression['kind']> = new Set(['subscript', 'field', 'scalar-subquery', 'row']);

const isPlainCall = (e: FunctionCall): boolean =>
  e.over === undefined && e.filter === undefined && e.orderBy === undefined && e.nulls === undefined;

function printLike(e: Like, o: PrintOptions): string {
  const escaped = e.escape === undefined ? '' : ` ESCAPE ${printString(e.escape)}`;
  return `${value(e.operand, o)}${not(e.negated)} ${e.operator.toUpperCase()} ${value(e.pattern, o)}${escaped}`;
}

function printCase(e: Case, o: PrintOptions): string {
  const operand = e.operand === undefined ? '' : ` ${print(e.operand, ANY, o)}`;
  const branches = e.branches.map((b) => ` WHEN ${print(b.when, ANY, o)} THEN ${print(b.then, ANY, o)}`);
  const otherwise = e.otherwise === undefined ? '' : ` ELSE ${print(e.otherwise, ANY, o)}`;
  return `CASE${operand}${branches.join('')}${otherwise} END`;
}

function printCall(e: FunctionCall, o: PrintOptions): string {
  if (e.bare) return e.name.map(({ name }) => name.toUpperCase()).join('.');
  const withUnit = printUnitCall(e, o);
  if (withUnit !== undefined) return withUnit;
  const distinct = e.distinct ? 'DISTINCT ' : '';
  const inside = e.star === undefined ? printArguments(e, o) : printStar(e.star);
  let text = `${printFunctionName(e.name)}(${distinct}${inside})`;
  if (e.orderBy !== undefined) text += ` WITHIN GROUP (ORDER BY ${printSortItems(e.orderBy, o)})`;
  if (e.filter !== undefined) text += ` FILTER (WHERE ${print(e.filter, ANY, o)})`;
  if (e.nulls !== undefined) text += ` ${e.nulls.toUpperCase()} NULLS`;
  if (e.over !== undefined) {
    text += ` OVER ${e.over.kind === 'window-name' ? printIdentifier(e.over.name) : printWindow(e.over, o)}`;
  }
  return text;
}

/**
 * Back-quoted but for STRUCT, whose fields Spark names after its arguments only when it stands as a keyword.
 */
const printFunctionName = (name: QualifiedName): string =>
  name.length === 1 && name[0]?.name === 'struct' ? 'struct' : printName(name);

function printArguments(e: FunctionCall, o: PrintOptions): string {
  const [text, characters] = e.args;
  const trim = e.args.length === 2 && isTrim(e.name);
  if (!trim || text === undefined || characters === undefined) return list(e.args, o);
  return list([characters, text], o);
}

/** TIMESTAMPADD and TIMESTAMPDIFF take their unit as a word, never as a text. */
function printUnitCall(e: FunctionCall, o: PrintOptions): string | undefined {
  const [name] = e.name;
  const [unit, ...rest] = e.args;
  if (e.name.length !== 1 || (name?.name !== 'timestampadd' && name?.name !== 'timestampdiff'))
    return undefined;
  if (unit?.kind !== 'literal' || unit.value.type !== 'string' || !isDateUnit(unit.value.value))
    return undefined;
  return `${name.name.toUpperCase()}(${unit.value.value}, ${list(rest, o)})`;
}

export function printStar(star: Star): string {
  const target = star.target.length === 0 ? '' : `${printName(star.target)}.`;
  const except = star.except.length === 0 ? '' : ` EXCEPT (${star.except.map(printName).join(', ')})`;
  return `${target}*${except}`;
}

export const printSortItems = (items: readonly SortItem[], o: PrintOptions): string =>
  items
    .map((item) => {
      const nulls = item.nulls === undefined ? '' : ` NULLS ${item.nulls.toUpperCase()}`;
      return `${print(item.expression, ANY, o)}${item.descending ? ' DESC' : ''}${nulls}`;
    })
    .join(', ');

export function printWindow(spec: WindowSpec, o: PrintOptions): string {
  if (spec.base !== undefined) return `(${printIdentifier(spec.base)})`;
  const parts: string[] = [];
  if (spec.partitionBy.length > 0) parts.push(`PARTITION BY ${list(spec.partitionBy, o)}`);
  if (spec.orderBy.length > 0) parts.push(`ORDER BY ${printSortItems(spec.orderBy, o)}`);
  if (spec.frame !== undefined) {
    const { unit, start, end } = spec.frame;
    parts.push(`${unit.toUpperCase()} BETWEEN ${printBound(start, o)} AND ${printBound(end, o)}`);
  }
  return `(${parts.join(' ')})`;
}

function printBound(bound: FrameBound, o: PrintOptions): string {
  switch (bound.kind) {
    case 'preceding':
    case 'following':
      return `${print(bound.offset, PRIMARY, o)} ${bound.kind.toUpperCase()}`;
    default:
      return bound.kind.replace('-', ' ').toUpperCase();
  }
}

export const PLAIN_LITERALS: PrintOptions = { literal: (literal) => printLiteral(literal.value) };
