/**
 * Policy documents and their tests as JSON Schema, for editors. Made from the schemas that read them: what is
 * accepted is valid here. The other way round a few rules cannot be said (JSON Schema does not compare values).
 */
import { z } from 'zod';
import { policySchema } from './document.js';
import { policyTestsSchema } from './policy-test.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What only reading a document finds, by the words in which it is told. */
export const BEYOND_JSON_SCHEMA: readonly RegExp[] = [
  /which is used twice$/,
  /^must be in ascending order$/,
  /^must end after it starts$/,
  /^must be a date, /,
  /^must be a time of 100ms to 168h/,
  /^must be a size of 1KiB or more/,
  /^is longer than \d+ characters$/,
];

const schemaOf = (title: string, schema: z.ZodType): JsonSchema => ({
  title,
  ...z.toJSONSchema(schema, { io: 'input' }),
});

export const policyJsonSchema = (): JsonSchema => schemaOf('Sluice policy', policySchema);
export const policyTestsJsonSchema = (): JsonSchema => schemaOf('Sluice policy tests', policyTestsSchema);
