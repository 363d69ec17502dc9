import { describe, expect, it } from '@jest/globals';
import { bindSample, chosenBy, kindsOf, namesOf, refusalOf } from '../../../test/support/bind-sample.js';
import { provenance } from './provenance.js';

const sourcesOf = (sql: string): readonly string[] =>
  provenance(bindSample(sql)).map((sources) => sources.map((s) => s.source).join('+'));

const VIEW = 'FROM people LATERAL VIEW';

describe('generators', () => {
  it.each([
    ['SELECT explode(array(id, boss)), posexplode(array(name)) FROM people', ['col', 'pos', 'col']],
    ["SELECT explode(map('a', id)) FROM people", ['key', 'value']],
    ["SELECT posexplode(map('a', id)) AS (p, k, v) FROM people", ['p', 'k', 'v']],
    ["SELECT inline(array(named_struct('x', id, 'y', name))) FROM people", ['x', 'y']],
    ['SELECT stack(2, id, name, boss) FROM people', ['col0', 'col1']],
    [`SELECT id, t.* ${VIEW} posexplode(array(id)) t`, ['id', 'pos', 'col']],
    [`SELECT t.b ${VIEW} posexplode(array(id)) t AS a, b`, ['b']],
    ['SELECT * FROM explode(array(1)) AS t(x)', ['x']],
    ['SELECT t.*, p.id FROM people p, LATERAL stack(1, p.id, p.name) AS t(a, b)', ['a', 'b', 'id']],
  ])('%s', (sql, names) => {
    expect(namesOf(sql)).toEqual(names);
  });

  it('come from the columns of their arguments', () => {
    expect(sourcesOf('SELECT id, explode(array(boss)) FROM people')).toEqual(['id', 'boss']);
    expect(sourcesOf('SELECT posexplode(array(name)) FROM people')).toEqual(['name', 'name']);
    expect(sourcesOf(`SELECT v, id ${VIEW} stack(1, name) t AS v`)).toEqual(['name', 'id']);
    expect(sourcesOf('SELECT x FROM people, LATERAL explode(array(boss, id)) AS t(x)')).toEqual(['boss+id']);
  });

  it('choose how many rows there are by them', () => {
    expect(chosenBy('SELECT 1 AS n, explode(array(boss)) FROM people')).toEqual(['boss']);
    expect(chosenBy(`SELECT id ${VIEW} explode(array(name)) t`)).toEqual(['name']);
  });

  it('make rows above the groups and below the windows', () => {
    expect(
      kindsOf(
        'SELECT explode(collect_list(id)) AS x, rank() OVER (ORDER BY country) FROM people GROUP BY country HAVING count(*) > 1',
      ),
    ).toEqual(['project', 'window', 'unnest', 'filter', 'aggregate', 'scan']);
    expect(kindsOf(`SELECT x ${VIEW} explode(array(id)) t AS x WHERE x > 1`)).toEqual([
      'project',
      'filter',
      'unnest',
      'scan',
    ]);
  });

  it('are nullable where OUTER makes a row without an item', () => {
    const nullable = (outer: string): boolean | undefined =>
      bindSample(`SELECT pos ${VIEW} ${outer} posexplode(array(id)) t`).output[0]?.nullable;
    expect([nullable(''), nullable('OUTER')]).toEqual([false, true]);
    expect(bindSample('SELECT posexplode_outer(array(id)) FROM people').output[0]?.nullable).toBe(true);
  });

  it.each([
    ['SELECT explode(array(id)) + 1 FROM people', 'INVALID_STATEMENT 1:8'],
    ['SELECT id FROM people WHERE explode(array(true))', 'INVALID_STATEMENT 1:29'],
    ['SELECT explode(explode(array(array(id)))) FROM people', 'INVALID_STATEMENT 1:16'],
    ['SELECT explode(id) FROM people', 'TYPE_MISMATCH 1:8'],
    ['SELECT explode(array(id), 1) FROM people', 'INVALID_STATEMENT 1:8'],
    ['SELECT explode() FROM people', 'INVALID_STATEMENT 1:8'],
    ['SELECT inline(array(id)) FROM people', 'TYPE_MISMATCH 1:8'],
    ['SELECT inline(map(1, id)) FROM people', 'TYPE_MISMATCH 1:8'],
    ['SELECT explode(array(id)) AS (a, b) FROM people', 'INVALID_STATEMENT 1:8'],
    ['SELECT posexplode(array(id)) AS a FROM people', 'INVALID_STATEMENT 1:8'],
    ['SELECT id AS (a) FROM people', 'INVALID_STATEMENT 1:8'],
    ['SELECT stack(0, id) FROM people', 'INVALID_STATEMENT 1:14'],
    ['SELECT stack(10001, id) FROM people', 'INVALID_STATEMENT 1:14'],
    ['SELECT stack(id, id) FROM people', 'INVALID_STATEMENT 1:14'],
    ['SELECT stack(2, id, name) FROM people', 'TYPE_MISMATCH 1:8'],
    [`SELECT id ${VIEW} upper(name) t`, 'INVALID_STATEMENT 1:23'],
    [`SELECT id ${VIEW} explode(array(1)) t AS a, b`, 'INVALID_STATEMENT 1:23'],
    ['SELECT x FROM people, explode(array(id)) AS t(x)', 'UNRESOLVED_COLUMN 1:37'],
    ['SELECT explode(array(id)) AS x FROM people WHERE x > 1', 'UNRESOLVED_COLUMN 1:50'],
    ['SELECT explode(array(max(id))) AS x FROM people HAVING x > 1', 'UNRESOLVED_COLUMN 1:56'],
    ['SELECT explode(array(id)) AS x FROM people GROUP BY x', 'INVALID_GROUPING 1:53'],
    ['SELECT explode(array(id)) AS x FROM people GROUP BY 1', 'INVALID_GROUPING 1:53'],
    ['SELECT explode(array(id)) FROM people GROUP BY country', 'INVALID_GROUPING 1:8'],
    ['SELECT explode(array(rank() OVER (ORDER BY id))) FROM people', 'INVALID_GROUPING 1:22'],
    ['SELECT * FROM no_such(array(1))', 'FUNCTION_NOT_ALLOWED 1:15'],
  ])('%s is refused', (sql, told) => {
    expect(refusalOf(sql)).toMatch(new RegExp(`^${told} `));
  });
});
