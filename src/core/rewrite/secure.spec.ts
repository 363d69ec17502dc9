import { describe, expect, it } from '@jest/globals';
import type { TableMeta } from '../catalog/catalog.js';
import { GovernanceError } from '../errors.js';
import type { BoundQuery, Expr, Plan, Scan, Secured } from '../plan/plan.js';
import { walkPlan } from '../plan/traverse.js';
import { BIGINT, INT, STRING } from '../plan/types.js';
import type { Mask, RowCondition, TableDecision } from '../policy/decision.js';
import { proveClosed } from './closed.js';
import { booleanOf, callOf, columnOf, textOf } from './expressions.js';
import { planHash } from './plan-hash.js';
import { type BindRule, securePlan } from './secure.js';

const table: TableMeta = {
  id: 'lake.main.people',
  catalog: 'lake',
  schema: 'main',
  table: 'people',
  columns: [
    { name: 'id', type: INT, nullable: false, tags: [] },
    { name: 'Email', type: STRING, nullable: true, tags: [] },
    { name: 'secret', type: STRING, nullable: true, tags: [] },
  ],
  tags: [],
  source: { format: 'parquet', files: ['/lake/people.parquet'], partitions: [] },
  version: '1',
};
const tables = new Map([[table.id, table]]);

const scan = (leaf: number, firstId: number): Scan => ({
  kind: 'scan',
  leaf,
  table: table.id,
  columns: table.columns.map((c, i) => ({
    id: firstId + i,
    name: c.name,
    source: c.name,
    type: c.type,
    nullable: c.nullable,
  })),
});

function decision(masks: Record<string, Mask>, rows: RowCondition = { kind: 'all' }): TableDecision {
  return {
    object: table.id,
    actions: { browse: true, read: true, write: false, explain: false, code: false, administer: false },
    grants: [],
    rows,
    columns: table.columns.map((c) => ({
      column: c.name,
      mask: masks[c.name] ?? { kind: 'clear' },
      rules: [],
      predicate: 'allow',
    })),
  };
}

const bound = (plan: Plan, leaves: readonly Scan[], output = leaves[0]?.columns ?? []): BoundQuery => ({
  plan,
  output,
  leaves,
});
const secureWith = (query: BoundQuery, table: TableDecision, bindRule: BindRule = () => booleanOf(true)) =>
  securePlan({ bound: query, decisions: new Map([[table.object, table]]), tables, bindRule });

const rule = (where: string): RowCondition => ({
  kind: 'rule',
  rule: { policy: 'p', rule: where, version: 1, mode: 'restrictive', scope: table.id, where },
});

const secured = (plan: Plan): Secured => {
  if (plan.kind !== 'secured') throw new Error(`expected a secured leaf, not ${plan.kind}`);
  return plan;
};

describe('securePlan', () => {
  it('shows exactly the columns of the scan it replaces, under the same ids', () => {
    const leaf = scan(1, 1);
    const { plan } = secureWith(bound(leaf, [leaf]), decision({}));
    expect(secured(plan).items.map((item) => item.column)).toEqual(leaf.columns);
  });

  it('masks in one projection over raw columns with ids of their own', () => {
    const leaf = scan(1, 1);
    const { plan } = secureWith(bound(leaf, [leaf]), decision({ Email: { kind: 'email' } }));
    const node = secured(plan);
    const rawIds = new Set(node.raw.map((column) => column.id));
    for (const item of node.items) {
      walkPlan(
        { kind: 'project', input: { kind: 'one-row' }, items: [item] },
        {
          expr: (expr: Expr) => {
            if (expr.kind === 'column') expect(rawIds.has(expr.id)).toBe(true);
          },
        },
      );
      expect(item.expr.type).toEqual(item.column.type);
    }
    expect(node.items[1]?.expr.kind).not.toBe('column');
    expect(leaf.columns.some((column) => rawIds.has(column.id))).toBe(false);
  });

  it('leaves unused columns out and reads only what it needs', () => {
    const leaf = scan(1, 1);
    const first = leaf.columns.slice(0, 1);
    const { plan } = secureWith(bound(leaf, [leaf], first), decision({ secret: { kind: 'redact' } }));
    expect(secured(plan).items.map((item) => item.column.name)).toEqual(['id']);
    expect(secured(plan).raw.map((column) => column.source)).toEqual(['id']);
  });

  it('filters raw values: the rule is bound over the raw columns, and reads them even if they are masked or unused', () => {
    const leaf = scan(1, 1);
    const bindRule: BindRule = (_, __, raw) => {
      const secret = raw.find((column) => column.source === 'secret');
      if (secret === undefined) throw new Error('no secret');
      return callOf('=', [columnOf(secret), textOf('x')]);
    };
    const { plan } = secureWith(
      bound(leaf, [leaf], leaf.columns.slice(0, 1)),
      decision({ secret: { kind: 'null' } }, rule('secret = x')),
      bindRule,
    );
    expect(secured(plan).filter?.kind).toBe('call');
    expect(secured(plan).raw.map((column) => column.source)).toEqual(['id', 'secret']);
  });

  it('secures every leaf: self joins, CTEs and subqueries in conditions', () => {
    const [a, b, c] = [scan(1, 1), scan(2, 11), scan(3, 21)];
    const plan: Plan = {
      kind: 'with',
      ctes: [{ id: 1, name: 'people', plan: c }],
      input: {
        kind: 'filter',
        input: { kind: 'join', type: 'cross', left: a, right: { kind: 'one-row' }, lateral: false },
        condition: { kind: 'exists', plan: b, negated: false, type: { kind: 'boolean' }, nullable: false },
      },
    };
    const result = secureWith(bound(plan, [a, b, c]), decision({ secret: { kind: 'null' } }));
    let scans = 0;
    walkPlan(result.plan, {
      plan: (node) => {
        if (node.kind === 'scan') scans += 1;
      },
    });
    expect(scans).toBe(0);
    expect(result.leaves.map((leaf) => leaf.leaf).sort()).toEqual([1, 2, 3]);
  });

  it('lets nothing pass without a decision that allows read', () => {
    const leaf = scan(1, 1);
    expect(() =>
      securePlan({
        bound: bound(leaf, [leaf]),
        decisions: new Map(),
        tables,
        bindRule: () => booleanOf(true),
      }),
    ).toThrow();
    const denied = { ...decision({}), actions: { ...decision({}).actions, read: false } };
    expect(() => secureWith(bound(leaf, [leaf]), denied)).toThrow();
  });

  it('gives NULL for a column the decision does not speak of', () => {
    const leaf = scan(1, 1);
    const partial = { ...decision({}), columns: decision({}).columns.slice(0, 2) };
    const { plan } = secureWith(bound(leaf, [leaf]), partial);
    expect(secured(plan).items[2]?.expr).toMatchObject({ kind: 'literal', value: null });
  });

  it('turns no matching permissive rule into a filter that nothing passes', () => {
    const leaf = scan(1, 1);
    for (const rows of [{ kind: 'none' }, { kind: 'or', parts: [] }] as const) {
      const { plan } = secureWith(bound(leaf, [leaf]), decision({}, rows));
      expect(secured(plan).filter).toMatchObject({ kind: 'literal', value: false });
    }
  });

  it('combines rules with and inside, or across, as the tree says', () => {
    const leaf = scan(1, 1);
    const rows: RowCondition = {
      kind: 'and',
      parts: [rule('a'), { kind: 'or', parts: [rule('b'), rule('c')] }],
    };
    const { plan } = secureWith(bound(leaf, [leaf]), decision({}, rows), (r) => booleanOf(r.rule !== 'b'));
    const filter = secured(plan).filter;
    expect(filter).toMatchObject({
      fn: 'and',
      args: [{ value: true }, { fn: 'or', args: [{ value: false }, { value: true }] }],
    });
  });

  it('reads tables inside a row rule raw, as leaves of their own', () => {
    const leaf = scan(1, 1);
    const bindRule: BindRule = (_, __, ___, ids) => ({
      kind: 'exists',
      negated: false,
      type: { kind: 'boolean' },
      nullable: false,
      plan: {
        ...scan(ids.nextLeaf(), 0),
        columns: scan(0, 0).columns.map((column) => ({ ...column, id: ids.nextColumn() })),
      },
    });
    const result = secureWith(
      bound(leaf, [leaf]),
      decision({ secret: { kind: 'null' } }, rule('exists')),
      bindRule,
    );
    expect(result.leaves.map((l) => l.byRule).sort()).toEqual([false, true]);
    const ruleLeaf = result.leaves.find((l) => l.byRule);
    let items = 0;
    walkPlan(result.plan, {
      plan: (node) => {
        if (node.kind === 'secured' && node.leaf === ruleLeaf?.leaf) {
          items = node.items.filter((item) => item.expr.kind === 'column').length;
        }
      },
    });
    expect(items).toBe(3);
  });
});

describe('what is told of a secured plan', () => {
  it('is restricted where rows are filtered or any column is masked, used or not', () => {
    const leaf = scan(1, 1);
    const restricted = (masks: Record<string, Mask>, rows?: RowCondition): boolean | undefined =>
      secureWith(bound(leaf, [leaf], leaf.columns.slice(0, 1)), decision(masks, rows)).leaves[0]?.restricted;
    expect(restricted({})).toBe(false);
    expect(restricted({}, rule('r'))).toBe(true);
    expect(restricted({ secret: { kind: 'null' } })).toBe(true);
    expect(restricted({ secret: { kind: 'null' } }, rule('r'))).toBe(true);
  });

  it('are the domains of its hashes, sorted, and of no column that is left out', () => {
    const leaf = scan(1, 1);
    const masks = { Email: { kind: 'hash', domain: 'z' }, secret: { kind: 'hash', domain: 'a' } } as const;
    expect(secureWith(bound(leaf, [leaf]), decision(masks)).hashDomains).toEqual(['a', 'z']);
    const some = bound(leaf, [leaf], leaf.columns.slice(0, 2));
    expect(secureWith(some, decision(masks)).hashDomains).toEqual(['z']);
    expect(secureWith(bound(leaf, [leaf]), decision({ Email: { kind: 'email' } })).hashDomains).toEqual([]);
  });

  it('keeps the version that was asked for', () => {
    const asOf = { kind: 'version', version: 7 } as const;
    const leaf = { ...scan(1, 1), asOf } as unknown as Scan;
    expect(secured(secureWith(bound(leaf, [leaf]), decision({})).plan)).toMatchObject({ asOf });
    const plain = scan(1, 1);
    expect(Object.keys(secureWith(bound(plain, [plain]), decision({})).plan)).not.toContain('asOf');
  });

  it('shows one column where none is used, and none that is masked away stays', () => {
    const leaf = scan(1, 1);
    const count: Plan = { kind: 'project', input: leaf, items: [] };
    const { plan } = secureWith(bound(count, [leaf], []), decision({}));
    if (plan.kind !== 'project') throw new Error(plan.kind);
    expect(secured(plan.input).items.map((item) => item.column.name)).toEqual(['id']);
  });

  it('gives ids of rule leaves that nothing else has, and columns by their own names', () => {
    const leaf = scan(4, 1);
    const given: number[] = [];
    const bindRule: BindRule = (_, __, ___, ids) => {
      given.push(ids.nextLeaf(), ids.nextLeaf());
      const inner: Scan = {
        ...scan(given[0] ?? 0, 0),
        columns: [{ ...scan(0, 900).columns[1]!, source: 'EMAIL' }],
      };
      return { kind: 'exists', negated: false, type: { kind: 'boolean' }, nullable: false, plan: inner };
    };
    const result = secureWith(bound(leaf, [leaf]), decision({}, rule('r')), bindRule);
    expect(given).toEqual([5, 6]);
    const byRule = result.leaves.find((one) => one.byRule);
    expect(byRule).toEqual({ leaf: 5, table: table.id, restricted: false, byRule: true });
    walkPlan(result.plan, {
      plan: (node) => {
        if (node.kind === 'secured' && node.leaf === 5)
          expect(node.raw.map((column) => column.source)).toEqual(['Email']);
      },
    });
  });

  it('lets all rows pass where a part of OR or every part of AND has no condition', () => {
    const leaf = scan(1, 1);
    const filterOf = (rows: RowCondition) =>
      secured(secureWith(bound(leaf, [leaf]), decision({}, rows)).plan).filter;
    const all = { kind: 'all' } as const;
    expect(filterOf({ kind: 'and', parts: [all, all] })).toBeUndefined();
    expect(filterOf({ kind: 'and', parts: [all, rule('r')] })).toMatchObject({
      kind: 'literal',
      value: true,
    });
    expect(filterOf({ kind: 'or', parts: [all, rule('r')] })).toBeUndefined();
    expect(filterOf({ kind: 'or', parts: [rule('r'), { kind: 'none' }] })).toMatchObject({ fn: 'or' });
  });
});

describe('proveClosed', () => {
  const refusal = (plan: Plan, ...leaves: readonly number[]): unknown => {
    try {
      proveClosed(
        plan,
        leaves.map((leaf) => ({ leaf })),
      );
      return undefined;
    } catch (error) {
      return error instanceof GovernanceError ? [error.code, error.cause] : error;
    }
  };
  it('refuses a scan that survived, and a leaf that vanished, appeared or is there twice', () => {
    const leaf: Plan = { kind: 'secured', leaf: 1, table: table.id, raw: [], items: [] };
    expect(refusal(leaf, 1)).toBeUndefined();
    expect(refusal(scan(1, 1), 1)).toEqual(['SECOND_CHECK', 'a table reference was not secured']);
    expect(refusal({ kind: 'one-row' }, 1)).toEqual(['SECOND_CHECK', 'a secured leaf vanished']);
    expect(refusal(leaf)).toEqual(['SECOND_CHECK', 'a leaf appeared that nobody secured']);
    expect(refusal(leaf, 1, 1)).toEqual(['SECOND_CHECK', 'a leaf was secured twice']);
    expect(() => proveClosed(scan(1, 1), [])).toThrow('not closed');
  });
});

describe('planHash', () => {
  it('depends on what runs, not on where it was written', () => {
    const a: Plan = { ...scan(1, 1), at: { line: 1, column: 1 } };
    const b: Plan = { ...scan(1, 1), at: { line: 9, column: 9 } };
    expect(planHash(a)).toBe(planHash(b));
    const literal = (value: bigint | number): Plan => ({
      kind: 'values',
      columns: [],
      rows: [[{ kind: 'literal', type: BIGINT, nullable: false, value }]],
    });
    const values = [1n, 2n, 1, 0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const hashes = values.map((value) => planHash(literal(value)));
    expect(new Set(hashes).size).toBe(hashes.length);
    const list = (...rows: readonly (readonly Expr[])[]): Plan => ({ kind: 'values', columns: [], rows });
    const one = columnOf(scan(1, 1).columns[0]!);
    const two = columnOf(scan(1, 1).columns[1]!);
    expect(planHash(list([one, two]))).not.toBe(planHash(list([two, one])));
    expect(planHash(list([one], [two]))).not.toBe(planHash(list([one, two])));
  });

  it('does not depend on the order in which a node was written', () => {
    const node = { ...scan(1, 1), table: 'x' };
    const backwards = Object.fromEntries(Object.entries(node).reverse()) as unknown as Plan;
    expect(JSON.stringify(backwards)).not.toBe(JSON.stringify(node));
    expect(planHash(backwards)).toBe(planHash(node));
    expect(planHash({ ...node, table: 'y' })).not.toBe(planHash(node));
  });
});
