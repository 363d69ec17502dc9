/** Row rules in two languages at once: Spark SQL for Sluice, and the same meaning in TypeScript. */
import type { OracleRule, Test, Truth } from './policy-model.js';
import type { Random } from './random.js';
import type { Row, Value } from './tables.js';

/** Attributes of the probe, for `:principal.x`. */
export const PROBE_ATTRIBUTES = { countries: ['DE', 'BR'], tenant: 'a', clearance: 2, none: [] } as const;

export type RuleText = Pick<OracleRule, 'where' | 'test' | 'reads'>;
type RuleMaker = (random: Random) => RuleText;

const lift =
  (column: string, test: (value: Value) => boolean): Test =>
  (row) => {
    const value = row[column] ?? null;
    return value === null ? null : test(value);
  };
const both = (a: Truth, b: Truth): Truth =>
  a === false || b === false ? false : a === null || b === null ? null : true;
const either = (a: Truth, b: Truth): Truth =>
  a === true || b === true ? true : a === null || b === null ? null : false;
const plain = (where: string, test: Test): RuleText => ({ where, test, reads: [] });
const isIn = (value: Value, list: readonly Value[]): Truth => {
  if (value === null) return list.length === 0 ? false : null;
  return list.includes(value) ? true : list.includes(null) ? null : false;
};
const paidIds = (orders: readonly Row[]): readonly Value[] =>
  orders.filter((o) => o.status === 'paid').map((o) => o.person_id ?? null);

/** Columns that every table has: these rules may stand on a catalog, a schema or a tag. */
const ANYWHERE: readonly RuleMaker[] = [
  () =>
    plain(
      "tenant <> 'b'",
      lift('tenant', (v) => v !== 'b'),
    ),
  () =>
    plain(
      'tenant = :principal.tenant',
      lift('tenant', (v) => v === PROBE_ATTRIBUTES.tenant),
    ),
  () =>
    plain("tenant = 'c' OR tenant IS NULL", (row) =>
      either(lift('tenant', (v) => v === 'c')(row, {}), row.tenant === null),
    ),
  () =>
    plain(
      "tenant IN ('a', 'b')",
      lift('tenant', (v) => v === 'a' || v === 'b'),
    ),
  () => plain(':principal.clearance >= 2', () => true),
  () =>
    plain(
      "NOT (tenant = 'b')",
      lift('tenant', (v) => v !== 'b'),
    ),
];

const PEOPLE: readonly RuleMaker[] = [
  () =>
    plain(
      "country IN ('DE', 'FR')",
      lift('country', (v) => v === 'DE' || v === 'FR'),
    ),
  (r) => {
    const age = r.int(16, 23);
    return plain(
      `age >= ${age}`,
      lift('age', (v) => Number(v) >= age),
    );
  },
  () =>
    plain(
      'active',
      lift('active', (v) => v === true),
    ),
  () =>
    plain(
      "NOT (name = 'x')",
      lift('name', (v) => v !== 'x'),
    ),
  (r) => {
    const id = r.int(5, 30);
    return plain(`id < ${id} OR country = 'US'`, (row) =>
      either(Number(row.id) < id, lift('country', (v) => v === 'US')(row, {})),
    );
  },
  () =>
    plain(
      'country IN (:principal.countries)',
      lift('country', (v) => v === 'DE' || v === 'BR'),
    ),
  () => plain('coalesce(country IN (:principal.none), false) OR id > 4', (row) => Number(row.id) > 4),
  () =>
    plain(
      "email LIKE '%@%'",
      lift('email', (v) => String(v).includes('@')),
    ),
  () => ({
    where: "id IN (SELECT person_id FROM lake.main.orders WHERE status = 'paid')",
    reads: ['orders'],
    test: (row, data) => isIn(row.id ?? null, paidIds(data.orders ?? [])),
  }),
  () => ({
    where: "id NOT IN (SELECT person_id FROM orders WHERE status = 'paid' AND person_id IS NOT NULL)",
    reads: ['orders'],
    test: (row, data) => !paidIds(data.orders ?? []).includes(row.id ?? null),
  }),
  () => ({
    where: 'EXISTS (SELECT 1 FROM lake.main.notes AS n WHERE n.person_id = id AND n.score > 0)',
    reads: ['notes'],
    test: (row, data) =>
      (data.notes ?? []).some((n) => n.person_id === row.id && n.score !== null && Number(n.score) > 0),
  }),
];

const ORDERS: readonly RuleMaker[] = [
  () =>
    plain(
      "status <> 'lost'",
      lift('status', (v) => v !== 'lost'),
    ),
  () =>
    plain("country = 'DE' AND quantity > 1", (row) =>
      both(lift('country', (v) => v === 'DE')(row, {}), lift('quantity', (v) => Number(v) > 1)(row, {})),
    ),
  () =>
    plain(
      'total > 100.00',
      lift('total', (v) => Number(v) > 100),
    ),
  () =>
    plain(
      "placed >= DATE '2016-01-01'",
      lift('placed', (v) => String(v) >= '2016-01-01'),
    ),
  () => plain('person_id IS NOT NULL', (row) => row.person_id !== null),
  () => ({
    where: 'quantity >= (SELECT min(level) FROM lake.main.vault)',
    reads: ['vault'],
    test: (row, data) => {
      const levels = (data.vault ?? []).flatMap((v) => (v.level === null ? [] : [Number(v.level)]));
      if (levels.length === 0) return null;
      return lift('quantity', (q) => Number(q) >= Math.min(...levels))(row, data);
    },
  }),
];

const NOTES: readonly RuleMaker[] = [
  () =>
    plain(
      "kind = 'a'",
      lift('kind', (v) => v === 'a'),
    ),
  () =>
    plain(
      'score > 0',
      lift('score', (v) => Number(v) > 0),
    ),
  () => plain('false', () => false),
];

const VAULT: readonly RuleMaker[] = [
  () =>
    plain(
      'level <= :principal.clearance',
      lift('level', (v) => Number(v) <= PROBE_ATTRIBUTES.clearance),
    ),
  () =>
    plain(
      "code <> 'zz'",
      lift('code', (v) => v !== 'zz'),
    ),
];

const OWN: Readonly<Record<string, readonly RuleMaker[]>> = {
  people: PEOPLE,
  orders: ORDERS,
  notes: NOTES,
  vault: VAULT,
};

/** Several different rules that may stand on this table, each with its meaning. */
export function tableRules(random: Random, table: string, count: number): readonly RuleText[] {
  const makers = [...(OWN[table] ?? []), ...random.some(ANYWHERE, 1, 1)];
  return random.some(makers, count, count).map((maker) => maker(random));
}

/** As `tableRules`, for a scope that holds several tables. */
export const sharedRules = (random: Random, count: number): readonly RuleText[] =>
  random.some(ANYWHERE, count, count).map((maker) => maker(random));
