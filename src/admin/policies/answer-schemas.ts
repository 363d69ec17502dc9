/** Answers of `/v1/policies`, for the API's description. */
import { z } from 'zod';
import { type AnswerShape, ETAG } from '../../http/answers.js';

const nextCursor = z.string().nullable();
const policy = z.object({
  name: z.string(),
  version: z.int(),
  source: z.string(),
  updatedBy: z.string(),
  updatedAt: z.string(),
  document: z.record(z.string(), z.unknown()),
});
const change = z.object({
  policyVersion: z.int(),
  name: z.string(),
  version: z.int(),
  change: z.enum(['created', 'replaced', 'removed']),
  source: z.string(),
  changedBy: z.string(),
  changedAt: z.string(),
});
const saved = z.object({
  name: z.string(),
  version: z.int(),
  policyVersion: z.int(),
  warnings: z.array(z.looseObject({ code: z.string(), path: z.string(), text: z.string() })),
});
const outline = z.object({
  object: z.string(),
  actions: z.array(z.string()),
  rows: z.array(z.string()),
  noRows: z.boolean(),
  masks: z.record(z.string(), z.string()),
});
const tried = z.object({
  passed: z.int(),
  failed: z.int(),
  results: z.array(z.object({ name: z.string(), differences: z.array(z.string()) })),
});

export const POLICY: AnswerShape = { about: 'The document.', schema: policy, headers: ETAG };
export const POLICIES: AnswerShape = {
  about: 'One page.',
  schema: z.object({ items: z.array(policy), policyVersion: z.int(), nextCursor }),
};
export const CHANGES: AnswerShape = {
  about: 'One page.',
  schema: z.object({ items: z.array(change), nextCursor }),
};
export const SAVED: AnswerShape = { about: 'In force, with what to look at again.', schema: saved };
export const TRIED: AnswerShape = {
  about: 'What each test found, or the decision on each object.',
  schema: z.union([tried, z.object({ tables: z.array(outline) })]),
};
export const DIFFERENCES: AnswerShape = {
  about: 'Objects that would be decided otherwise.',
  schema: z.object({
    changes: z.array(z.object({ object: z.string(), before: outline.optional(), after: outline })),
  }),
};
