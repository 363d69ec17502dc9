/**
 * Which resource group a principal is in: the most specific ones that speak to them count; where these are several, the
 * strictest of each limit (docs/adr/0009). Pure, and the same whatever the order of documents.
 */
import { type CompiledPolicies, inForce, type ResourceRule, subjectKeys } from './compile.js';
import type { Principal, RuleReference } from './decision.js';
import { type EngineId, type ResourceLimits, ungrouped } from './resources.js';

export function decideResources(
  policies: CompiledPolicies,
  principal: Principal,
  engine: EngineId,
  now: number,
): ResourceLimits {
  const rules = mostSpecific(policies, principal, engine, now);
  const [place] = [...rules].sort(byStrictness);
  if (place === undefined) return ungrouped(policies.version);
  const { concurrency, queue, priority } = place.limits;
  const lowest = (of: 'timeMs' | 'bytes' | 'rows' | 'cores') => {
    const said = rules.flatMap(({ limits }) => limits[of] ?? []);
    return said.length === 0 ? {} : { [of]: Math.min(...said) };
  };
  return {
    group: groupName(place),
    priority,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(queue === undefined ? {} : { queue }),
    ...lowest('timeMs'),
    ...lowest('bytes'),
    ...lowest('rows'),
    ...lowest('cores'),
    rules: rules.map(({ policy, rule, version }) => ({ policy, rule, version })),
    policyVersion: policies.version,
  };
}

/** Names the user; else a group or role of theirs; else everyone. */
const SPECIFICITY = ['user:', 'group:', 'role:', 'all'] as const;
const levelOf = (subject: string): number => {
  const at = SPECIFICITY.findIndex((prefix) => subject.startsWith(prefix));
  return at === 1 || at === 2 ? 1 : at;
};

function mostSpecific(
  { resources }: CompiledPolicies,
  principal: Principal,
  engine: EngineId,
  now: number,
): readonly ResourceRule[] {
  const subjects = subjectKeys(principal);
  const found = new Map<ResourceRule, number>();
  for (const subject of subjects) {
    for (const rule of resources.get(subject) ?? []) {
      if (!rule.engines.includes(engine) || !inForce(rule, now)) continue;
      if (rule.except.some((key) => subjects.includes(key))) continue;
      found.set(rule, Math.min(levelOf(subject), found.get(rule) ?? Number.POSITIVE_INFINITY));
    }
  }
  const best = Math.min(...found.values());
  return [...found].flatMap(([rule, level]) => (level === best ? rule : []));
}

/** Fewest places first, then the smallest weight; the name only so that the answer is always the same. */
function byStrictness(one: ResourceRule, other: ResourceRule): number {
  const places = (rule: ResourceRule): number => rule.limits.concurrency ?? Number.MAX_SAFE_INTEGER;
  return (
    places(one) - places(other) ||
    one.limits.priority - other.limits.priority ||
    (groupName(one) < groupName(other) ? -1 : 1)
  );
}

const groupName = ({ policy, rule }: RuleReference): string => `${policy}/${rule}`;
