import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RandomTree } from '../../../test/support/random-tree.js';
import { RandomWrite } from '../../../test/support/random-write.js';
import { acceptedStatements } from '../../../test/support/sql-corpus.js';
import { parseExpression, parseStatement } from './parse.js';
import { printSparkExpression, printSparkStatement } from './print-spark.js';
import { sameTree } from './same-tree.js';

const OPTIONS = { parameters: 'statement' } as const;
const RUNS = 1_500;
const seeds = fc.tuple(fc.integer(), fc.integer({ min: 1, max: 40 }));

/** Shows both trees when they differ. */
function expectSame(printed: string, again: unknown, tree: unknown): void {
  if (!sameTree(again, tree))
    throw new Error(`${printed}\n${JSON.stringify(again)}\n${JSON.stringify(tree)}`);
}

describe('parse(print(tree)) == tree', () => {
  it('for any expression', () => {
    fc.assert(
      fc.property(seeds, ([seed, budget]) => {
        const tree = new RandomTree(seed, budget).expression();
        const printed = printSparkExpression(tree);
        expectSame(printed, parseExpression(printed, OPTIONS), tree);
      }),
      { numRuns: RUNS },
    );
  });

  it('for any statement', () => {
    fc.assert(
      fc.property(seeds, ([seed, budget]) => {
        const tree = new RandomTree(seed, budget).statement();
        const printed = printSparkStatement(tree);
        expectSame(printed, parseStatement(printed, OPTIONS), tree);
      }),
      { numRuns: RUNS },
    );
  });

  it('for any write', () => {
    fc.assert(
      fc.property(seeds, ([seed, budget]) => {
        const tree = new RandomWrite(seed, budget).write();
        const printed = printSparkStatement(tree);
        expectSame(printed, parseStatement(printed, OPTIONS), tree);
      }),
      { numRuns: RUNS },
    );
  });

  it.each(acceptedStatements().map((sql) => [sql]))('for %s', (sql) => {
    const tree = parseStatement(sql, OPTIONS);
    const printed = printSparkStatement(tree);
    expectSame(printed, parseStatement(printed, OPTIONS), tree);
  });
});

describe('printed text', () => {
  const print = (sql: string) => printSparkStatement(parseStatement(sql, OPTIONS));

  it('holds nothing of the original but names and values', () => {
    expect(print("select /*+ hint(t) */ A.b -- note\nfrom `T``x` a where c = 'it''s' /* note */")).toBe(
      "SELECT `A`.`b` FROM `T``x` AS `a` WHERE `c` = 'it\\'s'",
    );
  });

  it('has parentheses only where they are needed', () => {
    expect(
      print('SELECT ((a + (b * c))) - (d - e), (a OR b) AND NOT (c AND d), (a = b) = c, a = (b = c)'),
    ).toBe(
      'SELECT `a` + `b` * `c` - (`d` - `e`), (`a` OR `b`) AND NOT (`c` AND `d`), `a` = `b` = `c`, `a` = (`b` = `c`)',
    );
  });

  it('has texts on one line', () => {
    expect(print("SELECT 'a\nb\\u0001\u2028'")).not.toMatch(/[\n\r\u2028]/);
  });
});

describe('sameTree', () => {
  const tree = (sql: string) => parseStatement(sql, OPTIONS);
  it('looks past positions, quotes and hints, and at everything else', () => {
    expect(sameTree(tree('SELECT a'), tree('select /*+ x */\n  `a`'))).toBe(true);
    for (const [a, b] of [
      ['SELECT a', 'SELECT b'],
      ['SELECT a', 'SELECT a AS a'],
      ['SELECT 1', 'SELECT 1L'],
      ['SELECT a', 'SELECT DISTINCT a'],
      ['SELECT a, b', 'SELECT a'],
      ["SELECT DATE '2020'", "SELECT TIMESTAMP '2020'"],
      ['SELECT a LIMIT 1', 'SELECT a'],
    ] as const) {
      expect(sameTree(tree(a), tree(b))).toBe(false);
    }
  });
});
