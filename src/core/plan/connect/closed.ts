/**
 * The last look at a plan before it leaves, by eyes that know nothing of how it was made: a table can only come out of a
 * SQL text that was printed and judged for this plan, and nothing else in it may name one.
 */
import { GovernanceError } from '../../errors.js';
import { ALLOWED_WITH_CODE } from './allowed.js';
import { caseOf, kindOf, type MessageSchema, type PlanMessage, relationCase, textOf } from './message.js';
import { TRANSFORMERS } from './ml.js';

export interface Proved {
  /** SQL texts that may stand in the plan. */
  readonly sql: ReadonlySet<string>;
  /** Views of the session that have judged texts. */
  readonly views: ReadonlySet<string>;
  /** Results that the server keeps for this session. */
  readonly kept: ReadonlySet<string>;
  readonly uploaded: ReadonlySet<string>;
  /** Models of this session. */
  readonly models: ReadonlySet<string>;
}

/** Messages that lead to data or to code. Of these, only the ones proved here may be in a plan. */
const LEADING =
  /^(?:Read\.|RelationChanges|Catalog|MlCommand|Command|CommonInline|PythonUD|FetchError|JavaUDF|ScalarScalaUDF|Unknown)/;

/** Throws SECOND_CHECK. */
export function provePlanClosed(plan: PlanMessage, schema: MessageSchema, proved: Proved): void {
  const visit = (message: PlanMessage): void => {
    if (!message.$typeName.startsWith('spark.connect.'))
      throw refused('a message that is not of Spark Connect');
    const kind = kindOf(message);
    if (LEADING.test(kind)) throw refused(kind);
    if (kind === 'Read') {
      requireProvedView(message, proved);
      return;
    }
    if (kind === 'SQL') requireProvedSql(message, proved);
    if (kind === 'CachedRemoteRelation' && !proved.kept.has(textOf(message, 'relationId')))
      throw refused(kind);
    if (kind === 'CachedLocalRelation' && !proved.uploaded.has(textOf(message, 'hash'))) throw refused(kind);
    if (kind === 'ObjectRef' && !proved.models.has(textOf(message, 'id'))) throw refused(kind);
    if (kind === 'MlOperator' && !TRANSFORMERS.has(textOf(message, 'name'))) throw refused(kind);
    for (const child of schema.children(message)) visit(child);
  };
  visit(plan);
}

export interface HandedOver {
  /** Hashes of rows. */
  readonly rows: ReadonlySet<string>;
  /** SQL that names relations of its plan, and nothing else. */
  readonly sql: ReadonlySet<string>;
}

/** Of the plan that runs beside code: no name, no text and no handle leads anywhere but to the rows that were handed over. */
export function proveNothingRead(plan: PlanMessage, schema: MessageSchema, handed: HandedOver): void {
  const visit = (message: PlanMessage): void => {
    if (!message.$typeName.startsWith('spark.connect.'))
      throw refused('a message that is not of Spark Connect');
    const kind = kindOf(message);
    if (ALLOWED_WITH_CODE.get(kind) === undefined || ELSEWHERE.test(kind)) throw refused(kind);
    if (kind === 'ChunkedCachedLocalRelation') {
      const hashes = message.dataHashes as readonly string[];
      if (message.schemaHash !== undefined || !hashes.every((hash) => handed.rows.has(hash)))
        throw refused(kind);
    }
    if (kind === 'SQL') requireProvedSql(message, handed);
    if (kind === 'WithRelations' && !isRootOfRelations(message.root as PlanMessage)) throw refused(kind);
    for (const child of schema.children(message)) visit(child);
  };
  visit(plan);
}

/** What names something that is not in the plan. */
const ELSEWHERE = /^(?:Read|CachedLocalRelation|CachedRemoteRelation|Ml|Fetch|ObjectRef)/;
/** What may name relations beside it. */
const isRootOfRelations = (root: PlanMessage): boolean =>
  ['sql', 'commonInlineUserDefinedTableFunction'].includes(relationCase(root).case);

function requireProvedView(read: PlanMessage, proved: Proved): void {
  const { case: kind, value } = caseOf(read, 'readType');
  const plain =
    kind === 'namedTable' && read.isStreaming !== true && Object.keys(value.options ?? {}).length === 0;
  if (!plain || !proved.views.has(textOf(value, 'unparsedIdentifier'))) throw refused('Read');
}

function requireProvedSql(sql: PlanMessage, proved: Pick<Proved, 'sql'>): void {
  const { query, args, posArgs, namedArguments, posArguments } = sql;
  const given = [args, posArgs, namedArguments, posArguments].some(
    (values) => Object.keys((values as object | undefined) ?? {}).length > 0,
  );
  if (given || !proved.sql.has(String(query))) throw refused('SQL that was not judged');
}

const refused = (what: string): GovernanceError =>
  new GovernanceError(
    'SECOND_CHECK',
    'The second judge refused the final plan. Nothing was run.',
    {},
    new Error(what),
  );
