/** Pipe syntax and ORDER BY ALL: names behind each operator, and what is refused. Values: test/spark-plans.spec.ts. */
import { describe, expect, it } from '@jest/globals';
import { bindSample, namesOf, refusalOf, tablesOf } from '../../../test/support/bind-sample.js';

describe('behind an operator', () => {
  it('a column that is handed on keeps its table, until AS gives all one name', () => {
    expect(
      namesOf('FROM people p |> WHERE p.id > 1 |> EXTEND 1 AS o |> DROP boss |> SELECT p.id, o'),
    ).toEqual(['id', 'o']);
    expect(namesOf('FROM people p |> AS q |> SELECT q.name')).toEqual(['name']);
    expect(refusalOf('FROM people p |> AS q |> SELECT p.name')).toMatch(/^UNRESOLVED_COLUMN 1:33 /);
    expect(refusalOf('FROM people p |> DROP id |> SELECT p.id')).toMatch(/^UNRESOLVED_COLUMN 1:36 /);
    expect(refusalOf('FROM people p |> SET id = 1 |> SELECT p.id')).toMatch(/^UNRESOLVED_COLUMN 1:39 /);
    expect(refusalOf('FROM people p |> AGGREGATE count(*) GROUP BY name |> SELECT p.name')).toMatch(
      /^UNRESOLVED_COLUMN 1:61 /,
    );
  });

  it('a hidden column is not there, in a star, by name or by table', () => {
    expect(namesOf('FROM people')).not.toContain('secret');
    expect(namesOf('FROM people |> EXTEND 1 AS o')).not.toContain('secret');
    for (const step of ['WHERE secret = 1', 'DROP secret', 'SET secret = 1', 'SELECT people.secret'])
      expect(refusalOf(`FROM people |> ${step}`)).toMatch(/^UNRESOLVED_COLUMN /);
    expect(refusalOf('FROM people |> JOIN hushed ON true')).toMatch(/^TABLE_OR_VIEW_NOT_FOUND 1:21 /);
    expect(refusalOf('FROM people |> UNION ALL TABLE hushed')).toMatch(/^TABLE_OR_VIEW_NOT_FOUND 1:32 /);
  });

  it('every table that is read is a leaf', () => {
    expect(
      tablesOf(
        'FROM people |> JOIN orders o ON o.person = people.id |> WHERE o.total > (FROM orders |> AGGREGATE avg(total)) |> SELECT o.id |> EXCEPT SELECT id FROM people',
      ),
    ).toEqual(['people', 'orders', 'orders', 'people']);
  });

  it('the columns are those of Spark, in its order', () => {
    expect(namesOf('FROM orders |> EXTEND total * 2, id AS id2')).toEqual([
      ...['id', 'person', 'country', 'total'],
      '(total * 2)',
      'id2',
    ]);
    expect(namesOf('FROM orders |> SET total = total + 1 |> DROP person, COUNTRY')).toEqual(['id', 'total']);
    expect(namesOf('FROM orders |> AGGREGATE sum(total), max(id) AS m GROUP BY country AS c, 2')).toEqual([
      ...['c', 'person'],
      'sum(total)',
      'm',
    ]);
    expect(namesOf('FROM orders |> NATURAL JOIN (SELECT 1 AS person, 2 AS x)')).toEqual([
      ...['person', 'id', 'country', 'total', 'x'],
    ]);
    expect(namesOf('FROM orders |> JOIN (SELECT 1 AS person, 2 AS x) USING (person) |> DROP id')).toEqual([
      ...['person', 'country', 'total', 'x'],
    ]);
  });

  it('what the pipe gives is what its plan gives, one for one', () => {
    for (const sql of [
      'FROM orders |> JOIN people USING (country)',
      'FROM orders o FULL JOIN people p USING (country) |> WHERE true',
      'FROM orders |> ORDER BY id |> LIMIT 1',
    ]) {
      const bound = bindSample(`SELECT * FROM (${sql}) AS q`);
      expect(bound.output.map(({ name }) => name)).toEqual(namesOf(sql));
    }
  });
});

describe('an operator', () => {
  it.each([
    [
      'EXTEND sum(id)',
      'INVALID_GROUPING 1:23 An aggregate may not stand in EXTEND. Use AGGREGATE, or OVER (...).',
    ],
    [
      'SET id = max(id)',
      'INVALID_GROUPING 1:25 An aggregate may not stand in SET. Use AGGREGATE, or OVER (...).',
    ],
    [
      'AGGREGATE id',
      'INVALID_GROUPING 1:26 AGGREGATE takes aggregates. Write it behind GROUP BY, or in an EXTEND before.',
    ],
    [
      'AGGREGATE name, count(*) GROUP BY name',
      'INVALID_GROUPING 1:26 AGGREGATE takes aggregates. Write it behind GROUP BY, or in an EXTEND before.',
    ],
    ['DROP id, ID', 'INVALID_STATEMENT 1:25 ID is dropped twice. Name it once.'],
    [
      'DROP id, nothing',
      'UNRESOLVED_COLUMN 1:25 There is no column nothing here. Name a column that comes through the pipe.',
    ],
    [
      'SET nothing = 1',
      'UNRESOLVED_COLUMN 1:20 There is no column nothing here. Name a column that comes through the pipe.',
    ],
    ['SELECT id |> DROP id', 'INVALID_STATEMENT 1:34 DROP leaves no column. Correct the statement here.'],
    [
      'AGGREGATE count(*) GROUP BY 9',
      'INVALID_STATEMENT 1:44 Position 9 is not in the select list. Use 1 to 6.',
    ],
  ])('%s is refused', (step, refusal) => {
    expect(refusalOf(`FROM people |> ${step}`)).toBe(refusal);
  });

  it('WHERE takes no window and no aggregate, and names that stand twice are refused', () => {
    expect(refusalOf('FROM people |> WHERE sum(id) > 1')).toMatch(/^INVALID_GROUPING 1:22 /);
    expect(refusalOf('FROM people |> WHERE row_number() OVER (ORDER BY id) = 1')).toMatch(/ 1:22 /);
    expect(refusalOf('FROM people |> EXTEND 1 AS id |> DROP id')).toMatch(/^AMBIGUOUS_COLUMN 1:39 /);
    expect(refusalOf('FROM people |> EXTEND 1 AS id |> SET id = 1')).toMatch(/^AMBIGUOUS_COLUMN 1:38 /);
  });
});

describe('ORDER BY ALL', () => {
  const keys = (sql: string): unknown => {
    let found: unknown;
    JSON.stringify(bindSample(sql).plan, (key, value: unknown) => {
      if (key === 'keys' && Array.isArray(value) && found === undefined && 'nulls' in (value[0] ?? {}))
        found = value.map(({ descending, nulls }) => `${descending ? 'desc' : 'asc'} ${nulls}`);
      return typeof value === 'bigint' ? String(value) : value;
    });
    return found;
  };

  it('sorts by every output column in turn, in the direction that is written', () => {
    expect(keys('SELECT id, name FROM people ORDER BY ALL')).toEqual(['asc first', 'asc first']);
    expect(keys('SELECT id, name FROM people ORDER BY all DESC')).toEqual(['desc last', 'desc last']);
    expect(keys('SELECT id, name, id + 1 FROM people ORDER BY ALL DESC NULLS FIRST')).toHaveLength(3);
    expect(keys('SELECT 1 AS a UNION SELECT 2 ORDER BY ALL NULLS LAST')).toEqual(['asc last']);
  });

  it('is a column where there is one of that name, in the output or in FROM', () => {
    expect(keys('SELECT id, name AS all FROM people ORDER BY ALL')).toHaveLength(1);
    expect(keys('SELECT 1 AS a, 2 AS b FROM (SELECT 5 AS all) ORDER BY ALL')).toHaveLength(1);
    expect(refusalOf('SELECT id FROM people ORDER BY ALL, id')).toMatch(/^UNRESOLVED_COLUMN 1:32 /);
    expect(refusalOf('SELECT id FROM people ORDER BY people.all')).toMatch(/^UNRESOLVED_COLUMN 1:32 /);
  });
});
