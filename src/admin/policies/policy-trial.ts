/** Policies tried out: what documents would decide, and what that changes. */
import { type CompiledPolicies, compilePolicies } from '../../core/policy/compile.js';
import { type DecideRequest, decide } from '../../core/policy/decide.js';
import type { TableDecision } from '../../core/policy/decision.js';
import type { PolicyDocument } from '../../core/policy/document.js';
import { rowRules, ruleName } from '../../gateway/governance.js';

/** The policies with these documents in place of those of the same names. */
export function withDocuments(now: CompiledPolicies, documents: readonly PolicyDocument[]): CompiledPolicies {
  const names = new Set(documents.map((document) => document.name));
  const kept = now.documents.filter((versioned) => !names.has(versioned.document.name));
  const added = documents.map((document) => {
    const known = now.documents.find((versioned) => versioned.document.name === document.name);
    return { document, version: (known?.version ?? 0) + 1 };
  });
  return compilePolicies([...kept, ...added], now.version);
}

interface Outline {
  readonly object: string;
  readonly actions: readonly string[];
  readonly rows: readonly string[];
  readonly noRows: boolean;
  readonly masks: Readonly<Record<string, string>>;
}

/** Outlines of the decisions under `then`; with `changesOnly`, before and after of those that differ. */
export function diffDecisions(
  now: CompiledPolicies,
  then: CompiledPolicies,
  asked: DecideRequest,
  changesOnly: boolean,
): readonly unknown[] {
  const before = decide(now, asked).tables;
  return [...decide(then, asked).tables.values()].flatMap((table): readonly unknown[] => {
    const after = outline(table);
    if (!changesOnly) return [after];
    const known = before.get(table.object);
    const old = known && outline(known);
    return JSON.stringify(old) === JSON.stringify(after)
      ? []
      : [{ object: table.object, before: old, after }];
  });
}

const outline = (table: TableDecision): Outline => ({
  object: table.object,
  actions: Object.entries(table.actions)
    .filter(([, allowed]) => allowed)
    .map(([action]) => action),
  rows: rowRules(table.rows).map((rule) => `${ruleName(rule)}: ${rule.where}`),
  noRows: table.rows.kind === 'none',
  masks: Object.fromEntries(
    table.columns
      .filter((column) => column.mask.kind !== 'clear')
      .map((column) => [column.column, JSON.stringify(column.mask)]),
  ),
});
