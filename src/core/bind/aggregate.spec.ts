import { describe, expect, it } from '@jest/globals';
import { bindSample, namesOf, refusalOf } from '../../../test/support/bind-sample.js';
import type { Aggregate, Plan } from '../plan/plan.js';
import { planChildren } from '../plan/traverse.js';

/** The aggregate of the outermost query. */
function aggregateOf(sql: string): Aggregate {
  let node: Plan = bindSample(sql).plan;
  while (node.kind !== 'aggregate') {
    const [input] = planChildren(node);
    if (input === undefined) throw new Error(`nothing is grouped in ${sql}`);
    node = input;
  }
  return node;
}
const shapeOf = (sql: string): readonly [keys: number, aggregates: number] => {
  const { keys, aggregates } = aggregateOf(sql);
  return [keys.length, aggregates.length];
};

describe('grouping keys', () => {
  it.each([
    ['SELECT country, count(*) FROM people GROUP BY country', [1, 1]],
    ['SELECT country FROM people GROUP BY 1', [1, 0]],
    ['SELECT upper(country) AS u, max(id) FROM people GROUP BY u', [1, 1]],
    ['SELECT upper(country) FROM people GROUP BY upper(country)', [1, 0]],
    ['SELECT country, country FROM people GROUP BY country, people.COUNTRY', [1, 0]],
    ['SELECT max(id), max(id) + 1 FROM people', [0, 1]],
    ['SELECT count(*) FROM people HAVING max(id) > 1', [0, 2]],
    ['SELECT 1 FROM people GROUP BY country ORDER BY max(id)', [1, 1]],
    ['SELECT upper(country), name, max(id) + 1 FROM people GROUP BY ALL', [2, 1]],
    ['SELECT max(id) FROM people GROUP BY ALL', [0, 1]],
    ['SELECT (SELECT max(id) FROM orders), id FROM people GROUP BY ALL', [2, 0]],
  ] as const)('%s', (sql, shape) => {
    expect(shapeOf(sql)).toEqual(shape);
  });

  it('take a column of FROM before an alias of that name', () => {
    expect(refusalOf('SELECT name AS country FROM people GROUP BY country')).toMatch(/^INVALID_GROUPING/);
  });

  it('stay keys inside larger expressions', () => {
    expect(namesOf('SELECT concat(upper(country), name) FROM people GROUP BY upper(country), name')).toEqual([
      'concat(upper(country), name)',
    ]);
  });

  it.each([
    ['SELECT country, id FROM people GROUP BY country', '1:17'],
    ['SELECT id,\n  count(*) FROM people', '1:8'],
    ['SELECT country FROM people GROUP BY country HAVING id > 1', '1:52'],
    ['SELECT country FROM people GROUP BY country ORDER BY id', '1:54'],
    ['SELECT upper(country) FROM people GROUP BY lower(country)', '1:8'],
    ['SELECT max(id) AS m FROM people GROUP BY m', '1:42'],
    ['SELECT max(id) FROM people GROUP BY 1', '1:37'],
    ['SELECT id + count(*) FROM people GROUP BY ALL', '1:8'],
    ['SELECT rank() OVER (ORDER BY id) FROM people GROUP BY ALL', '1:46'],
    ['SELECT 1 FROM people WHERE max(id) > 1', '1:28'],
    ['SELECT max(max(id)) FROM people', '1:12'],
    ['SELECT grouping(country) FROM people', '1:17'],
    [
      'SELECT country FROM people p GROUP BY country HAVING EXISTS (SELECT 1 FROM orders o WHERE o.person = p.id)',
      '1:54',
    ],
  ])('%s is refused', (sql, position) => {
    expect(refusalOf(sql)).toMatch(new RegExp(`^INVALID_GROUPING ${position} `));
  });

  it('may be used by a correlated subquery above the groups', () => {
    const sql =
      'SELECT country, (SELECT max(o.id) FROM orders o WHERE o.country = p.country) FROM people p GROUP BY country';
    expect(shapeOf(sql)).toEqual([1, 0]);
  });
});

describe('grouping sets', () => {
  const sets = (groupBy: string): readonly (readonly number[])[] | undefined =>
    aggregateOf(`SELECT count(*) FROM people GROUP BY ${groupBy}`).groupingSets;

  it.each([
    ['country, name', undefined],
    ['ROLLUP (country, name)', [[0, 1], [0], []]],
    ['CUBE (country, name)', [[0, 1], [0], [1], []]],
    ['GROUPING SETS ((country, name), (name), ())', [[0, 1], [1], []]],
    ['country, ROLLUP (name)', [[0, 1], [0]]],
    ['ROLLUP (country), ROLLUP (name)', [[0, 1], [0], [1], []]],
    ['ROLLUP ((country, name), id)', [[0, 1, 2], [0, 1], []]],
  ])('%s', (groupBy, expected) => {
    expect(sets(groupBy)).toEqual(expected);
  });

  it('make keys nullable that are not in every set', () => {
    const { output } = bindSample(
      'SELECT k, j FROM (SELECT 1 AS k, 2 AS j) GROUP BY GROUPING SETS ((k, j), (k))',
    );
    expect(output.map((column) => column.nullable)).toEqual([false, true]);
  });

  it('are bounded', () => {
    const cubes = Array.from({ length: 6 }, (_, i) => `CUBE (id + ${i}, id - ${i})`).join(', ');
    expect(refusalOf(`SELECT 1 FROM people GROUP BY ${cubes}`)).toMatch(/^INVALID_GROUPING/);
  });

  it('grouping() takes keys only', () => {
    expect(namesOf('SELECT grouping(country) FROM people GROUP BY CUBE (country)')).toHaveLength(1);
    expect(refusalOf('SELECT grouping(id) FROM people GROUP BY CUBE (country)')).toMatch(
      /^INVALID_GROUPING 1:17/,
    );
  });
});

describe('windows', () => {
  it('are computed over the groups', () => {
    expect(shapeOf('SELECT country, rank() OVER (ORDER BY count(*)) FROM people GROUP BY country')).toEqual([
      1, 1,
    ]);
  });

  it.each([
    ['SELECT 1 FROM people WHERE rank() OVER (ORDER BY id) = 1', 'INVALID_GROUPING 1:28'],
    ['SELECT rank() FROM people', 'INVALID_STATEMENT 1:8'],
    ['SELECT rank() OVER () FROM people', 'INVALID_STATEMENT 1:8'],
    ['SELECT upper(name) OVER (ORDER BY id) FROM people', 'INVALID_STATEMENT 1:8'],
    ['SELECT rank() OVER w FROM people', 'INVALID_STATEMENT 1:20'],
  ])('%s is refused', (sql, told) => {
    expect(refusalOf(sql)).toMatch(new RegExp(`^${told} `));
  });
});
