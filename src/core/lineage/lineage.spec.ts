import { describe, expect, it } from '@jest/globals';
import { bind, type Securing, secure } from '../../../test/support/duckdb-plans.js';
import type { Expr } from '../plan/plan.js';
import { BOOLEAN } from '../plan/types.js';
import { type StatementLineage, statementLineage } from './lineage.js';

function lineage(sql: string, securing: Securing = {}): StatementLineage {
  const bound = bind(sql);
  return statementLineage(secure(bound, securing), bound.output);
}

/** `people.name TRANSFORMATION*!`: `*` masking, `!` by a policy. */
const told = (inputs: StatementLineage['dataset']): readonly string[] =>
  inputs.flatMap(({ table, column, flows }) =>
    flows.map(
      (flow) =>
        `${table.split('.').at(-1)}.${column} ${flow.subtype}${flow.masking ? '*' : ''}${flow.policy ? '!' : ''}`,
    ),
  );
const outputs = (sql: string, securing?: Securing): Record<string, readonly string[]> =>
  Object.fromEntries(lineage(sql, securing).outputs.map(({ name, inputs }) => [name, told(inputs)]));
const dataset = (sql: string, securing?: Securing): readonly string[] => told(lineage(sql, securing).dataset);

describe('statementLineage', () => {
  it('follows a column through aliases, CTEs and derived tables', () => {
    const sql =
      'WITH p AS (SELECT name AS n FROM people) SELECT upper(q.m) AS u, q.m FROM (SELECT n AS m FROM p) q';
    expect(outputs(sql)).toEqual({ u: ['people.name TRANSFORMATION'], m: ['people.name IDENTITY'] });
    expect(dataset(sql)).toEqual([]);
  });

  it('follows items out of arrays, which steer how many rows there are', () => {
    const sql = 'SELECT id, x, p FROM people LATERAL VIEW posexplode(array(boss)) t AS p, x';
    expect(outputs(sql)).toEqual({
      id: ['people.id IDENTITY'],
      x: ['people.boss TRANSFORMATION'],
      p: [],
    });
    expect(dataset(sql)).toEqual(['people.boss JOIN']);
  });

  it('follows a recursion through as many levels as it takes', () => {
    const sql =
      'WITH RECURSIVE r AS (SELECT id, name AS a, `weird "name"` AS b FROM people WHERE pay > 1 UNION ALL SELECT p.boss, r.b, r.a FROM people p JOIN r ON p.id = r.id) SELECT id, q.a FROM r q';
    expect(outputs(sql)).toEqual({
      id: ['people.boss IDENTITY', 'people.id IDENTITY'],
      a: ['people.name IDENTITY', 'people.weird "name" IDENTITY'],
    });
    expect(dataset(sql)).toEqual(['people.boss JOIN', 'people.id JOIN', 'people.pay FILTER']);
  });

  it('says what steers the whole result', () => {
    const sql =
      'SELECT p.name FROM people p JOIN sales s ON p.id = s.person WHERE s.amount > 10 ORDER BY p.pay LIMIT 3';
    expect(outputs(sql)).toEqual({ name: ['people.name IDENTITY'] });
    expect(dataset(sql)).toEqual([
      'people.id JOIN',
      'people.pay SORT',
      'sales.amount FILTER',
      'sales.person JOIN',
    ]);
  });

  it('keeps aggregates, grouping and counting apart', () => {
    const sql = 'SELECT shop, sum(amount) AS s, count(person) AS n FROM sales GROUP BY shop';
    expect(outputs(sql)).toEqual({
      shop: ['sales.shop IDENTITY'],
      s: ['sales.amount AGGREGATION'],
      n: ['sales.person AGGREGATION*'],
    });
    expect(dataset(sql)).toEqual(['sales.shop GROUP_BY']);
  });

  it('keeps conditions and windows indirect', () => {
    const sql = `SELECT CASE WHEN pay > 10 THEN name END AS c,
      row_number() OVER (PARTITION BY boss ORDER BY id) AS r FROM people`;
    expect(outputs(sql)).toEqual({
      c: ['people.name TRANSFORMATION', 'people.pay CONDITIONAL'],
      r: ['people.boss WINDOW', 'people.id WINDOW'],
    });
  });

  it('lets a subquery steer only the expression that it stands in', () => {
    const sql = `SELECT name, (SELECT max(amount) FROM sales s WHERE s.person = p.id) AS m FROM people p`;
    expect(outputs(sql)).toEqual({
      name: ['people.name IDENTITY'],
      m: ['people.id FILTER', 'sales.amount AGGREGATION', 'sales.person FILTER'],
    });
    expect(dataset(sql)).toEqual([]);
  });

  it('joins both sides of a set operation by position', () => {
    const sql = 'SELECT name FROM people EXCEPT SELECT shop FROM sales';
    expect(outputs(sql)).toEqual({ name: ['people.name IDENTITY', 'sales.shop IDENTITY'] });
    expect(dataset(sql)).toEqual(['people.name FILTER', 'sales.shop FILTER']);
  });

  it('names row rules and masks as the doing of a policy', () => {
    const securing: Securing = {
      filter: (raw) => {
        const boss = raw.find((column) => column.source === 'boss');
        if (boss === undefined) return undefined;
        const value: Expr = { kind: 'column', id: boss.id, type: boss.type, nullable: true };
        return { kind: 'call', fn: 'is_null', args: [value], type: BOOLEAN, nullable: false };
      },
      mask: (column, raw) =>
        column.source === 'name'
          ? { kind: 'call', fn: 'upper', args: [raw], type: column.type, nullable: true }
          : raw,
    };
    const sql = "SELECT name, pay FROM people WHERE name > 'a'";
    expect(outputs(sql, securing)).toEqual({
      name: ['people.name TRANSFORMATION*!'],
      pay: ['people.pay IDENTITY'],
    });
    expect(dataset(sql, securing)).toEqual(['people.boss FILTER!', 'people.name FILTER*']);
  });
});
