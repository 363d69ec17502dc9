/**
 * A plan with the session's views put in where it names them. A view is the caller's own plan, and means what it meant
 * when it was made: its names are looked up from where they were then, and a view of the same name made later is not it.
 */
import { foldName } from '../../core/catalog/catalog.js';
import { tableNameParts } from '../../core/plan/connect/identifiers.js';
import {
  movePlanIds,
  type NamedRelations,
  replaceLeaves,
  withCommon,
} from '../../core/plan/connect/leaves.js';
import {
  type MessageSchema,
  type PlanMessage,
  relationCase,
  textOf,
} from '../../core/plan/connect/message.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import { timeTravelOf } from '../../core/plan/connect/time-travel.js';
import type { ClientSession, SessionView } from './connect-session.js';
import { COLUMNS_SEEN, marked, marksOf, NAMES_FROM } from './plan-leaf.js';
import { simpleNames } from './sql-names.js';

/** Room between the plan ids of a client and those of each use of a view. */
const PLAN_IDS_APART = 1n << 40n;

export function captureViews(plan: PlanMessage, schema: MessageSchema, session: ClientSession): PlanMessage {
  let uses = 0n;
  const use = ({ plan: view, name, columns, policyVersion }: SessionView): PlanMessage => {
    uses += 1n;
    const moved = movePlanIds(view, schema, PLAN_IDS_APART * uses);
    const input = marked(moved, { [COLUMNS_SEEN]: { columns, policyVersion } });
    return schema.make('Relation', { relType: { case: 'subqueryAlias', value: { input, alias: name } } });
  };
  const here = (relation: PlanMessage): PlanMessage =>
    marksOf(relation)[NAMES_FROM] === undefined
      ? marked(relation, { [NAMES_FROM]: session.namespace })
      : relation;
  return replaceLeaves(plan, schema, {
    namedTable: (name, relation) => {
      const parts = tableNameParts(name);
      const view = parts.length === 1 ? session.views.get(foldName(parts[0] ?? '')) : undefined;
      if (view === undefined) return here(relation);
      if (timeTravelOf(relationCase(relation).value) !== undefined) {
        throw notAllowed('Time travel of a temporary view', 'Name the table.');
      }
      return withCommon(use(view), relation);
    },
    sql: (sql, relation, named) => {
      const views = viewsNamed(textOf(sql, 'query'), named, session);
      const text = here(relation);
      if (views.length === 0 && named.size === 0) return text;
      return schema.make('Relation', {
        common: relation.common,
        relType: {
          case: 'withRelations',
          value: { root: text, references: [...views.map(use), ...aliased(named, schema)] },
        },
      });
    },
    uploaded: (_, relation) => relation,
    kept: (_, relation) => relation,
  });
}

/** The views that a text names, but for those that the plan itself names so. */
function viewsNamed(text: string, named: NamedRelations, session: ClientSession): readonly SessionView[] {
  if (session.views.size === 0) return [];
  return [...simpleNames(text)]
    .filter((name) => !named.has(name))
    .flatMap((name) => session.views.get(name) ?? []);
}

const aliased = (named: NamedRelations, schema: MessageSchema): readonly PlanMessage[] =>
  [...named].map(([alias, input]) =>
    schema.make('Relation', { relType: { case: 'subqueryAlias', value: { input, alias } } }),
  );

/** Relations that SQL names and whose columns are not known under this policy version; inner ones first. */
export function relationsWithoutColumns(
  plan: PlanMessage,
  schema: MessageSchema,
  policyVersion: number,
): readonly PlanMessage[] {
  const found: PlanMessage[] = [];
  const visit = (message: PlanMessage): void => {
    for (const child of schema.children(message)) visit(child);
    if (!message.$typeName.endsWith('.Relation')) return;
    const { case: kind, value } = relationCase(message);
    if (kind !== 'withRelations' || relationCase(value.root as PlanMessage).case !== 'sql') return;
    for (const reference of value.references as readonly PlanMessage[]) {
      const input = relationCase(reference).value.input as PlanMessage;
      if (marksOf(input)[COLUMNS_SEEN]?.policyVersion !== policyVersion) found.push(input);
    }
  };
  visit(plan);
  return found;
}
