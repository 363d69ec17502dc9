/**
 * What policies mean, once more and slowly: documents as they are written, no index, nothing shared with the
 * product but the types of a table. Written from API.md and DESIGN section 6.
 */
import type { TableMeta } from '../../src/core/catalog/catalog.js';
import type { Principal } from '../../src/core/policy/decision.js';

export interface Asked {
  readonly principal: Principal;
  readonly purpose?: string;
  readonly table: TableMeta;
  readonly now: number;
}
interface Validity {
  readonly from?: string;
  readonly until?: string;
}
export interface WrittenRule {
  readonly name?: string;
  readonly on: readonly string[];
  readonly to: readonly string[];
  readonly except?: readonly string[];
  readonly valid?: Validity;
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly mode?: string;
  readonly mask?: unknown;
  readonly predicate?: string;
}
export interface WrittenPolicy {
  readonly name: string;
  readonly open: readonly string[];
  readonly grants: readonly WrittenRule[];
  readonly rows: readonly WrittenRule[];
  readonly columns: readonly WrittenRule[];
  readonly purposes: readonly { readonly on: readonly string[]; readonly require: readonly string[] }[];
  readonly valid?: Validity;
}
export type Truth = boolean | null;

const fold = (text: string): string => text.toLowerCase();
export const isValid = (valid: Validity | undefined, now: number): boolean =>
  (valid?.from === undefined || now >= Date.parse(valid.from)) &&
  (valid?.until === undefined || now < Date.parse(valid.until));
export const keysOf = ({ user, roles, groups }: Principal): readonly string[] => [
  'all',
  `user:${user}`,
  ...roles.map((role) => `role:${role}`),
  ...groups.map((group) => `group:${group}`),
];
const speaksTo = (rule: WrittenRule, principal: Principal): boolean => {
  const keys = keysOf(principal);
  return rule.to.some((key) => keys.includes(key)) && !(rule.except ?? []).some((key) => keys.includes(key));
};

/** `narrows`: also by a tag that only a column has. */
export function isOn(pattern: string, table: TableMeta, narrows: boolean): boolean {
  const folded = fold(pattern).replace(/\.\*$/, '');
  if (folded.startsWith('tag:')) {
    const tags = narrows ? [...table.tags, ...table.columns.flatMap((column) => column.tags)] : table.tags;
    return tags.some((tag) => `tag:${fold(tag)}` === folded);
  }
  return table.id === folded || table.id.startsWith(`${folded}.`);
}

/** For a table that no grant of any document speaks of, at any time. */
export const isOpen = (policies: readonly WrittenPolicy[], { table, now }: Asked): boolean =>
  policies.some(
    (policy) => isValid(policy.valid, now) && policy.open.some((c) => fold(c) === table.catalog),
  ) && !policies.some((policy) => policy.grants.some((rule) => rule.on.some((p) => isOn(p, table, true))));

export const lacksPurpose = (policies: readonly WrittenPolicy[], { table, purpose, now }: Asked): boolean =>
  policies
    .filter((policy) => isValid(policy.valid, now))
    .flatMap((policy) => policy.purposes)
    .some((rule) => rule.on.some((p) => isOn(p, table, true)) && !rule.require.includes(purpose ?? ''));

/** Is a row seen, given what each rule (`policy/name`) says of it? */
export function keepsRow(
  policies: readonly WrittenPolicy[],
  { principal, table, now }: Asked,
  says: (rule: string) => Truth,
): boolean {
  const rules = policies.flatMap((policy) =>
    policy.rows
      .filter((rule) => isValid(policy.valid, now) && isValid(rule.valid, now))
      .flatMap((rule) =>
        rule.on
          .filter((pattern) => isOn(pattern, table, true))
          .map((pattern) => ({
            ...rule,
            scope: fold(pattern).replace(/\.\*$/, ''),
            id: `${policy.name}/${rule.name}`,
          })),
      ),
  );
  return [...new Set(rules.map((rule) => rule.scope))].every((scope) => {
    const here = rules.filter((rule) => rule.scope === scope);
    const permissive = here.filter((rule) => rule.mode === 'permissive');
    const mine = permissive.filter((rule) => speaksTo(rule, principal));
    if (permissive.length > 0 && !mine.some((rule) => says(rule.id) === true)) return false;
    return here
      .filter((rule) => rule.mode === 'restrictive' && speaksTo(rule, principal))
      .every((rule) => says(rule.id) === true);
  });
}

/** The column rules that speak to this person, each with the scope it speaks of. */
export function columnRules(
  policies: readonly WrittenPolicy[],
  { principal, table, now }: Asked,
  column: number,
): readonly (WrittenRule & { readonly scope: string; readonly own: boolean })[] {
  const meta = table.columns[column];
  if (meta === undefined) return [];
  const own = `${table.id}.${fold(meta.name)}`;
  const scopes = [own, ...[...meta.tags, ...table.tags].map((tag) => `tag:${fold(tag)}`)];
  return policies.flatMap((policy) =>
    policy.columns
      .filter((rule) => isValid(policy.valid, now) && isValid(rule.valid, now) && speaksTo(rule, principal))
      .flatMap((rule) =>
        rule.on
          .map(fold)
          .filter((scope) => scopes.includes(scope))
          .map((scope) => ({ ...rule, scope, own: scope === own })),
      ),
  );
}

/** `clear` lifts what is said for the same scope; said for a tag, also what is said for the column itself. */
export function standingMasks(
  policies: readonly WrittenPolicy[],
  asked: Asked,
  column: number,
): readonly unknown[] {
  const rules = columnRules(policies, asked, column);
  const cleared = rules.filter((rule) => rule.mask === 'clear');
  return rules
    .filter((rule) => rule.mask !== undefined && rule.mask !== 'clear')
    .filter((rule) => !cleared.some((clear) => clear.scope === rule.scope || rule.own))
    .map((rule) => rule.mask);
}

/** Ways to say that nothing lies between two masks but NULL, and where that stands in the order. */
const CONFLICT = 'conflict';
const CONFLICT_OF_CONSTANTS = 'conflict of constants';

/** The stricter of two, in an order made whole: associative, so that a list can be folded in any way. */
export function stricter(a: unknown, b: unknown): unknown {
  const [ranked, other] = rank(a) >= rank(b) ? [a, b] : [b, a];
  if (rank(ranked) > rank(other) || JSON.stringify(a) === JSON.stringify(b)) return ranked;
  if (rank(a) === RANK.constant) return CONFLICT_OF_CONSTANTS;
  const calendar = ['day', 'month', 'year'];
  if (calendar.includes(String(a)) && calendar.includes(String(b)))
    return calendar[Math.max(calendar.indexOf(String(a)), calendar.indexOf(String(b)))];
  for (const key of ['showFirst', 'showLast']) {
    const [x, y] = [parameter(a, key), parameter(b, key)];
    if (x !== undefined && y !== undefined) return { [key]: Math.min(x, y) };
  }
  return CONFLICT;
}

const parameter = (mask: unknown, key: string): number | undefined =>
  (mask as Record<string, number | undefined> | null)?.[key];

const RANK = { clear: 0, other: 1, conflict: 2, constant: 3, constants: 4, null: 5, hide: 6 };
function rank(mask: unknown): number {
  if (mask === 'clear') return RANK.clear;
  if (mask === 'hide') return RANK.hide;
  if (mask === 'null') return RANK.null;
  if (mask === CONFLICT) return RANK.conflict;
  if (mask === CONFLICT_OF_CONSTANTS) return RANK.constants;
  return typeof mask === 'object' && mask !== null && 'constant' in mask ? RANK.constant : RANK.other;
}

/** What a list of masks makes, in the words of a document. */
export function combined(masks: readonly unknown[]): unknown {
  const result = masks.reduce(stricter, 'clear');
  return result === CONFLICT || result === CONFLICT_OF_CONSTANTS ? 'null' : result;
}
