/**
 * Masks and predicate rights of every column: the strictest rule wins, `clear` lifts masks of the same or a
 * lower scope.
 */
import type { TableMeta } from '../catalog/catalog.js';
import type { CompiledPolicies, MaskRule } from './compile.js';
import { matching } from './decide.js';
import type { ColumnDecision, Mask, RuleReference } from './decision.js';
import { compareMasks, maskFits, strictest } from './masks.js';
import { tableScopes } from './table-scopes.js';

export function decideColumns(
  policies: CompiledPolicies,
  table: TableMeta,
  subjects: readonly string[],
  now: number,
): readonly ColumnDecision[] {
  const { columns } = tableScopes(table);
  return table.columns.map((column, i) => {
    const scopes = columns[i] ?? [];
    const rules = matching(policies.columns, scopes, subjects, now);
    const { mask, because } = maskFrom(rules, scopes[0] ?? '');
    const predicate = rules.some((rule) => rule.predicate === 'deny') ? 'deny' : 'allow';
    // A mask that no longer fits the column's type hides its value rather than showing it.
    const fitting: Mask = maskFits(mask, column.type) ? mask : { kind: 'null' };
    return { column: column.name, mask: fitting, rules: because, predicate };
  });
}

/**
 * A tag stands above a column: `clear` on the tag lifts that tag's masks and the column's own, `clear` on the
 * column only the latter.
 */
function maskFrom(
  rules: readonly MaskRule[],
  own: string,
): { mask: Mask; because: readonly RuleReference[] } {
  const cleared = new Set(rules.filter((rule) => rule.mask?.kind === 'clear').map((rule) => rule.scope));
  const liftsOwn = cleared.size > 0;
  const standing = rules.filter((rule): rule is MaskRule & { mask: Mask } => {
    if (rule.mask === undefined || rule.mask.kind === 'clear') return false;
    return rule.scope === own ? !liftsOwn : !cleared.has(rule.scope);
  });
  if (standing.length === 0) return { mask: { kind: 'clear' }, because: [] };
  const mask = strictest(standing.map((rule) => rule.mask));
  const because = [...standing]
    .sort((a, b) => compareMasks(b.mask, a.mask) ?? 0)
    .map(({ policy, rule, version }) => ({ policy, rule, version }));
  return { mask, because };
}
