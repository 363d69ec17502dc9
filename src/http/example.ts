/** A request of a route and what it is answered, for the description of the API; a spec sends each of them. */
import { ApiExtension, type OpenAPIObject } from '@nestjs/swagger';

export interface RouteExample {
  /** In kebab-case: by it the request and its answer find each other. */
  readonly name: string;
  readonly about: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly status: number;
  /** Values of the demo, for their shape: ids, versions and times are others each time. */
  readonly answer: unknown;
}

const EXTENSION = 'x-example';
const JSON_TYPE = 'application/json';

export const Example = (example: RouteExample): MethodDecorator => ApiExtension(EXTENSION, { ...example });

type Operation = NonNullable<OpenAPIObject['paths'][string]['post']>;
type WithContent = { readonly content?: Record<string, { examples?: object }> };

/** Puts the example of an operation where readers of OpenAPI look for it. */
export function placeExample(operation: Operation): void {
  const extended = operation as Operation & { [EXTENSION]?: RouteExample };
  const { [EXTENSION]: example } = extended;
  if (example === undefined) return;
  delete extended[EXTENSION];
  const { name, about, path = {}, body, status, answer } = example;
  place(operation.requestBody as WithContent, name, { summary: about, value: body });
  place(operation.responses[status] as WithContent, name, { summary: about, value: answer });
  for (const parameter of operation.parameters ?? []) {
    if ('in' in parameter && parameter.in === 'path' && parameter.name in path)
      parameter.example = path[parameter.name];
  }
}

function place(where: WithContent | undefined, name: string, example: object): void {
  const media = where?.content?.[JSON_TYPE];
  if (media === undefined) throw new Error(`the example ${name} has no place`);
  media.examples = { [name]: example };
}
