/**
 * EXPLAIN as rows: the caller's own plan over governed names, with what policies do to each table reference.
 */
import { describePlan } from '../core/plan/describe.js';
import type { BoundQuery } from '../core/plan/plan.js';
import type { Decision, RowRule, TableDecision } from '../core/policy/decision.js';
import type { BindScope } from './bind-context.js';
import { rowRules, ruleName } from './governance.js';
import { valuesQuery } from './metadata-rows.js';

/** The answer of an EXPLAIN statement: one text column `plan`, as Spark has it. */
export const explainRows = (
  explained: { readonly bound: BoundQuery; readonly decision: Decision },
  scope: BindScope,
): BoundQuery => valuesQuery(['plan'], [[explainLines(explained, scope)]]);

/** `head`: what is done with the rows. */
export function explainLines(
  { bound, decision }: { readonly bound: BoundQuery; readonly decision: Decision },
  scope: BindScope,
  head?: string,
): string {
  const tree = describePlan(bound.plan, (node) =>
    node.kind === 'scan' ? leafNote(decision.tables.get(node.table)) : '',
  );
  const lines = [
    '== Governed Plan ==',
    ...(head === undefined ? [] : [head]),
    tree,
    '',
    `policy version ${decision.policyVersion}, decision ${scope.decisionId}`,
  ];
  return lines.join('\n');
}

function leafNote(table: TableDecision | undefined): string {
  if (table === undefined) return '';
  const notes: string[] = [];
  const rules = rowRules(table.rows);
  if (table.rows.kind === 'none') notes.push('no rows');
  if (rules.length > 0) notes.push(`rows: ${rules.map((rule) => ruleText(rule, table)).join(', ')}`);
  const masked = table.columns.filter((column) => !['clear', 'hide'].includes(column.mask.kind));
  if (masked.length > 0) {
    notes.push(`masks: ${masked.map((column) => `${column.column} ${column.mask.kind}`).join(', ')}`);
  }
  return notes.length === 0 ? '' : ` {${notes.join('; ')}}`;
}

const ruleText = (rule: RowRule, table: TableDecision): string =>
  table.actions.explain ? `${ruleName(rule)} (${rule.where})` : ruleName(rule);
