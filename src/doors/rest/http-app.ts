/**
 * The HTTP application: Nest over Fastify, one guard, one filter, one validation pipe, strict body parsers,
 * OpenAPI.
 */
import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { GovernanceError } from '../../core/errors.js';
import { AuthGuard } from './auth.guard.js';
import { CatalogController } from './catalog.controller.js';
import { EnginesController } from './engines.controller.js';
import { ExplainController } from './explain.controller.js';
import { PrincipalsController, TokensController } from './identity.controller.js';
import { PoliciesController } from './policies.controller.js';
import { ProblemFilter } from './problem.filter.js';
import { type RestServices, SERVICES } from './services.js';
import { StatementsController } from './statements.controller.js';
import { validationPipe } from './validation.js';

const URL_LENGTH_MAX = 8_192;
const REQUEST_TIMEOUT_MS = 120_000;

@Module({})
export class HttpModule {
  static with(services: RestServices): DynamicModule {
    return {
      module: HttpModule,
      controllers: [
        // Before the statements, whose `:id` would take `explain` for one.
        ExplainController,
        StatementsController,
        CatalogController,
        PoliciesController,
        PrincipalsController,
        TokensController,
        EnginesController,
      ],
      providers: [{ provide: SERVICES, useValue: services }],
    };
  }
}

export async function createHttpApp(
  services: RestServices,
  onUnexpected: (requestId: string, error: unknown) => void,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: services.config.bodyBytesMax,
    trustProxy: services.config.trustProxy,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: URL_LENGTH_MAX },
    connectionTimeout: 0,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
  });
  const app = await NestFactory.create<NestFastifyApplication>(HttpModule.with(services), adapter, {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  app.useGlobalGuards(new AuthGuard(services.authenticator));
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter(onUnexpected));
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
