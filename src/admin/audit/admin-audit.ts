/**
 * Whatever is changed over the API is on record twice: before it is made, and how it ended before the answer
 * leaves. Without the first there is no change, without the second no answer.
 */
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, from, mergeMap, type Observable } from 'rxjs';
import { GovernanceError } from '../../core/errors.js';
import { callerOf } from '../../http/caller.js';
import { STATUS } from '../../http/problem.js';
import type { AuditTrail } from './audit-trail.js';

const BODY_CHARS_MAX = 65_536;
/** These have a record of their own, or change nothing. */
const OWN_RECORD = new Set(['statements', 'decisions']);
/** The values that are asked for are not to be stored anywhere; that somebody asked is. */
const HASH = '/v1/audit/hash';
/** Nouns whose names are names of people. */
const PERSONAL = new Set(['principals', 'privacy']);

export class AdminAuditInterceptor implements NestInterceptor {
  constructor(private readonly trail: Pick<AuditTrail, 'record' | 'pseudonymOf'>) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const path = request.url.split('?')[0] ?? '';
    const [, , noun = '', ...rest] = path.split('/');
    const changesNothing = ['GET', 'HEAD', 'OPTIONS'].includes(request.method) || path === HASH;
    if (changesNothing || OWN_RECORD.has(noun)) return next.handle();
    await this.intent(request, noun, rest.map(decoded).join('/'));
    const ended = async (status: number, code?: string): Promise<void> =>
      this.outcome(request.id, status, code);
    // In this order: an outcome that cannot be recorded is not recorded as another one.
    return next.handle().pipe(
      catchError((error: unknown) => {
        const code = error instanceof GovernanceError ? error.code : 'INTERNAL';
        return from(ended(STATUS[code], code).then(() => Promise.reject(error)));
      }),
      mergeMap(async (answer: unknown) => {
        await ended(http.getResponse<FastifyReply>().statusCode);
        return answer;
      }),
    );
  }

  private async intent(request: FastifyRequest, noun: string, object: string): Promise<void> {
    const caller = callerOf(request);
    const { user, via } = caller.principal;
    const named = object === '' ? {} : { object };
    await this.trail.record({
      kind: 'admin.intent',
      fields: {
        requestId: request.id,
        actor: this.trail.pseudonymOf(user),
        action: request.method.toLowerCase(),
        noun,
        ...(PERSONAL.has(noun) ? {} : named),
      },
      personal: {
        user,
        via,
        ...named,
        address: caller.address,
        userAgent: caller.userAgent,
        body: bodyText(request.body),
      },
    });
  }

  private async outcome(requestId: string, status: number, code: string | undefined): Promise<void> {
    const decision = status === 401 || status === 403 ? 'deny' : 'allow';
    await this.trail.record({
      kind: 'admin.outcome',
      fields: { requestId, decision, status, ...(code === undefined ? {} : { code }) },
    });
  }
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

function bodyText(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined;
  return (typeof body === 'string' ? body : JSON.stringify(body)).slice(0, BODY_CHARS_MAX);
}
