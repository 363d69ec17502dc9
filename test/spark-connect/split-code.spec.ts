/** Where a plan with code in it is cut: laws over random plans, without a server. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GovernanceError } from '../../src/core/errors.js';
import { proveNothingRead } from '../../src/core/plan/connect/closed.js';
import { codeIn } from '../../src/core/plan/connect/code.js';
import { kindOf, type PlanMessage, relationCase } from '../../src/core/plan/connect/message.js';
import { requireAllowed } from '../../src/core/plan/connect/require-allowed.js';
import { holdsCode, splitCode } from '../../src/core/plan/connect/split-code.js';
import { messageSchema as schema } from '../../src/doors/spark-connect/message-schema.js';
import { make } from '../../src/proto/message.js';

const HASH = 'a'.repeat(64);
const HANDED = { rows: new Set([HASH]), sql: new Set(['SELECT f(p1) FROM sluice_part1']) };
/** As `leaves.ts` has them: what must not be where code runs. */
const GOVERNED = ['read', 'sql', 'cachedRemoteRelation', 'cachedLocalRelation', 'mlRelation'];

let ids = 0n;
const relation = (kind: string, value: object): PlanMessage => {
  ids += 1n;
  return make('Relation', { common: { planId: ids }, relType: { case: kind, value } });
};
const attribute = (name: string, planId?: bigint) => ({
  exprType: { case: 'unresolvedAttribute', value: { unparsedIdentifier: name, planId } },
});
const code = (evalType = 100, command = 'x') => ({
  functionName: 'f',
  deterministic: true,
  arguments: [attribute('a')],
  function: {
    case: 'pythonUdf',
    value: {
      evalType,
      command: Buffer.from(command),
      pythonVer: '3.11',
      outputType: { kind: { case: 'long', value: {} } },
    },
  },
});
const coded = () => ({ exprType: { case: 'commonInlineUserDefinedFunction', value: code() } });
const plainOr = fc.boolean().map((yes) => (yes ? coded() : attribute('a')));

const leaf: fc.Arbitrary<() => PlanMessage> = fc.constantFrom(
  () => relation('read', { readType: { case: 'namedTable', value: { unparsedIdentifier: 'shop.t' } } }),
  () => relation('sql', { query: 'SELECT c1 FROM (judged)' }),
  () => relation('cachedRemoteRelation', { relationId: 'kept' }),
  () => relation('cachedLocalRelation', { hash: HASH }),
  () => relation('localRelation', { schema: 'a INT' }),
  () => relation('range', { end: 3n, step: 1n }),
);

/** Every way that a relation can stand over others, code in each place that it has for it. */
const { plan: anyPlan } = fc.letrec<{ plan: PlanMessage }>((tie) => {
  const below = tie('plan');
  return {
    plan: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      leaf.map((made) => made()),
      fc
        .tuple(below, plainOr)
        .map(([input, expression]) => relation('project', { input, expressions: [expression] })),
      fc.tuple(below, plainOr).map(([input, condition]) => relation('filter', { input, condition })),
      below.map((input) => relation('limit', { input, limit: 3 })),
      below.map((input) => relation('subqueryAlias', { input, alias: 't' })),
      below.map((input) => relation('mapPartitions', { input, func: code(205) })),
      fc
        .tuple(below, plainOr)
        .map(([input, key]) => relation('groupMap', { input, groupingExpressions: [key], func: code(201) })),
      fc
        .tuple(below, below)
        .map(([input, other]) => relation('coGroupMap', { input, other, func: code(206) })),
      fc
        .tuple(below, below, plainOr)
        .map(([left, right, joinCondition]) => relation('join', { left, right, joinCondition, joinType: 1 })),
      fc
        .tuple(below, below)
        .map(([leftInput, rightInput]) => relation('setOp', { leftInput, rightInput, setOpType: 2 })),
      fc
        .tuple(below, plainOr)
        .map(([input, key]) => relation('aggregate', { input, groupType: 1, groupingExpressions: [key] })),
    ),
  };
});

const all = (plan: PlanMessage): readonly PlanMessage[] => [plan, ...schema.children(plan).flatMap(all)];
const relations = (plan: PlanMessage) => all(plan).filter((message) => kindOf(message) === 'Relation');
const leavesIn = (plan: PlanMessage) =>
  relations(plan).filter((each) => GOVERNED.includes(relationCase(each).case));
const planIds = (plan: PlanMessage) =>
  new Set(relations(plan).map((each) => (each.common as PlanMessage | undefined)?.planId));
const handed = () => relation('chunkedCachedLocalRelation', { dataHashes: [HASH] });

describe('the cut of a plan with code', () => {
  it('leaves no governed leaf above and no code below, and loses no leaf', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const { parts, put } = splitCode(plan, schema);
        expect(parts.some((part) => holdsCode(part, schema))).toBe(false);
        const upper = put(parts.map(handed));
        expect(leavesIn(upper)).toEqual([]);
        expect(parts.flatMap(leavesIn)).toHaveLength(leavesIn(plan).length);
        expect(codeIn(upper, schema)).toEqual(codeIn(plan, schema));
        proveNothingRead(upper, schema, HANDED);
      }),
      { numRuns: 500 },
    );
  });

  it('cuts as low as there is code, and no lower', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        fc.pre(holdsCode(plan, schema));
        const { parts } = splitCode(plan, schema);
        const holders = all(plan).filter(
          (message) => kindOf(message) === 'Relation' && holdsCode(message, schema),
        );
        for (const part of parts) {
          const above = holders.filter((holder) => nearest(holder).includes(part));
          expect(above.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the plan ids that stand above, and each part under its own', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const { parts, put } = splitCode(plan, schema);
        const ids = planIds(put(parts.map(handed)));
        for (const part of parts) expect(ids).toContain((part.common as PlanMessage).planId);
      }),
      { numRuns: 200 },
    );
  });

  it('hands a plan without code to the tables as a whole', () => {
    const plan = relation('filter', { input: leafRead(), condition: attribute('a') });
    expect(splitCode(plan, schema).parts).toEqual([plan]);
  });

  it('finds a column again that was taken from below a filter, and refuses one from below a projection', () => {
    const table = leafRead();
    const id = (table.common as PlanMessage).planId as bigint;
    const over = (input: PlanMessage) =>
      relation('project', { input, expressions: [coded(), attribute('a', id)] });
    const kept = over(relation('filter', { input: table, condition: attribute('a') }));
    expect(planIds(splitCode(kept, schema).put([handed()]))).toContain(id);
    const lost = over(relation('project', { input: table, expressions: [attribute('a')] }));
    expect(() => splitCode(lost, schema).put([handed()])).toThrow(
      expect.objectContaining({ code: 'FEATURE_NOT_ALLOWED' }),
    );
  });

  it.each([
    ['withRelations', (input: PlanMessage) => ({ root: input, references: [leafRead()] })],
    ['lateralJoin', (input: PlanMessage) => ({ left: input, right: leafRead(), joinType: 1 })],
    ['withWatermark', (input: PlanMessage) => ({ input, eventTime: 'a', delayThreshold: '1 day' })],
  ])('refuses code below %s', (kind, value) => {
    const plan = relation(kind, value(relation('mapPartitions', { input: leafRead(), func: code() })));
    expect(refusal(() => splitCode(plan, schema))).toBe('CODE_NOT_ALLOWED');
  });

  it('cuts a table function from the rows beside it, and from the table that it is given', () => {
    const tableFunction = (...args: readonly object[]) =>
      relation('commonInlineUserDefinedTableFunction', {
        functionName: 'f',
        arguments: args,
        function: { case: 'pythonUdtf', value: { evalType: 300, command: Buffer.from('x') } },
      });
    const given = leafRead();
    const { planId } = given.common as PlanMessage;
    const argument = { exprType: { case: 'subqueryExpression', value: { planId, subqueryType: 3 } } };
    for (const plan of [
      relation('lateralJoin', { left: given, right: tableFunction(attribute('a')), joinType: 1 }),
      relation('withRelations', { root: tableFunction(argument), references: [given] }),
    ]) {
      expect(refusal(() => requireAllowed(plan, schema, '4.2.0', 'runs'))).toBeUndefined();
      const { parts, put } = splitCode(plan, schema);
      expect(parts).toEqual([given]);
      const upper = put([handed()]);
      expect(leavesIn(upper)).toEqual([]);
      expect(codeIn(upper, schema)).toMatchObject([{ kind: 'udtf' }]);
      proveNothingRead(upper, schema, HANDED);
    }
  });

  it('refuses code over what is observed', () => {
    const input = relation('collectMetrics', { input: leafRead(), name: 'o', metrics: [attribute('a')] });
    const plan = relation('mapPartitions', { input, func: code() });
    expect(refusal(() => splitCode(plan, schema))).toBe('CODE_NOT_ALLOWED');
  });
});

describe('the last look at what runs beside code', () => {
  it.each([
    ['a table', () => leafRead()],
    ['a text', () => relation('sql', { query: 'SELECT 1' })],
    ['a result that is kept', () => relation('cachedRemoteRelation', { relationId: 'kept' })],
    ['rows of a client', () => relation('cachedLocalRelation', { hash: HASH })],
    [
      'rows that were not handed over',
      () => relation('chunkedCachedLocalRelation', { dataHashes: ['b'.repeat(64)] }),
    ],
    [
      'a schema by its hash',
      () => relation('chunkedCachedLocalRelation', { dataHashes: [HASH], schemaHash: HASH }),
    ],
    [
      'relations that no table function and no text of ours is given',
      () => relation('withRelations', { root: handed(), references: [handed()] }),
    ],
    [
      'a text of ours with parameters',
      () => relation('sql', { query: 'SELECT f(p1) FROM sluice_part1', args: { a: { literalType: {} } } }),
    ],
    ['a message without a line', () => relation('catalog', { catType: { case: 'listTables', value: {} } })],
  ])('refuses %s', (_, made) => {
    const plan = relation('mapPartitions', { input: made(), func: code() });
    expect(refusal(() => proveNothingRead(plan, schema, HANDED))).toBe('SECOND_CHECK');
  });

  it('lets in the very text that was made for it, over rows that were handed over', () => {
    const root = relation('sql', { query: 'SELECT f(p1) FROM sluice_part1' });
    proveNothingRead(relation('withRelations', { root, references: [handed()] }), schema, HANDED);
  });
});

describe('code in a plan', () => {
  it('is refused wherever it is not asked for', () => {
    const plan = relation('mapPartitions', { input: leafRead(), func: code() });
    expect(refusal(() => requireAllowed(plan, schema, '4.2.0'))).toBe('CODE_NOT_ALLOWED');
    expect(refusal(() => requireAllowed(plan, schema, '4.2.0', 'no-engine'))).toBe('CODE_NOT_ALLOWED');
    expect(refusal(() => requireAllowed(plan, schema, '4.2.0', 'runs'))).toBeUndefined();
  });

  it.each([
    [
      'files beside it',
      {
        ...code(),
        function: { case: 'pythonUdf', value: { ...code().function.value, additionalIncludes: ['x.py'] } },
      },
    ],
    [
      'code of a JVM',
      { ...code(), function: { case: 'scalarScalaUdf', value: { payload: Buffer.from('x') } } },
    ],
    ['a class of Java', { ...code(), function: { case: 'javaUdf', value: { className: 'x.Y' } } }],
  ])('has no %s', (_, func) => {
    const plan = relation('mapPartitions', { input: leafRead(), func });
    expect(refusal(() => requireAllowed(plan, schema, '4.2.0', 'runs'))).toBe('CODE_NOT_ALLOWED');
  });

  it('is told by kind and hash, each once; a kind without a line is refused', () => {
    const twice = relation('mapPartitions', {
      input: relation('mapPartitions', { input: leafRead(), func: code(205) }),
      func: code(205),
    });
    expect(codeIn(twice, schema)).toEqual([
      { kind: 'mapInPandas', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    const stateful = relation('mapPartitions', { input: leafRead(), func: code(211) });
    expect(refusal(() => codeIn(stateful, schema))).toBe('CODE_NOT_ALLOWED');
  });
});

const leafRead = (): PlanMessage =>
  relation('read', { readType: { case: 'namedTable', value: { unparsedIdentifier: 'shop.t' } } });

/** The nearest relations below. */
function nearest(message: PlanMessage): readonly PlanMessage[] {
  return schema
    .children(message)
    .flatMap((child) => (kindOf(child) === 'Relation' ? [child] : nearest(child)));
}

function refusal(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof GovernanceError ? error.code : String(error);
  }
}
