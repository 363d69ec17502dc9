import { describe, expect, it } from '@jest/globals';
import { bindSample, namesOf, refusalOf } from '../../../test/support/bind-sample.js';
import type { Join, Plan } from '../plan/plan.js';
import { outputColumns, walkPlan } from '../plan/traverse.js';

const joinsIn = (plan: Plan): readonly Join[] => {
  const found: Join[] = [];
  walkPlan(plan, {
    plan: (node) => {
      if (node.kind === 'join') found.push(node);
    },
  });
  return found;
};
const joinsOf = (sql: string): readonly Join[] => joinsIn(bindSample(sql).plan);
const P = 'SELECT * FROM (SELECT 1 AS a, 2 AS k) AS l';
const R = '(SELECT 3 AS k, 4 AS b) AS r';

describe('joins', () => {
  it.each([
    [`${P} JOIN ${R} ON l.k = r.k`, 'inner'],
    [`${P} LEFT JOIN ${R} ON l.k = r.k`, 'left'],
    [`${P} RIGHT JOIN ${R} ON l.k = r.k`, 'right'],
    [`${P} FULL JOIN ${R} ON l.k = r.k`, 'full'],
    [`${P} LEFT SEMI JOIN ${R} ON l.k = r.k`, 'left-semi'],
    [`${P} LEFT ANTI JOIN ${R} ON l.k = r.k`, 'left-anti'],
    [`${P} CROSS JOIN ${R}`, 'cross'],
    [`${P} JOIN ${R}`, 'cross'],
    [`${P}, ${R}`, 'cross'],
  ])('%s', (sql, type) => {
    expect(joinsOf(sql).map((join) => join.type)).toEqual([type]);
  });

  it('show both sides, semi and anti joins the left one', () => {
    expect(namesOf(`${P} JOIN ${R} ON l.k = r.k`)).toEqual(['a', 'k', 'k', 'b']);
    expect(namesOf(`${P} LEFT SEMI JOIN ${R} ON l.k = r.k`)).toEqual(['a', 'k']);
    expect(refusalOf(`SELECT r.b FROM people AS l LEFT ANTI JOIN ${R} ON l.id = r.k`)).toMatch(
      /^UNRESOLVED_COLUMN/,
    );
  });

  it('take conditions only', () => {
    expect(refusalOf(`${P} JOIN ${R} ON l.k + r.k`)).toMatch(/^TYPE_MISMATCH/);
    expect(refusalOf(`${P} JOIN ${R} ON count(*) > 1`)).toMatch(/^INVALID_GROUPING/);
  });

  it('make the other side of an outer join nullable', () => {
    const nullable = (sql: string): readonly boolean[] =>
      bindSample(sql).output.map((column) => column.nullable);
    expect(nullable(`${P} JOIN ${R} ON l.k = r.k`)).toEqual([false, false, false, false]);
    expect(nullable(`${P} LEFT JOIN ${R} ON l.k = r.k`)).toEqual([false, false, true, true]);
    expect(nullable(`${P} RIGHT JOIN ${R} ON l.k = r.k`)).toEqual([true, true, false, false]);
    expect(nullable(`${P} FULL JOIN ${R} ON l.k = r.k`)).toEqual([true, true, true, true]);
  });
});

describe('USING and NATURAL', () => {
  it('show the shared columns first and once, in the order of USING', () => {
    expect(namesOf(`${P} JOIN ${R} USING (k)`)).toEqual(['k', 'a', 'b']);
    expect(namesOf('SELECT * FROM people p JOIN orders o USING (country, id)')).toEqual([
      'country',
      'id',
      'name',
      'boss',
      'address',
      'marks',
      'person',
      'total',
    ]);
    expect(namesOf(`${P} LEFT SEMI JOIN ${R} USING (k)`)).toEqual(['k', 'a']);
  });

  it('are the same when NATURAL finds the names itself', () => {
    for (const kind of ['', 'LEFT', 'RIGHT', 'FULL', 'LEFT SEMI', 'LEFT ANTI']) {
      const [using] = joinsOf(`${P} ${kind} JOIN ${R} USING (k)`);
      const [natural] = joinsOf(`${P} NATURAL ${kind} JOIN ${R}`);
      expect(natural?.type).toBe(using?.type);
      expect(namesOf(`${P} NATURAL ${kind} JOIN ${R}`)).toEqual(namesOf(`${P} ${kind} JOIN ${R} USING (k)`));
    }
    expect(joinsOf('SELECT 1 FROM (SELECT 1 AS a) NATURAL JOIN (SELECT 2 AS b)')[0]?.type).toBe('cross');
  });

  it('leave the shared column unambiguous, and both sides reachable by their names', () => {
    expect(namesOf(`SELECT k, l.k, r.k FROM (SELECT 1 AS k) AS l JOIN ${R} USING (k)`)).toEqual([
      'k',
      'k',
      'k',
    ]);
  });

  it('give the side that is sure to be there, of a FULL join whichever has a value', () => {
    const keyOf = (kind: string): string => {
      const bound = bindSample(`SELECT k FROM (SELECT 1 AS k) AS l ${kind} JOIN ${R} USING (k)`);
      if (bound.plan.kind !== 'project') throw new Error('not a projection');
      const expr = bound.plan.items[0]?.expr;
      const left = joinsIn(bound.plan)[0]?.left;
      if (expr?.kind !== 'column' || left === undefined) throw new Error('not a column of a join');
      if (outputColumns(left).some((column) => column.id === expr.id)) return 'left';
      return expr.nullable ? 'both' : 'right';
    };
    expect(['', 'LEFT', 'RIGHT', 'FULL'].map(keyOf)).toEqual(['left', 'left', 'right', 'both']);
  });

  it('refuse a name that is not on both sides, or ambiguous on one', () => {
    expect(refusalOf(`${P} JOIN ${R} USING (a)`)).toMatch(/^UNRESOLVED_COLUMN/);
    expect(refusalOf('SELECT 1 FROM people a JOIN people b ON true JOIN orders USING (id)')).toMatch(
      /^AMBIGUOUS_COLUMN/,
    );
  });
});

describe('other entries of FROM', () => {
  it('VALUES has columns col1, col2 ... of the common type, or the names of its alias', () => {
    expect(namesOf('SELECT * FROM (VALUES (1, NULL), (2.5, 2))')).toEqual(['col1', 'col2']);
    expect(namesOf('SELECT v.a FROM VALUES (1), (2) AS v(a)')).toEqual(['a']);
    expect(refusalOf('SELECT * FROM VALUES (1), (1, 2)')).toMatch(/^INVALID_STATEMENT/);
    expect(refusalOf("SELECT * FROM VALUES (1), (array('a'))")).toMatch(/^TYPE_MISMATCH/);
    expect(refusalOf('SELECT * FROM VALUES (1, 2) AS v(a)')).toMatch(/^INVALID_STATEMENT/);
  });

  it('range takes literal numbers and is bounded', () => {
    expect(namesOf('SELECT * FROM range(1, 10, 3)')).toEqual(['id']);
    expect(refusalOf('SELECT * FROM range(100000000000)')).toMatch(/^INVALID_STATEMENT/);
    expect(refusalOf('SELECT * FROM range(1, 2, 0)')).toMatch(/^INVALID_STATEMENT/);
    expect(refusalOf("SELECT * FROM read_files('/etc/passwd')")).toMatch(/^FUNCTION_NOT_ALLOWED/);
  });
});
