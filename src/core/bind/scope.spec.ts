import { describe, expect, it } from '@jest/globals';
import { bindSample, namesOf, refusalOf, tablesOf } from '../../../test/support/bind-sample.js';
import { provenance } from './provenance.js';

/** For each output column the table columns it comes from, as `leaf.column`. */
const sourcesOf = (sql: string): readonly string[] =>
  provenance(bindSample(sql)).map((sources) => sources.map((s) => `${s.leaf}.${s.source}`).join('+'));

describe('names of tables', () => {
  it.each([
    ['SELECT 1 FROM people', ['people']],
    ['SELECT 1 FROM main.people, lake.main.PEOPLE', ['people', 'people']],
    ['SELECT 1 FROM `People`', ['people']],
    ['TABLE orders', ['orders']],
  ])('%s reads %j', (sql, tables) => {
    expect(tablesOf(sql)).toEqual(tables);
  });

  it('tells of a hidden table what it tells of one that does not exist', () => {
    const told = (name: string): string => refusalOf(`SELECT *\nFROM people, ${name}`).replaceAll(name, 'T');
    expect(told('hushed')).toBe(told('nothin'));
    expect(told('hushed')).toBe(
      'TABLE_OR_VIEW_NOT_FOUND 2:14 There is no table T, or you may not know of it. SHOW TABLES lists what you may browse.',
    );
    expect(told('lake.main.hushed')).toBe(told('lake.main.nothin'));
  });

  it('does not take a quoted name with dots for several parts', () => {
    expect(refusalOf('SELECT 1 FROM `main.people`')).toMatch(/^TABLE_OR_VIEW_NOT_FOUND/);
    expect(refusalOf('SELECT 1 FROM a.b.c.people')).toMatch(/^TABLE_OR_VIEW_NOT_FOUND/);
  });
});

describe('CTEs', () => {
  it('shadow a table by its bare name only', () => {
    const cte = 'WITH people AS (SELECT 1 AS x)';
    expect(tablesOf(`${cte} SELECT x FROM people`)).toEqual([]);
    expect(tablesOf(`${cte} SELECT x FROM PEOPLE`)).toEqual([]);
    expect(tablesOf(`${cte} SELECT name FROM main.people`)).toEqual(['people']);
    expect(tablesOf('WITH main AS (SELECT 1 AS x) SELECT name FROM main.people')).toEqual(['people']);
    expect(refusalOf(`${cte} SELECT name FROM people`)).toMatch(/^UNRESOLVED_COLUMN 1:39/);
  });

  it('do not see themselves: inside, the name still means the table', () => {
    expect(tablesOf('WITH people AS (SELECT id FROM people) SELECT * FROM people')).toEqual(['people']);
    expect(namesOf('WITH people AS (SELECT id FROM people) SELECT * FROM people')).toEqual(['id']);
  });

  it('see those before them, not those after', () => {
    expect(tablesOf('WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a) SELECT x FROM b')).toEqual([]);
    expect(refusalOf('WITH b AS (SELECT x FROM a), a AS (SELECT 1 AS x) SELECT x FROM b')).toMatch(
      /^TABLE_OR_VIEW_NOT_FOUND 1:26/,
    );
  });

  it('of an inner query shadow those of the outer, and end with it', () => {
    const sql = `WITH c AS (SELECT 1 AS x)
      SELECT * FROM (WITH c AS (SELECT id AS y FROM orders) SELECT * FROM c) AS i, c`;
    expect(namesOf(sql)).toEqual(['y', 'x']);
    expect(tablesOf(sql)).toEqual(['orders']);
    expect(refusalOf('SELECT * FROM (WITH c AS (SELECT 1) SELECT * FROM c) AS i, c')).toMatch(
      /^TABLE_OR_VIEW_NOT_FOUND/,
    );
  });

  it('are seen by subqueries in conditions', () => {
    expect(
      tablesOf(
        'WITH orders AS (SELECT 1 AS person) SELECT 1 FROM people WHERE id IN (SELECT person FROM orders)',
      ),
    ).toEqual(['people']);
  });

  it('give new columns at each use: both sides of a self join are their own', () => {
    const bound = bindSample('WITH c AS (SELECT id FROM people) SELECT a.id, b.id FROM c AS a, c AS b');
    expect(new Set(bound.output.map((column) => column.id)).size).toBe(2);
    expect(bound.leaves).toHaveLength(1);
  });

  it('may not be defined twice, and take as many names as they have columns', () => {
    expect(refusalOf('WITH c AS (SELECT 1), C AS (SELECT 2) SELECT 1')).toMatch(/^SYNTAX_ERROR 1:23/);
    expect(refusalOf('WITH c (a, b) AS (SELECT 1) SELECT 1')).toMatch(/^INVALID_STATEMENT 1:6 There are 1/);
  });
});

describe('names of columns', () => {
  it('in a self join belong to the side they name', () => {
    expect(sourcesOf('SELECT a.id, b.name FROM people AS a JOIN people AS b ON a.boss = b.id')).toEqual([
      '1.id',
      '2.name',
    ]);
  });

  it.each([
    ['SELECT id FROM people AS a, people AS b', '1:8'],
    ['SELECT people.id FROM people, people', '1:8'],
    ['SELECT 1 FROM people JOIN orders ON id = person', '1:37'],
    ['SELECT 1 FROM people JOIN orders ON true ORDER BY country', '1:51'],
    ['SELECT 1 FROM (SELECT 1 AS x, 2 AS x) AS t WHERE x = 1', '1:50'],
  ])('%s is ambiguous', (sql, position) => {
    expect(refusalOf(sql)).toMatch(new RegExp(`^AMBIGUOUS_COLUMN ${position} `));
  });

  it('may be qualified by alias, table, schema and catalog; an alias replaces the others', () => {
    expect(namesOf('SELECT people.id, main.people.id, lake.main.PEOPLE.ID FROM people')).toHaveLength(3);
    expect(refusalOf('SELECT people.id FROM people AS p')).toMatch(/^UNRESOLVED_COLUMN 1:8/);
  });

  it('followed by names of fields are struct access', () => {
    expect(namesOf('SELECT address.city, p.address.zip FROM people AS p')).toEqual(['city', 'zip']);
    expect(namesOf('SELECT address.* FROM people')).toEqual(['city', 'zip']);
    expect(refusalOf('SELECT address.street FROM people')).toMatch(/^TYPE_MISMATCH 1:16/);
  });

  it('prefer the inner query, then look outwards', () => {
    expect(sourcesOf('SELECT (SELECT max(id) FROM orders) FROM people')).toEqual(['2.id']);
    expect(sourcesOf('SELECT (SELECT max(boss) FROM orders) FROM people')).toEqual(['1.boss']);
    expect(
      tablesOf('SELECT 1 FROM people p WHERE EXISTS (SELECT 1 FROM orders o WHERE o.person = p.id)'),
    ).toEqual(['people', 'orders']);
  });

  it('of a subquery are not seen outside of it', () => {
    expect(refusalOf('SELECT person FROM people WHERE EXISTS (SELECT person FROM orders)')).toMatch(
      /^UNRESOLVED_COLUMN 1:8/,
    );
  });

  it('in a subquery of FROM do not correlate, unless it is LATERAL', () => {
    const inner = '(SELECT max(total) AS top FROM orders o WHERE o.person = p.id)';
    expect(refusalOf(`SELECT 1 FROM people p, ${inner} AS t`)).toMatch(/^UNRESOLVED_COLUMN 1:82/);
    expect(namesOf(`SELECT p.id, t.top FROM people p, LATERAL ${inner} AS t`)).toEqual(['id', 'top']);
  });
});

describe('a column that is not there', () => {
  it('is told with its place and what is near', () => {
    expect(refusalOf('SELECT\n  contry FROM people')).toBe(
      'UNRESOLVED_COLUMN 2:3 There is no column contry here. Did you mean country?',
    );
  });

  it('is never suggested when it is hidden, and a hidden one is told like any other', () => {
    const told = (name: string): string => refusalOf(`SELECT ${name} FROM people`).replaceAll(name, 'C');
    expect(told('secret')).toBe(told('zzzzzz'));
    expect(refusalOf('SELECT secrets FROM people')).not.toMatch(/secret[^s]/);
    expect(refusalOf('SELECT people.secret FROM people')).toMatch(/^UNRESOLVED_COLUMN/);
    expect(refusalOf('SELECT 1 FROM people JOIN people AS b USING (secret)')).toMatch(/^UNRESOLVED_COLUMN/);
    expect(refusalOf('SELECT * EXCEPT (secret) FROM people')).toMatch(/^UNRESOLVED_COLUMN/);
  });

  it('is not in a star', () => {
    expect(namesOf('SELECT * FROM people')).toEqual(['id', 'name', 'country', 'boss', 'address', 'marks']);
    expect(namesOf('SELECT p.* EXCEPT (id, marks) FROM people p')).toEqual([
      'name',
      'country',
      'boss',
      'address',
    ]);
  });

  it('does not bring tables into suggestions that are not in FROM', () => {
    expect(refusalOf('SELECT totl FROM people')).not.toMatch(/total/);
  });
});
