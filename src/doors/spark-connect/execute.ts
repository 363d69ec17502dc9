/**
 * ExecutePlan and ReattachExecute: the stages of a plan in order, its answers as a stream. Commands of the session are
 * answered here; what reads data goes to the server under an intent on record.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GovernanceError } from '../../core/errors.js';
import type { PlanMessage } from '../../core/plan/connect/message.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import type { ClientSession } from '../../gateway/connect/connect-session.js';
import type { PlanSession } from '../../gateway/connect/engine.js';
import type { GovernedPlan } from '../../gateway/connect/govern-plan.js';
import { type RecordedPlan, recordPlan } from '../../gateway/connect/run-plan.js';
import { Stopwatch } from '../../gateway/timings.js';
import { type ConnectMessage, make } from '../../proto/message.js';
import { answersOf, idsOf } from './answer-stream.js';
import { type CallContext, requireUuid, sessionOf } from './call.js';
import { rootRelation } from './catalog-relation.js';
import { runCommand } from './commands.js';
import type { DoorParts } from './door-parts.js';
import { ProtocolError } from './errors.js';
import type { Feed } from './feed.js';
import { canceled, type Operation } from './operation.js';
import { readPlan } from './read-plan.js';

/** A client whose stream broke comes back within seconds, or never. */
const REATTACH_MS = 60_000;
/** A command that waits is asked for so often by who came back to it. */
const POLL_MS = 100;
/** Longest delay that a timer takes. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const TAGS_MAX = 50;
const TAG_CHARS_MAX = 200;

/** What a command becomes: answers of ours, or a plan for the server. */
export type CommandResult =
  | { readonly answers: readonly Readonly<Record<string, unknown>>[] }
  | { readonly feed: Feed }
  | PlanResult;

interface PlanResult {
  readonly relation: PlanMessage;
  readonly plan: (secured: PlanMessage) => PlanMessage;
  /** Code of the caller's may be in it. */
  readonly code?: boolean;
}

export async function* executePlan(
  parts: DoorParts,
  context: CallContext,
  request: ConnectMessage,
  gone: AbortSignal,
): AsyncGenerator<ConnectMessage> {
  const session = sessionOf(parts.sessions, context, request);
  const id = request.operationId ? requireUuid(request.operationId, 'operation') : randomUUID();
  const options = readOptions(request);
  const operation = parts.operations.begin(session, id, readTags(request));
  try {
    const watch = new Stopwatch({ authenticate: context.authenticateMs });
    const result = await watch.time('decode', () => read(parts, context, operation, request));
    if ('answers' in result) {
      yield* localAnswers(parts, operation, result.answers);
      if (!options.reattachable) parts.operations.forget(operation);
      return;
    }
    if ('feed' in result) {
      operation.feed = result.feed;
      yield* follow(parts, operation, result.feed, undefined, gone);
      return;
    }
    await start(parts, context, operation, { ...result, watch, ...options });
  } catch (error) {
    operation.refused = error;
    operation.settle('failed');
    parts.operations.ended(operation);
    throw error;
  }
  yield* listen(parts, operation, gone);
}

/** Takes up an operation of the same session where its client left it. */
export async function* reattachExecute(
  parts: DoorParts,
  context: CallContext,
  request: ConnectMessage,
  gone: AbortSignal,
): AsyncGenerator<ConnectMessage> {
  const session = sessionOf(parts.sessions, context, request);
  const operation = parts.operations.find(session, requireUuid(request.operationId, 'operation'));
  const last = request.lastResponseId as string | undefined;
  if (operation.feed !== undefined) {
    yield* follow(parts, operation, operation.feed, last, gone);
    return;
  }
  if (operation.remote === undefined) {
    while (operation.state === 'running' && !gone.aborted) await sleep(POLL_MS);
    if (operation.stopped !== undefined) throw operation.stopped;
    // A stream that ended with nothing would be asked for again, and again.
    if (operation.refused !== undefined) throw operation.refused;
    const from = operation.answers.findIndex(({ responseId }) => responseId === last) + 1;
    yield* operation.answers.slice(from);
    return;
  }
  if (operation.stopped !== undefined) throw operation.stopped;
  yield* listen(parts, operation, gone, last);
}

async function read(
  parts: DoorParts,
  context: CallContext,
  operation: Operation,
  request: ConnectMessage,
): Promise<CommandResult> {
  const { case: kind, value } = readPlan(request.plan as ConnectMessage | undefined);
  if (kind === 'command') return runCommand(parts, context, operation, value);
  return { relation: await rootRelation(parts, context, operation, value), plan: rootPlan, code: true };
}

const rootPlan = (secured: PlanMessage): PlanMessage =>
  make('Plan', { opType: { case: 'root', value: secured } });

interface Start extends Options, PlanResult {
  readonly watch: Stopwatch;
}

/** Bind to record. After it the operation may run. */
async function start(
  { deps, operations }: DoorParts,
  { caller }: CallContext,
  operation: Operation,
  { relation, plan, code = false, watch, reattachable, requestOptions }: Start,
): Promise<void> {
  const { session, statementId, remoteId: operationId } = operation;
  const stop = (): void => void operations.stopOne(operation);
  const run = { statementId, operationId, stop, caller, session, plan: relation, watch, code };
  const recorded = await recordPlan(deps, run);
  operation.remote = {
    engine: recorded.engine,
    session: await runsIn(recorded),
    outcome: recorded.outcome,
    governance: recorded.governance,
    trace: recorded.trace,
    reattachable,
    showsMetrics: mayExplain(recorded),
    plan: once(async () => plan(await toRun(recorded, operation.stopping))),
    sent: false,
    requestOptions,
    turn: recorded.turn,
  };
  if (operation.stopped !== undefined) {
    await recorded.outcome.failed(operation.stopped);
    throw operation.stopped;
  }
  operation.abandoned = setTimeout(() => void operations.stopOne(operation), REATTACH_MS);
  operation.abandoned.unref();
}

/** Recorded, so how it ends must be, too. */
async function runsIn({ engine, code, outcome }: RecordedPlan): Promise<PlanSession> {
  if (code === undefined) return engine.session;
  try {
    return await code.session();
  } catch (error) {
    await outcome.failed(error);
    throw error;
  }
}

const toRun = async ({ secured, code }: RecordedPlan, signal: AbortSignal): Promise<PlanMessage> =>
  code === undefined ? secured : code.handOver(signal, 'all');

/** Who comes back for it finds it begun. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | undefined;
  return () => {
    begun ??= work();
    return begun;
  };
}

const mayExplain = ({ decision, objects }: GovernedPlan): boolean =>
  objects.every((object) => decision.tables.get(object)?.actions.explain === true);

/** Run and reveal. One call listens at a time: a new one ends the one before. */
async function* listen(
  parts: DoorParts,
  operation: Operation,
  gone: AbortSignal,
  last?: string,
): AsyncGenerator<ConnectMessage> {
  operation.listening?.abort();
  const listening = new AbortController();
  operation.listening = listening;
  clearTimeout(operation.abandoned);
  const leave = (): void => {
    listening.abort();
    void left(parts, operation);
  };
  gone.addEventListener('abort', leave, { once: true });
  try {
    if (gone.aborted) return;
    yield* answersOf(operation, remoteAnswers(operation, last, listening.signal), listening.signal);
  } finally {
    gone.removeEventListener('abort', leave);
    if (operation.listening === listening) await left(parts, operation);
  }
}

/** The server's, from the beginning when its turn has only now come, else from `last`. */
async function* remoteAnswers(
  operation: Operation,
  last: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<PlanMessage> {
  const { remote, remoteId: operationId } = operation;
  if (remote === undefined) throw new Error('the operation runs nowhere');
  const { session, turn, requestOptions } = remote;
  if (remote.sent) {
    const lastResponse = last === undefined ? {} : { lastResponseId: last };
    yield* session.answers('ReattachExecute', { ...lastResponse, operationId }, signal);
    return;
  }
  if (!turn.begun) {
    await turn.take(signal);
    const { timeoutMs } = turn.limits;
    const stop = (): void => void operation.stop(timedOut(timeoutMs));
    operation.deadline = setTimeout(stop, Math.min(timeoutMs, TIMER_MS_MAX));
    operation.deadline.unref();
  }
  const plan = await remote.plan();
  signal.throwIfAborted();
  if (operation.stopped !== undefined) throw operation.stopped;
  remote.sent = true;
  yield* session.answers('ExecutePlan', { plan, requestOptions, operationId }, signal);
}

/** Nobody listens now. What can be taken up again waits a while for that; the rest ends. */
async function left({ operations }: DoorParts, operation: Operation): Promise<void> {
  operation.listening = undefined;
  if (operation.state !== 'running') {
    operations.ended(operation);
    if (operation.remote?.reattachable !== true) operations.forget(operation);
    return;
  }
  if (operation.remote?.reattachable !== true) {
    await operations.stopOne(operation);
    operations.forget(operation);
    return;
  }
  clearTimeout(operation.abandoned);
  operation.abandoned = setTimeout(() => void operations.stopOne(operation), REATTACH_MS);
  operation.abandoned.unref();
}

/** Answers of ours that go on. Whoever leaves may come back for a while. */
async function* follow(
  { operations }: DoorParts,
  operation: Operation,
  feed: Feed,
  last: string | undefined,
  gone: AbortSignal,
): AsyncGenerator<ConnectMessage> {
  clearTimeout(operation.abandoned);
  try {
    yield* feed.after(last, gone);
  } finally {
    if (feed.isOpen) {
      operation.abandoned = setTimeout(() => void operations.stopOne(operation), REATTACH_MS);
      operation.abandoned.unref();
    } else {
      operation.settle('succeeded');
      operations.ended(operation);
    }
  }
}

/** Answers of ours, as the server would send them. */
function* localAnswers(
  { operations }: DoorParts,
  operation: Operation,
  results: readonly Readonly<Record<string, unknown>>[],
): Generator<ConnectMessage> {
  if (operation.stopped !== undefined) throw canceled();
  const complete = { responseType: { case: 'resultComplete', value: {} } };
  operation.answers = [...results, complete].map((fields) =>
    make('ExecutePlanResponse', { ...fields, ...idsOf(operation), responseId: randomUUID() }),
  );
  operation.settle('succeeded');
  operations.ended(operation);
  yield* operation.answers;
}

interface Options {
  readonly reattachable: boolean;
  /** Those that the server gets. */
  readonly requestOptions: readonly unknown[];
}

function readOptions(request: ConnectMessage): Options {
  let reattachable = false;
  const requestOptions: unknown[] = [];
  for (const option of request.requestOptions as readonly ConnectMessage[]) {
    const { case: kind, value } = option.requestOption as {
      readonly case?: string;
      readonly value?: ConnectMessage;
    };
    if (kind === 'reattachOptions') reattachable = value?.reattachable === true;
    else if (kind !== 'resultChunkingOptions') throw notAllowed('This option of a request');
    requestOptions.push({ requestOption: { case: kind, value } });
  }
  return { reattachable, requestOptions };
}

function readTags(request: ConnectMessage): readonly string[] {
  const tags = request.tags as readonly string[];
  const wrong = tags.some((tag) => tag === '' || tag.includes(',') || tag.length > TAG_CHARS_MAX);
  if (wrong || tags.length > TAGS_MAX) {
    throw new GovernanceError('BAD_REQUEST', 'A tag is a short text without commas.', { sqlState: '42000' });
  }
  return tags;
}

const timedOut = (timeoutMs: number): GovernanceError =>
  new GovernanceError(
    'STATEMENT_TIMEOUT',
    `The statement ran longer than ${Math.round(timeoutMs / 1000)} s.`,
    {
      sqlState: '57014',
      remedy: 'Ask for less, or ask the operator for more time.',
    },
  );

/** Ends what runs by all, by tag or by id; the client's ids of what was ended. */
export async function interrupt(
  parts: DoorParts,
  session: ClientSession,
  request: ConnectMessage,
): Promise<readonly string[]> {
  const { case: kind, value } = request.interrupt as { readonly case?: string; readonly value?: string };
  const matching = parts.operations
    .list(session)
    .filter(({ state }) => state === 'running')
    .filter(
      ({ id, tags }) =>
        kind === undefined || (kind === 'operationId' ? id === value : tags.includes(value ?? '')),
    );
  await Promise.all(matching.map((operation) => operation.stop(canceled())));
  return matching.map(({ id }) => id);
}

/** Lets go of answers; of all of them, the operation is over. */
export async function releaseExecute(
  parts: DoorParts,
  session: ClientSession,
  request: ConnectMessage,
): Promise<void> {
  const operation = parts.operations.peek(session, requireUuid(request.operationId, 'operation'));
  if (operation === undefined) return;
  const release = request.release as { readonly case?: string; readonly value?: unknown };
  if (release.case === undefined) throw new ProtocolError('INVALID_HANDLE.FORMAT', 'A release says what of.');
  // Clients say after each answer that they have it. The server keeps no more of what was sent than it may be asked for
  // again anyway, so it is told once, at the end.
  if (release.case !== 'releaseAll') return;
  await parts.operations.stopOne(operation);
  parts.operations.forget(operation);
  void operation.remote?.session
    .call('ReleaseExecute', { operationId: operation.remoteId, release })
    .catch(() => undefined);
}
