/**
 * A bound plan as an indented tree for people: operators, output names, tables. No expressions of rules, no
 * paths, no engine names: this is what anyone may see of their own statement.
 */

import type { Plan } from './plan.js';
import { planChildren } from './traverse.js';

/** Deeper parts of a plan are cut from the picture. */
const DESCRIBED_DEPTH_MAX = 60;

/** One line per operator. `leafNote` adds what a policy does to a table reference. */
export function describePlan(plan: Plan, leafNote: (plan: Plan) => string): string {
  const lines: string[] = [];
  const visit = (node: Plan, depth: number): void => {
    const indent = depth === 0 ? '' : `${'   '.repeat(depth - 1)}+- `;
    lines.push(`${indent}${label(node)}${leafNote(node)}`);
    if (depth >= DESCRIBED_DEPTH_MAX) return;
    for (const child of planChildren(node)) visit(child, depth + 1);
  };
  visit(plan, 0);
  return lines.join('\n');
}

const names = (columns: readonly { readonly name: string }[]): string =>
  `[${columns.map((column) => column.name).join(', ')}]`;

function label(plan: Plan): string {
  switch (plan.kind) {
    case 'scan':
      return `Scan ${plan.table} ${names(plan.columns)}`;
    case 'secured':
      return `Secured ${plan.table} ${names(plan.items.map((item) => item.column))}`;
    case 'one-row':
      return 'OneRow';
    case 'values':
      return `Values ${names(plan.columns)} (${plan.rows.length} rows)`;
    case 'range':
      return 'Range [id]';
    case 'project':
      return `Project ${names(plan.items.map((item) => item.column))}`;
    case 'filter':
      return 'Filter';
    case 'join':
      return `Join ${plan.type}${plan.lateral ? ' lateral' : ''}`;
    case 'aggregate':
      return `Aggregate keys ${names(plan.keys.map((key) => key.column))}, results ${names(
        plan.aggregates.map((item) => item.column),
      )}`;
    case 'window':
      return `Window ${names(plan.items.map((item) => item.column))}`;
    case 'unnest':
      return `Unnest ${plan.item.name}${plan.outer ? ' outer' : ''}`;
    case 'sample':
      return `Sample ${plan.percent} percent`;
    case 'distinct':
      return 'Distinct';
    case 'set-operation':
      return `${plan.operator}${plan.all ? ' all' : ''}`;
    case 'sort':
      return `Sort (${plan.keys.length} keys)`;
    case 'limit':
      return `Limit ${plan.limit ?? 'all'}${plan.offset === undefined ? '' : ` offset ${plan.offset}`}`;
    case 'with':
      return `With ${names(plan.ctes)}`;
    case 'recursion':
      return `Recursion ${names(plan.columns)}`;
    case 'cte-ref':
      return `CteRef ${names(plan.columns)}`;
  }
}
