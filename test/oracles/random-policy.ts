/**
 * Random policies in two languages at once: the document that Sluice gets, and the same meaning as plain
 * TypeScript over raw rows. The TypeScript side is written from API.md alone and shares nothing with the
 * product.
 */
import type { Random } from './random.js';
import { type ColumnKind, type Data, type Row, TABLES, type Value } from './tables.js';

/** Three-valued: null is unknown. */
type Truth = boolean | null;

export interface OracleRule {
  readonly table: string;
  readonly mode: 'permissive' | 'restrictive';
  readonly where: string;
  readonly test: (row: Row, data: Data) => Truth;
}
export type OracleMask =
  | 'null'
  | 'redact'
  | 'email'
  | 'year'
  | 'month'
  | 'day'
  | 'hide'
  | { readonly showFirst: number }
  | { readonly showLast: number }
  | { readonly constant: string | number | boolean }
  | { readonly round: number }
  | { readonly bucket: readonly number[] };
export interface OracleMasking {
  readonly table: string;
  readonly column: string;
  readonly mask: OracleMask;
}
export interface OraclePolicy {
  readonly rules: readonly OracleRule[];
  readonly masks: readonly OracleMasking[];
}

const lift =
  (column: string, test: (value: string | number | boolean) => boolean) =>
  (row: Row): Truth => {
    const value = row[column] ?? null;
    return value === null ? null : test(value);
  };
const both = (a: Truth, b: Truth): Truth =>
  a === false || b === false ? false : a === null || b === null ? null : true;
const either = (a: Truth, b: Truth): Truth =>
  a === true || b === true ? true : a === null || b === null ? null : false;

type RuleMaker = (random: Random) => Omit<OracleRule, 'table' | 'mode'>;

const RULES: Readonly<Record<string, readonly RuleMaker[]>> = {
  people: [
    () => ({ where: "country IN ('DE', 'FR')", test: lift('country', (v) => v === 'DE' || v === 'FR') }),
    (r) => {
      const age = r.int(16, 23);
      return { where: `age >= ${age}`, test: lift('age', (v) => Number(v) >= age) };
    },
    () => ({ where: 'active', test: lift('active', (v) => v === true) }),
    () => ({ where: "NOT (name = 'x')", test: lift('name', (v) => v !== 'x') }),
    (r) => {
      const id = r.int(5, 30);
      return {
        where: `id < ${id} OR country = 'US'`,
        test: (row) => either(Number(row.id) < id, lift('country', (v) => v === 'US')(row)),
      };
    },
    () => ({
      where: 'country IN (:principal.countries)',
      test: lift('country', (v) => v === 'DE' || v === 'BR'),
    }),
    () => ({
      where: "id IN (SELECT person_id FROM lake.main.orders WHERE status = 'paid')",
      test: (row, data) => {
        const ids = (data.orders ?? []).filter((o) => o.status === 'paid').map((o) => o.person_id ?? null);
        if (ids.includes(row.id ?? null)) return true;
        return ids.includes(null) ? null : false;
      },
    }),
  ],
  orders: [
    () => ({ where: "status <> 'lost'", test: lift('status', (v) => v !== 'lost') }),
    () => ({
      where: "country = 'DE' AND quantity > 1",
      test: (row) =>
        both(lift('country', (v) => v === 'DE')(row), lift('quantity', (v) => Number(v) > 1)(row)),
    }),
    () => ({ where: 'total > 100.00', test: lift('total', (v) => Number(v) > 100) }),
    () => ({ where: "placed >= DATE '2016-01-01'", test: lift('placed', (v) => String(v) >= '2016-01-01') }),
    () => ({ where: 'person_id IS NOT NULL', test: (row) => row.person_id !== null }),
  ],
  notes: [
    () => ({ where: "kind = 'a'", test: lift('kind', (v) => v === 'a') }),
    () => ({ where: 'score > 0', test: lift('score', (v) => Number(v) > 0) }),
    () => ({ where: 'false', test: () => false }),
  ],
};

const MASKS: Readonly<Record<ColumnKind, readonly OracleMask[]>> = {
  string: ['null', 'redact', 'email', 'hide', { showFirst: 1 }, { showLast: 2 }, { constant: 'n/a' }],
  int: ['null', 'hide', { round: 5 }, { bucket: [0, 18, 21] }, { constant: 7 }],
  decimal: ['null', 'hide', { round: 100 }, { bucket: [0, 100, 500] }],
  date: ['null', 'year', 'month', 'hide', 'day'],
  timestamp: ['null', 'year', 'month', 'day'],
  boolean: ['null', { constant: true }],
};

/** Columns that queries rely on to join are masked less often, or nothing would ever match. */
const KEY_COLUMNS = new Set(['id', 'person_id']);

export function randomPolicy(random: Random): OraclePolicy {
  const rules: OracleRule[] = [];
  const masks: OracleMasking[] = [];
  for (const table of TABLES) {
    const makers = RULES[table.name] ?? [];
    const count = random.pick([0, 1, 1, 2, 3]);
    for (const maker of random.some(makers, count, count)) {
      rules.push({
        table: table.name,
        mode: random.chance(0.5) ? 'permissive' : 'restrictive',
        ...maker(random),
      });
    }
    for (const [column, kind] of Object.entries(table.columns)) {
      if (!random.chance(KEY_COLUMNS.has(column) ? 0.05 : 0.35)) continue;
      masks.push({ table: table.name, column, mask: random.pick(MASKS[kind]) });
    }
  }
  return { rules, masks };
}

/** The policy as Sluice's own document, for `user:probe`. */
export function policyDocument(policy: OraclePolicy): Record<string, unknown> {
  return {
    kind: 'policy',
    name: 'oracle',
    grants: [{ allow: ['browse', 'read', 'explain'], to: ['user:probe'], on: ['lake.main.*'] }],
    rows: policy.rules.map((rule, i) => ({
      name: `r${i}`,
      on: [`lake.main.${rule.table}`],
      to: ['user:probe'],
      mode: rule.mode,
      where: rule.where,
    })),
    columns: policy.masks.map((masking) => ({
      on: [`lake.main.${masking.table}.${masking.column}`],
      to: ['user:probe'],
      mask: masking.mask,
    })),
  };
}

/** What is physically left of the data under the policy, and which columns there are. */
export function physicalCopy(data: Data, policy: OraclePolicy): { data: Data; hidden: ReadonlySet<string> } {
  const hidden = new Set(policy.masks.filter((m) => m.mask === 'hide').map((m) => `${m.table}.${m.column}`));
  const copy = Object.fromEntries(
    Object.entries(data).map(([table, rows]) => [
      table,
      rows.filter((row) => keeps(row, table, data, policy)).map((row) => maskRow(row, table, policy)),
    ]),
  );
  return { data: copy, hidden };
}

/** Permissive rules OR each other, restrictive rules AND on top; unknown hides. */
export function keeps(row: Row, table: string, data: Data, policy: OraclePolicy): boolean {
  const rules = policy.rules.filter((rule) => rule.table === table);
  const permissive = rules.filter((rule) => rule.mode === 'permissive');
  const restrictive = rules.filter((rule) => rule.mode === 'restrictive');
  if (permissive.length > 0 && !permissive.some((rule) => rule.test(row, data) === true)) return false;
  return restrictive.every((rule) => rule.test(row, data) === true);
}

export function maskRow(row: Row, table: string, policy: OraclePolicy): Row {
  const masks = new Map(policy.masks.filter((m) => m.table === table).map((m) => [m.column, m.mask]));
  return Object.fromEntries(
    Object.entries(row)
      .filter(([column]) => masks.get(column) !== 'hide')
      .map(([column, value]) => [column, masked(value, masks.get(column))]),
  );
}

/** API.md, "Masks", over one value. NULL stays NULL. */
export function masked(value: Value, mask: OracleMask | undefined): Value {
  if (mask === undefined || value === null) return value;
  if (mask === 'null' || mask === 'hide') return null;
  const text = String(value);
  const characters = [...text];
  if (mask === 'redact') return characters.map(redacted).join('');
  if (mask === 'email') {
    const at = text.indexOf('@');
    const proper = at > 0 && text.indexOf('@', at + 1) < 0 && at < text.length - 1;
    return proper ? `${characters[0]}***${text.slice(at)}` : '***';
  }
  if (mask === 'year') return `${text.slice(0, 4)}-01-01${text.length > 10 ? ' 00:00:00' : ''}`;
  if (mask === 'month') return `${text.slice(0, 7)}-01${text.length > 10 ? ' 00:00:00' : ''}`;
  if (mask === 'day') return `${text.slice(0, 10)}${text.length > 10 ? ' 00:00:00' : ''}`;
  if ('constant' in mask) return mask.constant;
  if ('showFirst' in mask) {
    const n = mask.showFirst;
    return characters.map((c, i) => (characters.length > n && i < n ? c : 'x')).join('');
  }
  if ('showLast' in mask) {
    const n = mask.showLast;
    return characters.map((c, i) => (characters.length > n && i >= characters.length - n ? c : 'x')).join('');
  }
  if ('round' in mask) return numeric(value, roundHalfUp(Number(value) / mask.round) * mask.round);
  return numeric(value, lowerBound(Number(value), mask.bucket));
}

const redacted = (c: string): string => {
  if (/\p{Nd}/u.test(c)) return '0';
  if (/\p{Lu}/u.test(c)) return 'X';
  return /\p{L}/u.test(c) ? 'x' : c;
};
const roundHalfUp = (x: number): number => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
/** Below the first bound there is no bucket: NULL. */
const lowerBound = (x: number, bounds: readonly number[]): number | null =>
  bounds.filter((bound) => bound <= x).at(-1) ?? null;
const numeric = (value: Value, result: number | null): Value => {
  if (result === null) return null;
  return typeof value === 'string' ? result.toFixed(2) : result;
};
