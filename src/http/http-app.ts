/**
 * The HTTP application: Nest over Fastify, one guard, one filter, one validation pipe, strict body parsers,
 * OpenAPI.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import helmet from '@fastify/helmet';
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GovernanceError } from '../core/errors.js';
import type { Authenticator } from '../gateway/authenticate.js';
import { describeApi } from './api-description.js';
import { AuthGuard } from './auth.guard.js';
import { refuseOtherMethods } from './methods.js';
import { ProblemFilter, sendProblem } from './problem.filter.js';
import { problemOf } from './problem.js';
import { validationPipe } from './validation.js';

const URL_LENGTH_MAX = 8_192;
const REQUEST_TIMEOUT_MS = 120_000;

export interface HttpAppOptions {
  /** In order of precedence: `a/b` before `a/:id`. */
  readonly controllers: readonly Type[];
  readonly providers: readonly Provider[];
  readonly authenticator: Authenticator;
  readonly bodyBytesMax: number;
  readonly trustProxy: boolean;
  readonly onUnexpected: (requestId: string, error: unknown) => void;
}

@Module({})
class HttpModule {}

export async function createHttpApp(options: HttpAppOptions): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyBytesMax,
    trustProxy: options.trustProxy,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: URL_LENGTH_MAX },
    connectionTimeout: 0,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    // Before there is a route, Fastify answers by itself: in our form all the same.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(request, reply, error),
    clientErrorHandler: refuseMessage,
  });
  const module: DynamicModule = {
    module: HttpModule,
    controllers: [...options.controllers],
    providers: [...options.providers],
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  app.useGlobalGuards(new AuthGuard(options.authenticator));
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter(options.onUnexpected));
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  refuseNulInUrls(fastify);
  refuseOtherMethods(fastify);
  readBodiesStrictly(fastify);
  await fastify.register(helmet as never, { contentSecurityPolicy: { directives: CSP } } as never);
  describeApi(app);
  await app.init();
  return app;
}

/** The API docs come from here alone, styles inline; nothing else is loaded from anywhere. */
const CSP = {
  defaultSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  upgradeInsecureRequests: null,
};

/** What is not HTTP, or not in time, has no request that could be answered in the ordinary way. */
function refuseMessage(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const problem = problemOf(
    new GovernanceError(
      'BAD_REQUEST',
      'The message is not HTTP/1.1 that the gateway reads, or came too slowly.',
      {
        remedy: 'Send well-formed requests with headers of at most 16 KiB.',
      },
    ),
  );
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** No name of ours holds a NUL, and Postgres could not even be asked for one. */
function refuseNulInUrls(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!request.url.includes('%00')) return done();
    done(
      new GovernanceError('BAD_REQUEST', 'The address may not hold NUL characters.', {
        remedy: 'Leave %00 out.',
      }),
    );
  });
}

/** UTF-8 or nothing; JSON without prototype keys; YAML as text for the policy documents. */
function readBodiesStrictly(fastify: FastifyInstance): void {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const decode = (body: Buffer): string => {
    try {
      return utf8.decode(body);
    } catch (cause) {
      throw new GovernanceError(
        'BAD_REQUEST',
        'The body is not valid UTF-8.',
        { remedy: 'Send UTF-8.' },
        cause,
      );
    }
  };
  fastify.removeAllContentTypeParsers();
  const json = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    // Many clients name a type for a body that is not there; what needs one misses it by its schema.
    if (body.length === 0) return done(null, undefined);
    try {
      json(request, decode(body), (error, value) => {
        if (error === null || error === undefined) done(null, value);
        else
          done(
            new GovernanceError(
              'BAD_REQUEST',
              'The body is not JSON.',
              { remedy: 'Send well-formed JSON.' },
              error,
            ),
          );
      });
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addContentTypeParser(
    ['application/yaml', 'application/x-yaml', 'text/yaml'],
    { parseAs: 'buffer' },
    (_, body: Buffer, done) => {
      try {
        done(null, decode(body));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}
