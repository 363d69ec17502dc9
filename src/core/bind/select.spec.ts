import { describe, expect, it } from '@jest/globals';
import { bindSample, chosenBy, namesOf, refusalOf } from '../../../test/support/bind-sample.js';
import type { Plan } from '../plan/plan.js';
import { provenance } from './provenance.js';

const sourcesOf = (sql: string): readonly string[] =>
  provenance(bindSample(sql)).map((sources) => sources.map((s) => s.source).join('+'));

/** The sort nearest to the top, and what is above it. */
function sortOf(sql: string): { readonly keys: readonly string[]; readonly dropped: boolean } {
  const { plan } = bindSample(sql);
  let node: Plan = plan;
  while (node.kind === 'project' || node.kind === 'limit') node = node.input;
  if (node.kind !== 'sort') throw new Error(`no sort in ${sql}`);
  return {
    keys: node.keys.map(({ descending, nulls }) => `${descending ? 'desc' : 'asc'} ${nulls}`),
    dropped: plan.kind === 'project',
  };
}

describe('select items', () => {
  it('have their alias, their column or Spark’s own name', () => {
    expect(
      namesOf('SELECT id, id AS x, count(*), id + 1, upper(name), p.name FROM people p GROUP BY id, name'),
    ).toEqual(['id', 'x', 'count(1)', '(id + 1)', 'upper(name)', 'name']);
  });

  it('may use the alias of an earlier one, where FROM has no such column', () => {
    expect(sourcesOf('SELECT boss AS b, b + 1 FROM people')).toEqual(['boss', 'boss']);
    expect(sourcesOf('SELECT boss AS name, upper(name) FROM people')).toEqual(['boss', 'name']);
    expect(refusalOf('SELECT b + 1, boss AS b FROM people')).toMatch(/^UNRESOLVED_COLUMN 1:8/);
    expect(refusalOf('SELECT 1 AS b, 2 AS b, b FROM people')).toMatch(/^AMBIGUOUS_COLUMN 1:24/);
    expect(refusalOf('SELECT boss AS b FROM people WHERE b > 1')).toMatch(/^UNRESOLVED_COLUMN 1:36/);
  });

  it('cannot grow without bound through aliases', () => {
    const doubled = Array.from({ length: 20 }, (_, i) => `a${i} + a${i} AS a${i + 1}`).join(', ');
    expect(refusalOf(`SELECT id AS a0, ${doubled} FROM people`)).toMatch(/^STATEMENT_TOO_COMPLEX/);
  });
});

describe('ORDER BY', () => {
  it('takes positions and names of the output first, then FROM', () => {
    const desc = 'SELECT name, id AS n FROM people ORDER BY';
    expect(sortOf(`${desc} 2`)).toEqual({ keys: ['asc first'], dropped: false });
    expect(sortOf(`${desc} n DESC, name`)).toEqual({ keys: ['desc last', 'asc first'], dropped: false });
    expect(sortOf(`${desc} boss NULLS LAST`)).toEqual({ keys: ['asc last'], dropped: true });
    expect(namesOf(`${desc} boss`)).toEqual(['name', 'n']);
  });

  it('by an alias that is also a column of FROM means the output', () => {
    expect(sortOf('SELECT boss AS id FROM people ORDER BY id').dropped).toBe(false);
  });

  it.each([
    ['SELECT id FROM people ORDER BY 2', 'INVALID_STATEMENT 1:32'],
    ['SELECT id FROM people ORDER BY 0', 'INVALID_STATEMENT 1:32'],
    ['SELECT id FROM people ORDER BY nope', 'UNRESOLVED_COLUMN 1:32'],
    ['SELECT DISTINCT name FROM people ORDER BY id', 'INVALID_STATEMENT 1:43'],
    ['SELECT 1 AS a, 2 AS a FROM people ORDER BY a', 'INVALID_STATEMENT 1:44'],
    ['SELECT id FROM people UNION SELECT id FROM orders ORDER BY boss', 'UNRESOLVED_COLUMN 1:60'],
  ])('%s is refused', (sql, told) => {
    expect(refusalOf(sql)).toMatch(new RegExp(`^${told} `));
  });

  it('of a set operation sees its output only', () => {
    expect(sortOf('SELECT id AS x FROM people UNION SELECT id FROM orders ORDER BY x, 1').keys).toHaveLength(
      2,
    );
  });

  it('of a grouped query may use aggregates that are not selected', () => {
    expect(sortOf('SELECT country FROM people GROUP BY country ORDER BY max(id) DESC').dropped).toBe(true);
  });
});

describe('QUALIFY', () => {
  it.each([
    ['SELECT id FROM people QUALIFY id = 1', 'INVALID_STATEMENT 1:31'],
    ['SELECT id, rank() OVER (ORDER BY id) FROM people QUALIFY count(*) > 1', 'INVALID_GROUPING 1:58'],
    ['SELECT country FROM people GROUP BY 1 QUALIFY rank() OVER (ORDER BY id) = 1', 'INVALID_GROUPING 1:47'],
    [
      'SELECT country FROM people GROUP BY 1 QUALIFY rank() OVER (ORDER BY max(id)) = 1',
      'INVALID_GROUPING 1:69',
    ],
    ['SELECT id FROM people QUALIFY rank() OVER (ORDER BY secret) = 1', 'UNRESOLVED_COLUMN 1:53'],
  ])('%s is refused', (sql, told) => {
    expect(refusalOf(sql)).toMatch(new RegExp(`^${told} `));
  });

  it('uses the columns of its windows to choose rows, through aliases too', () => {
    expect(chosenBy('SELECT id FROM people QUALIFY sum(boss) OVER (PARTITION BY country) > 1')).toEqual([
      'boss',
      'country',
    ]);
    expect(chosenBy('SELECT id, sum(boss) OVER () AS s FROM people QUALIFY s > 1')).toEqual(['boss']);
  });
});

describe('LIMIT and OFFSET', () => {
  it('take whole numbers, not columns', () => {
    expect(bindSample('SELECT 1 FROM people LIMIT 3 OFFSET 2').plan).toMatchObject({ limit: 3, offset: 2 });
    expect(refusalOf('SELECT 1 FROM people LIMIT id')).toMatch(/^UNRESOLVED_COLUMN 1:28/);
    expect(refusalOf('SELECT 1 FROM people LIMIT -1')).toMatch(/^INVALID_STATEMENT/);
    expect(refusalOf("SELECT 1 FROM people LIMIT 'x'")).toMatch(/^INVALID_STATEMENT/);
  });
});

describe('set operations', () => {
  it('go by position, take the names of the left and the common type', () => {
    const { output } = bindSample('SELECT id AS x FROM people UNION ALL SELECT 2.5');
    expect(output.map((column) => [column.name, column.type.kind])).toEqual([['x', 'decimal']]);
    expect(sourcesOf('SELECT id FROM people EXCEPT SELECT total FROM orders')).toEqual(['id+total']);
  });

  it('refuse sides of other widths and types', () => {
    expect(refusalOf('SELECT 1 UNION SELECT 1, 2')).toMatch(/^INVALID_STATEMENT/);
    expect(refusalOf('SELECT marks FROM people UNION SELECT id FROM people')).toMatch(/^TYPE_MISMATCH/);
  });
});
