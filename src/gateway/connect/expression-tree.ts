/**
 * Expressions of DataFrame plans as the tree of the same expression in SQL, for the few places where the gateway itself
 * must know what they mean: conditions and assignments of a merge. What SQL here has no word for is refused.
 */
import { GovernanceError } from '../../core/errors.js';
import { columnNameParts } from '../../core/plan/connect/identifiers.js';
import { expressionCase, type PlanMessage, textOf } from '../../core/plan/connect/message.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import type { BinaryOperator, Expression, LiteralValue, QualifiedName } from '../../core/sql/ast.js';
import { parseDataType, parseExpression } from '../../core/sql/parse.js';
import { START } from './plan-leaf.js';
import { dataType } from './spark-type.js';
import { parameterOf } from './sql-parameters.js';
import { qualifiedName } from './write-command.js';

/** What the columns of a relation are called, by the plan id that the client gave it. */
export type TableOfPlan = (planId: bigint) => string | undefined;

const BINARY: Readonly<Record<string, BinaryOperator>> = {
  or: 'or',
  and: 'and',
  '=': '=',
  '==': '=',
  '<=>': '<=>',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '+': '+',
  '-': '-',
  '*': '*',
  '/': '/',
  '%': '%',
  '&': '&',
  '|': '|',
  '^': '^',
};
const TESTS: Readonly<Record<string, { readonly test: 'null'; readonly negated: boolean }>> = {
  isnull: { test: 'null', negated: false },
  isnotnull: { test: 'null', negated: true },
};

export function expressionTree(expression: PlanMessage, tableOf: TableOfPlan): Expression {
  const { case: kind, value } = expressionCase(expression);
  const inner = (message: unknown): Expression => expressionTree(message as PlanMessage, tableOf);
  switch (kind) {
    case 'literal':
      return literal(value);
    case 'unresolvedAttribute':
      return { kind: 'column', name: columnName(value, tableOf), at: START };
    case 'expressionString':
      return parseExpression(textOf(value, 'expression'), { parameters: 'none' });
    case 'alias':
      return inner(value.expr);
    case 'cast':
      return {
        kind: 'cast',
        operand: inner(value.expr),
        type: castType(value),
        try: value.evalMode === TRY,
        at: START,
      };
    case 'unresolvedFunction':
    case 'callFunction':
      return call(
        textOf(value, 'functionName'),
        (value.arguments as readonly PlanMessage[]).map(inner),
        value.isDistinct === true,
      );
    default:
      throw notInSql(kind);
  }
}

/** `EVAL_MODE_TRY` */
const TRY = 3;

function castType(value: PlanMessage) {
  const target = value.castToType as { readonly case?: string; readonly value?: unknown };
  return target.case === 'typeStr'
    ? parseDataType(String(target.value))
    : dataType(target.value as PlanMessage);
}

function columnName(value: PlanMessage, tableOf: TableOfPlan): QualifiedName {
  const parts = columnNameParts(textOf(value, 'unparsedIdentifier'));
  if (value.planId === undefined) return qualifiedName(parts);
  const table = tableOf(value.planId as bigint);
  if (table === undefined) {
    throw new GovernanceError('UNRESOLVED_COLUMN', `There is no such column here: ${parts.join('.')}.`, {
      remedy: "Take columns of the source's DataFrame, or F.col with the name of table or alias.",
      sqlState: '42703',
    });
  }
  return qualifiedName([table, ...parts]);
}

function call(name: string, args: readonly Expression[], distinct: boolean): Expression {
  const folded = name.toLowerCase();
  const [first, second] = args;
  const operator = BINARY[folded];
  if (operator !== undefined && first !== undefined && second !== undefined && args.length === 2)
    return { kind: 'binary', operator, left: first, right: second, at: START };
  const test = TESTS[folded];
  if (test !== undefined && first !== undefined && args.length === 1)
    return { kind: 'is', ...test, operand: first, at: START };
  if (
    first !== undefined &&
    (folded === 'not' || folded === '!' || folded === '~' || folded === 'negative')
  ) {
    const unary = folded === '~' ? '~' : folded === 'negative' ? '-' : 'not';
    return { kind: 'unary', operator: unary, operand: first, at: START };
  }
  if (folded === 'in' && first !== undefined)
    return { kind: 'in-list', operand: first, items: args.slice(1), negated: false, at: START };
  if (folded === 'when') return caseOf(args);
  return { kind: 'call', name: [{ name: folded, quoted: false, at: START }], args, distinct, at: START };
}

/** `when(a, x, b, y, z)`: the last one alone is for the rest. */
function caseOf(args: readonly Expression[]): Expression {
  const pairs = Math.floor(args.length / 2);
  const branches = Array.from({ length: pairs }, (_, i) => ({
    when: args[2 * i] as Expression,
    then: args[2 * i + 1] as Expression,
  }));
  const otherwise = args.length % 2 === 1 ? args.at(-1) : undefined;
  return { kind: 'case', branches, at: START, ...(otherwise === undefined ? {} : { otherwise }) };
}

/** Typed as the client has typed it. */
function literal(message: PlanMessage): Expression {
  const { type, value } = parameterOf(message);
  const typed = (value: LiteralValue): Expression => ({ kind: 'literal', value, at: START });
  if (value === null || value === undefined) return typed({ type: 'null' });
  if (typeof value === 'boolean') return typed({ type: 'boolean', value });
  const text = String(value);
  switch (type) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'float':
    case 'double':
      return number(text, type);
    case 'string':
      return typed({ type: 'string', value: text });
    case 'binary':
      return typed({ type: 'binary', hex: Buffer.from(text, 'base64').toString('hex') });
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
      return typed({ type, text });
    default:
      return {
        kind: 'cast',
        operand: typed({ type: 'string', value: text }),
        type: parseDataType(type ?? 'string'),
        try: false,
        at: START,
      };
  }
}

type NumberKind = Extract<LiteralValue, { type: 'number' }>['as'];

/** Signs are operators in SQL. */
function number(text: string, as: NumberKind): Expression {
  if (!/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) throw notInSql('a number like this');
  const positive: Expression = {
    kind: 'literal',
    value: { type: 'number', text: text.replace(/^-/, ''), as },
    at: START,
  };
  return text.startsWith('-') ? { kind: 'unary', operator: '-', operand: positive, at: START } : positive;
}

const notInSql = (kind: string): GovernanceError =>
  notAllowed(
    `In a merge, an expression of the kind ${kind || 'unknown'}`,
    'Say it with F.expr, or as MERGE in SQL.',
  );
