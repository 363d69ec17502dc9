/** What comes out of code of a caller may come from all that it was given: no less is ever named. */
import { describe, expect, it } from '@jest/globals';
import { bind, secure } from '../../../../test/support/duckdb-plans.js';
import { make } from '../../../proto/message.js';
import type { PlanMessage } from '../../plan/connect/message.js';
import { calling } from '../../plan/connect/session-functions.js';
import { planLineage, tracePlan } from './plan-lineage.js';

const relation = (kind: string, value: object): PlanMessage =>
  make('Relation', { relType: { case: kind, value } });
const expression = (kind: string, value: object): PlanMessage =>
  make('Expression', { exprType: { case: kind, value } });
const read = relation('read', { readType: { case: 'namedTable', value: { unparsedIdentifier: 'sales' } } });
const col = (unparsedIdentifier: string): PlanMessage =>
  expression('unresolvedAttribute', { unparsedIdentifier });
const pythonUdf = { evalType: 100, command: new Uint8Array([1]), pythonVer: '3.11' };
const udf = (...args: readonly PlanMessage[]): PlanMessage =>
  expression('commonInlineUserDefinedFunction', {
    functionName: 'f',
    arguments: args,
    function: { case: 'pythonUdf', value: pythonUdf },
  });
const definition = make('CommonInlineUserDefinedFunction', { functionName: 'f' });
const FUNCTION = { name: 'f', code: { kind: 'udf', sha256: 'a' }, definition };
const text = (value: string): PlanMessage => {
  const marked = calling(make('Expression.ExpressionString', { expression: value }), [FUNCTION]);
  return expression('expressionString', marked);
};
const select = (input: PlanMessage, ...expressions: readonly PlanMessage[]): PlanMessage =>
  relation('project', { input, expressions });
const func = { functionName: 'f', function: { case: 'pythonUdf', value: pythonUdf } };

const table = (...args: readonly PlanMessage[]): PlanMessage =>
  relation('commonInlineUserDefinedTableFunction', { functionName: 'f', arguments: args });
const tableOf = (planId: bigint): PlanMessage =>
  table(expression('subqueryExpression', { planId, subqueryType: 3 }));
const planned = (input: PlanMessage, planId: bigint): PlanMessage =>
  make('Relation', { common: { planId }, relType: { case: 'limit', value: { input, limit: 5 } } });

const ALL = ['amount', 'person', 'shop'];

function lineage(plan: PlanMessage, names: readonly string[]) {
  const bound = bind('SELECT * FROM sales');
  const leaf = { plan: secure(bound), output: bound.output, qualifier: [], named: new Map() };
  const facts = {
    leaf: (message: PlanMessage) => (message === read ? leaf : undefined),
    kept: () => undefined,
    columnNames: () => undefined,
  };
  const found = planLineage(tracePlan(plan, facts, []), names);
  const outputs = found.outputs.map(({ inputs }) => inputs.map(({ column }) => column).sort());
  return { outputs, approximate: found.approximate };
}

describe('lineage of code', () => {
  it.each([
    ['a function', select(read, udf(col('shop')))],
    [
      'a function inside of another',
      select(
        read,
        expression('cast', { expr: udf(col('shop')), castToType: { case: 'typeStr', value: 'string' } }),
      ),
    ],
    ['a text that calls one', select(read, text('f(shop) AS out'))],
    ['a text with a call far inside', select(read, text("concat('a', upper(f(shop)))"))],
    ['one above a column that is gone', select(select(read, col('shop')), udf(col('shop')))],
    ['mapInPandas', relation('mapPartitions', { input: read, func })],
    ['applyInPandas', relation('groupMap', { input: read, groupingExpressions: [col('shop')], func })],
    ['cogroup', relation('coGroupMap', { input: select(read, col('shop')), other: read, func })],
    ['udtf over a table', relation('withRelations', { root: tableOf(7n), references: [planned(read, 7n)] })],
    [
      'udtf beside a table',
      select(relation('lateralJoin', { left: read, right: table(col('shop')), joinType: 1 }), col('out')),
    ],
  ])('%s comes from every column below it', (_, plan) => {
    expect(lineage(plan, ['out'])).toEqual({ outputs: [ALL], approximate: true });
  });

  it('a column that no code makes is what it was', () => {
    const plan = select(read, col('person'), udf(col('shop')));
    expect(lineage(plan, ['person', 'out']).outputs).toEqual([['person'], ALL]);
  });

  it('what is made of it above comes from as much', () => {
    const below = select(read, expression('alias', { expr: udf(col('shop')), name: ['a'] }));
    const upper = expression('unresolvedFunction', { functionName: 'upper', arguments: [col('a')] });
    expect(lineage(select(below, upper), ['out']).outputs).toEqual([ALL]);
  });
});
