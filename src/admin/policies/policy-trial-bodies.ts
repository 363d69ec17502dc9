/** Bodies of `/v1/policies/test` and `/v1/policies/diff`. */
import { z } from 'zod';
import { text } from '../../http/schemas.js';

const TESTS_LENGTH_MAX_CHARS = 1_000_000;

/** Put in place of those with the same name: objects, or YAML as text. */
const documents = z.array(z.unknown()).max(100).default([]);
const attribute = z.union([
  text(1_000),
  z.number(),
  z.boolean(),
  z.array(z.union([text(1_000), z.number()])).max(1_000),
]);

const question = z.strictObject({
  principal: z.strictObject({
    user: text(200),
    roles: z.array(text(200)).default([]),
    groups: z.array(text(200)).default([]),
    attributes: z.record(text(100), attribute).default({}),
  }),
  objects: z.array(text(700)).min(1).max(100),
  purpose: text(200).optional(),
  documents,
});
/** A file of policy tests, as YAML. */
const testFile = z.strictObject({ tests: text(TESTS_LENGTH_MAX_CHARS), documents });

export const policyTestBody = z.union([testFile, question]);
export type PolicyTestBody = z.output<typeof policyTestBody>;
export const policyDiffBody = question;
export type PolicyDiffBody = z.output<typeof policyDiffBody>;
