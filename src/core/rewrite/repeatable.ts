/**
 * Would the same secured plan over the same data give the same answer again? Then an answer may be kept and given again.
 * The user, the day and the values of parameters stand in the plan as literals: other ones make another plan.
 */
import type { Expr, Plan, PlanKind } from '../plan/plan.js';
import { walkPlan } from '../plan/traverse.js';
import { functionTable } from '../sql/functions/table.js';

/** A new kind does not compile until it is decided here. */
const REPEATABLE: Readonly<Record<PlanKind, boolean>> = {
  scan: false,
  secured: true,
  'one-row': true,
  values: true,
  range: true,
  unnest: true,
  sample: false,
  project: true,
  filter: true,
  join: true,
  aggregate: true,
  window: true,
  distinct: true,
  'set-operation': true,
  sort: true,
  limit: true,
  with: true,
  recursion: true,
  'cte-ref': true,
};

/** `now`: the moment of the statement as its literals have it. An answer that holds it is never asked for again. */
export function isRepeatable(plan: Plan, now: string): boolean {
  let repeatable = true;
  walkPlan(plan, {
    plan: (node) => {
      repeatable &&= REPEATABLE[node.kind];
    },
    expr: (expr) => {
      repeatable &&= !changes(expr, now);
    },
  });
  return repeatable;
}

function changes(expr: Expr, now: string): boolean {
  switch (expr.kind) {
    case 'call':
    case 'aggregate-call':
    case 'window-call':
      return functionTable.lookup(expr.fn)?.deterministic !== true;
    case 'literal':
      return expr.type.kind === 'timestamp' && expr.value === now;
    default:
      return false;
  }
}
