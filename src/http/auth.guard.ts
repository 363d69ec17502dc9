/** Nobody in without credentials, but where a route says so. */
import { type CanActivate, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { GovernanceError } from '../core/errors.js';
import type { Authenticator } from '../gateway/authenticate.js';
import { readTraceParent } from '../gateway/trace-parent.js';
import { setCaller } from './caller.js';

export const SCOPES = ['statements', 'catalog', 'policies', 'identity', 'audit'] as const;
export type Scope = (typeof SCOPES)[number];

const SCOPE = 'sluice:scope';
/** The scope a limited token needs for this controller. */
export const NeedsScope = (scope: Scope) => SetMetadata(SCOPE, scope);

export class AuthGuard implements CanActivate {
  private readonly reflector = new Reflector();

  constructor(private readonly authenticator: Authenticator) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const started = performance.now();
    const caller = await this.authenticator.authenticate(request.headers.authorization, request.ip);
    const scope = this.reflector.getAllAndOverride<Scope | undefined>(SCOPE, [
      context.getHandler(),
      context.getClass(),
    ]);
    // A route that names no scope is for unlimited tokens only.
    if (caller.scopes.length > 0 && (scope === undefined || !caller.scopes.includes(scope))) {
      throw new GovernanceError('ACCESS_DENIED', 'The token is limited to other uses.', {
        remedy: `Use a token with the scope ${scope ?? '(none: unlimited)'}.`,
      });
    }
    const trace = readTraceParent(request.headers.traceparent);
    const authenticateMs = performance.now() - started;
    setCaller(request, { ...caller, authenticateMs, ...(trace === undefined ? {} : { trace }) });
    return true;
  }
}
