/** Bodies of `/v1/policies/test` and `/v1/policies/diff`. */
import { z } from 'zod';
import { text } from '../../http/schemas.js';

const TESTS_LENGTH_MAX_CHARS = 1_000_000;

const documents = z
  .array(z.unknown())
  .max(100)
  .default([])
  .describe('Put in place of those with the same name: objects, or YAML as text.');
const attribute = z.union([
  text(1_000),
  z.number(),
  z.boolean(),
  z.array(z.union([text(1_000), z.number()])).max(1_000),
]);

const question = z
  .strictObject({
    principal: z
      .strictObject({
        user: text(200).describe('The user name.'),
        roles: z.array(text(200)).default([]).describe('Roles.'),
        groups: z.array(text(200)).default([]).describe('Groups.'),
        attributes: z.record(text(100), attribute).default({}).describe('Facts that policies may ask for.'),
      })
      .describe('Who asks; it need not be there.'),
    objects: z.array(text(700)).min(1).max(100).describe('Tables by their whole names.'),
    purpose: text(200).optional().describe('What the data would be for.'),
    documents,
  })
  .meta({ id: 'PolicyTrial', description: 'What would be decided under other documents?' });
const testFile = z
  .strictObject({
    tests: text(TESTS_LENGTH_MAX_CHARS).describe('A file of policy tests, as YAML.'),
    documents,
  })
  .meta({ id: 'PolicyTestFile', description: 'Tests to run.' });

export const policyTestBody = z.union([testFile, question]);
export type PolicyTestBody = z.output<typeof policyTestBody>;
export const policyDiffBody = question;
export type PolicyDiffBody = z.output<typeof policyDiffBody>;
