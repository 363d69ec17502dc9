/** The root of a plan. `spark.catalog` comes as one: it stands alone, never inside of a plan. */
import { randomUUID } from 'node:crypto';
import { type Case, type PlanMessage, relationCase } from '../../core/plan/connect/message.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import { printSparkStatement } from '../../core/sql/print-spark.js';
import { catalogAnswer } from '../../gateway/connect/catalog-answers.js';
import { answerOfWrite, catalogWrite } from '../../gateway/connect/catalog-writes.js';
import { planScope } from '../../gateway/connect/govern-plan.js';
import { make } from '../../proto/message.js';
import type { CallContext } from './call.js';
import type { DoorParts } from './door-parts.js';
import type { Operation } from './operation.js';
import { readRelation } from './read-plan.js';
import { refuseUnknown, write } from './write-commands.js';

export async function rootRelation(
  parts: DoorParts,
  context: CallContext,
  operation: Operation,
  relation: PlanMessage,
): Promise<PlanMessage> {
  const { session } = operation;
  const { case: kind, value } = relationCase(relation);
  if (kind !== 'catalog') return readRelation(parts, session, relation, 'allowed');
  refuseUnknown(relation);
  const asked = value.catType as Partial<Case>;
  if (asked.case === undefined || asked.value === undefined)
    throw notAllowed('A catalog operation without a case');
  const query = await answer(parts, context, operation, { case: asked.case, value: asked.value });
  return sql(query);
}

/** What it writes is a statement of its own on record, before the one that answers. */
async function answer(
  parts: DoorParts,
  context: CallContext,
  operation: Operation,
  asked: Case,
): Promise<string> {
  const { session, stopping } = operation;
  const statement = catalogWrite(asked);
  if (statement === undefined)
    return catalogAnswer(asked, session, planScope(parts.deps, context.caller, session));
  const plan = sql(printSparkStatement(statement));
  await write(parts, context, { session, stopping, statementId: randomUUID() }, plan);
  return answerOfWrite(statement);
}

const sql = (query: string): PlanMessage => make('Relation', { relType: { case: 'sql', value: { query } } });
