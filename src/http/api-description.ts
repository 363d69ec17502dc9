/**
 * The description of the API, made from the routes. What every route can answer when it refuses is added
 * here, once: the guard, the parsers and the filter stand before all of them.
 */
import { STATUS_CODES } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { z } from 'zod';
import { placeExample } from './example.js';
import { jsonSchema, shareDefinitions } from './json-schema.js';
import { problemSchema } from './problem-schema.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Responses = NonNullable<NonNullable<OpenAPIObject['components']>['responses']>;
type Response = Exclude<Responses[string], { readonly $ref: string }>;
type Headers = Response['headers'];

const PROBLEM = 'application/problem+json';
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const ALWAYS = [400, 401, 403, 429, 500, 503];
const WITH_PATH_PARAMETERS = [404];
const WITH_BODY = [413, 415];

export function describeApi(app: NestFastifyApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Sluice')
    .setDescription(
      'Governed queries: every plan rewritten by policy, every answer with evidence. Errors are application/problem+json.',
    )
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A token of Sluice, or a JWT.' })
    .build();
  const described = SwaggerModule.createDocument(app, config, {
    standardSchemaConverter: (schema, { schemaType }) => ({
      schema: jsonSchema(schema as z.ZodType, schemaType),
    }),
  });
  for (const operation of operationsOf(described)) placeExample(operation);
  const document = withComponents(withRefusals(withPathParameters(described)));
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
  });
}

const operationsOf = (document: OpenAPIObject): readonly Operation[] =>
  Object.values(document.paths).flatMap((item) => METHODS.flatMap((method) => item[method] ?? []));

/** What names are in paths: the same everywhere. */
const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  id: 'As answers and lists give it.',
  n: 'The number of the chunk, from 0.',
  name: 'The whole name.',
  object: 'A table by its whole name, or result.<hash>.',
  user: 'The user name.',
  kind: 'Which report.',
  eventId: 'As events have it.',
};

function withPathParameters(document: OpenAPIObject): OpenAPIObject {
  for (const { parameters = [] } of operationsOf(document)) {
    for (const parameter of parameters) {
      if ('in' in parameter && parameter.in === 'path')
        parameter.description ??= PATH_PARAMETERS[parameter.name];
    }
  }
  return document;
}

function withRefusals(document: OpenAPIObject): OpenAPIObject {
  const refusals = new Set(operationsOf(document).flatMap(addRefusals));
  const responses = Object.fromEntries(
    [...refusals].sort().map((status) => [`Problem${status}`, problem(status)]),
  );
  return { ...document, components: { ...document.components, responses } };
}

/** Schemas with a name stand among the components, once. */
function withComponents(document: OpenAPIObject): OpenAPIObject {
  const definitions = new Map<string, unknown>();
  const shared = shareDefinitions(document, definitions) as OpenAPIObject;
  const schemas = Object.fromEntries([...definitions].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...shared, components: { ...shared.components, schemas } as OpenAPIObject['components'] };
}

/** Gives the statuses with which this operation refuses. */
function addRefusals(operation: Operation): readonly number[] {
  const inPath = (operation.parameters ?? []).some(
    (parameter) => 'in' in parameter && parameter.in === 'path',
  );
  const declared = Object.keys(operation.responses)
    .map(Number)
    .filter((status) => status >= 400);
  const statuses = new Set([
    ...ALWAYS,
    ...(inPath ? WITH_PATH_PARAMETERS : []),
    ...(operation.requestBody === undefined ? [] : WITH_BODY),
    ...declared,
  ]);
  for (const status of statuses)
    operation.responses[status] = { $ref: `#/components/responses/Problem${status}` };
  return [...statuses];
}

function problem(status: number): Response {
  const headers = HEADERS[status];
  return {
    description: `${STATUS_CODES[status]}, as RFC 9457 problem details.`,
    ...(headers === undefined ? {} : { headers }),
    content: { [PROBLEM]: { schema: jsonSchema(problemSchema, 'output') as object } },
  };
}

const retryAfter: Headers = {
  'Retry-After': { description: 'Seconds, where waiting helps.', schema: { type: 'integer' } },
};
const HEADERS: Readonly<Record<number, Headers>> = {
  401: {
    'WWW-Authenticate': { description: 'How to sign in.', required: true, schema: { type: 'string' } },
  },
  429: retryAfter,
  503: retryAfter,
};
