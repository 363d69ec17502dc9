/** Who sent a request: put there by the guard, read by controllers. */
import type { FastifyRequest } from 'fastify';
import { GovernanceError } from '../core/errors.js';
import type { SignedIn } from '../gateway/authenticate.js';

const USER_AGENT_CHARS_MAX = 300;

const signedIn = new WeakMap<FastifyRequest, SignedIn>();
export const setCaller = (request: FastifyRequest, caller: SignedIn): void => {
  signedIn.set(request, caller);
};

/** The guard ran first, so there is always someone. */
export function callerOf(request: FastifyRequest): SignedIn {
  const caller = signedIn.get(request);
  if (caller === undefined) throw new GovernanceError('UNAUTHENTICATED', 'Valid credentials are needed.');
  const { 'user-agent': userAgent } = request.headers;
  return {
    ...caller,
    ...(userAgent === undefined ? {} : { userAgent: userAgent.slice(0, USER_AGENT_CHARS_MAX) }),
  };
}
