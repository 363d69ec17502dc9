/**
 * The HTTP application: Nest over Fastify, one guard, one filter, one validation pipe, strict body parsers,
 * OpenAPI.
 */
import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { GovernanceError } from '../core/errors.js';
import type { Authenticator } from '../gateway/authenticate.js';
import { AuthGuard } from './auth.guard.js';
import { ProblemFilter } from './problem.filter.js';
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

function describeApi(app: NestFastifyApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Sluice')
    .setDescription(
      'Governed queries: every plan rewritten by policy, every answer with evidence. Errors are application/problem+json.',
    )
    .setVersion('1')
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(app, config);
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
  });
}
