/**
 * `predicate: deny` in DataFrame plans. A column that a policy keeps out of conditions may be shown, but what stands above
 * a leaf is not resolved by us: so a plan that shows one may do nothing but show, or keep its conditions in SQL, where
 * they are looked at.
 */
import { provenance } from '../../core/bind/provenance.js';
import { foldName } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import {
  expressionCase,
  kindOf,
  type MessageSchema,
  type PlanMessage,
  relationCase,
} from '../../core/plan/connect/message.js';
import type { Decision } from '../../core/policy/decision.js';
import type { BoundPlan } from './bind-plan.js';
import type { BoundLeaf } from './plan-leaf.js';

const SHOWING_RELATIONS = new Set(
  `read sql withRelations project limit offset tail showString htmlString subqueryAlias toDf drop
   withColumnsRenamed`.split(/\s+/),
);
const SHOWING_EXPRESSIONS = new Set(['unresolvedAttribute', 'unresolvedStar', 'unresolvedRegex', 'alias']);

export function refusePlanPredicates(
  plan: PlanMessage,
  schema: MessageSchema,
  { leaves }: BoundPlan,
  decision: Decision,
): void {
  const kept = [...leaves.values()].flatMap((leaf) => deniedColumns(leaf, decision));
  const [first] = kept;
  if (first === undefined || onlyShows(plan, schema)) return;
  throw new GovernanceError(
    'COLUMN_PREDICATE_DENIED',
    `A policy keeps ${first.column} out of conditions, joins, grouping and sorting.`,
    {
      remedy: `Leave ${first.column} out with spark.sql before going on, or put the conditions into the SQL.`,
      sqlState: '42501',
      denied: [{ object: first.object, columns: [first.column], action: 'read' }],
    },
  );
}

interface DeniedColumn {
  readonly object: string;
  readonly column: string;
}

/** What the leaf shows of columns that may not be in conditions. */
function deniedColumns({ bound }: BoundLeaf, decision: Decision): readonly DeniedColumn[] {
  const denying = [...decision.tables.values()].some((table) =>
    table.columns.some((c) => c.predicate === 'deny'),
  );
  if (!denying) return [];
  const tableOf = new Map(bound.leaves.map((leaf) => [leaf.leaf, leaf.table]));
  return provenance(bound)
    .flat()
    .flatMap(({ leaf, source }) => {
      const object = tableOf.get(leaf) ?? '';
      const column = decision.tables
        .get(object)
        ?.columns.find((c) => foldName(c.column) === foldName(source));
      return column?.predicate === 'deny' ? [{ object, column: source }] : [];
    });
}

function onlyShows(message: PlanMessage, schema: MessageSchema): boolean {
  const kind = kindOf(message);
  if (kind === 'Relation' && !SHOWING_RELATIONS.has(relationCase(message).case)) return false;
  if (kind === 'Expression' && !SHOWING_EXPRESSIONS.has(expressionCase(message).case)) return false;
  // Arguments of SQL are constants.
  return kind === 'SQL' || schema.children(message).every((child) => onlyShows(child, schema));
}
