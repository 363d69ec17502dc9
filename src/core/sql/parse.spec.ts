import { describe, expect, it } from '@jest/globals';
import { acceptedStatements, refusedStatements } from '../../../test/support/sql-corpus.js';
import { GovernanceError } from '../errors.js';
import type { Expression, LiteralValue, Statement } from './ast.js';
import { parseDataType, parseExpression, parseStatement } from './parse.js';

const parse = (sql: string): Statement => parseStatement(sql, { parameters: 'statement' });
const expression = (sql: string): Expression => parseExpression(sql, { parameters: 'statement' });

function refusal(run: () => unknown): GovernanceError {
  try {
    run();
  } catch (error) {
    if (error instanceof GovernanceError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('the corpus', () => {
  it.each(acceptedStatements().map((sql) => [sql]))('accepts %s', (sql) => {
    expect(() => parse(sql)).not.toThrow();
  });

  it.each(refusedStatements().map((refused) => [refused.sql, refused] as const))(
    'refuses %s',
    (sql, refused) => {
      const { code, message, details } = refusal(() => parse(sql));
      expect({ sql, code, ...details.position, says: message, remedy: details.remedy }).toEqual(refused);
      expect(details.sqlState).toMatch(/^[0-9A-Z]{5}$/);
    },
  );
});

/** The letters stand for columns; what Spark 4.2's parser makes of the same text was asked of it. */
const shown = (e: Expression): string => {
  switch (e.kind) {
    case 'binary':
      return `(${shown(e.left)} ${e.operator} ${shown(e.right)})`;
    case 'unary':
      return `(${e.operator} ${shown(e.operand)})`;
    case 'between':
      return `(${shown(e.operand)} in ${shown(e.low)}..${shown(e.high)})`;
    case 'is':
      return `(${shown(e.operand)} is ${e.test})`;
    case 'like':
      return `(${shown(e.operand)} ${e.operator} ${shown(e.pattern)})`;
    case 'column':
      return e.name.map((part) => part.name).join('.');
    case 'literal':
      return 'text' in e.value ? e.value.text : String('value' in e.value ? e.value.value : 'null');
    default:
      return e.kind;
  }
};

describe('precedence', () => {
  it.each([
    ['a or b and c', '(a or (b and c))'],
    ['not a = b and c', '((not (a = b)) and c)'],
    ['a between b and c and d', '((a in b..c) and d)'],
    ['a between 1 and 2 = true', '(a in 1..(2 = true))'],
    ['a = b is null', '((a = b) is null)'],
    ['a < b = c', '((a < b) = c)'],
    ["a like 'x' || b", '(a like (x || b))'],
    ['a || b + c', '((a || b) + c)'],
    ['a << b + c', '(a << (b + c))'],
    ['a | b ^ c & d', '(a | (b ^ (c & d)))'],
    ['a - b - c', '((a - b) - c)'],
    ['a - -1', '(a - -1)'],
    ['-a * b', '((- a) * b)'],
    ['- - a', '(- (- a))'],
    ['! a = b', '(not (a = b))'],
    ['a !> b', '(a <= b)'],
  ])('%s', (sql, tree) => {
    expect(shown(expression(sql))).toBe(tree);
  });

  it('of set operations: INTERSECT first, then from the left', () => {
    const statement = parse('SELECT 1 UNION SELECT 2 INTERSECT SELECT 3 EXCEPT ALL SELECT 4');
    expect(statement).toMatchObject({
      query: {
        body: {
          operator: 'except',
          all: true,
          left: { operator: 'union', right: { operator: 'intersect' } },
        },
      },
    });
  });

  it('of a comma in FROM: a join reaches over it', () => {
    expect(parse('SELECT * FROM a, b RIGHT JOIN c ON true')).toMatchObject({
      query: { body: { from: [{ kind: 'join', type: 'right', left: { type: 'cross' } }] } },
    });
    expect(parse('SELECT * FROM a, b')).toMatchObject({ query: { body: { from: [{}, { kind: 'table' }] } } });
  });
});

const literal = (sql: string): LiteralValue => {
  const e = expression(sql);
  if (e.kind !== 'literal') throw new Error(e.kind);
  return e.value;
};

describe('literals, as Spark 4.2 reads them', () => {
  it.each<[string, string]>([
    ["'a''b'", "a'b"],
    ['"a""b"', 'a"b'],
    ["r'a''b'", 'ab'],
    ["r'\\d'", '\\d'],
    ["'a' 'b' \"c\"", 'abc'],
    ["'\\u0041\\U0001F600\\101'", 'A😀A'],
    ["'\\%\\_\\q\\n\\Z'", '\\%\\_q\n\u001a'],
    ["'a\\\nb'", 'a\nb'],
  ])('%s', (sql, value) => {
    expect(literal(sql)).toEqual({ type: 'string', value });
  });

  it.each<[string, string, string]>([
    ['2147483647', 'int', '2147483647'],
    ['-2147483648', 'int', '-2147483648'],
    ['2147483648', 'bigint', '2147483648'],
    ['-9223372036854775808', 'bigint', '-9223372036854775808'],
    ['9223372036854775808', 'decimal', '9223372036854775808'],
    ['1.50', 'decimal', '1.50'],
    ['.5', 'decimal', '0.5'],
    ['5.', 'decimal', '5'],
    ['1e3', 'double', '1e3'],
    ['1e2BD', 'decimal', '100'],
    ['1L', 'bigint', '1'],
    ['1y', 'tinyint', '1'],
    ['1.5f', 'float', '1.5'],
  ])('%s is %s', (sql, as, text) => {
    expect(literal(sql)).toEqual({ type: 'number', as, text });
  });

  it.each<[string, string, string, string]>([
    ['INTERVAL 1 WEEK', 'day', 'day', '604800000000'],
    ['INTERVAL 1 WEEK 2 HOURS', 'day', 'hour', '612000000000'],
    ["INTERVAL '3 days'", 'day', 'day', '259200000000'],
    ["INTERVAL -'-1 2' DAY TO HOUR", 'day', 'hour', '93600000000'],
    ["INTERVAL '1-2' YEAR TO MONTH", 'year', 'month', '14'],
    ['INTERVAL 1 MILLISECOND', 'second', 'second', '1000'],
    ["INTERVAL '-1 02:03:04.5' DAY TO SECOND", 'day', 'second', '-93784500000'],
    ["INTERVAL -'178956970-8' YEAR TO MONTH", 'year', 'month', '-2147483648'],
  ])('%s', (sql, from, to, amount) => {
    expect(literal(sql)).toMatchObject({ type: 'interval', from, to, amount });
  });

  it.each(["INTERVAL '1 25:00' DAY TO MINUTE", "INTERVAL '1-12' YEAR TO MONTH", "INTERVAL '1 day 1 month'"])(
    'refuses %s',
    (sql) => {
      expect(refusal(() => expression(sql)).code).toBe('SYNTAX_ERROR');
    },
  );
});

describe('call forms', () => {
  it('have the text first in every trim', () => {
    const args = (sql: string) => {
      const e = expression(sql);
      return e.kind === 'call' ? [e.name[0]?.name, ...e.args.map(shown)] : [];
    };
    expect(args("TRIM(LEADING 'x' FROM s)")).toEqual(['ltrim', 's', 'x']);
    expect(args("ltrim('x', s)")).toEqual(['ltrim', 's', 'x']);
    expect(args("trim('x', s)")).toEqual(['trim', 's', 'x']);
    expect(args("btrim(s, 'x')")).toEqual(['btrim', 's', 'x']);
  });

  it('keep that CURRENT_DATE had no parentheses, because a column of that name comes first', () => {
    expect(expression('CURRENT_DATE')).toMatchObject({ kind: 'call', bare: true });
    expect(expression('current_date()')).not.toHaveProperty('bare');
  });
});

describe('parameters', () => {
  it('are named, or numbered in order', () => {
    expect(expression(':a + ? * ?')).toMatchObject({
      left: { name: 'a' },
      right: { left: { index: 0 }, right: { index: 1 } },
    });
  });

  it('of a policy have dots and no numbers', () => {
    const policy = (sql: string) => parseExpression(sql, { parameters: 'policy' });
    expect(policy('country IN (:principal.countries)')).toMatchObject({
      items: [{ kind: 'parameter', name: 'principal.countries' }],
    });
    expect(refusal(() => policy('a = ?')).code).toBe('FEATURE_NOT_ALLOWED');
    expect(refusal(() => parseExpression(':a', { parameters: 'none' })).code).toBe('FEATURE_NOT_ALLOWED');
  });
});

describe('parseDataType', () => {
  it('reads nested types whatever the lexer makes of their ends', () => {
    const int = { kind: 'int' };
    expect(parseDataType('array<array<array<int>>>')).toEqual({
      kind: 'array',
      element: { kind: 'array', element: { kind: 'array', element: int } },
    });
    expect(parseDataType('struct<a:int,`b c`:struct<>>')).toEqual({
      kind: 'struct',
      fields: [
        { name: 'a', type: int },
        { name: 'b c', type: { kind: 'struct', fields: [] } },
      ],
    });
    expect(refusal(() => parseDataType('array<int>>')).code).toBe('SYNTAX_ERROR');
  });
});
