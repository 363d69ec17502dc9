/** Answers of `/v1/lineage`, for the API's description. */
import { z } from 'zod';
import type { AnswerShape } from '../../http/answers.js';

const kind = z.enum(['table', 'result']);
const tags = z.array(z.string());
const place = z.object({ object: z.string(), column: z.string() });

const graph = z.object({
  nodes: z.array(z.object({ object: z.string(), column: z.string().nullable(), kind, tags })),
  edges: z.array(
    z.object({
      source: z.string(),
      sourceColumn: z.string(),
      target: z.string(),
      targetColumn: z.string(),
      type: z.string(),
      subtype: z.string(),
      masking: z.boolean(),
      policy: z.boolean(),
      job: z.string(),
    }),
  ),
  jobs: z.array(
    z.object({
      job: z.string(),
      target: z.string(),
      shape: z.string(),
      runs: z.int(),
      lastSeen: z.string(),
      approximate: z.boolean(),
    }),
  ),
  truncated: z.boolean(),
});
const reached = z.object({
  object: z.string(),
  column: z.string().nullable(),
  kind,
  depth: z.int(),
  strength: z.enum(['direct', 'masked', 'indirect']),
  tags,
});
const flow = z.object({
  tag: z.string(),
  from: place,
  to: place,
  depth: z.int(),
  state: z.enum(['present', 'missing', 'masked']),
});

export const GRAPH: AnswerShape = { about: 'What the caller may know of.', schema: graph };
export const IMPACT: AnswerShape = {
  about: 'Nearest first.',
  schema: z.object({
    object: z.string(),
    column: z.string().nullable(),
    items: z.array(reached),
    truncated: z.boolean(),
  }),
};
export const TAG_FLOW: AnswerShape = {
  about: 'Where each tag should be.',
  schema: z.object({ object: z.string(), items: z.array(flow), truncated: z.boolean() }),
};
