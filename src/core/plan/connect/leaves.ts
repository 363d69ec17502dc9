/**
 * Where a plan touches the world: named tables, SQL, rows that were uploaded, results that the server keeps. Whoever
 * secures a plan says what each becomes; everything else stays as it is.
 */

import { caseOf, type MessageSchema, type PlanMessage, relationCase, textOf } from './message.js';
import { modelIn } from './ml.js';
import { notAllowed } from './require-allowed.js';

/** Relations that a SQL text below a WithRelations may name like tables, by name. */
export type NamedRelations = ReadonlyMap<string, PlanMessage>;

export interface LeafHandlers {
  namedTable(name: string, relation: PlanMessage, named: NamedRelations): PlanMessage;
  sql(sql: PlanMessage, relation: PlanMessage, named: NamedRelations): PlanMessage;
  /** Rows that the client uploaded, by the hashes of their bytes. */
  uploaded(hashes: readonly string[], relation: PlanMessage): PlanMessage;
  /** A result that the server keeps, by its id. */
  kept(id: string, relation: PlanMessage): PlanMessage;
  /** A model that the server keeps, by its id. Who secures a plan is asked about each. */
  model?(id: string): void;
}

const NONE: NamedRelations = new Map();

/** The plan with every leaf replaced. The replacement is not looked into again. */
export function replaceLeaves(plan: PlanMessage, schema: MessageSchema, handlers: LeafHandlers): PlanMessage {
  const visit = (message: PlanMessage, named: NamedRelations): PlanMessage => {
    if (message.$typeName !== 'spark.connect.Relation') {
      return schema.mapChildren(message, (child) => visit(child, named));
    }
    const { case: kind, value } = relationCase(message);
    switch (kind) {
      case 'read':
        return handlers.namedTable(
          textOf(caseOf(value, 'readType').value, 'unparsedIdentifier'),
          message,
          named,
        );
      case 'sql':
        return handlers.sql(value, message, named);
      case 'cachedLocalRelation':
        return handlers.uploaded([textOf(value, 'hash')], message);
      case 'chunkedCachedLocalRelation': {
        const schemaHash = value.schemaHash === undefined ? [] : [String(value.schemaHash)];
        return handlers.uploaded([...(value.dataHashes as readonly string[]), ...schemaHash], message);
      }
      case 'cachedRemoteRelation':
        return handlers.kept(textOf(value, 'relationId'), message);
      case 'mlRelation': {
        const model = modelIn(value);
        if (model !== undefined) handlers.model?.(model);
        return schema.mapChildren(message, (child) => visit(child, named));
      }
      case 'withRelations':
        return withRelations(message, value, named);
      default:
        return schema.mapChildren(message, (child) => visit(child, named));
    }
  };
  const withRelations = (message: PlanMessage, value: PlanMessage, named: NamedRelations): PlanMessage => {
    const before = value.references as readonly PlanMessage[];
    const references = before.map((reference) => visit(reference, named));
    // A table that is secured has an alias, which is none that the client gave it.
    const aliased = references.filter(
      (_, i) => relationCase(before[i] as PlanMessage).case === 'subqueryAlias',
    );
    const root = visit(value.root as PlanMessage, new Map([...named, ...namesOf(aliased)]));
    // SQL brings along what it names; by plan id, the others are found by subquery expressions.
    if (relationCase(value.root as PlanMessage).case === 'sql') return withCommon(root, message);
    return { ...message, relType: { case: 'withRelations', value: { ...value, root, references } } };
  };
  return visit(plan, NONE);
}

function namesOf(references: readonly PlanMessage[]): readonly (readonly [string, PlanMessage])[] {
  return references.flatMap((reference) => {
    const { case: kind, value } = relationCase(reference);
    if (kind !== 'subqueryAlias') return [];
    if ((value.qualifier as readonly string[]).length > 0) throw notAllowed('A qualified name of a relation');
    return [[textOf(value, 'alias').toLowerCase(), value.input as PlanMessage] as const];
  });
}

/** The relation in the place of another: under its plan id, with what the gateway has marked it with. */
export function withCommon(relation: PlanMessage, original: PlanMessage): PlanMessage {
  const marks = Object.getOwnPropertySymbols(original).map(
    (mark) => [mark, Reflect.get(original, mark)] as const,
  );
  return { ...Object.fromEntries(marks), ...relation, common: original.common };
}

/** The plan with all its plan ids moved, so that they cannot be taken for those of a plan it is put into. */
export function movePlanIds(plan: PlanMessage, schema: MessageSchema, by: bigint): PlanMessage {
  const moved = schema.mapChildren(plan, (child) => movePlanIds(child, schema, by));
  return typeof moved.planId === 'bigint' ? { ...moved, planId: moved.planId + by } : moved;
}
