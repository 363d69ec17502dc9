/**
 * Laws of `securePlan` over the random statements and policies of the oracles, here without an engine, so
 * that a broken law is told by its name.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Governed } from '../../../test/oracles/ask.js';
import { governedCases } from '../../../test/oracles/governed-cases.js';
import type { ColumnId, Expr, LeafId, Plan, Secured } from '../plan/plan.js';
import { mapPlan, outputColumns, walkExpr, walkPlan } from '../plan/traverse.js';
import { sameType } from '../plan/types.js';
import { planHash } from './plan-hash.js';

const POLICIES = 45;
const QUERIES_PER_POLICY = 8;
const SEED = 7_000_000;

const cases: { readonly sql: string; readonly way: Governed }[] = [];
beforeAll(async () => {
  const options = { seed: SEED, policies: POLICIES, queriesPerPolicy: QUERIES_PER_POLICY };
  for await (const { sql, way } of governedCases(options)) cases.push({ sql, way });
});

/** Secured leaves of the statement itself, and those that row rules read. */
function leavesOf({ statement, bound }: Governed): {
  readonly own: readonly Secured[];
  readonly byRule: readonly Secured[];
} {
  const known = new Set(bound.leaves.map((leaf) => leaf.leaf));
  const found = new Map<LeafId, Secured>();
  walkPlan(statement.plan, {
    plan: (node) => {
      if (node.kind === 'secured') found.set(node.leaf, node);
    },
  });
  const all = [...found.values()];
  return {
    own: all.filter((leaf) => known.has(leaf.leaf)),
    byRule: all.filter((leaf) => !known.has(leaf.leaf)),
  };
}

function columnsIn(expr: Expr): ReadonlySet<ColumnId> {
  const found = new Set<ColumnId>();
  walkExpr(expr, {
    expr: (node) => {
      if (node.kind === 'column') found.add(node.id);
    },
  });
  return found;
}

const maskOf = ({ decision }: Governed, leaf: Secured, source: string) =>
  decision.tables.get(leaf.table)?.columns.find((column) => column.column === source)?.mask;

/** Every case, the statement told when one breaks the law. */
function always(law: (way: Governed) => void): void {
  for (const { sql, way } of cases) {
    try {
      law(way);
    } catch (error) {
      throw new Error(sql, { cause: error });
    }
  }
}

describe('a secured plan', () => {
  it('is looked at in hundreds of cases, of every kind', () => {
    const masks = cases.flatMap(({ way }) => leavesOf(way).own.flatMap((leaf) => leaf.items));
    expect(cases.length).toBeGreaterThan(250);
    expect(masks.filter((item) => item.expr.kind !== 'column').length).toBeGreaterThan(200);
    expect(cases.filter(({ way }) => leavesOf(way).byRule.length > 0).length).toBeGreaterThan(40);
  });

  it('has no bare scan, and every table reference once', () => {
    always((way) => {
      walkPlan(way.statement.plan, { plan: (node) => expect(node.kind).not.toBe('scan') });
      const own = leavesOf(way).own.map((leaf) => leaf.leaf);
      expect(own.sort()).toEqual(way.bound.leaves.map((leaf) => leaf.leaf).sort());
    });
  });

  it('is the bound plan again when each leaf is put back', () => {
    always(({ bound, statement }) => {
      const scans = new Map(bound.leaves.map((scan) => [scan.leaf, scan]));
      const back = mapPlan(statement.plan, {
        plan: (node) => (node.kind === 'secured' ? (scans.get(node.leaf) ?? node) : node),
      });
      expect(planHash(back)).toBe(planHash(bound.plan));
      expect(outputColumns(statement.plan).map(({ id, type }) => ({ id, type }))).toEqual(
        bound.output.map(({ id, type }) => ({ id, type })),
      );
    });
  });

  it('shows columns of the scan under their ids and types, in their order', () => {
    always((way) => {
      for (const leaf of leavesOf(way).own) {
        const scan = way.bound.leaves.find((one) => one.leaf === leaf.leaf);
        const shown = leaf.items.map((item) => item.column);
        expect(shown).toEqual(scan?.columns.filter((column) => shown.some((s) => s.id === column.id)));
        for (const { column, expr } of leaf.items) expect(sameType(expr.type, column.type)).toBe(true);
      }
    });
  });

  it('masks each column over its own raw value: no mask sees another column or another mask', () => {
    always((way) => {
      for (const leaf of leavesOf(way).own) {
        const raw = new Map(leaf.raw.map((column) => [column.id, column.source]));
        for (const { column, expr } of leaf.items) {
          for (const id of columnsIn(expr)) expect(raw.get(id)).toBe(column.name);
        }
      }
    });
  });

  it('shows a column as it is exactly when the decision says clear', () => {
    always((way) => {
      for (const leaf of leavesOf(way).own) {
        for (const { column, expr } of leaf.items) {
          const mask = maskOf(way, leaf, column.name);
          expect(mask?.kind).not.toBe('hide');
          // A date has no time to cut off.
          const whole = mask?.kind === 'clear' || (mask?.kind === 'day' && column.type.kind === 'date');
          expect(expr.kind === 'column').toBe(whole);
        }
      }
    });
  });

  it('filters raw values, wherever the decision has a row condition', () => {
    always((way) => {
      for (const leaf of leavesOf(way).own) {
        const rows = way.decision.tables.get(leaf.table)?.rows.kind;
        expect(leaf.filter === undefined).toBe(rows === 'all');
        if (leaf.filter === undefined) continue;
        const shown = new Set(leaf.items.map((item) => item.column.id));
        for (const id of columnsIn(leaf.filter)) expect(shown.has(id)).toBe(false);
      }
    });
  });

  it('lets nothing outside of a leaf name its raw columns', () => {
    always(({ bound, statement }) => {
      const known = new Set<ColumnId>();
      const see = (plan: Plan): void => {
        for (const column of outputColumns(plan)) known.add(column.id);
      };
      walkPlan(bound.plan, { plan: see });
      walkPlan(statement.plan, {
        plan: (node) => {
          if (node.kind === 'secured')
            for (const column of node.raw) expect(known.has(column.id)).toBe(false);
        },
      });
    });
  });

  it('reads tables inside a row rule raw and whole', () => {
    always((way) => {
      for (const leaf of leavesOf(way).byRule) {
        expect(leaf.filter).toBeUndefined();
        expect(leaf.items.every((item) => item.expr.kind === 'column')).toBe(true);
      }
    });
  });
});
