/** Commands that write, as the SQL that they are: one way for `df.write`, `writeTo`, `mergeInto` and `spark.sql`. */
import { type PlanMessage, relationCase } from '../../core/plan/connect/message.js';
import { normalizePlan } from '../../core/plan/connect/normalize.js';
import { notAllowed, requireAllowed } from '../../core/plan/connect/require-allowed.js';
import type { WriteStatement } from '../../core/sql/ast-write.js';
import { planScope } from '../../gateway/connect/govern-plan.js';
import { mergeStatement } from '../../gateway/connect/merge-command.js';
import { planTexts } from '../../gateway/connect/plan-texts.js';
import { runPlanWrite } from '../../gateway/connect/run-plan-write.js';
import {
  type TableExists,
  withRows,
  writeOperation,
  writeOperationV2,
} from '../../gateway/connect/write-command.js';
import { Stopwatch } from '../../gateway/timings.js';
import { targetNames } from '../../gateway/write/write-target.js';
import type { CallContext } from './call.js';
import type { DoorParts } from './door-parts.js';
import type { CommandResult } from './execute.js';
import { messageSchema } from './message-schema.js';
import type { Operation } from './operation.js';
import { readRelation } from './read-plan.js';

const NOTHING: CommandResult = { answers: [] };

type Command = (
  parts: DoorParts,
  context: CallContext,
  operation: Operation,
  command: PlanMessage,
) => Promise<CommandResult>;

type Read = (command: PlanMessage, exists: TableExists) => WriteStatement;

export const writeCommands: Readonly<Record<string, Command>> = {
  writeOperation: (parts, context, operation, command) =>
    writeRows(parts, context, operation, command, writeOperation),
  writeOperationV2: (parts, context, operation, command) =>
    writeRows(parts, context, operation, command, writeOperationV2),
  mergeIntoTableCommand,
};

async function writeRows(
  parts: DoorParts,
  context: CallContext,
  operation: Operation,
  command: PlanMessage,
  read: Read,
): Promise<CommandResult> {
  const { input, ...rest } = command;
  refuseUnknown(rest as PlanMessage);
  const relation = await readRelation(parts, operation.session, input as PlanMessage | undefined);
  const names = targetNames(planScope(parts.deps, context.caller, operation.session));
  const condition = command.overwriteCondition as PlanMessage | undefined;
  const judged = condition && (await judgeOf(parts, operation.session))(condition);
  const asked = judged === undefined ? command : { ...command, overwriteCondition: judged };
  const statement = read(asked, (name) => name.length <= 3 && names.resolve(name) !== undefined);
  await write(parts, context, operation, withRows(messageSchema, relation, statement));
  return NOTHING;
}

async function mergeIntoTableCommand(
  parts: DoorParts,
  context: CallContext,
  operation: Operation,
  command: PlanMessage,
): Promise<CommandResult> {
  const { session } = operation;
  const { sourceTablePlan, ...rest } = command;
  const relation = await readRelation(parts, session, sourceTablePlan as PlanMessage | undefined);
  const judge = await judgeOf(parts, session);
  // Of a command its expressions are judged one by one: the words of a merge are no part of a plan.
  const judged = (message: PlanMessage): PlanMessage => {
    const { case: kind, value } = message.exprType as {
      readonly case?: string;
      readonly value?: PlanMessage;
    };
    if (kind === 'mergeAction' && value !== undefined) {
      refuseUnknown(message, false);
      return { ...message, exprType: { case: kind, value: messageSchema.mapChildren(value, judgedBelow) } };
    }
    return judge(message);
  };
  const judgedBelow = (message: PlanMessage): PlanMessage =>
    message.$typeName === 'spark.connect.Expression'
      ? judged(message)
      : messageSchema.mapChildren(message, judgedBelow);
  const read = messageSchema.mapChildren(rest as PlanMessage, judged);
  await write(
    parts,
    context,
    operation,
    withRows(messageSchema, relation, mergeStatement(read, relation, messageSchema)),
  );
  return NOTHING;
}

/** An expression of a command, which is no part of a plan, in its normal form. */
async function judgeOf(
  { deps }: DoorParts,
  { user, namespace: { catalog, schema } }: Operation['session'],
): Promise<(message: PlanMessage) => PlanMessage> {
  const facts = { user, catalog, schema };
  const version = await deps.engine.serverVersion();
  return (message) => {
    requireAllowed(message, messageSchema, version);
    return normalizePlan(message, messageSchema, planTexts(facts), facts);
  };
}

/** SQL that writes, alone or with the relations that it names; how many rows it wrote. */
export async function write(
  { deps }: DoorParts,
  { caller, authenticateMs }: CallContext,
  { session, statementId, stopping }: Pick<Operation, 'session' | 'statementId' | 'stopping'>,
  plan: PlanMessage,
): Promise<number> {
  const watch = new Stopwatch({ authenticate: authenticateMs });
  const { rowCount } = await runPlanWrite(deps, { statementId, caller, session, plan, watch }, stopping);
  return rowCount;
}

/** In a command, apart from the relations and expressions in it, which have their own judge. */
export function refuseUnknown(message: PlanMessage, below = true): void {
  if (messageSchema.hasUnknown(message)) throw notAllowed('An unknown field of a command');
  if (!below) return;
  for (const child of messageSchema.children(message)) refuseUnknown(child);
}

/** Does this relation hold SQL at its root? */
export const sqlOf = (relation: PlanMessage): PlanMessage | undefined => {
  const { case: kind, value } = relationCase(relation);
  const text = kind === 'withRelations' ? (value.root as PlanMessage | undefined) : relation;
  return text !== undefined && relationCase(text).case === 'sql' ? relationCase(text).value : undefined;
};
