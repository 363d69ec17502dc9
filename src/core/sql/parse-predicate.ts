/** Predicates: EXISTS, BETWEEN, IN, LIKE and IS, each over a value. */
import type { Expression } from './ast.js';
import type { Cursor } from './cursor.js';
import { parseExpr, parseValue, startsQuery } from './parse-expression.js';
import { parseQuery } from './parse-query.js';

/**
 * A value with at most one predicate behind it, or EXISTS: as in Spark, predicates do not chain without
 * parentheses.
 */
export function parsePredicate(c: Cursor): Expression {
  if (c.isWord('EXISTS') && c.symbolAt(1, '(')) {
    const exists = parseExists(c);
    if (exists !== undefined) return exists;
  }
  const left = parseValue(c);
  return parsePredicateTail(c, left) ?? left;
}

/** `exists(array, x -> ...)` is a function. */
function parseExists(c: Cursor): Expression | undefined {
  if (!startsQuery(c, 2)) return undefined;
  const at = c.at;
  c.take();
  c.expectSymbol('(');
  const query = c.nested(() => parseQuery(c));
  c.expectSymbol(')');
  return { kind: 'exists', query, at };
}

function parsePredicateTail(c: Cursor, operand: Expression): Expression | undefined {
  const negated = c.isWord('NOT') && c.wordAt(1, 'BETWEEN', 'IN', 'LIKE', 'ILIKE', 'RLIKE', 'REGEXP');
  if (negated) c.take();
  const at = operand.at;
  if (c.acceptWord('BETWEEN')) {
    const low = parseValue(c);
    c.expectWord('AND');
    return { kind: 'between', operand, low, high: parseValue(c), negated, at };
  }
  if (c.acceptWord('IN')) return parseIn(c, operand, negated);
  if (c.isWord('LIKE', 'ILIKE', 'RLIKE', 'REGEXP')) return parseLike(c, operand, negated);
  if (c.acceptWord('IS')) return parseIs(c, operand);
  return undefined;
}

function parseIn(c: Cursor, operand: Expression, negated: boolean): Expression {
  c.expectSymbol('(');
  // As Spark reads it, `IN ((SELECT ...))` is a list of one scalar subquery.
  const scalar = c.isSymbol('(') && c.symbolAt(c.closing(0) + 1, ')');
  if (!scalar && startsQuery(c)) {
    const query = c.nested(() => parseQuery(c));
    c.expectSymbol(')');
    return { kind: 'in-subquery', operand, query, negated, at: operand.at };
  }
  const items = c.commaList(() => parseExpr(c));
  c.expectSymbol(')');
  return { kind: 'in-list', operand, items, negated, at: operand.at };
}

function parseLike(c: Cursor, operand: Expression, negated: boolean): Expression {
  const token = c.take();
  const word = token.kind === 'word' ? token.upper : '';
  const operator = word === 'LIKE' ? 'like' : word === 'ILIKE' ? 'ilike' : 'rlike';
  if (operator !== 'rlike' && c.isWord('ANY', 'ALL', 'SOME'))
    return parseLikeMany(c, operand, operator, negated);
  const pattern = parseValue(c);
  const escapedBy = operator !== 'rlike' && c.acceptWord('ESCAPE') ? escapeCharacter(c) : undefined;
  return {
    kind: 'like',
    operator,
    operand,
    pattern,
    negated,
    at: operand.at,
    ...(escapedBy === undefined ? {} : { escape: escapedBy }),
  };
}

/** LIKE ANY (a, b) is `x LIKE a OR x LIKE b`; LIKE ALL is AND. Negated, each pattern is. */
function parseLikeMany(
  c: Cursor,
  operand: Expression,
  operator: 'like' | 'ilike',
  negated: boolean,
): Expression {
  const all = c.isWord('ALL');
  c.take();
  c.expectSymbol('(');
  const patterns = c.commaList(() => parseExpr(c));
  c.expectSymbol(')');
  return patterns
    .map((pattern): Expression => ({ kind: 'like', operator, operand, pattern, negated, at: operand.at }))
    .reduce((left, right) => ({ kind: 'binary', operator: all ? 'and' : 'or', left, right, at: operand.at }));
}

function escapeCharacter(c: Cursor): string {
  const token = c.take();
  if (token.kind !== 'string' || token.text.length !== 1) {
    throw c.error('ESCAPE needs a string of one character.', token.at);
  }
  return token.text;
}

function parseIs(c: Cursor, operand: Expression): Expression {
  const negated = c.acceptWord('NOT');
  const at = operand.at;
  for (const test of ['null', 'true', 'false', 'unknown'] as const) {
    if (c.acceptWord(test.toUpperCase())) return { kind: 'is', test, operand, negated, at };
  }
  if (c.acceptWords('DISTINCT', 'FROM')) {
    return { kind: 'is', test: 'distinct-from', operand, other: parseValue(c), negated, at };
  }
  throw c.unexpected('NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM');
}
