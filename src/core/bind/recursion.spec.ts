import { describe, expect, it } from '@jest/globals';
import { bindSample, namesOf, refusalOf } from '../../../test/support/bind-sample.js';
import type { Recursion } from '../plan/plan.js';
import { walkPlan } from '../plan/traverse.js';
import { predicateColumns, provenance } from './provenance.js';

const recursionsOf = (sql: string): readonly Recursion[] => {
  const found: Recursion[] = [];
  walkPlan(bindSample(sql).plan, {
    plan: (node) => {
      if (node.kind === 'recursion') found.push(node);
    },
  });
  return found;
};
const sourcesOf = (sql: string): readonly string[] =>
  provenance(bindSample(sql)).map((sources) =>
    sources
      .map((s) => s.source)
      .sort()
      .join('+'),
  );
const step = (text: string): string =>
  `WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL ${text}) SELECT * FROM r`;
const CHAIN =
  'WITH RECURSIVE r AS (SELECT id, name AS a, country AS b FROM people UNION ALL SELECT boss, r.b, r.a FROM people p JOIN r ON p.id = r.id)';

describe('WITH RECURSIVE', () => {
  it('is a recursion only where it refers to itself', () => {
    expect(recursionsOf(step('SELECT n + 1 FROM r WHERE n < 5'))).toHaveLength(1);
    expect(recursionsOf('WITH RECURSIVE r AS (SELECT 1 AS n) SELECT * FROM r')).toEqual([]);
    expect(
      recursionsOf('WITH RECURSIVE people AS (SELECT id FROM main.people) SELECT * FROM people'),
    ).toEqual([]);
    expect(refusalOf('WITH r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r')).toMatch(
      /^TABLE_OR_VIEW_NOT_FOUND 1:54 /,
    );
  });

  it('has the names of the anchor or its own, and may be NULL', () => {
    expect(namesOf(step('SELECT n + 1 AS m FROM r WHERE n < 5'))).toEqual(['n']);
    expect(
      namesOf('WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT * FROM r'),
    ).toEqual(['x']);
    expect(bindSample(step('SELECT NULL FROM r')).output[0]).toMatchObject({
      nullable: true,
      type: { kind: 'int' },
    });
  });

  it('has limits, of which that of levels can be said', () => {
    const limits = (sql: string) => recursionsOf(sql).map(({ levelsMax, rowsMax }) => [levelsMax, rowsMax]);
    expect(limits(step('SELECT n FROM r'))).toEqual([[100, 1_000_000]]);
    expect(
      limits(
        'WITH RECURSIVE r MAX RECURSION LEVEL 7 AS (SELECT 1 AS n UNION ALL SELECT n FROM r) SELECT * FROM r',
      ),
    ).toEqual([[7, 1_000_000]]);
  });

  it('comes from what any of its levels is made of, through as many of them as it takes', () => {
    expect(sourcesOf(`${CHAIN} SELECT id, a, b FROM r`)).toEqual(['boss+id', 'country+name', 'country+name']);
    expect(sourcesOf(`${CHAIN} SELECT q.b FROM r q`)).toEqual(['country+name']);
    const chosen = predicateColumns(bindSample(`${CHAIN} SELECT 1 FROM r`)).map(({ source }) => source);
    expect([...new Set(chosen)].sort()).toEqual(['boss', 'id']);
  });

  it.each([
    [step('SELECT n FROM r ORDER BY n'), 'INVALID_STATEMENT 1:16'],
    [step('SELECT n FROM r LIMIT 3'), 'INVALID_STATEMENT 1:16'],
    ['WITH RECURSIVE r AS (SELECT n FROM r) SELECT * FROM r', 'INVALID_STATEMENT 1:16'],
    ['WITH RECURSIVE r AS (SELECT n FROM r UNION ALL SELECT 1) SELECT * FROM r', 'INVALID_STATEMENT 1:16'],
    ['WITH RECURSIVE r AS (SELECT 1 AS n UNION SELECT n FROM r) SELECT * FROM r', 'INVALID_STATEMENT 1:36'],
    [
      'WITH RECURSIVE r AS (SELECT 1 AS n EXCEPT ALL SELECT n FROM r) SELECT * FROM r',
      'INVALID_STATEMENT 1:16',
    ],
    [step('SELECT n, n FROM r'), 'INVALID_STATEMENT 1:46'],
    [step('SELECT n + 1L FROM r'), 'TYPE_MISMATCH 1:46'],
    [step('SELECT max(n) FROM r'), 'INVALID_STATEMENT 1:46'],
    [step('SELECT n FROM r GROUP BY n'), 'INVALID_STATEMENT 1:46'],
    [step('SELECT row_number() OVER (ORDER BY n) FROM r'), 'INVALID_STATEMENT 1:46'],
    [step('SELECT p.id FROM people p LEFT JOIN r ON p.id = n'), 'INVALID_STATEMENT 1:46'],
    [step('SELECT p.id FROM r RIGHT JOIN people p ON p.id = n'), 'INVALID_STATEMENT 1:46'],
    [step('SELECT p.id FROM r FULL JOIN people p ON p.id = n'), 'INVALID_STATEMENT 1:46'],
    [step('SELECT p.id FROM people p LEFT ANTI JOIN r ON p.id = n'), 'INVALID_STATEMENT 1:46'],
    [step('SELECT n FROM (SELECT n FROM r EXCEPT SELECT 3)'), 'INVALID_STATEMENT 1:46'],
    [step('SELECT 2 FROM people WHERE id < (SELECT max(n) FROM r)'), 'INVALID_STATEMENT 1:46'],
  ])('%s is refused', (sql, told) => {
    expect(refusalOf(sql)).toMatch(new RegExp(`^${told} `));
  });

  it.each([
    'SELECT p.id FROM r LEFT JOIN people p ON p.id = n',
    'SELECT p.id FROM people p RIGHT JOIN r ON p.id = n',
    'SELECT DISTINCT n FROM r',
    'SELECT n FROM (SELECT n FROM r LIMIT 1)',
    'SELECT id FROM people WHERE id IN (SELECT n FROM r)',
  ])('%s is a step', (text) => {
    expect(recursionsOf(step(text))).toHaveLength(1);
  });
});
