import type { Plan } from '../../core/plan/plan.js';
import { walkPlan } from '../../core/plan/traverse.js';

/**
 * Must rows leave in the order DuckDB makes them? Where nobody asked for one, a join keeps whole batches back
 * for it, up to all of its rows.
 */
export function keepsOrder(plan: Plan): boolean {
  let sorted = false;
  let joined = false;
  walkPlan(plan, {
    plan: (node) => {
      if (node.kind === 'sort') sorted = true;
      if (node.kind === 'join') joined = true;
    },
  });
  return sorted || !joined;
}
