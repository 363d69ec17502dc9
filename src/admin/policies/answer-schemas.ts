/** Answers of `/v1/policies`, for the API's description. */
import { z } from 'zod';
import { type AnswerShape, ETAG } from '../../http/answers.js';
import { nextCursor } from '../../http/schemas.js';

const name = z.string().describe('The name of the document.');
const version = z.int().describe('The version of the document, for If-Match.');
const policyVersion = z.int().describe('The version of all policies together.');
const source = z.string().describe('file: changed in files alone; api: here.');
const policy = z
  .object({
    name,
    version,
    source,
    updatedBy: z.string().describe('Who last changed it.'),
    updatedAt: z.string().describe('When.'),
    document: z.record(z.string(), z.unknown()).describe('As the reference of policies has it.'),
  })
  .meta({ id: 'Policy', description: 'A policy document.' });
const change = z
  .object({
    policyVersion,
    name,
    version,
    change: z.enum(['created', 'replaced', 'removed']).describe('What was done.'),
    source,
    changedBy: z.string().describe('Who did it.'),
    changedAt: z.string().describe('When.'),
  })
  .meta({ id: 'PolicyChange', description: 'A change of a policy document.' });
const warning = z.looseObject({
  code: z.string().describe('For programs.'),
  path: z.string().describe('Where in the document.'),
  text: z.string().describe('For people.'),
});
const saved = z
  .object({ name, version, policyVersion, warnings: z.array(warning).describe('What to look at again.') })
  .meta({ id: 'SavedPolicy', description: 'A policy document that is in force.' });
const outline = z
  .object({
    object: z.string().describe('The table.'),
    actions: z.array(z.string()).describe('What is allowed.'),
    rows: z.array(z.string()).describe('Row rules, as policy/rule.'),
    noRows: z.boolean().describe('Whether the rules leave no row at all.'),
    masks: z.record(z.string(), z.string()).describe('Masks by column.'),
  })
  .meta({ id: 'DecisionOutline', description: 'A decision on one table, in short.' });
const tried = z
  .object({
    passed: z.int().describe('Tests that passed.'),
    failed: z.int().describe('Tests that failed.'),
    results: z
      .array(
        z.object({
          name: z.string().describe('The name of the test.'),
          differences: z.array(z.string()).describe('What is otherwise than expected; empty: it passed.'),
        }),
      )
      .describe('Each test.'),
  })
  .meta({ id: 'PolicyTestResults', description: 'What policy tests found.' });
const tables = z
  .object({ tables: z.array(outline).describe('In the order of the question.') })
  .meta({ id: 'PolicyTrialResult', description: 'What would be decided.' });
const difference = z.object({
  object: z.string().describe('The table.'),
  before: outline.optional(),
  after: outline,
});

export const POLICY: AnswerShape = { about: 'The document.', schema: policy, headers: ETAG };
export const POLICIES: AnswerShape = {
  about: 'One page.',
  schema: z.object({ items: z.array(policy).describe('By name.'), policyVersion, nextCursor }),
};
export const CHANGES: AnswerShape = {
  about: 'One page.',
  schema: z.object({ items: z.array(change).describe('Newest first.'), nextCursor }),
};
export const SAVED: AnswerShape = { about: 'In force, with what to look at again.', schema: saved };
export const TRIED: AnswerShape = {
  about: 'What each test found, or the decision on each object.',
  schema: z.union([tried, tables]),
};
export const DIFFERENCES: AnswerShape = {
  about: 'Objects that would be decided otherwise.',
  schema: z.object({ changes: z.array(difference).describe('One for each such object.') }),
};
