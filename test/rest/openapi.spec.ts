/** The description of the API, made from the code: every route with what goes in and what comes out. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Rest, startRest } from '../support/rest-client.js';

const START_TIMEOUT_MS = 90_000;
/** [method, path, has a body, statuses that are described]. */
const STATEMENTS = [
  ['post', '/v1/statements', true, [200, 202, 400, 401, 408, 422, 429, 503]],
  ['get', '/v1/statements/{id}', false, [200, 400, 401, 404, 503]],
  ['get', '/v1/statements/{id}/chunks/{n}', false, [200, 403, 404, 410]],
  ['get', '/v1/statements/{id}/stream', false, [200, 403, 404, 410]],
  ['get', '/v1/statements/{id}/events', false, [200, 404]],
  ['get', '/v1/statements/{id}/governance', false, [200, 404]],
  ['post', '/v1/statements/{id}/cancel', false, [202, 404]],
  ['delete', '/v1/statements/{id}', false, [204, 404]],
  ['get', '/v1/statements', false, [200]],
  ['post', '/v1/engines/statements/{id}/cancel', false, [202, 403, 404]],
  ['post', '/v1/statements/explain', true, [200, 403, 404]],
] as const;
const NOUNS = ['catalog/tables', 'catalog/tables/{name}', 'catalog/tags', 'policies', 'policies/{name}']
  .concat(['policies/test', 'policies/diff', 'policies/versions', 'decisions', 'principals'])
  .concat(['principals/{user}', 'tokens', 'tokens/{id}', 'engines'])
  .concat(['reports', 'reports/{kind}', 'reports/history', 'reports/history/{id}', 'reports/schedules']);

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly description?: string;
  }[];
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<
      string,
      { readonly $ref?: string; readonly content?: Readonly<Record<string, { schema: Schema }>> }
    >
  >;
}
interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
}
let rest: Rest;
let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
let document: { readonly openapi: string };
let components: {
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly responses: Readonly<Record<string, { readonly content: object }>>;
};

beforeAll(async () => {
  rest = await startRest({ SLUICE_DEMO_SCALE: '0.001' });
  document = (await rest.ask(undefined, 'GET', '/openapi.json')).json;
  ({ paths, components } = document as typeof document & {
    paths: typeof paths;
    components: typeof components;
  });
}, START_TIMEOUT_MS);
afterAll(() => rest?.gateway.stop(), START_TIMEOUT_MS);

const operations = (): readonly Operation[] => Object.values(paths).flatMap((item) => Object.values(item));

/** What a reference points to. */
const shared = (schema: Schema | undefined): Schema | undefined =>
  schema?.$ref === undefined ? schema : components.schemas[schema.$ref.split('/').at(-1)!];

/** Paths of schemas in a piece of the document that say nothing about themselves. */
function silent(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { properties = {} } = value as Schema;
  const poor = Object.entries(properties)
    .filter(([, schema]) => shared(schema)?.description === undefined && schema.description === undefined)
    .map(([name]) => `${path}.${name}`);
  return [...poor, ...Object.entries(value).flatMap(([key, part]) => silent(part, `${path}/${key}`))];
}

describe('OpenAPI', () => {
  it('is 3.1, and says what each schema, field and parameter is', () => {
    expect(document.openapi).toBe('3.1.0');
    const schemas = Object.entries(components.schemas);
    expect(schemas.length).toBeGreaterThan(40);
    expect(schemas.filter(([, { description }]) => description === undefined)).toEqual([]);
    const parameters = operations().flatMap(({ parameters: all = [] }) => all);
    expect(parameters.length).toBeGreaterThan(50);
    expect(parameters.filter(({ description }) => description === undefined)).toEqual([]);
    expect(silent(document, '')).toEqual([]);
  });

  it('names each operation once, as a verb and what it is about', () => {
    const ids = operations().map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z]+([A-Z][a-z]*)*$/.test(id))).toEqual([]);
    expect(ids).toEqual(expect.arrayContaining(['runStatement', 'explainStatement', 'listTables', 'decide']));
  });

  it('says which headers are read', () => {
    const read = (path: string, method: string) =>
      paths[path]?.[method]?.parameters
        ?.filter((parameter) => parameter.in === 'header')
        .map(({ name }) => name);
    expect(read('/v1/statements', 'post')).toEqual(['Idempotency-Key']);
    for (const path of ['/v1/policies/{name}', '/v1/principals/{user}', '/v1/audit/alert-rules/{name}'])
      expect([read(path, 'put'), read(path, 'delete')]).toEqual([['If-Match'], ['If-Match']]);
    expect(read('/v1/catalog/tables/{name}/metadata', 'put')).toEqual(['If-Match']);
  });

  it.each(STATEMENTS)('describes %s %s', (method, path, hasBody, statuses) => {
    const operation = paths[path]?.[method];
    expect(operation?.summary).toEqual(expect.any(String));
    expect(operation?.security).toEqual([{ bearer: [] }]);
    expect(operation?.requestBody !== undefined).toBe(hasBody);
    for (const status of statuses) {
      const response = operation?.responses[status];
      if (status >= 400) expect(response?.$ref).toBe(`#/components/responses/Problem${status}`);
      else if (status === 204) expect(response).not.toHaveProperty('content');
      else expect(response?.content?.['application/json'] ?? response?.content).toBeDefined();
    }
  });

  it('describes the body of a statement as it is checked', () => {
    const body = shared(paths['/v1/statements']?.post?.requestBody?.content['application/json']?.schema);
    const fields =
      'statement plan parameters catalog schema engine purpose justification waitTimeout onWaitTimeout'
        .concat(' rowLimit byteLimit timeout format cache tags minPolicyVersion')
        .split(' ');
    expect(Object.keys(body?.properties ?? {}).sort()).toEqual(fields.sort());
    expect(body?.additionalProperties).toBe(false);
    const answer = shared(
      paths['/v1/statements']?.post?.responses['200']?.content?.['application/json']?.schema,
    );
    for (const field of ['statementId', 'state', 'manifest', 'result', 'governance'])
      expect(shared(answer?.properties?.[field])?.type).toEqual(expect.any(String));
  });

  it('describes the other nouns', () => {
    for (const noun of NOUNS) expect(paths).toHaveProperty([`/v1/${noun}`]);
  });

  it('describes reports in each of their forms', () => {
    for (const path of ['/v1/reports/{kind}', '/v1/reports/history/{id}']) {
      const content = paths[path]?.get?.responses['200']?.content ?? {};
      expect(Object.keys(content).sort()).toEqual([
        'application/json',
        'application/pdf',
        'text/csv',
        'text/html',
      ]);
      expect(shared(content['application/json']?.schema)?.properties).toHaveProperty('report');
    }
  });

  it('says of every route how it answers when all is well, and all its ways to refuse, as problems', () => {
    const poor = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { responses, requestBody }]) => {
        const wanted = [400, 401, 403, 429, 500, 503]
          .concat(path.includes('{') ? [404] : [])
          .concat(requestBody === undefined ? [] : [413, 415]);
        const [good = '', { content } = {}] = Object.entries(responses)[0] ?? [];
        const schemas = Object.values(content ?? {}).map(({ schema }) => Object.keys(schema).length);
        const isDescribed =
          good === '204' || (/^20[012]$/.test(good) && schemas.length > 0 && !schemas.includes(0));
        return isDescribed && wanted.every((status) => responses[status]?.$ref !== undefined)
          ? []
          : [`${method} ${path}`];
      }),
    );
    expect(poor).toEqual([]);
    for (const { content } of Object.values(components.responses))
      expect(Object.keys(content)).toEqual(['application/problem+json']);
  });

  it('tells which methods a path has to those that ask with another', async () => {
    for (const [path, operations] of Object.entries(paths)) {
      const answer = await rest.ask('admin', 'PATCH', path.replace(/\{\w+\}/g, 'x'));
      expect([path, answer.status, answer.json.code]).toEqual([path, 405, 'METHOD_NOT_ALLOWED']);
      const allowed = answer.headers.get('allow')?.toLowerCase().split(', ') ?? [];
      const wanted = Object.keys(operations).concat('get' in operations ? ['head'] : []);
      expect(allowed).toEqual(expect.arrayContaining(wanted));
    }
  });

  it('answers HEAD as GET, without a body', async () => {
    for (const path of ['/v1/engines', '/v1/policies', '/v1/principals/me']) {
      const [got, head] = [await rest.ask('admin', 'GET', path), await rest.ask('admin', 'HEAD', path)];
      expect([head.status, head.text]).toEqual([got.status, '']);
      expect(head.headers.get('content-type')).toBe(got.headers.get('content-type'));
    }
  });

  it('holds for every route: a summary, a schema for what goes in, and a need for credentials', () => {
    const poor = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { summary, security, requestBody }]) => {
        const schemas = Object.values(requestBody?.content ?? {}).map(
          ({ schema }) => Object.keys(schema).length,
        );
        const rich = summary !== '' && security !== undefined && schemas.every((size) => size > 0);
        return rich ? [] : [`${method} ${path}`];
      }),
    );
    expect(poor).toEqual([]);
  });
});
