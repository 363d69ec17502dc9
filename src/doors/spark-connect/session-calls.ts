/** The small calls: ends of sessions and operations, errors, states. Each in the caller's own session only. */
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import { type ConnectMessage, make } from '../../proto/message.js';
import { type CallContext, requireUuid, sessionOf } from './call.js';
import type { DoorParts } from './door-parts.js';
import { interrupt, releaseExecute } from './execute.js';
import type { OperationState } from './operation.js';

export type UnaryCall = (
  parts: DoorParts,
  context: CallContext,
  request: ConnectMessage,
) => ConnectMessage | Promise<ConnectMessage>;

/** `GetStatusResponse.OperationStatus.OperationState` */
const STATES: Readonly<Record<OperationState, number>> = { running: 2, succeeded: 4, failed: 5, canceled: 6 };
const UNKNOWN_STATE = 1;

export const interruptCall: UnaryCall = async (parts, context, request) => {
  const session = sessionOf(parts.sessions, context, request);
  const interruptedIds = await interrupt(parts, session, request);
  return make('InterruptResponse', {
    sessionId: session.id,
    serverSideSessionId: session.serverSideId,
    interruptedIds,
  });
};

export const releaseExecuteCall: UnaryCall = async (parts, context, request) => {
  const session = sessionOf(parts.sessions, context, request);
  await releaseExecute(parts, session, request);
  return make('ReleaseExecuteResponse', {
    sessionId: session.id,
    serverSideSessionId: session.serverSideId,
    operationId: request.operationId,
  });
};

export const releaseSessionCall: UnaryCall = async (parts, context, request) => {
  const session = sessionOf(parts.sessions, context, request);
  await parts.operations.stopAll(session);
  await parts.streams.stopAll(session);
  await parts.uploads.forget(session);
  parts.sessions.release(session.user, session.id, request.allowReconnect === true);
  return make('ReleaseSessionResponse', { sessionId: session.id, serverSideSessionId: session.serverSideId });
};

/** Errors come whole with the call that failed: there is no more to fetch. */
export const fetchErrorDetailsCall: UnaryCall = (parts, context, request) => {
  const session = sessionOf(parts.sessions, context, request);
  return make('FetchErrorDetailsResponse', {
    sessionId: session.id,
    serverSideSessionId: session.serverSideId,
  });
};

export const cloneSessionCall: UnaryCall = () => {
  throw notAllowed('Cloning a session', 'Begin a new session.');
};

export const getStatusCall: UnaryCall = (parts, context, request) => {
  const session = sessionOf(parts.sessions, context, request);
  const asked = request.operationStatus as ConnectMessage | undefined;
  const ids = ((asked?.operationIds as readonly string[] | undefined) ?? []).map((id) =>
    requireUuid(id, 'operation'),
  );
  const all = parts.operations.list(session);
  const operationStatuses =
    ids.length === 0
      ? all.map(({ id, state }) => ({ operationId: id, state: STATES[state] }))
      : ids.map((id) => {
          const found = all.find((operation) => operation.id === id);
          return { operationId: id, state: found === undefined ? UNKNOWN_STATE : STATES[found.state] };
        });
  return make('GetStatusResponse', {
    sessionId: session.id,
    serverSideSessionId: session.serverSideId,
    ...(asked === undefined ? {} : { operationStatuses }),
  });
};
