import { describe, expect, it } from '@jest/globals';
import { bind } from '../../../test/support/duckdb-plans.js';
import { replaceLeaves } from '../../core/plan/connect/leaves.js';
import { type PlanMessage, relationCase, textOf } from '../../core/plan/connect/message.js';
import { messageSchema } from '../../doors/spark-connect/message-schema.js';
import { make } from '../../proto/message.js';
import type { BoundLeaf } from './plan-leaf.js';
import { mayRaiseAbove } from './raising-above.js';

const relation = (kind: string, value: object): PlanMessage =>
  make('Relation', { relType: { case: kind, value } });
const expression = (kind: string, value: object): PlanMessage =>
  make('Expression', { exprType: { case: kind, value } });
const col = (unparsedIdentifier: string): PlanMessage =>
  expression('unresolvedAttribute', { unparsedIdentifier });
const text = (value: string): PlanMessage => expression('expressionString', { expression: value });
const as = (expr: PlanMessage, name: string): PlanMessage => expression('alias', { expr, name: [name] });
const call = (functionName: string, ...args: readonly PlanMessage[]): PlanMessage =>
  expression('unresolvedFunction', { functionName, arguments: args });
const long = (value: bigint): PlanMessage => expression('literal', { literalType: { case: 'long', value } });

const people = (): PlanMessage =>
  relation('sql', {
    query:
      "SELECT id, name, pay, born FROM VALUES (1, 'a', 1.5BD, DATE '2026-01-01') AS t(id, name, pay, born)",
  });
const filter = (input: PlanMessage, condition: PlanMessage | string): PlanMessage =>
  relation('filter', { input, condition: typeof condition === 'string' ? text(condition) : condition });
const project = (input: PlanMessage, ...expressions: readonly PlanMessage[]): PlanMessage =>
  relation('project', { input, expressions });
const count = (input: PlanMessage): PlanMessage =>
  relation('aggregate', {
    input,
    groupType: 1,
    groupingExpressions: [col('name')],
    aggregateExpressions: [call('count', long(1n))],
  });

function raises(plan: PlanMessage): boolean {
  const leaves = new Map<PlanMessage, BoundLeaf>();
  const add = (leaf: PlanMessage): PlanMessage => {
    leaves.set(leaf, { bound: bind(textOf(relationCase(leaf).value, 'query')), named: [] });
    return leaf;
  };
  const same = (_: unknown, leaf: PlanMessage): PlanMessage => leaf;
  replaceLeaves(plan, messageSchema, {
    namedTable: same,
    sql: (_, leaf) => add(leaf),
    uploaded: same,
    kept: same,
  });
  return mayRaiseAbove(plan, messageSchema, { leaves });
}

describe('what stands above the leaves of a plan', () => {
  it.each([
    ['a table', people()],
    ['columns of it', project(people(), col('id'), col('t.name'), expression('unresolvedStar', {}))],
    ['a number and a number', filter(people(), 'id = 5')],
    ['a number and a negative one', filter(people(), 'pay >= -5')],
    ['a short decimal', filter(people(), 'pay > 10.25')],
    ['a text and a text', filter(people(), "name <> 'x' AND NOT (name IN ('y', 'z'))")],
    ['a date', filter(people(), "born BETWEEN DATE '2026-01-01' AND DATE '2026-02-01'")],
    ['a test for null', filter(people(), 'name IS NOT NULL OR born IS NULL')],
    [
      'the same as messages',
      filter(people(), call('and', call('==', col('id'), long(5n)), call('isnotnull', col('name')))),
    ],
    ['a condition with a name', project(people(), as(call('>', col('id'), long(5n)), 'large'))],
    ['a count', count(filter(people(), 'id = 5'))],
    [
      'its order and its first rows',
      relation('limit', {
        limit: 5,
        input: relation('sort', {
          input: people(),
          order: [{ child: col('id'), direction: 1, nullOrdering: 1 }],
        }),
      }),
    ],
    [
      'what is shown',
      relation('showString', {
        input: filter(people(), 'id = 5'),
        numRows: 20,
        truncate: 20,
        vertical: false,
      }),
    ],
    [
      'a join by numbers',
      relation('join', { left: people(), right: project(people(), as(col('id'), 'other')), joinType: 1 }),
    ],
  ])('is calm: %s', (_, plan) => {
    expect(raises(plan)).toBe(false);
  });

  it.each([
    ['a division', filter(people(), '1 / (id - 7) > -2')],
    ['a text read as a number', filter(people(), 'name = 5')],
    ['a text read as a date', filter(people(), "born = '2026-01-01'")],
    ['a cast', filter(people(), 'CAST(name AS INT) = 5')],
    ['a sum in a condition', filter(people(), 'id + 1 = 5')],
    ['a number among texts', filter(people(), "name IN ('a', 5)")],
    ['a text as a condition', filter(people(), 'name')],
    ['a text in a conjunction', filter(people(), 'id = 5 AND name')],
    ['a column with the name of another', filter(project(people(), as(col('name'), 'id')), 'id = 5')],
    ['the same said in SQL', filter(project(people(), text('name AS id')), 'id = 5')],
    [
      'a constant with the name of a column',
      filter(
        project(people(), expression('literal', { literalType: { case: 'string', value: 'id' } })),
        'id = 5',
      ),
    ],
    ['a cast with the name of a column', filter(project(people(), text('CAST(id AS STRING)')), 'id = 5')],
    [
      'columns that are renamed',
      filter(
        relation('withColumnsRenamed', { input: people(), renames: [{ colName: 'name', newColName: 'id' }] }),
        'id = 5',
      ),
    ],
    [
      'columns named anew',
      filter(relation('toDf', { input: people(), columnNames: ['name', 'id', 'x', 'y'] }), 'id = 5'),
    ],
    [
      'columns that are added',
      filter(
        relation('withColumns', { input: people(), aliases: [{ expr: col('name'), name: ['id'] }] }),
        'id = 5',
      ),
    ],
    [
      'a name with two types',
      relation('join', {
        left: filter(people(), 'id = 5'),
        right: relation('sql', { query: "SELECT 'x' AS id" }),
        joinType: 1,
      }),
    ],
    [
      'a join by columns of one name',
      relation('join', { left: people(), right: people(), usingColumns: ['id'], joinType: 1 }),
    ],
    [
      'a condition of a join',
      relation('join', {
        left: people(),
        right: people(),
        joinCondition: text('1 / (t.id - 7) > -2'),
        joinType: 1,
      }),
    ],
    ['a union', relation('setOp', { leftInput: people(), rightInput: people(), setOpType: 3 })],
    [
      'a sum',
      relation('aggregate', {
        input: people(),
        groupType: 1,
        aggregateExpressions: [call('sum', col('id'))],
      }),
    ],
    [
      'a rollup',
      relation('aggregate', {
        input: people(),
        groupType: 2,
        aggregateExpressions: [call('count', long(1n))],
      }),
    ],
    [
      'a pivot',
      relation('aggregate', {
        input: people(),
        groupType: 4,
        pivot: { col: col('name') },
        aggregateExpressions: [call('count', long(1n))],
      }),
    ],
    [
      'an order by what is computed',
      relation('sort', {
        input: people(),
        order: [{ child: text('1 / id'), direction: 1, nullOrdering: 1 }],
      }),
    ],
    [
      'a field of a struct',
      filter(relation('sql', { query: "SELECT named_struct('id', 'x') AS s, 1 AS id" }), 's.id = 5'),
    ],
    [
      'a result with the name of a column',
      filter(
        relation('aggregate', {
          input: relation('sql', { query: "SELECT 'x' AS name, 1 AS `min(name)`" }),
          groupType: 1,
          aggregateExpressions: [call('min', col('name'))],
        }),
        '`min(name)` = 5',
      ),
    ],
    ['a column that is not there', filter(people(), 'nothing = 5')],
    ['rows that were uploaded', filter(relation('cachedLocalRelation', { hash: 'x' }), 'id = 5')],
    ['a subquery', filter(people(), 'id = (SELECT 1 UNION ALL SELECT 2)')],
    ['a command', make('SqlCommand', { sql: 'SELECT 1' })],
  ])('may raise: %s', (_, plan) => {
    expect(raises(plan)).toBe(true);
  });
});
