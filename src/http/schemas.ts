/** Pieces of request schemas that every resource shares. Strict: unknown fields are refused. */
import { z } from 'zod';

const PAGE_MAX = 500;
const PAGE_DEFAULT = 100;
/** What a cursor is, for whoever narrows its form. */
export const CURSOR = 'The nextCursor of the page before.';

/** Text of at most `max` characters. Postgres can keep neither NUL nor half of a surrogate pair. */
export const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes('\0'), 'may not hold NUL characters')
    .refine((value) => !/\p{Cs}/u.test(value), 'may not hold half of a surrogate pair');

export const page = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(PAGE_MAX)
    .default(PAGE_DEFAULT)
    .describe('Items of a page, at most.'),
  cursor: text(500).optional().describe(CURSOR),
});
export type Page = z.output<typeof page>;

export const nextCursor = z.string().nullable().describe('For the next page; null: this is the last.');
