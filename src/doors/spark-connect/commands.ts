/** Commands: the few that a session needs, and those that write. Whatever brings code has no place here. */
import { carriesCode, codeRefused } from '../../core/plan/connect/code.js';
import { tableNameParts } from '../../core/plan/connect/identifiers.js';
import { type PlanMessage, textOf } from '../../core/plan/connect/message.js';
import { notAllowed, requireAllowed } from '../../core/plan/connect/require-allowed.js';
import { isWrite } from '../../core/sql/ast-write.js';
import { parseStatement } from '../../core/sql/parse.js';
import { captureViews } from '../../gateway/connect/capture-views.js';
import { checkPlan } from '../../gateway/connect/run-plan.js';
import {
  registerFunction as addFunction,
  useNamespace,
  viewColumns,
} from '../../gateway/connect/session-commands.js';
import { Stopwatch } from '../../gateway/timings.js';
import { type ConnectMessage, make } from '../../proto/message.js';
import type { CallContext } from './call.js';
import type { DoorParts } from './door-parts.js';
import type { CommandResult } from './execute.js';
import { streamingQueryListenerBusCommand } from './listener-bus.js';
import { messageSchema } from './message-schema.js';
import { mlCommand } from './ml-commands.js';
import type { Operation } from './operation.js';
import { readFunction, readRelation } from './read-plan.js';
import {
  streamingQueryCommand,
  streamingQueryManagerCommand,
  writeStreamOperationStart,
} from './stream-commands.js';
import { sqlOf, write, writeCommands } from './write-commands.js';

type Run = (
  parts: DoorParts,
  context: CallContext,
  operation: Operation,
  command: PlanMessage,
) => Promise<CommandResult>;

const NOTHING: CommandResult = { answers: [] };
const REMOVE_MS_MAX = 60_000;
const EMPTY_SCHEMA = '{"type":"struct","fields":[]}';

const RUN: Readonly<Record<string, Run>> = {
  sqlCommand,
  registerFunction,
  ...writeCommands,
  createDataframeView,
  checkpointCommand,
  removeCachedRemoteRelationCommand,
  writeStreamOperationStart,
  streamingQueryCommand,
  streamingQueryManagerCommand,
  streamingQueryListenerBusCommand,
  mlCommand,
};

export function runCommand(
  parts: DoorParts,
  context: CallContext,
  operation: Operation,
  command: ConnectMessage,
): Promise<CommandResult> {
  const { case: kind = '', value } = command.commandType as {
    readonly case?: string;
    readonly value?: PlanMessage;
  };
  const run = Object.hasOwn(RUN, kind) ? RUN[kind] : undefined;
  if (carriesCode(`Command.${kind}`)) throw codeRefused(`Command.${kind}`, 'elsewhere');
  if (run === undefined || value === undefined) throw notAllowed(`The command ${kind || 'without a case'}`);
  if (messageSchema.hasUnknown(command as PlanMessage) || messageSchema.hasUnknown(value)) {
    throw notAllowed('An unknown field of a command');
  }
  return run(parts, context, operation, value);
}

/**
 * `spark.sql`: told now if it cannot be. The answer is the text as a relation, which is governed again whenever it is
 * used.
 */
async function sqlCommand(
  parts: DoorParts,
  context: CallContext,
  operation: Operation,
  command: PlanMessage,
): Promise<CommandResult> {
  const { caller } = context;
  const { session, statementId } = operation;
  const { sql, args, posArgs, namedArguments, posArguments } = command;
  const relation =
    (command.input as PlanMessage | undefined) ??
    make('Relation', {
      relType: { case: 'sql', value: { query: sql, args, posArgs, namedArguments, posArguments } },
    });
  const text = sqlOf(relation);
  if (text === undefined) throw notAllowed('A SQL command that is not SQL');
  const plan = await readRelation(parts, session, relation);
  const statement = parseStatement(textOf(text, 'query'), { parameters: 'statement' });
  if (statement.kind === 'use') {
    session.namespace = useNamespace(statement, parts.deps, caller, session);
    return sqlResult(
      make('Relation', { relType: { case: 'localRelation', value: { schema: EMPTY_SCHEMA } } }),
    );
  }
  if (isWrite(statement)) {
    const rows = await write(parts, context, operation, plan);
    return sqlResult(countRelation(rows));
  }
  await checkPlan(parts.deps, { statementId, caller, session, plan, watch: new Stopwatch() });
  return sqlResult(relation);
}

/** What every write by SQL answers, here and over REST. */
const countRelation = (rows: number): ConnectMessage =>
  make('Relation', {
    relType: { case: 'sql', value: { query: `SELECT CAST(${rows} AS BIGINT) AS num_affected_rows` } },
  });

const sqlResult = (relation: PlanMessage): CommandResult => ({
  answers: [{ responseType: { case: 'sqlCommandResult', value: { relation } } }],
});

/** The caller's own plan is kept, and secured whenever it is used. */
async function createDataframeView(
  parts: DoorParts,
  { caller }: CallContext,
  { session, statementId }: Operation,
  command: PlanMessage,
): Promise<CommandResult> {
  if (command.isGlobal === true) {
    throw notAllowed(
      'A global temporary view',
      'Use createOrReplaceTempView: a view belongs to its session.',
    );
  }
  const [name = '', ...more] = tableNameParts(textOf(command, 'name'));
  if (more.length > 0) throw notAllowed('A temporary view with a schema in its name');
  const relation = await readRelation(parts, session, command.input as PlanMessage | undefined);
  const plan = captureViews(relation, messageSchema, session);
  const run = { statementId, caller, session, plan, watch: new Stopwatch() };
  const { columns, policyVersion } = await viewColumns(parts.deps, run);
  session.addView({ name, plan, columns, policyVersion }, command.replace === true);
  return NOTHING;
}

/** `spark.udf.register`: kept for the plans of this session that call it, and run beside no data but what they hand over. */
async function registerFunction(
  parts: DoorParts,
  { caller }: CallContext,
  { session, statementId }: Operation,
  command: PlanMessage,
): Promise<CommandResult> {
  const definition = await readFunction(parts, session, command);
  await addFunction(parts.deps, { statementId, caller, session, plan: definition, watch: new Stopwatch() });
  return NOTHING;
}

/** The server keeps the governed rows; what names them is bound to this session and to these rights. */
async function checkpointCommand(
  parts: DoorParts,
  _: CallContext,
  { session }: Operation,
  command: PlanMessage,
): Promise<CommandResult> {
  if (command.storageLevel !== undefined) {
    requireAllowed(
      command.storageLevel as PlanMessage,
      messageSchema,
      await parts.deps.engine.serverVersion(),
    );
  }
  const relation = await readRelation(parts, session, command.relation as PlanMessage | undefined);
  const { eager, storageLevel } = command;
  return {
    relation,
    // Where a reliable one would lie is a path, and none of a client's.
    plan: (secured) =>
      make('Plan', {
        opType: {
          case: 'command',
          value: {
            commandType: {
              case: 'checkpointCommand',
              value: {
                relation: secured,
                local: true,
                eager,
                ...(storageLevel === undefined ? {} : { storageLevel }),
              },
            },
          },
        },
      }),
  };
}

/** Sent when a DataFrame is collected as garbage: never a reason for an error. */
async function removeCachedRemoteRelationCommand(
  _: DoorParts,
  __: CallContext,
  { session, remoteId }: Operation,
  command: PlanMessage,
): Promise<CommandResult> {
  const handle = command.relation as PlanMessage | undefined;
  if (handle === undefined) return NOTHING;
  const id = textOf(handle, 'relationId');
  const engine = session.currentEngine;
  const kept = engine?.kept.get(id);
  if (engine === undefined || kept === undefined) return NOTHING;
  engine.kept.delete(id);
  const relation = { relationId: kept.serverId };
  const plan = {
    opType: {
      case: 'command',
      value: { commandType: { case: 'removeCachedRemoteRelationCommand', value: { relation } } },
    },
  };
  const removing = engine.session.answers(
    'ExecutePlan',
    { plan, operationId: remoteId },
    AbortSignal.timeout(REMOVE_MS_MAX),
  );
  for await (const _answer of removing) {
    // It has none that matters.
  }
  return NOTHING;
}
