/**
 * `df.explain()`: the caller's own plan over governed names, with the names of the rules at each table. No expressions of
 * rules, no paths, nothing of the server's.
 */
import {
  kindOf,
  type MessageSchema,
  type PlanMessage,
  relationCase,
} from '../../core/plan/connect/message.js';
import type { Governance } from '../statement.js';
import { planShape } from './plan-shape.js';

const LINES_MAX = 2_000;

export function explainPlan(plan: PlanMessage, schema: MessageSchema, governance: Governance): string {
  const lines = ['== Plan =='];
  const visit = (message: PlanMessage, depth: number): void => {
    if (lines.length >= LINES_MAX) return;
    const below = relationsBelow(message, schema);
    if (kindOf(message) === 'Relation') {
      lines.push(`${depth === 0 ? '' : `${'   '.repeat(depth - 1)}+- `}${label(message, schema)}`);
      for (const child of below) visit(child, depth + 1);
    } else {
      for (const child of below) visit(child, depth);
    }
  };
  visit(plan, 0);
  lines.push('', '== Governance ==', `Policy version: ${governance.policyVersion}`);
  for (const { object, rules } of governance.filteredTables)
    lines.push(`Rows of ${object}: ${rules.join(', ')}`);
  for (const { object, column, mask, rule } of governance.maskedColumns)
    lines.push(`Column ${object}.${column}: ${mask} (${rule})`);
  return `${lines.join('\n')}\n`;
}

/** The nearest relations at or below what is directly below. */
function relationsBelow(message: PlanMessage, schema: MessageSchema): readonly PlanMessage[] {
  return schema
    .children(message)
    .flatMap((child) => (kindOf(child) === 'Relation' ? [child] : relationsBelow(child, schema)));
}

/** What a relation does, without what it does it to. */
function label(relation: PlanMessage, schema: MessageSchema): string {
  const { case: kind, value } = relationCase(relation);
  const bare = schema.mapChildren(value, (child) =>
    kindOf(child) === 'Relation' ? schema.make('Relation', {}) : child,
  );
  const { shape } = planShape(bare, schema);
  const named = shape.slice(kindOf(value).length).replace(/(?:\w+: , |, \w+: (?=[,)])|\(\w+: \))/g, '');
  return `${kind}${named === '' ? '' : ` ${named}`}`;
}
