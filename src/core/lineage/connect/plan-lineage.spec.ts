import { describe, expect, it } from '@jest/globals';
import { bind, secure } from '../../../../test/support/duckdb-plans.js';
import { make } from '../../../proto/message.js';
import { type PlanMessage, relationCase, textOf } from '../../plan/connect/message.js';
import type { StatementLineage } from '../lineage.js';
import { planLineage, tracePlan } from './plan-lineage.js';
import type { LeafPlan, PlanFacts } from './plan-tracer.js';

const relation = (kind: string, value: object, planId?: bigint): PlanMessage =>
  make('Relation', {
    ...(planId === undefined ? {} : { common: { planId } }),
    relType: { case: kind, value },
  });
const expression = (kind: string, value: object): PlanMessage =>
  make('Expression', { exprType: { case: kind, value } });
const table = (name: string, planId?: bigint): PlanMessage =>
  relation('read', { readType: { case: 'namedTable', value: { unparsedIdentifier: name } } }, planId);
const col = (unparsedIdentifier: string, planId?: bigint): PlanMessage =>
  expression('unresolvedAttribute', { unparsedIdentifier, ...(planId === undefined ? {} : { planId }) });
const call = (functionName: string, ...args: readonly PlanMessage[]): PlanMessage =>
  expression('unresolvedFunction', { functionName, arguments: args });
const text = (value: string): PlanMessage => expression('expressionString', { expression: value });
const as = (expr: PlanMessage, ...name: readonly string[]): PlanMessage =>
  expression('alias', { expr, name });
const project = (input: PlanMessage, ...expressions: readonly PlanMessage[]): PlanMessage =>
  relation('project', { input, expressions });

const leaf = (relation: PlanMessage): LeafPlan | undefined => {
  const { case: kind, value } = relationCase(relation);
  if (kind !== 'read' && kind !== 'sql') return undefined;
  const name = kind === 'sql' ? undefined : tableName(value);
  const bound = bind(name === undefined ? textOf(value, 'query') : `SELECT * FROM ${name}`);
  const qualifier = name === undefined ? [] : ['lake', 'main', name];
  return { plan: secure(bound), output: bound.output, qualifier, named: new Map() };
};
const tableName = (read: PlanMessage): string =>
  textOf((read.readType as { readonly value: PlanMessage }).value, 'unparsedIdentifier');

const FACTS: PlanFacts = { leaf, kept: () => undefined, columnNames: () => undefined };

const told = (inputs: StatementLineage['dataset']): readonly string[] =>
  inputs.flatMap(({ table, column, flows }) =>
    flows.map((flow) => `${table.split('.').at(-1)}.${column} ${flow.subtype}${flow.masking ? '*' : ''}`),
  );
function lineage(plan: PlanMessage, names?: readonly string[]) {
  const found = planLineage(tracePlan(plan, FACTS, []), names);
  return {
    outputs: Object.fromEntries(found.outputs.map(({ name, inputs }) => [name, told(inputs)])),
    dataset: told(found.dataset),
    approximate: found.approximate,
  };
}

describe('the lineage of a DataFrame plan', () => {
  it('follows projections, aliases, texts and filters', () => {
    const filtered = relation('filter', {
      input: table('people'),
      condition: call('>', col('pay'), col('score')),
    });
    const plan = project(filtered, as(call('upper', col('people.name')), 'u'), text('boss AS b'), col('id'));
    expect(lineage(plan, ['u', 'b', 'id'])).toEqual({
      outputs: { u: ['people.name TRANSFORMATION'], b: ['people.boss IDENTITY'], id: ['people.id IDENTITY'] },
      dataset: ['people.pay FILTER', 'people.score FILTER'],
      approximate: false,
    });
  });

  it('tells the sides of a self join apart by the plan they were taken from', () => {
    const plan = project(
      relation('join', {
        left: table('people', 1n),
        right: table('people', 2n),
        joinCondition: call('==', col('boss', 1n), col('id', 2n)),
        joinType: 1,
      }),
      as(col('name', 1n), 'who'),
      as(col('pay', 2n), 'boss_pay'),
    );
    expect(lineage(plan, ['who', 'boss_pay'])).toEqual({
      outputs: { who: ['people.name IDENTITY'], boss_pay: ['people.pay IDENTITY'] },
      dataset: ['people.boss JOIN', 'people.id JOIN'],
      approximate: false,
    });
  });

  it('keeps groups, aggregates, counts and pivots apart', () => {
    const grouped = relation('aggregate', {
      input: table('sales'),
      groupType: 1,
      groupingExpressions: [col('shop')],
      aggregateExpressions: [as(call('sum', col('amount')), 's'), as(call('count', col('person')), 'n')],
    });
    expect(lineage(grouped, ['shop', 's', 'n'])).toEqual({
      outputs: {
        shop: ['sales.shop IDENTITY'],
        s: ['sales.amount AGGREGATION'],
        n: ['sales.person AGGREGATION*'],
      },
      dataset: ['sales.shop GROUP_BY'],
      approximate: false,
    });
    const pivoted = relation('aggregate', {
      input: table('sales'),
      groupType: 4,
      groupingExpressions: [col('person')],
      aggregateExpressions: [call('max', col('amount'))],
      pivot: { col: col('shop'), values: [] },
    });
    expect(lineage(pivoted, ['person', 'x', 'y'])).toMatchObject({
      outputs: { x: ['sales.amount AGGREGATION', 'sales.shop CONDITIONAL'] },
      approximate: true,
    });
  });

  it('names all that may be meant when a column is no longer shown', () => {
    const sorted = relation('sort', {
      input: project(table('sales'), col('shop')),
      order: [make('Expression.SortOrder', { child: col('amount') })],
    });
    const found = lineage(sorted, ['shop']);
    expect(found.approximate).toBe(true);
    expect(found.dataset.map((each) => each.split(' ')[0])).toEqual([
      'sales.amount',
      'sales.person',
      'sales.shop',
    ]);
  });

  it('goes by place in unions and new names, and says so when the places cannot be known', () => {
    const union = relation('setOp', {
      leftInput: project(table('people'), col('name'), col('id')),
      rightInput: project(table('sales'), col('shop'), col('person')),
      setOpType: 2,
      isAll: true,
    });
    const named = relation('toDf', { input: union, columnNames: ['a', 'b'] });
    expect(lineage(named, ['a', 'b'])).toEqual({
      outputs: {
        a: ['people.name IDENTITY', 'sales.shop IDENTITY'],
        b: ['people.id IDENTITY', 'sales.person IDENTITY'],
      },
      dataset: [],
      approximate: false,
    });
    const regex = project(table('sales'), expression('unresolvedRegex', { colName: '`s.*`' }));
    expect(lineage(regex, ['shop'])).toMatchObject({
      outputs: {
        shop: ['sales.amount TRANSFORMATION', 'sales.person TRANSFORMATION', 'sales.shop TRANSFORMATION'],
      },
      approximate: true,
    });
  });

  it('lets rows that are made of a column, windows and conditions steer', () => {
    const window = expression('window', {
      windowFunction: call('row_number'),
      partitionSpec: [col('boss')],
      orderSpec: [make('Expression.SortOrder', { child: col('id') })],
    });
    const words = as(call('explode', call('split', col('name'))), 'word');
    const chosen = as(call('when', col('pay'), col('score'), col('id')), 'c');
    expect(lineage(project(table('people'), as(window, 'r'), words, chosen), ['r', 'word', 'c'])).toEqual({
      outputs: {
        r: ['people.boss WINDOW', 'people.id WINDOW'],
        word: ['people.name TRANSFORMATION'],
        c: ['people.id TRANSFORMATION', 'people.pay CONDITIONAL', 'people.score TRANSFORMATION'],
      },
      dataset: ['people.name JOIN'],
      approximate: false,
    });
  });

  it('believes Spark where it names other columns than were expected', () => {
    const found = lineage(project(table('sales'), as(col('shop'), 'x')), ['y', 'z']);
    expect(found.approximate).toBe(true);
    expect(found.outputs.y).toHaveLength(3);
  });

  it('stops at a limit, and then names everything', () => {
    let plan = table('people');
    for (let i = 0; i < 2_000; i += 1) {
      plan = relation('join', { left: plan, right: table('people'), joinType: 7 });
      if (i > 300) break;
    }
    const leaves = [leaf(table('people'))].flatMap((each) => each ?? []);
    const found = planLineage(tracePlan(plan, FACTS, leaves), ['a']);
    expect(found.approximate).toBe(true);
    expect(found.outputs[0]?.inputs.map(({ column }) => column)).toContain('pay');
  });
});
