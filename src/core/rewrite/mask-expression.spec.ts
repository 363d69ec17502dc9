import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bind, PlanLake } from '../../../test/support/duckdb-plans.js';
import type { Expr, ScanColumn } from '../plan/plan.js';
import { walkExpr } from '../plan/traverse.js';
import { array, BOOLEAN, type DataType, INT, STRING, sameType } from '../plan/types.js';
import type { Mask } from '../policy/decision.js';
import { maskFits } from '../policy/masks.js';
import { hashDomain, maskExpression } from './mask-expression.js';
import { mayRaiseOverRestricted } from './raising.js';

const MASKS: readonly Mask[] = [
  { kind: 'clear' },
  { kind: 'hide' },
  { kind: 'null' },
  { kind: 'constant', value: 'n/a' },
  { kind: 'constant', value: 7 },
  { kind: 'constant', value: 0.5 },
  { kind: 'constant', value: true },
  { kind: 'redact' },
  { kind: 'email' },
  { kind: 'showFirst', count: 2 },
  { kind: 'showLast', count: 2 },
  { kind: 'hash', domain: 'd' },
  { kind: 'year' },
  { kind: 'month' },
  { kind: 'day' },
  { kind: 'round', to: 100 },
  { kind: 'round', to: 0.25 },
  { kind: 'bucket', bounds: [0, 10.5, 100] },
];
/** `people` of the plan lake: NULL stands in each but `id` and `score`. */
const { leaves } = bind('SELECT * FROM people');
const COLUMNS = leaves[0]?.columns ?? [];
const fitting = MASKS.flatMap((mask) =>
  COLUMNS.filter((column) => maskFits(mask, column.type)).map((column) => ({
    mask,
    column,
    name: `${JSON.stringify(mask)} on ${column.name}`,
  })),
);
const raw = (type: DataType): ScanColumn => ({ id: 1, name: 'c', source: 'c', type, nullable: true });

let lake: PlanLake;
beforeAll(async () => {
  lake = await PlanLake.open();
  await lake.connection.run(`SET VARIABLE sluice_key_${Buffer.from('d').toString('hex')} = 'k'`);
});
afterAll(() => lake.close());

describe('maskExpression', () => {
  it.each(fitting)('$name keeps the type and reads that column only', ({ mask, column }) => {
    const masked = maskExpression(mask, column);
    expect(sameType(masked.type, column.type)).toBe(true);
    walkExpr(masked, {
      expr: (node: Expr) => {
        if (node.kind === 'column') expect(node.id).toBe(column.id);
        expect('plan' in node).toBe(false);
      },
    });
  });

  it.each(fitting)('$name keeps NULL, on every row of its own', async ({ mask, column }) => {
    const securing = {
      mask: (other: ScanColumn, expr: Expr) =>
        other.source === column.source ? maskExpression(mask, other) : expr,
    };
    const quoted = `\`${column.name}\``;
    const before = await lake.run(`SELECT id, ${quoted} FROM people ORDER BY id`);
    const after = await lake.run(`SELECT id, ${quoted} FROM people ORDER BY 1`, securing);
    expect(after).toHaveLength(before.length);
    if (column.name === 'id') return;
    after.forEach(([id, value], i) => {
      expect(id).toBe(before[i]?.[0]);
      if (before[i]?.[1] === null) expect(value).toBeNull();
    });
  });

  it.each(fitting)('$name never raises, so a mask alone makes no statement run twice', ({ mask, column }) => {
    const expr = maskExpression(mask, column);
    expect(
      mayRaiseOverRestricted({
        kind: 'secured',
        leaf: 1,
        table: 'lake.main.people',
        raw: [column],
        items: [{ column, expr }],
      }),
    ).toBe(false);
  });

  it('shows nothing of a value that hide or null stand on', () => {
    for (const kind of ['hide', 'null'] as const) {
      expect(maskExpression({ kind }, raw(array(INT)))).toMatchObject({ kind: 'literal', value: null });
    }
  });

  it('is refused where the type has become another since the policy was saved', () => {
    for (const [mask, type] of [
      [{ kind: 'redact' }, INT],
      [{ kind: 'year' }, STRING],
      [{ kind: 'round', to: 5 }, BOOLEAN],
      [{ kind: 'hash', domain: 'd' }, array(INT)],
    ] as const) {
      expect(() => maskExpression(mask, raw(type))).toThrow('does not fit the type of column c');
    }
  });

  it('names the domain whose key a run needs', () => {
    expect(MASKS.map(hashDomain).filter((domain) => domain !== undefined)).toEqual(['d']);
  });
});
