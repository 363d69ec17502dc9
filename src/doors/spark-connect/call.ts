/**
 * Authenticate and the outer part of decode, the same for every call: who asks comes from the token alone, what a request
 * says of its user is not heard; a request with anything unknown around its plan is refused.
 */
import type { Metadata } from '@grpc/grpc-js';
import { GovernanceError } from '../../core/errors.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import type { Authenticator } from '../../gateway/authenticate.js';
import type { ClientSessions } from '../../gateway/connect/client-sessions.js';
import type { ClientSession } from '../../gateway/connect/connect-session.js';
import type { Caller } from '../../gateway/statement.js';
import { readTraceParent } from '../../gateway/trace-parent.js';
import { CONNECT_METHODS } from '../../proto/connect.js';
import { type ConnectMessage, decode, unknownFieldsOf, walk } from '../../proto/message.js';
import { ProtocolError } from './errors.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const USER_AGENT_CHARS_MAX = 300;
/** Judged by their own rules, further in. */
const PLANS = /^spark\.connect\.(?:Plan|Relation|Command)$/;

export interface CallContext {
  readonly caller: Caller;
  readonly authenticateMs: number;
}

export async function authenticateCall(
  authenticator: Pick<Authenticator, 'authenticate'>,
  metadata: Metadata,
  peer: string,
): Promise<CallContext> {
  const started = performance.now();
  const [authorization] = metadata.get('authorization');
  const [userAgent] = metadata.get('user-agent');
  const address = addressOf(peer);
  const signedIn = await authenticator.authenticate(
    typeof authorization === 'string' ? authorization : undefined,
    address,
  );
  // A token for one purpose (the console's, say) does not open the data.
  if (signedIn.scopes.length > 0 && !signedIn.scopes.includes('statements')) {
    throw new GovernanceError('ACCESS_DENIED', 'This token may not be used to run statements.', {
      sqlState: '42501',
    });
  }
  const authenticateMs = performance.now() - started;
  const { scopes: _, ...caller } = signedIn;
  const named = typeof userAgent === 'string' ? { userAgent: userAgent.slice(0, USER_AGENT_CHARS_MAX) } : {};
  const trace = readTraceParent(metadata.get('traceparent')[0]);
  const traced = trace === undefined ? {} : { trace };
  return { caller: { ...caller, authenticateMs, ...named, ...traced }, authenticateMs };
}

/** `ipv4:127.0.0.1:4711` or `[::1]:4711` without its port. */
const addressOf = (peer: string): string =>
  peer
    .replace(/^ipv[46]:/, '')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '');

/** The request of a call. Throws for bytes that are none and for what no rule of ours knows. */
export function readRequest(method: string, bytes: Uint8Array): ConnectMessage {
  const desc = CONNECT_METHODS.get(method);
  if (desc === undefined) throw new Error(`there is no call ${method}`);
  const request = decoded(() => decode(desc.input, bytes));
  walk(request, (message, { typeName }) => {
    if (PLANS.test(typeName)) return false;
    if (typeName === 'google.protobuf.Any') throw notAllowed('An extension of the protocol');
    if (unknownFieldsOf(message).length > 0) throw notAllowed(`An unknown field of ${typeName}`);
    return true;
  });
  return request;
}

export function decoded<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new GovernanceError(
      'BAD_REQUEST',
      'The bytes are no message of Spark Connect.',
      { sqlState: '08P01' },
      cause,
    );
  }
}

/** The caller's session of this id. Throws when it has ended, or is not the one that the client knows. */
export function sessionOf(
  sessions: ClientSessions,
  { caller }: CallContext,
  request: ConnectMessage,
): ClientSession {
  const id = String(request.sessionId ?? '');
  if (!UUID.test(id)) throw new ProtocolError('INVALID_HANDLE.FORMAT', 'The session id must be a UUID.');
  const session = sessions.open(caller.principal.user, id);
  if (session === undefined)
    throw new ProtocolError('INVALID_HANDLE.SESSION_CLOSED', 'The session was ended.');
  const observed = request.clientObservedServerSideSessionId;
  if (typeof observed === 'string' && observed !== '' && observed !== session.serverSideId) {
    throw new ProtocolError(
      'INVALID_HANDLE.SESSION_CHANGED',
      'The session is not there any more: it was idle for too long, or the gateway was started again.',
    );
  }
  return session;
}

export const requireUuid = (id: unknown, what: string): string => {
  if (typeof id === 'string' && UUID.test(id)) return id;
  throw new ProtocolError('INVALID_HANDLE.FORMAT', `The ${what} id must be a UUID.`);
};
