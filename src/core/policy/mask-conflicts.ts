/** Masks that meet on a column and cannot be compared: the column is NULL there, which deserves a warning. */
import type { CatalogSnapshot } from '../catalog/catalog.js';
import { catalogScopes } from './catalog-scopes.js';
import type { CompiledPolicies, MaskRule } from './compile.js';
import { compareMasks } from './masks.js';

export interface MaskConflict {
  readonly rule: MaskRule;
  readonly other: MaskRule;
  /** Where they meet. */
  readonly scope: string;
}

/** Conflicts of the rules in `mine` with each other and with those of other documents in `inForce`. */
export function maskConflicts(
  mine: CompiledPolicies,
  inForce: CompiledPolicies | undefined,
  catalog: CatalogSnapshot,
): readonly MaskConflict[] {
  const own = new Set(mine.documents.map(({ document }) => document.name));
  const conflicts = new Map<string, MaskConflict>();
  for (const scopes of meetings(mine, catalog)) {
    const rules = scopes.flatMap((scope) => rulesAt(mine, scope));
    const others = scopes
      .flatMap((scope) => (inForce === undefined ? [] : rulesAt(inForce, scope)))
      .filter((rule) => !own.has(rule.policy));
    rules.forEach((rule, i) => {
      for (const other of [...rules.slice(0, i), ...others]) {
        if (!mayMeet(rule, other) || !incomparable(rule, other)) continue;
        const [scope = rule.scope] = scopes;
        conflicts.set(`${rule.rule} ${other.policy} ${other.rule}`, { rule, other, scope });
      }
    });
  }
  return [...conflicts.values()];
}

/** Every set of scopes that comes together on some column, and each scope for itself. */
function meetings(mine: CompiledPolicies, catalog: CatalogSnapshot): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  const { columns } = catalogScopes(catalog);
  for (const scope of mine.columns.keys()) {
    found.set(scope, [scope]);
    for (const { scopes } of columns.get(scope) ?? []) {
      // Columns with the same tags only differ in rules for themselves.
      const key = mine.columns.has(scopes[0] ?? '') ? scopes : scopes.slice(1);
      found.set(key.join('|'), scopes);
    }
  }
  return [...found.values()];
}

const rulesAt = (policies: CompiledPolicies, scope: string): readonly MaskRule[] =>
  policies.columns.get(scope)?.all ?? [];

const incomparable = (a: MaskRule, b: MaskRule): boolean =>
  a.mask !== undefined && b.mask !== undefined && compareMasks(a.mask, b.mask) === undefined;

/** False when whoever one of them speaks to is excepted from the other. */
const mayMeet = (a: MaskRule, b: MaskRule): boolean =>
  !a.to.every((key) => b.except.includes(key)) && !b.to.every((key) => a.except.includes(key));
