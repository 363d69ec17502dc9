/**
 * Expressions, by Spark's precedences (lowest first): OR, AND, NOT, predicates, |, ^, &, shifts, + - ||, * /
 * % DIV, unary, postfix.
 */
import type { BinaryOperator, Expression, Identifier, Star, UnaryOperator } from './ast.js';
import type { Cursor } from './cursor.js';
import { statementDepthMaxLevels } from './limits.js';
import { parseCall, parseSpecialCall } from './parse-call.js';
import { parseInterval, parseLiteral, parseTypedLiteral } from './parse-literal.js';
import { parsePredicate } from './parse-predicate.js';
import { parseQuery } from './parse-query.js';
import { parseType } from './parse-type.js';

export function parseExpr(c: Cursor): Expression {
  return c.nested(() => parseOr(c));
}

function parseOr(c: Cursor): Expression {
  let left = parseAnd(c);
  while (c.isWord('OR')) {
    c.take();
    left = { kind: 'binary', operator: 'or', left, right: parseAnd(c), at: left.at };
  }
  return left;
}

function parseAnd(c: Cursor): Expression {
  let left = parseNot(c);
  while (c.isWord('AND')) {
    c.take();
    left = { kind: 'binary', operator: 'and', left, right: parseNot(c), at: left.at };
  }
  return left;
}

function parseNot(c: Cursor): Expression {
  const at = c.at;
  if (!c.isWord('NOT') && !c.isSymbol('!')) return parsePredicate(c);
  c.take();
  return { kind: 'unary', operator: 'not', operand: c.nested(() => parseNot(c)), at };
}

/** Binary operators from loosest to tightest. */
const LEVELS: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>', '>>>'],
  ['+', '-', '||'],
  ['*', '/', '%', 'DIV'],
];

/** Spark reads `|` before one of these as the pipe `|>`. */
const PIPE_OPERATORS: ReadonlySet<string> = new Set(
  (
    'SELECT EXTEND SET DROP AS WHERE PIVOT UNPIVOT TABLESAMPLE AGGREGATE WINDOW JOIN INNER CROSS LEFT RIGHT FULL SEMI ANTI NATURAL ' +
    'UNION EXCEPT MINUS SETMINUS INTERSECT ORDER SORT CLUSTER DISTRIBUTE LIMIT OFFSET'
  ).split(' '),
);

function parseBinary(c: Cursor, level: number): Expression {
  const operators = LEVELS[level];
  if (operators === undefined) return parseUnary(c);
  let left = parseBinary(c, level + 1);
  for (;;) {
    const token = c.token;
    const text = token.kind === 'symbol' ? token.text : token.kind === 'word' ? token.upper : '';
    if (!operators.includes(text)) return left;
    c.take();
    if (text === '|' && c.token.kind === 'word' && PIPE_OPERATORS.has(c.token.upper))
      throw c.refuse('Pipe syntax', 'Write nested SELECTs or CTEs; a column of this name needs back-quotes.');
    left = {
      kind: 'binary',
      operator: text.toLowerCase() as BinaryOperator,
      left,
      right: parseBinary(c, level + 1),
      at: left.at,
    };
  }
}

const COMPARISONS: ReadonlySet<string> = new Set(['=', '<=>', '<>', '<', '<=', '>', '>=']);

/**
 * A value, comparisons included: an operand of BETWEEN, LIKE, IS or POSITION. Spark's comparisons bind
 * tighter than these.
 */
export function parseValue(c: Cursor): Expression {
  let left = parseBinary(c, 0);
  for (;;) {
    const token = c.token;
    if (token.kind !== 'symbol' || !COMPARISONS.has(token.text)) return left;
    c.take();
    left = {
      kind: 'binary',
      operator: token.text as BinaryOperator,
      left,
      right: parseBinary(c, 0),
      at: left.at,
    };
  }
}

function parseUnary(c: Cursor): Expression {
  const token = c.token;
  if (token.kind !== 'symbol' || !['-', '+', '~'].includes(token.text))
    return parsePostfix(c, parsePrimary(c));
  c.take();
  const next = c.token;
  // A sign directly before digits is part of the number, so that the smallest integers can be written.
  if (token.text === '-' && next.kind === 'number') {
    return parsePostfix(c, parseLiteral(c, { negative: true, at: token.at }));
  }
  return {
    kind: 'unary',
    operator: token.text as UnaryOperator,
    operand: c.nested(() => parseUnary(c)),
    at: token.at,
  };
}

function parsePostfix(c: Cursor, start: Expression): Expression {
  let operand = start;
  for (;;) {
    if (c.acceptSymbol('[')) {
      const index = parseExpr(c);
      c.expectSymbol(']');
      operand = { kind: 'subscript', operand, index, at: operand.at };
    } else if (c.isSymbol('.') && !c.symbolAt(1, '*')) {
      c.take();
      operand = { kind: 'field', operand, field: c.identifier(), at: operand.at };
    } else if (c.acceptSymbol('::')) {
      operand = { kind: 'cast', operand, type: parseType(c), try: false, at: operand.at };
    } else if (c.isSymbol(':') && c.ahead(1).kind === 'word') {
      throw c.refuse('A JSON path (value:field)', 'Keep the field in a column of its own.');
    } else if (c.isWord('COLLATE') && ['word', 'quoted'].includes(c.ahead(1).kind) && !c.isAliasEnd(1)) {
      throw c.refuse('COLLATE', 'Compare with lower(...) or upper(...).');
    } else return operand;
  }
}

function parsePrimary(c: Cursor): Expression {
  const token = c.token;
  switch (token.kind) {
    case 'number':
    case 'string':
      return parseLiteral(c);
    case 'symbol':
      return parseSymbolPrimary(c, token.text);
    case 'quoted':
      return parseName(c);
    case 'word':
      return parseWordPrimary(c, token.upper);
    default:
      throw c.unexpected('an expression');
  }
}

function parseSymbolPrimary(c: Cursor, symbol: string): Expression {
  if (symbol === '(') return parseParenthesised(c);
  if (symbol === ':' || symbol === '?') return parseParameter(c);
  throw c.unexpected('an expression');
}

function parseParenthesised(c: Cursor): Expression {
  const at = c.at;
  c.expectSymbol('(');
  if (startsQuery(c)) {
    const query = c.nested(() => parseQuery(c));
    c.expectSymbol(')');
    return { kind: 'scalar-subquery', query, at };
  }
  const items = c.commaList(() => parseExpr(c));
  c.refuseInnerAlias();
  c.expectSymbol(')');
  const [only] = items;
  return items.length === 1 && only ? only : { kind: 'row', items, at };
}

function parseParameter(c: Cursor): Expression {
  const at = c.at;
  if (c.parameters === 'none') throw c.refuse('A parameter', 'Write the value here.');
  if (c.acceptSymbol('?')) {
    if (c.parameters === 'policy')
      throw c.refuse('A positional parameter in a policy', 'Use :principal.<attribute>.');
    const index = c.parameterCount;
    c.parameterCount += 1;
    return { kind: 'parameter', index, at };
  }
  c.expectSymbol(':');
  const name = [parameterName(c)];
  while (c.parameters === 'policy' && c.acceptSymbol('.')) name.push(parameterName(c));
  return { kind: 'parameter', name: name.join('.'), at };
}

function parameterName(c: Cursor): string {
  const { name, at } = c.identifier();
  if (!/^\w+$/.test(name)) throw c.error('A parameter name is made of letters, digits and _.', at);
  return name;
}

function parseWordPrimary(c: Cursor, word: string): Expression {
  const at = c.at;
  switch (word) {
    case 'CASE':
      return parseCase(c);
    case 'CAST':
    case 'TRY_CAST':
      if (c.symbolAt(1, '(')) return parseCast(c, word === 'TRY_CAST');
      break;
    case 'TRUE':
    case 'FALSE':
      c.take();
      return { kind: 'literal', value: { type: 'boolean', value: word === 'TRUE' }, at };
    case 'NULL':
      c.take();
      return { kind: 'literal', value: { type: 'null' }, at };
    case 'INTERVAL':
      return parseInterval(c) ?? parseName(c);
    case 'TABLE':
      if (c.symbolAt(1, '(')) throw c.refuse('A table as an argument', 'Read the table in FROM.');
      break;
    default:
      break;
  }
  const typed = parseTypedLiteral(c) ?? parseSpecialCall(c);
  if (typed) return typed;
  if (RESERVED_IN_EXPRESSIONS.has(word) && !(word === 'LIKE' && c.symbolAt(1, '(')))
    throw c.unexpected('an expression');
  return parseName(c);
}

/** These always go on with the statement; as a column name they need back-quotes. */
const RESERVED_IN_EXPRESSIONS = new Set(
  'SELECT FROM WHERE GROUP HAVING ORDER LIMIT UNION EXCEPT INTERSECT JOIN ON USING WHEN THEN ELSE END AND OR AS BETWEEN IN IS LIKE'.split(
    ' ',
  ),
);

/** A column, or a call when a parenthesis follows. */
function parseName(c: Cursor): Expression {
  const at = c.at;
  const name = c.qualifiedName();
  if (c.isSymbol('(')) return parseCall(c, name);
  if (c.isSymbol('.') && c.symbolAt(1, '*'))
    throw c.unexpected('a column; a star stands alone or in count(*)');
  return { kind: 'column', name, at };
}

function parseCase(c: Cursor): Expression {
  const at = c.at;
  c.expectWord('CASE');
  const operand = c.isWord('WHEN') ? undefined : parseExpr(c);
  const branches: { when: Expression; then: Expression }[] = [];
  while (c.acceptWord('WHEN')) {
    const when = parseExpr(c);
    c.expectWord('THEN');
    branches.push({ when, then: parseExpr(c) });
  }
  if (branches.length === 0) throw c.unexpected('WHEN');
  const otherwise = c.acceptWord('ELSE') ? parseExpr(c) : undefined;
  c.expectWord('END');
  return {
    kind: 'case',
    branches,
    at,
    ...(operand === undefined ? {} : { operand }),
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}

function parseCast(c: Cursor, isTry: boolean): Expression {
  const at = c.at;
  c.take();
  c.expectSymbol('(');
  const operand = parseExpr(c);
  c.expectWord('AS');
  const type = parseType(c);
  c.expectSymbol(')');
  return { kind: 'cast', operand, type, try: isTry, at };
}

/** Does `*` or `t.*` stand here? */
export function starAhead(c: Cursor): boolean {
  let n = 0;
  while (['word', 'quoted'].includes(c.ahead(n).kind) && c.symbolAt(n + 1, '.')) n += 2;
  return c.symbolAt(n, '*');
}

/** `*`, `t.*` with EXCEPT (...): for SELECT lists and count. */
export function parseStar(c: Cursor): Star {
  const at = c.at;
  const target: Identifier[] = [];
  while (!c.isSymbol('*')) {
    target.push(c.identifier());
    c.expectSymbol('.');
  }
  c.expectSymbol('*');
  if (c.isWord('REPLACE', 'RENAME') && c.symbolAt(1, '('))
    throw c.refuse('Star REPLACE', 'List the columns.');
  // Otherwise the set operation.
  const excepted = c.isWord('EXCEPT') && c.symbolAt(1, '(') && !startsQuery(c, 2);
  if (!excepted) return { kind: 'star', target, except: [], at };
  c.expectWord('EXCEPT');
  c.expectSymbol('(');
  const except = c.commaList(() => c.qualifiedName());
  c.expectSymbol(')');
  return { kind: 'star', target, except, at };
}

const AFTER_OPERAND: ReadonlySet<string> = new Set(
  'AND OR IS IN NOT BETWEEN LIKE ILIKE RLIKE REGEXP DIV AS COLLATE ASC DESC NULLS FROM'.split(' '),
);

function startsOperand(c: Cursor, n: number): boolean {
  const token = c.ahead(n);
  if (token.kind === 'word') return !AFTER_OPERAND.has(token.upper);
  return token.kind === 'quoted' || token.kind === 'number' || token.kind === 'string';
}

/**
 * Does a query stand here (the opening parenthesis already taken)? `((SELECT 1) UNION SELECT 2)` is one,
 * `((SELECT 1) + 2)` is not: what follows the inner parenthesis decides, found without parsing.
 */
export function startsQuery(c: Cursor, from = 0): boolean {
  let n = from;
  // Deeper ones are refused when they are read.
  while (c.symbolAt(n, '(') && n <= statementDepthMaxLevels + from) n += 1;
  if (c.wordAt(n, 'VALUES')) {
    // A column may be called `values`.
    if (!c.symbolAt(n + 1, '(', ':', '?', '-', '+', '~') && !startsOperand(c, n + 1)) return false;
  } else if (c.wordAt(n, 'TABLE')) {
    if (!['word', 'quoted'].includes(c.ahead(n + 1).kind)) return false;
  } else if (!c.wordAt(n, 'SELECT', 'WITH', 'FROM')) return false;
  for (let open = n - 1; open >= from; open -= 1) {
    const after = c.closing(open) + 1;
    const goesOn = c.wordAt(after, 'UNION', 'EXCEPT', 'MINUS', 'INTERSECT', 'ORDER', 'LIMIT', 'OFFSET');
    if (!goesOn && !c.symbolAt(after, ')', '|>')) return false;
  }
  return true;
}
