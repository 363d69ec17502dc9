/** Answers of `/v1/catalog`, for the API's description. */
import { z } from 'zod';
import { type AnswerShape, ETAG } from '../../http/answers.js';

const nextCursor = z.string().nullable();
const tags = z.array(z.string());
const summary = z.object({
  name: z.string(),
  catalog: z.string(),
  schema: z.string(),
  table: z.string(),
  kind: z.string(),
  tags,
  owner: z.string().nullable(),
});
const column = z.object({
  name: z.string(),
  type: z.string(),
  nullable: z.boolean(),
  tags,
  masked: z.boolean(),
  mask: z.string().nullable(),
});

export const TABLES: AnswerShape = {
  about: 'One page.',
  schema: z.object({ items: z.array(summary), nextCursor }),
};
export const TABLE: AnswerShape = {
  about: 'The table, columns as the caller would see them.',
  schema: summary.extend({ mayRead: z.boolean(), columns: z.array(column) }),
  headers: ETAG,
};
export const CHANGED_TABLE: AnswerShape = {
  about: 'As it is now; empty when the table went in the meantime.',
  schema: summary.partial(),
};
export const TAGS: AnswerShape = {
  about: 'All of them.',
  schema: z.object({
    items: z.array(z.object({ tag: z.string(), objects: z.array(z.string()) })),
    nextCursor,
  }),
};
