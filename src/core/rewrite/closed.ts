/**
 * Proof that a rewritten plan is closed: no raw table reference is left and every secured leaf is accounted
 * for. The engine checks again with other eyes (second judge); this is the first half of the pair.
 */
import { GovernanceError } from '../errors.js';
import type { LeafId, Plan } from '../plan/plan.js';
import { walkPlan } from '../plan/traverse.js';

/** Throws SECOND_CHECK when a scan survived, a leaf is missing, unknown or secured twice. */
export function proveClosed(plan: Plan, leaves: readonly { readonly leaf: LeafId }[]): void {
  const found = new Set<LeafId>();
  walkPlan(plan, {
    plan: (node) => {
      if (node.kind === 'scan') throw open('a table reference was not secured');
      if (node.kind === 'secured') found.add(node.leaf);
    },
  });
  const known = new Set(leaves.map((leaf) => leaf.leaf));
  if (known.size !== leaves.length) throw open('a leaf was secured twice');
  for (const leaf of found) if (!known.has(leaf)) throw open('a leaf appeared that nobody secured');
  for (const leaf of known) if (!found.has(leaf)) throw open('a secured leaf vanished');
}

const open = (reason: string): GovernanceError =>
  new GovernanceError('SECOND_CHECK', 'The rewritten plan is not closed; nothing was run.', {}, reason);
