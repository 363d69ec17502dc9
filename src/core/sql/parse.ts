/**
 * Spark SQL text to syntax tree. The grammar is the allow-list: what has no production here is refused with
 * code, position and a remedy. One pass without backtracking, so time is linear in the text; nesting is
 * counted, so the stack is bounded.
 */
import type { DataType } from '../plan/types.js';
import type { Expression, Statement } from './ast.js';
import { Cursor, type ParameterMode } from './cursor.js';
import { tokenize } from './lexer.js';
import { requireBounded } from './limits.js';
import { parseExpr } from './parse-expression.js';
import { parseOneStatement } from './parse-statement.js';
import { parseType } from './parse-type.js';

export interface ParseOptions {
  /** `statement`: `:name` and `?`; `policy`: `:principal.attribute`; `none`: refused. */
  readonly parameters: ParameterMode;
}

/** One statement; a trailing `;` is allowed, a second statement is not. */
export function parseStatement(text: string, options: ParseOptions): Statement {
  const c = new Cursor(tokenize(text), options.parameters);
  const statement = parseOneStatement(c);
  requireBounded(statement);
  while (c.acceptSymbol(';'));
  if (c.token.kind !== 'end') {
    throw c.afterSemicolon
      ? c.refuse('More than one statement', 'Send one statement at a time.')
      : c.unexpected('the end of the statement');
  }
  return statement;
}

/** One expression: a row rule of a policy, or an expression string. */
export function parseExpression(text: string, options: ParseOptions): Expression {
  const expression = whole(text, options.parameters, parseExpr);
  requireBounded(expression);
  return expression;
}

/** A type as Spark writes it: `decimal(10,2)`, `array<struct<a:int>>`. */
export const parseDataType = (text: string): DataType => whole(text, 'none', parseType);

function whole<T>(text: string, parameters: ParameterMode, parse: (c: Cursor) => T): T {
  const c = new Cursor(tokenize(text), parameters);
  const result = parse(c);
  if (c.token.kind !== 'end') throw c.unexpected('the end');
  return result;
}
