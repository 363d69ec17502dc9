/** Every operation that takes JSON shows a request and its answer; sent, it is answered in that shape. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type Rest, startRest } from '../support/rest-client.js';

const START_TIMEOUT_MS = 90_000;

interface Content {
  readonly content?: Readonly<
    Record<string, { readonly schema?: object; readonly examples?: Readonly<Record<string, Shown>> }>
  >;
}
interface Shown {
  readonly summary: string;
  readonly value: unknown;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly example?: string }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

let rest: Rest;
let components: object;
let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
beforeAll(async () => {
  rest = await startRest({ SLUICE_DEMO_SCALE: '0.001' });
  ({ paths, components } = (await rest.ask(undefined, 'GET', '/openapi.json')).json);
}, START_TIMEOUT_MS);
afterAll(() => rest?.gateway.stop(), START_TIMEOUT_MS);

const examplesOf = ({ content }: Content): readonly (readonly [string, Shown])[] =>
  Object.entries(content?.['application/json']?.examples ?? {});

/** Which keys there are and what kind of value each has; of lists, the first item. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shapeOf(part)]));
}

describe('examples', () => {
  it('are answered as they say', async () => {
    const poor: string[] = [];
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, { operationId, parameters = [], requestBody, responses }] of Object.entries(
        operations,
      )) {
        if (requestBody === undefined) continue;
        const [[name, { summary, value }] = ['', { summary: '', value: undefined }]] =
          examplesOf(requestBody);
        if (name === '' || summary === '') poor.push(operationId);
        const [status, answer] =
          Object.entries(responses).find(([, response]) => examplesOf(response).some(([n]) => n === name)) ??
          [];
        const url = path.replace(/\{(\w+)\}/g, (_, wanted: string) =>
          String(parameters.find((p) => p.in === 'path' && p.name === wanted)?.example),
        );
        const told = await rest.ask('admin', method.toUpperCase(), url, value);
        const [, shown] = examplesOf(answer ?? {}).find(([n]) => n === name) ?? [];
        expect([operationId, String(told.status), shapeOf(told.json)]).toEqual([
          operationId,
          status,
          shapeOf(shown?.value),
        ]);
      }
    }
    expect(poor).toEqual([]);
  }, 60_000);

  it('fit the schemas that they stand beside', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const operations = Object.values(paths).flatMap((item) => Object.values(item));
    const beside = operations.flatMap(({ requestBody = {}, responses }) =>
      [requestBody, ...Object.values(responses)].flatMap(({ content }) => Object.values(content ?? {})),
    );
    const shown = beside.flatMap(({ schema, examples = {} }) =>
      Object.values(examples).map(({ value }) => ({ schema, value })),
    );
    expect(shown.length).toBeGreaterThan(25);
    for (const { schema, value } of shown) {
      const isValid = ajv.compile({ ...schema, components });
      expect([isValid(value), isValid.errors]).toEqual([true, null]);
    }
    expect(JSON.stringify(paths)).not.toContain('x-example');
  });
});
