/** Request bodies and queries. Strict: unknown fields and wrong types are refused. */
import { z } from 'zod';

const STATEMENT_CHARS_MAX = 1_000_000;
const PARAMETERS_MAX = 1_000;
const TAGS_MAX = 50;
const PAGE_MAX = 500;
const PAGE_DEFAULT = 100;

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

const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes('\0'), 'may not hold NUL characters');

const parameter = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/)
    .optional(),
  type: text(200).optional(),
  value: z.union([text(1_000_000), z.number(), z.boolean(), z.null()]),
});

const common = {
  statement: text(STATEMENT_CHARS_MAX).optional(),
  plan: text(8_000_000).optional(),
  parameters: z.array(parameter).max(PARAMETERS_MAX).optional(),
  catalog: text(200).optional(),
  schema: text(200).optional(),
  engine: z.enum(['auto', 'duckdb', 'spark']).optional(),
  purpose: text(200).optional(),
  justification: text(2_000).optional(),
  minPolicyVersion: z.number().int().min(0).optional(),
  tags: z
    .record(z.string().max(100), text(500))
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

export const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  cursor: text(500).optional(),
});
export type Page = z.output<typeof page>;

export const waitQuery = z.strictObject({ wait: duration(WAIT_MAX_MS).optional() });
export type WaitQuery = z.output<typeof waitQuery>;

export const principalBody = z.strictObject({
  roles: z.array(text(200)).max(200).default([]),
  groups: z.array(text(200)).max(200).default([]),
  attributes: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/),
      z.union([text(1_000), z.number(), z.boolean(), z.array(z.union([text(1_000), z.number()])).max(1_000)]),
    )
    .default({}),
  active: z.boolean().default(true),
});
export const newPrincipalBody = principalBody.extend({
  user: z.string().regex(/^[^\s|:]{1,200}$/, 'has no spaces, colons or bars, 200 characters at most'),
});
export type PrincipalBody = z.output<typeof principalBody>;
export type NewPrincipalBody = z.output<typeof newPrincipalBody>;

export const tokenBody = z.strictObject({
  principal: text(200).optional(),
  name: text(200),
  scopes: z
    .array(z.enum(['statements', 'catalog', 'policies', 'identity']))
    .max(10)
    .default([]),
  expiresAt: z.iso.datetime({ offset: true }).optional(),
});
export type TokenBody = z.output<typeof tokenBody>;

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

export const metadataBody = z.strictObject({
  owner: text(200).nullable().optional(),
  tags: z.array(z.string().regex(/^[A-Za-z0-9_.-]{1,200}$/)).max(100),
  columns: z.record(text(300), z.array(z.string().regex(/^[A-Za-z0-9_.-]{1,200}$/)).max(100)).optional(),
});
export type MetadataBody = z.output<typeof metadataBody>;

export const policyTestBody = z.strictObject({
  principal: z.strictObject({
    user: text(200),
    roles: z.array(text(200)).default([]),
    groups: z.array(text(200)).default([]),
  }),
  objects: z.array(text(700)).min(1).max(100),
  purpose: text(200).optional(),
  /** Documents that are put in place of those with the same name. */
  documents: z.array(z.unknown()).max(100).default([]),
});
export type PolicyTestBody = z.output<typeof policyTestBody>;
