/**
 * Commands of streams: to start one, to ask about it, to wait for its end. They are found among the caller's own; what the
 * server says of them is told again in our words.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { codeRefused } from '../../core/plan/connect/code.js';
import { type PlanMessage, textOf } from '../../core/plan/connect/message.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import { holdsCode, readStreamStart } from '../../core/plan/connect/stream-start.js';
import { explainPlan } from '../../gateway/connect/explain-plan.js';
import { startStream } from '../../gateway/connect/streams/start-stream.js';
import type { StreamingQuery } from '../../gateway/connect/streams/streaming-query.js';
import { Stopwatch } from '../../gateway/timings.js';
import type { CallContext } from './call.js';
import type { DoorParts } from './door-parts.js';
import { ProtocolError, StreamEnded } from './errors.js';
import type { CommandResult } from './execute.js';
import { messageSchema } from './message-schema.js';
import type { Operation } from './operation.js';
import { readRelation } from './read-plan.js';

const POLL_MS = 100;
const TIMEOUT_MS_MAX = 2 ** 31 - 1;
const ID = /^[0-9a-f-]{36}$/i;

export async function writeStreamOperationStart(
  parts: DoorParts,
  { caller }: CallContext,
  { session, statementId, stopping }: Operation,
  command: PlanMessage,
): Promise<CommandResult> {
  if (holdsCode(command)) throw codeRefused('foreach and foreachBatch');
  const start = readStreamStart(command, messageSchema);
  const plan = await readRelation(parts, session, command.input as PlanMessage | undefined);
  const run = { statementId, caller, session, plan, watch: new Stopwatch() };
  const { facts } = await startStream(parts.deps, parts.streams, run, start, stopping);
  const { id, runId } = facts;
  const name = start.name ?? '';
  const started = { id, runId, name: start.name ?? null, timestamp: parts.deps.clock().toISOString() };
  const value = { queryId: { id, runId }, name, queryStartedEventJson: JSON.stringify(started) };
  return answer('writeStreamOperationStartResult', value);
}

type Ask = (
  parts: DoorParts,
  operation: Operation,
  query: StreamingQuery,
  value: PlanMessage,
) => Promise<Readonly<Record<string, unknown>> | undefined>;

const QUESTIONS: Readonly<Record<string, Ask>> = {
  status: async (parts, _, query) => {
    await parts.streams.look(query);
    return { case: 'status', value: await query.status() };
  },
  lastProgress: (parts, _, query) => progress(parts, query, 1),
  recentProgress: (parts, _, query) => progress(parts, query, Number.POSITIVE_INFINITY),
  stop: async (parts, _, query) => {
    await parts.streams.stopOne(query);
    return undefined;
  },
  processAllAvailable: async (parts, _, query) => {
    await query.processAllAvailable();
    await parts.streams.lookAnew(query);
    if (query.error !== undefined) throw new StreamEnded(query.error);
    return undefined;
  },
  exception: async (parts, _, query) => {
    await parts.streams.look(query);
    const { error } = query;
    if (error === undefined) return { case: 'exception', value: {} };
    // Clients show what stands behind the first colon.
    const exceptionMessage = `StreamingQueryException: [${error.code}] ${error.message}`;
    return { case: 'exception', value: { exceptionMessage, errorClass: error.code } };
  },
  explain: async (_, __, { facts }) => ({
    case: 'explain',
    value: { result: explainPlan(facts.plan, messageSchema, facts.governance) },
  }),
  awaitTermination: async (parts, operation, query, value) => {
    const terminated = await waitFor(parts, operation, [query], value.timeoutMs, () => query.ended);
    if (query.error !== undefined && terminated) throw new StreamEnded(query.error);
    return { case: 'awaitTermination', value: { terminated } };
  },
};

export async function streamingQueryCommand(
  parts: DoorParts,
  { caller }: CallContext,
  operation: Operation,
  command: PlanMessage,
): Promise<CommandResult> {
  const asked = (command.queryId ?? {}) as PlanMessage;
  const { case: kind = '', value } = command.command as { readonly case?: string; readonly value?: unknown };
  const ask = Object.hasOwn(QUESTIONS, kind) ? QUESTIONS[kind] : undefined;
  if (ask === undefined) throw notAllowed('This question about a stream');
  const query = parts.streams.find(caller.principal.user, textOf(asked, 'id'), textOf(asked, 'runId'));
  const resultType = await ask(parts, operation, query, value as PlanMessage);
  const { id, runId } = query.facts;
  return answer('streamingQueryCommandResult', {
    queryId: { id, runId },
    ...(resultType === undefined ? {} : { resultType }),
  });
}

async function progress({ streams }: DoorParts, query: StreamingQuery, count: number) {
  await streams.look(query);
  const recentProgressJson = query.progress.slice(-count);
  return { case: 'recentProgress', value: { recentProgressJson } };
}

type AskAll = (
  parts: DoorParts,
  operation: Operation,
  value: unknown,
) => Promise<Readonly<Record<string, unknown>> | undefined>;

/** A principal's streams, whichever of their sessions started them: who comes back can stop them. */
const MANAGER: Readonly<Record<string, AskAll>> = {
  active: async (parts, { session }) => {
    const activeQueries = parts.streams.active(session.user).map(instance);
    return { case: 'active', value: { activeQueries } };
  },
  getQuery: async (parts, { session }, id) => {
    const found = ID.test(String(id))
      ? parts.streams.active(session.user).find(({ facts }) => facts.id === id)
      : undefined;
    return found === undefined ? undefined : { case: 'query', value: instance(found) };
  },
  awaitAnyTermination: async (parts, operation, value) => {
    const { session } = operation;
    const { timeoutMs } = value as { readonly timeoutMs?: bigint };
    const ended = () => parts.streams.newlyEnded(session);
    const terminated = await waitFor(
      parts,
      operation,
      parts.streams.ofSession(session),
      timeoutMs,
      () => ended() !== undefined,
    );
    const error = ended()?.error;
    if (terminated && error !== undefined) throw new StreamEnded(error);
    return { case: 'awaitAnyTermination', value: { terminated } };
  },
  resetTerminated: async (parts, { session }) => {
    parts.streams.forgetEnded(session);
    return { case: 'resetTerminated', value: true };
  },
};

export async function streamingQueryManagerCommand(
  parts: DoorParts,
  _: CallContext,
  operation: Operation,
  command: PlanMessage,
): Promise<CommandResult> {
  const { case: kind = '', value } = command.command as { readonly case?: string; readonly value?: unknown };
  // Their payload is code.
  if (kind === 'addListener' || kind === 'removeListener') throw codeRefused('A listener on the server');
  const ask = Object.hasOwn(MANAGER, kind) ? MANAGER[kind] : undefined;
  if (ask === undefined) throw notAllowed('This question about streams');
  const resultType = await ask(parts, operation, value);
  return answer('streamingQueryManagerCommandResult', resultType === undefined ? {} : { resultType });
}

const instance = ({ facts: { id, runId, shown } }: StreamingQuery) => ({
  id: { id, runId },
  ...(shown.name === undefined ? {} : { name: shown.name }),
});

const answer = (kind: string, value: Readonly<Record<string, unknown>>): CommandResult => ({
  answers: [{ responseType: { case: kind, value } }],
});

/** False: the time is over. Ends with the operation, and looks after what it waits for meanwhile. */
async function waitFor(
  { streams }: DoorParts,
  operation: Operation,
  queries: readonly StreamingQuery[],
  timeoutMs: unknown,
  done: () => boolean,
): Promise<boolean> {
  const limit = typeof timeoutMs === 'bigint' ? Number(timeoutMs) : TIMEOUT_MS_MAX;
  if (limit <= 0) throw new ProtocolError('INVALID_HANDLE.FORMAT', 'A time to wait is more than nothing.');
  const deadline = Date.now() + Math.min(limit, TIMEOUT_MS_MAX);
  while (!done()) {
    if (operation.stopped !== undefined) throw operation.stopped;
    if (Date.now() >= deadline) return false;
    await sleep(Math.min(POLL_MS, Math.max(1, deadline - Date.now())));
    await Promise.all(queries.map((query) => streams.look(query)));
  }
  return true;
}
