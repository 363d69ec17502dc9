/** Zod schemas as OpenAPI 3.1 has them, JSON Schema 2020-12; one with an id stands once, among the components. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

type Json = Readonly<Record<string, unknown>>;

const LOCAL = '#/$defs/';
const SHARED = '#/components/schemas/';

/** What has an id is in `$defs`, until `shareDefinitions`. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...said } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return said;
}

/** The same document, what its schemas define for themselves moved to `definitions`. */
export function shareDefinitions(value: unknown, definitions: Map<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => shareDefinitions(item, definitions));
  if (typeof value !== 'object' || value === null) return value;
  const { $defs = {}, ...rest } = value as Json;
  for (const [name, definition] of Object.entries($defs as Json))
    define(definitions, name, shareDefinitions(definition, definitions));
  const shared = Object.entries(rest).map(([key, part]) =>
    key === '$ref' && typeof part === 'string'
      ? [key, part.replace(LOCAL, SHARED)]
      : [key, shareDefinitions(part, definitions)],
  );
  return Object.fromEntries(shared);
}

function define(definitions: Map<string, unknown>, name: string, definition: unknown): void {
  const known = definitions.get(name);
  if (known !== undefined && !isDeepStrictEqual(known, definition))
    throw new Error(`two schemas are called ${name}`);
  definitions.set(name, definition);
}
