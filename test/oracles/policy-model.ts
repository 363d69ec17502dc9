/**
 * What a policy means, as plain TypeScript over raw rows: written from API.md and DESIGN section 6 alone, so
 * that it shares nothing with the product's compile, decide and rewrite.
 */
import { masked, type OracleMask, strictestOf } from './mask-values.js';
import { type Data, type Row, TABLES, tableNamed } from './tables.js';

/** Three-valued: null is unknown. */
export type Truth = boolean | null;
export type Test = (row: Row, data: Data) => Truth;

interface Targeted {
  readonly to: readonly string[];
  readonly except: readonly string[];
  /** `lake`, `lake.main`, `lake.main.people`, `lake.main.people.email` or `tag:x`. */
  readonly on: string;
}
export interface OracleGrant extends Targeted {
  readonly effect: 'allow' | 'deny';
  readonly actions: readonly ('browse' | 'read' | 'explain')[];
}
export interface OracleRule extends Targeted {
  readonly mode: 'permissive' | 'restrictive';
  readonly where: string;
  readonly test: Test;
  /** Tables that it reads besides its own: whether a row is visible depends on them. */
  readonly reads: readonly string[];
}
export interface OracleMasking extends Targeted {
  readonly mask?: OracleMask;
  readonly predicate?: 'deny';
}
export interface OraclePolicy {
  readonly grants: readonly OracleGrant[];
  readonly rules: readonly OracleRule[];
  readonly masks: readonly OracleMasking[];
}

/** Subjects that are the probe, and some that are not. */
export const PROBE_SUBJECTS = ['all', 'user:probe', 'role:analyst', 'group:emea'];
export const OTHER_SUBJECTS = ['user:other', 'role:hr', 'group:apac'];

const applies = ({ to, except }: Targeted): boolean =>
  to.some((subject) => PROBE_SUBJECTS.includes(subject)) &&
  !except.some((subject) => PROBE_SUBJECTS.includes(subject));

const scopesOf = (table: string): readonly string[] => [
  'lake',
  'lake.main',
  `lake.main.${table}`,
  ...tableNamed(table).tags.map((tag) => `tag:${tag}`),
];

/** Explicit deny > allow > default deny. */
export function may(action: OracleGrant['actions'][number], table: string, policy: OraclePolicy): boolean {
  const grants = policy.grants.filter(
    (grant) => grant.actions.includes(action) && scopesOf(table).includes(grant.on) && applies(grant),
  );
  return grants.length > 0 && grants.every((grant) => grant.effect === 'allow');
}

/** Permissive rules OR inside one scope, restrictive rules AND on top, scopes AND; unknown hides. */
export function keeps(row: Row, table: string, data: Data, policy: OraclePolicy): boolean {
  return scopesOf(table).every((scope) => {
    const rules = policy.rules.filter((rule) => rule.on === scope);
    const own = rules.filter(applies);
    const hold = (rule: OracleRule): boolean => rule.test(row, data) === true;
    if (rules.some((rule) => rule.mode === 'permissive')) {
      if (!own.some((rule) => rule.mode === 'permissive' && hold(rule))) return false;
    }
    return own.filter((rule) => rule.mode === 'restrictive').every(hold);
  });
}

/** Does some rule in force say neither yes nor no to a row of this table? */
export const leavesUnknown = (table: string, data: Data, policy: OraclePolicy): boolean =>
  policy.rules.some(
    (rule) =>
      scopesOf(table).includes(rule.on) &&
      applies(rule) &&
      (data[table] ?? []).some((row) => rule.test(row, data) === null),
  );

/** Rules, masks and grants with an except list that speak of this table. */
export const excepts = (table: string, policy: OraclePolicy): readonly ('the probe' | 'others')[] =>
  [...policy.rules, ...policy.grants, ...policy.masks]
    .filter(({ except, on }) => {
      const scopes = scopesOf(table);
      return except.length > 0 && (scopes.includes(on) || scopes.some((scope) => on.startsWith(`${scope}.`)));
    })
    .map(({ except }) => (except.some((s) => PROBE_SUBJECTS.includes(s)) ? 'the probe' : 'others'));

/** Is there a mask on the column that a `clear` lifts? */
export const isLifted = (table: string, column: string, policy: OraclePolicy): boolean => {
  const masks = columnRules(table, column, policy).map((rule) => rule.mask);
  return masks.includes('clear') && masks.some((mask) => mask !== undefined && mask !== 'clear');
};

/** Tables that the rules in force read in subqueries. */
export const readByRules = (policy: OraclePolicy): ReadonlySet<string> =>
  new Set(policy.rules.filter(applies).flatMap((rule) => rule.reads));

function columnRules(table: string, column: string, policy: OraclePolicy): readonly OracleMasking[] {
  const tags = tableNamed(table).columns[column]?.tags ?? [];
  const scopes = [`lake.main.${table}.${column}`, ...tags.map((tag) => `tag:${tag}`)];
  return policy.masks.filter((masking) => scopes.includes(masking.on) && applies(masking));
}

/** A tag stands above a column: `clear` on the tag lifts the tag's masks and the column's own. */
export function maskOf(table: string, column: string, policy: OraclePolicy): OracleMask {
  const rules = columnRules(table, column, policy);
  const cleared = rules.filter((rule) => rule.mask === 'clear').map((rule) => rule.on);
  const standing = rules.filter(({ mask, on }) => {
    if (mask === undefined || mask === 'clear') return false;
    return on.startsWith('tag:') ? !cleared.includes(on) : cleared.length === 0;
  });
  return strictestOf(standing.flatMap(({ mask }) => (mask === undefined ? [] : [mask])));
}

export const predicateDenied = (table: string, column: string, policy: OraclePolicy): boolean =>
  columnRules(table, column, policy).some((rule) => rule.predicate === 'deny');

/** The row as the probe may see it; hidden columns are not in it. */
export function maskRow(row: Row, table: string, policy: OraclePolicy): Row {
  return Object.fromEntries(
    Object.entries(row).flatMap(([column, value]) => {
      const mask = maskOf(table, column, policy);
      return mask === 'hide' ? [] : [[column, masked(value, mask)]];
    }),
  );
}

/** `table` and `table.column` names that the probe may not know of, or whose use is refused. */
export interface Closed {
  readonly hiddenTables: ReadonlySet<string>;
  readonly deniedTables: ReadonlySet<string>;
  readonly hiddenColumns: ReadonlySet<string>;
  readonly predicateDenied: ReadonlySet<string>;
}

export function closedTo(policy: OraclePolicy): Closed {
  const columns = TABLES.flatMap((table) =>
    Object.keys(table.columns).map((column) => ({
      table: table.name,
      column,
      id: `${table.name}.${column}`,
    })),
  );
  const names = TABLES.map((table) => table.name);
  const hiddenTables = new Set(names.filter((name) => !may('browse', name, policy)));
  return {
    hiddenTables,
    deniedTables: new Set(names.filter((name) => !hiddenTables.has(name) && !may('read', name, policy))),
    hiddenColumns: new Set(
      columns.filter((c) => maskOf(c.table, c.column, policy) === 'hide').map((c) => c.id),
    ),
    predicateDenied: new Set(
      columns.filter((c) => predicateDenied(c.table, c.column, policy)).map((c) => c.id),
    ),
  };
}

/** What is physically left of the data under the policy. */
export const physicalCopy = (data: Data, policy: OraclePolicy): Data =>
  Object.fromEntries(
    Object.entries(data).map(([table, rows]) => [
      table,
      rows.filter((row) => keeps(row, table, data, policy)).map((row) => maskRow(row, table, policy)),
    ]),
  );
