/**
 * Cuts a plan with code in it: what reads and has no code in it is to run where the tables are; what stands above, with
 * the code, gets its rows as they came out, and nothing else. Pure: whoever runs the parts says what their rows become.
 */
import { codeIn, codeRefused, isCode } from './code.js';
import { type MessageSchema, type PlanMessage, relationCase } from './message.js';
import { notAllowed } from './require-allowed.js';
import { callsOf } from './session-functions.js';

export interface CodeSplit {
  /** Relations without code, as large as they can be, of all that reads. */
  readonly parts: readonly PlanMessage[];
  /** The plan with the rows of each part, in their order, in its place. */
  put(rows: readonly PlanMessage[]): PlanMessage;
}

/** What it counts is told with the rows that it lets through, and those stay behind. */
const COUNTS = 'collectMetrics';
/** Where rows come from that are not in the plan itself. */
const READING = new Set(
  `read sql cachedLocalRelation chunkedCachedLocalRelation cachedRemoteRelation mlRelation`.split(/\s+/),
);
/** These reach into what stands beside them, which a cut would take away, or need the server they were made on. */
const WHOLE: Readonly<Record<string, string>> = {
  withRelations: 'a subquery over a DataFrame',
  lateralJoin: 'a lateral join',
  mlRelation: 'a model',
  withWatermark: 'a stream',
};
/** Rows come and go in them, columns stay the same columns: what was taken from below is still found above. */
const KEEPS_COLUMNS = new Set(
  `filter sort limit offset tail sample repartition repartitionByExpression hint deduplicate dropNa
   subqueryAlias`.split(/\s+/),
);

type Ask = (message: PlanMessage) => boolean;

export function holdsCode(plan: PlanMessage, schema: MessageSchema): boolean {
  return isCode(plan) || schema.children(plan).some((child) => holdsCode(child, schema));
}

/** Throws for code in a place that cannot be cut from what it needs. */
export function splitCode(plan: PlanMessage, schema: MessageSchema): CodeSplit {
  const coded = remembering(schema, isCode);
  const reads = remembering(
    schema,
    (message) => isRelation(message) && READING.has(relationCase(message).case),
  );
  const counts = remembering(
    schema,
    (message) => isRelation(message) && relationCase(message).case === COUNTS,
  );
  const parts = new Map<PlanMessage, number>();
  const walk = (message: PlanMessage, onPart: (part: PlanMessage) => PlanMessage): PlanMessage => {
    if (isRelation(message)) {
      if (!coded(message)) {
        if (!reads(message)) return message;
        if (counts(message)) throw codeRefused('Code over what is observed', 'elsewhere');
        return onPart(message);
      }
      const { case: kind, value } = relationCase(message);
      const whole = standsBeside(kind, value) ? undefined : WHOLE[kind];
      if (whole !== undefined) throw codeRefused(`Code below ${whole}`, 'elsewhere');
    }
    return schema.mapChildren(message, (child) => walk(child, onPart));
  };
  const standsBeside = (kind: string, value: PlanMessage): boolean => {
    // What reads nothing may use the columns of rows that were handed over.
    if (kind === 'lateralJoin') return !reads(value.right as PlanMessage);
    return kind === 'withRelations' && usesRelations(value.root as PlanMessage);
  };
  walk(plan, (part) => {
    if (!parts.has(part)) parts.set(part, parts.size);
    return part;
  });
  return {
    parts: [...parts.keys()],
    put: (rows) => {
      const upper = walk(plan, (part) => {
        const handed = rows[parts.get(part) ?? -1];
        if (handed === undefined) throw new Error('a part of the plan has no rows');
        return shellOf(part, handed, schema);
      });
      requireOwnPlanIds(upper, schema);
      return upper;
    },
  };
}

/** SQL with code was cut from what it reads, a table function has tables as arguments: relations beside it, as they are. */
export const usesRelations = (root: PlanMessage): boolean =>
  callsOf(root).length > 0 || relationCase(root).case === 'commonInlineUserDefinedTableFunction';

/** Throws what `splitCode` would. */
export function requireCuttable(plan: PlanMessage, schema: MessageSchema): void {
  const { parts, put } = splitCode(plan, schema);
  put(parts.map(() => schema.make('Relation', { relType: { case: 'localRelation', value: {} } })));
  codeIn(plan, schema);
}

const isRelation = (message: PlanMessage): boolean => message.$typeName === 'spark.connect.Relation';

/** Does it hold for a message or anything below? */
function remembering(schema: MessageSchema, holds: Ask): Ask {
  const known = new Map<PlanMessage, boolean>();
  const ask: Ask = (message) => {
    const answer = known.get(message) ?? (holds(message) || schema.children(message).some(ask));
    known.set(message, answer);
    return answer;
  };
  return ask;
}

/** The rows under the names and plan ids by which the part's columns are known above it. */
function shellOf(part: PlanMessage, rows: PlanMessage, schema: MessageSchema): PlanMessage {
  const { case: kind, value } = relationCase(part);
  const { common } = part;
  const relation = (name: string, fields: object): PlanMessage =>
    schema.make('Relation', { common, relType: { case: name, value: fields } });
  if (!KEEPS_COLUMNS.has(kind)) return schema.make('Relation', { common, relType: rows.relType });
  const input = shellOf(value.input as PlanMessage, rows, schema);
  if (kind !== 'subqueryAlias') return relation('filter', { input, condition: yes(schema) });
  return relation('subqueryAlias', { input, alias: value.alias, qualifier: value.qualifier });
}

const yes = (schema: MessageSchema): PlanMessage =>
  schema.make('Expression', {
    exprType: { case: 'literal', value: { literalType: { case: 'boolean', value: true } } },
  });

/** A column that was taken from a DataFrame inside of a part cannot be told from others of its name above it. */
function requireOwnPlanIds(upper: PlanMessage, schema: MessageSchema): void {
  const there = new Set<unknown>();
  const asked = new Set<unknown>();
  const visit = (message: PlanMessage): void => {
    if (isRelation(message)) there.add((message.common as PlanMessage | undefined)?.planId);
    else if (typeof message.planId === 'bigint' && message.$typeName !== 'spark.connect.RelationCommon')
      asked.add(message.planId);
    for (const child of schema.children(message)) visit(child);
  };
  visit(upper);
  for (const id of asked) {
    if (there.has(id)) continue;
    throw notAllowed(
      'A column of a DataFrame far below, beside code,',
      'Name it by F.col, or take it from the DataFrame that the code is used on.',
    );
  }
}
