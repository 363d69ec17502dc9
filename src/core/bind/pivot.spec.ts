import { describe, expect, it } from '@jest/globals';
import { bindSample, chosenBy, kindsOf, namesOf, refusalOf } from '../../../test/support/bind-sample.js';
import { walkPlan } from '../plan/traverse.js';
import { provenance } from './provenance.js';

const sourcesOf = (sql: string): readonly string[] =>
  provenance(bindSample(sql)).map((sources) =>
    sources
      .map((s) => s.source)
      .sort()
      .join('+'),
  );

const P = 'SELECT * FROM (SELECT country, boss, id, name FROM people)';

describe('PIVOT', () => {
  it.each([
    [`${P} PIVOT (sum(id) FOR country IN ('DE', 'FR' AS f))`, ['boss', 'name', 'DE', 'f']],
    [
      `${P} PIVOT (sum(id) AS s, count(*) FOR country IN ('DE', NULL))`,
      ['boss', 'name', 'DE_s', 'DE_count(1)', 'null_s', 'null_count(1)'],
    ],
    [`${P} PIVOT (max(id) FOR (country, boss) IN (('DE', 1), ('FR', 2) AS f))`, ['name', '{DE, 1}', 'f']],
    [`${P} AS q PIVOT (max(q.id) FOR country IN ('DE')) AS p`, ['boss', 'name', 'DE']],
    [`SELECT p.DE FROM people PIVOT (max(id) FOR country IN ('DE')) AS p`, ['DE']],
    [`SELECT people.name FROM people PIVOT (max(id) FOR country IN ('DE'))`, ['name']],
  ])('%s', (sql, names) => {
    expect(namesOf(sql)).toEqual(names);
  });

  it('comes from what is aggregated, and is chosen by what it stands under and what it is grouped by', () => {
    const sql = `${P} PIVOT (max(id) AS m, count(*) AS n FOR country IN ('DE'))`;
    expect(sourcesOf(sql).slice(0, 3)).toEqual(['boss', 'name', 'country+id']);
    expect(chosenBy(sql)).toEqual(['boss', 'country', 'id', 'name']);
  });

  it('computes numbers for the values there are, everything else over all rows', () => {
    const aggregates = (aggregate: string): number =>
      kindsOf(`${P} PIVOT (${aggregate} FOR country IN ('DE', 'FR'))`).filter((kind) => kind === 'aggregate')
        .length;
    expect([aggregates('sum(id)'), aggregates('max(id) > 3'), aggregates('max(name)')]).toEqual([2, 2, 1]);
    expect(aggregates('sum(id), max(name)')).toBe(1);
  });

  it.each([
    [`${P} PIVOT (id FOR country IN ('DE'))`, 'INVALID_GROUPING 1:67'],
    [`${P} PIVOT (max(nope) FOR country IN ('DE'))`, 'UNRESOLVED_COLUMN 1:71'],
    [`${P} PIVOT (max(id) FOR nope IN ('DE'))`, 'UNRESOLVED_COLUMN 1:79'],
    [`${P} PIVOT (max(id) FOR country IN (name))`, 'UNRESOLVED_COLUMN 1:91'],
    [`${P} PIVOT (max(id) FOR country IN (('DE', 1)))`, 'INVALID_STATEMENT 1:91'],
    [`${P} PIVOT (max(id) FOR country IN (upper('de')))`, 'INVALID_STATEMENT 1:91'],
    [`SELECT people.DE FROM people PIVOT (max(id) FOR country IN ('DE'))`, 'UNRESOLVED_COLUMN 1:8'],
    [`SELECT people.name FROM people PIVOT (max(id) FOR country IN ('DE')) AS p`, 'UNRESOLVED_COLUMN 1:8'],
    [`SELECT country FROM people PIVOT (max(id) FOR country IN ('DE'))`, 'UNRESOLVED_COLUMN 1:8'],
  ])('%s is refused', (sql, told) => {
    expect(refusalOf(sql)).toMatch(new RegExp(`^${told} `));
  });

  it('makes no more columns than there may be', () => {
    const values = (count: number): string => Array.from({ length: count }, (_, i) => i + 1).join(', ');
    const sql = (count: number): string =>
      `SELECT 1 FROM people PIVOT (max(name), min(name) FOR id IN (${values(count)}))`;
    expect(namesOf(sql(1_000))).toEqual(['1']);
    expect(refusalOf(sql(1_001))).toMatch(/^INVALID_STATEMENT 1:22 PIVOT makes at most 2000 columns/);
  });
});

describe('UNPIVOT', () => {
  it.each([
    [`${P} UNPIVOT (v FOR k IN (id, boss))`, ['country', 'name', 'k', 'v']],
    [`${P} UNPIVOT ((v, w) FOR k IN ((id, country), (boss, name) AS b))`, ['k', 'v', 'w']],
    ['SELECT p.country, u.v FROM people p UNPIVOT (v FOR k IN (p.id, p.boss)) u', undefined],
    ['SELECT p.country, v FROM people p UNPIVOT (v FOR k IN (p.id, p.boss))', ['country', 'v']],
    ['SELECT u.country, u.v FROM people p UNPIVOT (v FOR k IN (p.id, p.boss)) u', ['country', 'v']],
  ])('%s', (sql, names) => {
    if (names === undefined) expect(refusalOf(sql)).toMatch(/^UNRESOLVED_COLUMN 1:8 /);
    else expect(namesOf(sql)).toEqual(names);
  });

  it('comes from all of its columns, and leaves NULLs out unless it is told not to', () => {
    const sql = `${P} UNPIVOT (v FOR k IN (id, boss))`;
    expect(sourcesOf(sql)).toEqual(['country', 'name', 'boss+id', 'boss+id']);
    expect(kindsOf(sql)).toEqual(['project', 'filter', 'project', 'unnest', 'project', 'scan']);
    expect(kindsOf(sql.replace('UNPIVOT', 'UNPIVOT INCLUDE NULLS'))).not.toContain('filter');
    expect(chosenBy(sql)).toEqual(['boss', 'id']);
  });

  it.each([
    [`${P} UNPIVOT (v FOR k IN (id, name))`, 'TYPE_MISMATCH 1:69'],
    [`${P} UNPIVOT (v FOR k IN (id, nope))`, 'UNRESOLVED_COLUMN 1:85'],
    [`${P} UNPIVOT ((v, w) FOR k IN ((id, name), (boss)))`, 'INVALID_STATEMENT 1:98'],
    [`${P} UNPIVOT (v FOR k IN (id, boss)) WHERE id = 1`, 'UNRESOLVED_COLUMN 1:98'],
  ])('%s is refused', (sql, told) => {
    expect(refusalOf(sql)).toMatch(new RegExp(`^${told} `));
  });
});

describe('TABLESAMPLE', () => {
  const planOf = (sample: string) => {
    const found: unknown[] = [];
    walkPlan(bindSample(`SELECT id FROM people TABLESAMPLE ${sample} WHERE id > 1`).plan, {
      plan: (plan) => {
        if (plan.kind === 'sample') found.push(plan.percent, plan.seed);
        if (plan.kind === 'limit') found.push(plan.limit);
      },
    });
    return found;
  };

  it('takes a share of the rows, or so many', () => {
    expect(planOf('(10.5 PERCENT)')).toEqual([10.5, undefined]);
    expect(planOf('(BUCKET 1 OUT OF 4) REPEATABLE (7)')).toEqual([25, 7]);
    expect(planOf('(3 ROWS)')).toEqual([3]);
    expect(refusalOf('SELECT 1 FROM people TABLESAMPLE (-1 ROWS)')).toMatch(
      /^INVALID_STATEMENT 1:35 TABLESAMPLE/,
    );
  });

  it('stands between the table and WHERE', () => {
    expect(kindsOf('SELECT id FROM people TABLESAMPLE (10 PERCENT) AS p WHERE p.id > 1')).toEqual([
      'project',
      'filter',
      'sample',
      'scan',
    ]);
  });
});
