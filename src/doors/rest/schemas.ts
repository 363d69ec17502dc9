/** Bodies and queries of statements. Strict: unknown fields and wrong types are refused. */
import { z } from 'zod';
import { page, text } from '../../http/schemas.js';

const PARAMETERS_MAX = 1_000;
const TAGS_MAX = 50;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** `500ms`, `30s`, `5m` as milliseconds. */
export const duration = (maxMs: number) =>
  z
    .string()
    .regex(/^\d{1,9}(ms|s|m|h)$/, 'is a duration such as 500ms, 30s or 5m')
    .transform(
      (text) => Number.parseInt(text, 10) * UNIT_MS[text.replace(/^\d+/, '') as keyof typeof UNIT_MS],
    )
    .refine((ms) => ms <= maxMs, `is at most ${maxMs / 1000} s`);

const WAIT_MAX_MS = 60_000;
const TIMEOUT_MAX_MS = 24 * 3_600_000;

const parameter = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/)
    .optional(),
  type: text(200).optional(),
  value: z.union([text(1_000_000), z.number(), z.boolean(), z.null()]),
});

const common = {
  // Length and characters are judged by the parser, which says where.
  statement: z.string().optional(),
  plan: text(8_000_000).optional(),
  parameters: z.array(parameter).max(PARAMETERS_MAX).optional(),
  catalog: text(200).optional(),
  schema: text(200).optional(),
  engine: z.enum(['auto', 'duckdb', 'spark']).optional(),
  purpose: text(200).optional(),
  justification: text(2_000).optional(),
  minPolicyVersion: z.number().int().min(0).optional(),
  tags: z
    .record(text(100), text(500))
    .optional()
    .refine((tags) => Object.keys(tags ?? {}).length <= TAGS_MAX, `has at most ${TAGS_MAX} entries`),
};

export const statementBody = z.strictObject({
  ...common,
  waitTimeout: duration(WAIT_MAX_MS).optional(),
  onWaitTimeout: z.enum(['continue', 'cancel']).optional(),
  rowLimit: z.number().int().min(1).optional(),
  byteLimit: z.number().int().min(1).optional(),
  timeout: duration(TIMEOUT_MAX_MS).optional(),
  format: z.enum(['json', 'ndjson', 'csv', 'arrow', 'parquet']).optional(),
});
export type StatementBody = z.output<typeof statementBody>;

export const explainBody = z.strictObject({ ...common, asPrincipal: text(200).optional() });
export type ExplainBody = z.output<typeof explainBody>;

export const waitQuery = z.strictObject({ wait: duration(WAIT_MAX_MS).optional() });
export type WaitQuery = z.output<typeof waitQuery>;

export const listQuery = page.extend({
  all: z
    .enum(['true', 'false'])
    .default('false')
    .transform((all) => all === 'true'),
});
export type ListQuery = z.output<typeof listQuery>;

export const decisionsBody = z.strictObject({
  requests: z
    .array(
      z.strictObject({
        objects: z.array(text(700)).min(1).max(100),
        purpose: text(200).optional(),
        principal: text(200).optional(),
      }),
    )
    .min(1)
    .max(100),
});
export type DecisionsBody = z.output<typeof decisionsBody>;
