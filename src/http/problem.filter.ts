/** Whatever goes wrong on a request leaves as problem+json. */
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, GovernanceError } from '../core/errors.js';
import { problemOf, retryAfter } from './problem.js';

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly onUnexpected: (requestId: string, error: unknown) => void) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const known = asGovernanceError(error);
    if (known === undefined || known.code === 'INTERNAL' || known.code === 'SECOND_CHECK')
      this.onUnexpected(request.id, error);
    sendProblem(request, reply, error);
  }
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, raised: unknown): void {
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  const error = asGovernanceError(raised) ?? raised;
  const problem = problemOf(error, request.url.split('?')[0]);
  const seconds = retryAfter(error);
  if (seconds !== undefined) void reply.header('retry-after', String(seconds));
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="sluice"');
  void reply.status(problem.status).header('content-type', 'application/problem+json; charset=utf-8');
  void reply.send(JSON.stringify({ ...problem, requestId: request.id }));
}

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  404: 'NOT_FOUND',
  406: 'NOT_ACCEPTABLE',
  413: 'BODY_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/** Nest's and Fastify's own refusals in our codes; undefined: nobody expected this. */
function asGovernanceError(error: unknown): GovernanceError | undefined {
  if (error instanceof GovernanceError) return error;
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number }).statusCode;
  if (status === undefined || status < 400 || status >= 500) return undefined;
  const code = BY_STATUS[status] ?? 'BAD_REQUEST';
  return new GovernanceError(
    code,
    DETAILS[code] ?? 'The request cannot be served.',
    { remedy: REMEDIES[code] ?? 'See /docs.' },
    error,
  );
}

const DETAILS: Partial<Record<ErrorCode, string>> = {
  BAD_REQUEST: 'The request is not well-formed JSON of the shape that /docs describes.',
  NOT_FOUND: 'There is no such resource.',
  BODY_TOO_LARGE: 'The body is larger than the gateway accepts.',
  UNSUPPORTED_MEDIA_TYPE: 'The body is of a type that this resource does not read.',
};
const REMEDIES: Partial<Record<ErrorCode, string>> = {
  BAD_REQUEST: 'Correct the body; /docs shows its shape.',
  NOT_FOUND: 'Correct the path; /docs lists what there is.',
  BODY_TOO_LARGE: 'Send less, or pass values as parameters.',
  UNSUPPORTED_MEDIA_TYPE: 'Send Content-Type: application/json.',
};
