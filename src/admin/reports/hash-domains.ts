/** Domains of hash masks in force, each with the documents that use it. */
import type { CompiledPolicies } from '../../core/policy/compile.js';
import type { KeySources } from '../../core/reports/keys.js';

export function hashDomains({ columns }: CompiledPolicies): KeySources['hashDomains'] {
  const found = new Map<string, Set<string>>();
  for (const rules of columns.values()) {
    for (const { mask, policy } of rules.all) {
      if (mask?.kind !== 'hash') continue;
      const policies = found.get(mask.domain) ?? new Set();
      found.set(mask.domain, policies.add(policy));
    }
  }
  return [...found]
    .map(([domain, policies]) => ({ domain, policies: [...policies].sort() }))
    .sort((a, b) => (a.domain < b.domain ? -1 : 1));
}
