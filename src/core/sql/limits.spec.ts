import { describe, expect, it } from '@jest/globals';
import { GovernanceError } from '../errors.js';
import { statementLengthMaxChars, statementTokensMax } from './limits.js';
import { parseStatement } from './parse.js';

function codeOf(sql: string): string {
  try {
    parseStatement(sql, { parameters: 'statement' });
    return 'accepted';
  } catch (error) {
    if (!(error instanceof GovernanceError)) throw error;
    expect(error.details.position).toBeDefined();
    expect(error.details.remedy).toBeTruthy();
    return error.code;
  }
}

const SECOND_MS = 1_000;
function quickly(sql: string): string {
  const start = performance.now();
  const code = codeOf(sql);
  expect(performance.now() - start).toBeLessThan(SECOND_MS);
  return code;
}

const nest = (n: number, open: string, inner: string, close: string): string =>
  `SELECT ${open.repeat(n)}${inner}${close.repeat(n)}`;

describe('depth', () => {
  it.each([
    ['(', '1', ')'],
    ['f(', '1', ')'],
    ['(SELECT ', '1', ')'],
    ['CASE WHEN a THEN ', '1', ' END'],
    ['CAST(', '1', ' AS INT)'],
    ['- ', 'a', ''],
    ['NOT ', 'a', ''],
    ['a[', '1', ']'],
    ['f(x -> ', 'x', ')'],
    ['EXISTS (SELECT ', '1', ')'],
    ['a IN (', '1', ')'],
    ['* FROM (SELECT ', '1', ')'],
  ])('of 5,000 times %s is refused, not a crash', (open, inner, close) => {
    expect(quickly(nest(5_000, open, inner, close))).toBe('STATEMENT_TOO_DEEP');
  });

  it('of 5,000 relations or types is refused too', () => {
    expect(quickly(`SELECT * FROM ${'('.repeat(5_000)}a${')'.repeat(5_000)}`)).toBe('STATEMENT_TOO_DEEP');
    expect(quickly(`SELECT CAST(a AS ${'array<'.repeat(5_000)}int${'>'.repeat(5_000)})`)).toBe(
      'STATEMENT_TOO_DEEP',
    );
    expect(quickly(`${'EXPLAIN '.repeat(5_000)}SELECT 1`)).toBe('STATEMENT_TOO_DEEP');
  });

  it('of 100 parentheses is read at once', () => {
    expect(quickly(nest(100, '(', '1', ')'))).toBe('accepted');
    expect(quickly(nest(60, '(SELECT ', '1', ')'))).toBe('accepted');
    expect(quickly(nest(100, '((SELECT 1) + ', '1', ')'))).toBe('accepted');
  });

  it.each([
    ['1 + '.repeat(5_000), 'STATEMENT_TOO_DEEP'],
    ['a OR '.repeat(5_000), 'STATEMENT_TOO_DEEP'],
    ['1 UNION ALL SELECT '.repeat(5_000), 'STATEMENT_TOO_DEEP'],
    ['a OR '.repeat(400), 'accepted'],
  ])('of a chain is bounded too', (chain, code) => {
    expect(quickly(`SELECT ${chain}1`)).toBe(code);
  });

  it('of a chain of joins, subscripts or fields is bounded too', () => {
    expect(quickly(`SELECT * FROM a${' JOIN a'.repeat(5_000)}`)).toBe('STATEMENT_TOO_DEEP');
    expect(quickly(`SELECT a${'[1]'.repeat(5_000)}`)).toBe('STATEMENT_TOO_DEEP');
    expect(quickly(`SELECT f(a)${'.b'.repeat(5_000)}`)).toBe('STATEMENT_TOO_DEEP');
  });

  it('cannot be multiplied by LIKE ANY', () => {
    expect(quickly(nest(30, '(', 'a', " LIKE ANY ('a', 'b', 'c'))"))).toBe('STATEMENT_TOO_COMPLEX');
  });
});

describe('length', () => {
  it('is bounded in characters, tokens and parts', () => {
    expect(codeOf(`SELECT '${'x'.repeat(statementLengthMaxChars)}'`)).toBe('STATEMENT_TOO_LONG');
    expect(quickly(`SELECT ${'1,'.repeat(statementTokensMax)}1`)).toBe('STATEMENT_TOO_COMPLEX');
    expect(quickly(`SELECT a IN (${'1,'.repeat(20_000)}1)`)).toBe('accepted');
  });

  it('of what is unexpected does not become the length of the error', () => {
    const sql = `SELECT 1 AS a ${'x'.repeat(100_000)}`;
    expect(() => parseStatement(sql, { parameters: 'none' })).toThrow(
      /^Expected .{1,60}, found a long word\.$/,
    );
  });

  it.each([
    '('.repeat(200_000),
    `SELECT ${'('.repeat(50_000)}`,
    `SELECT a FROM t WHERE ${'TRIM('.repeat(10_000)}`,
    `SELECT ${'dateadd("x",'.repeat(10_000)}`,
    `SELECT ${'/*'.repeat(100_000)}`,
    `SELECT '${"\\'".repeat(100_000)}`,
    `SELECT ${"'a' ".repeat(50_000)}`,
    `SELECT ${'INTERVAL 1 DAY '.repeat(10_000)}`,
    `SELECT (${'a,'.repeat(25_000)}`,
    `SELECT ${'a.'.repeat(25_000)}`,
    `SELECT ${'-'.repeat(100_000)}`,
  ])('never costs more than its length', (sql) => {
    expect(quickly(sql)).not.toBe('');
  });
});
