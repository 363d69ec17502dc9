/**
 * What people may see of a decision: the governance block and the manifest of an answer, and the check of
 * columns that a policy keeps out of conditions.
 */
import { predicateColumns, provenance } from '../core/bind/provenance.js';
import { foldName } from '../core/catalog/catalog.js';
import { GovernanceError } from '../core/errors.js';
import type { BoundQuery } from '../core/plan/plan.js';
import { typeName } from '../core/plan/types.js';
import type {
  ColumnDecision,
  Decision,
  RowCondition,
  RowRule,
  RuleReference,
} from '../core/policy/decision.js';
import type { Governance, ManifestColumn } from './statement.js';

export const ruleName = (rule: RuleReference): string => `${rule.policy}/${rule.rule}`;

/** Every rule in a row condition. */
export function rowRules(condition: RowCondition): readonly RowRule[] {
  switch (condition.kind) {
    case 'rule':
      return [condition.rule];
    case 'and':
    case 'or':
      return condition.parts.flatMap(rowRules);
    default:
      return [];
  }
}

export function governanceOf(decision: Decision, decisionId: string): Governance {
  const tables = [...decision.tables.values()];
  return {
    policyVersion: decision.policyVersion,
    decisionId,
    objects: tables.map((table) => table.object).sort(),
    filteredTables: tables
      .filter((table) => table.rows.kind !== 'all')
      .map((table) => ({ object: table.object, rules: rowRules(table.rows).map(ruleName) })),
    maskedColumns: tables.flatMap((table) =>
      table.columns
        .filter((column) => column.mask.kind !== 'clear' && column.mask.kind !== 'hide')
        .map((column) => ({
          object: table.object,
          column: column.column,
          mask: column.mask.kind,
          rule: column.rules.map(ruleName).join(', '),
        })),
    ),
    purpose: decision.purpose ?? null,
    notices: decision.notices,
  };
}

/** The result schema, each column with the mask that reaches it through the plan. */
export function manifestOf(bound: BoundQuery, decision: Decision): readonly ManifestColumn[] {
  const sources = provenance(bound);
  const tableOf = new Map(bound.leaves.map((leaf) => [leaf.leaf, leaf.table]));
  return bound.output.map((column, i) => {
    const masks = (sources[i] ?? []).flatMap(({ leaf, source }) => {
      const found = columnDecision(decision, tableOf.get(leaf), source);
      return found && found.mask.kind !== 'clear' ? [found.mask.kind] : [];
    });
    return {
      name: column.name,
      type: typeName(column.type),
      nullable: column.nullable || masks.length > 0,
      masked: masks.length > 0,
      mask: masks[0] ?? null,
    };
  });
}

/**
 * Throws COLUMN_PREDICATE_DENIED when a column with `predicate: deny` reaches a condition, join, grouping or
 * sort.
 */
export function refuseDeniedPredicates(bound: BoundQuery, decision: Decision): void {
  const denying = [...decision.tables.values()].some((table) =>
    table.columns.some((column) => column.predicate === 'deny'),
  );
  if (!denying) return;
  const tableOf = new Map(bound.leaves.map((leaf) => [leaf.leaf, leaf.table]));
  for (const use of predicateColumns(bound)) {
    const table = tableOf.get(use.leaf);
    const found = columnDecision(decision, table, use.source);
    if (found?.predicate !== 'deny') continue;
    throw new GovernanceError(
      'COLUMN_PREDICATE_DENIED',
      `A policy keeps ${use.source} out of conditions, joins, grouping and sorting.`,
      {
        remedy: `Select ${use.source} without filtering, joining, grouping or sorting by it.`,
        sqlState: '42501',
        denied: [{ object: table ?? '', columns: [use.source], action: 'read' }],
        ...(use.at === undefined ? {} : { position: use.at }),
      },
    );
  }
}

function columnDecision(
  decision: Decision,
  table: string | undefined,
  source: string,
): ColumnDecision | undefined {
  if (table === undefined) return undefined;
  const folded = foldName(source);
  return decision.tables.get(table)?.columns.find((column) => foldName(column.column) === folded);
}
