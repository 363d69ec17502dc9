import { describe, expect, it } from '@jest/globals';
import { bind, type Securing, secure } from '../../../test/support/duckdb-plans.js';
import type { Expr, LiteralExpr } from '../plan/plan.js';
import { BOOLEAN, DATE, type DataType, decimal, INT, STRING, TIMESTAMP, TINYINT } from '../plan/types.js';
import { constantCastSucceeds } from './constant-cast.js';
import { mayRaiseOverRestricted } from './raising.js';

const FILTERED: Securing = {
  filter: () => ({ kind: 'literal', type: BOOLEAN, nullable: false, value: true }),
};
const MASKED: Securing = {
  mask: (column, raw): Expr =>
    column.name === 'name' ? { kind: 'literal', type: STRING, nullable: true, value: null } : raw,
};
const asks = (sql: string, securing: Securing): boolean =>
  mayRaiseOverRestricted(secure(bind(sql), securing));

describe('mayRaiseOverRestricted', () => {
  const raising = [
    'SELECT 1 / id FROM people',
    'SELECT CAST(name AS INT) FROM people',
    'SELECT name FROM people WHERE CAST(name AS INT) > 1',
    'SELECT sum(amount) FROM sales',
    'SELECT name FROM people p ORDER BY 10 / id',
    'SELECT p.name FROM people p JOIN sales s ON p.id = s.person AND 1 / s.amount > 0',
    'SELECT name FROM people WHERE id IN (SELECT 1 / amount FROM sales)',
    'WITH t AS (SELECT 1 / id AS x FROM people) SELECT 1 FROM t',
    'SELECT (SELECT amount FROM sales WHERE person = id) FROM people',
    'SELECT 1 / 0 FROM people',
    "SELECT CAST('x' AS INT) FROM people",
    'SELECT id + 1 FROM people',
    'SELECT transform(array(id), x -> 1 / x) FROM people',
    'SELECT id FROM people WHERE exists(array(id), x -> CAST(name AS INT) = x)',
    'SELECT aggregate(array(id), 0, (so, x) -> so, so -> so + 1) FROM people',
    "SELECT transform_keys(map('a', id), (k, v) -> v) FROM people",
    'SELECT array_sort(array(id), (a, b) -> 1) FROM people',
    'SELECT sum(amount) OVER (ORDER BY person) FROM sales',
    "SELECT CAST(name AS DATE) FROM people WHERE CAST('2020-01-28' AS DATE) > born",
    'SELECT (SELECT max(amount) FROM sales GROUP BY shop) FROM people',
    'SELECT (SELECT max(amount) FROM sales GROUP BY GROUPING SETS ((), ())) FROM people',
    'SELECT (SELECT amount FROM sales LIMIT 2) FROM people',
    'SELECT (SELECT amount FROM sales OFFSET 1) FROM people',
    'SELECT (SELECT * FROM VALUES (1), (2)) FROM people',
    'SELECT (SELECT 1 UNION ALL SELECT 2) FROM people',
    'SELECT (SELECT p.id FROM people p CROSS JOIN (SELECT 1)) FROM people',
    'SELECT (SELECT DISTINCT amount FROM sales) FROM people',
  ];
  const calm = [
    'SELECT * FROM people',
    'SELECT upper(name), id FROM people WHERE id > 1 ORDER BY id',
    'SELECT count(*), max(born) FROM people GROUP BY boss',
    "SELECT name FROM people WHERE born > '2020-01-31'",
    "SELECT name FROM people WHERE id = '7'",
    'SELECT TRY_CAST(name AS INT) FROM people',
    'SELECT (SELECT max(amount) FROM sales WHERE person = id) FROM people',
    'SELECT (SELECT 1) FROM people',
    'SELECT (SELECT * FROM VALUES (1)) FROM people',
    'SELECT (SELECT amount FROM sales ORDER BY amount LIMIT 1) FROM people',
    'SELECT (SELECT amount FROM sales LIMIT 0) FROM people',
    'SELECT (SELECT max(amount) FROM sales LIMIT 5) FROM people',
    'SELECT (SELECT DISTINCT max(amount) FROM sales HAVING max(amount) > 7) FROM people',
    'SELECT (WITH t AS (SELECT 1 AS x) SELECT max(amount) FROM sales) FROM people',
    'SELECT (SELECT m FROM (SELECT max(amount) AS m FROM sales) WHERE m > 7) FROM people',
    'SELECT (SELECT row_number() OVER (ORDER BY m) FROM (SELECT max(amount) AS m FROM sales)) FROM people',
    "SELECT id FROM people WHERE CAST('2020-01-28' AS DATE) > born",
    'SELECT name FROM people WHERE id IN (SELECT person FROM sales)',
    'SELECT transform(array(id), (x, i) -> x), array_sort(array(id)) FROM people',
    "SELECT name FROM people WHERE exists(array(name), x -> x > 'a') AND forall(array(id), x -> x > 1)",
    'SELECT CAST(id AS BIGINT), CAST(id AS STRING), CAST(pay AS DOUBLE) FROM people',
  ];
  for (const sql of raising) {
    it(`is true only over restricted leaves: ${sql}`, () => {
      expect(asks(sql, FILTERED)).toBe(true);
      expect(asks(sql, {})).toBe(false);
    });
  }
  for (const sql of calm) {
    it(`is false: ${sql}`, () => {
      expect(asks(sql, FILTERED)).toBe(false);
      expect(asks(sql, MASKED)).toBe(false);
    });
  }
  it('counts a mask as a restriction', () => {
    expect(asks('SELECT 1 / id, name FROM people', MASKED)).toBe(true);
  });
  it('counts what raises inside a row rule', () => {
    const rule: Securing = {
      filter: (raw): Expr => ({
        kind: 'call',
        fn: '>',
        type: BOOLEAN,
        nullable: true,
        args: [
          {
            kind: 'cast',
            operand: { kind: 'column', id: raw[1]?.id ?? 0, type: STRING, nullable: true },
            type: INT,
            nullable: true,
            try: false,
            implicit: false,
          },
          { kind: 'literal', type: INT, nullable: false, value: 1n },
        ],
      }),
    };
    expect(asks('SELECT id FROM people', rule)).toBe(true);
  });
});

describe('constantCastSucceeds', () => {
  const text = (value: string): LiteralExpr => ({ kind: 'literal', type: STRING, nullable: false, value });
  const cases: readonly (readonly [string, DataType, boolean])[] = [
    ['5', INT, true],
    ['+5', INT, true],
    ['-129', TINYINT, false],
    ['-128', TINYINT, true],
    ['2147483648', INT, false],
    ['5.0', INT, false],
    ['9.99', decimal(3, 2), false],
    ['9.9', decimal(4, 2), true],
    ['2020-02-28', DATE, true],
    ['2020-02-30', DATE, false],
    ['2020-13-01', DATE, false],
    ['2020-02-28 10:00:00', TIMESTAMP, true],
    ['2020-02-28 25:00:00', TIMESTAMP, false],
    ['TRUE', BOOLEAN, true],
    ['maybe', BOOLEAN, false],
    ['', INT, false],
  ];
  for (const [value, type, wanted] of cases) {
    it(`${value} as ${type.kind}: ${wanted}`, () => {
      expect(constantCastSucceeds(text(value), type)).toBe(wanted);
    });
  }
});
