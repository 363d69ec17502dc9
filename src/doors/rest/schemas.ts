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

const parameter = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/)
      .optional()
      .describe('For `:name`; without one, `?` takes it, in order.'),
    type: text(200).optional().describe('A Spark type; without one, as the value is.'),
    value: z
      .union([text(1_000_000), z.number(), z.boolean(), z.null()])
      .describe('Text for what JSON has not.'),
  })
  .meta({ id: 'StatementParameter', description: 'A value for the statement.' });

const common = {
  // Length and characters are judged by the parser, which says where.
  statement: z.string().optional().describe('Spark SQL.'),
  plan: text(8_000_000).optional().describe('A Spark Connect relation in base64, with engine: spark.'),
  parameters: z.array(parameter).max(PARAMETERS_MAX).optional().describe('Values for its parameters.'),
  catalog: text(200).optional().describe('The catalog of names that have none.'),
  schema: text(200).optional().describe('The schema of names that have none.'),
  engine: z.enum(['auto', 'duckdb', 'spark']).optional().describe('Where to run it.'),
  purpose: text(200).optional().describe('What the data is for, where policies ask.'),
  justification: text(2_000).optional().describe('Why, for the record.'),
  minPolicyVersion: z.number().int().min(0).optional().describe('Refuse under older policies.'),
  tags: z
    .record(text(100), text(500))
    .optional()
    .refine((tags) => Object.keys(tags ?? {}).length <= TAGS_MAX, `has at most ${TAGS_MAX} entries`)
    .describe('Told again with the statement.'),
};

export const statementBody = z
  .strictObject({
    ...common,
    waitTimeout: duration(WAIT_MAX_MS)
      .optional()
      .describe('How long to wait for its end: 10s when not given.'),
    onWaitTimeout: z.enum(['continue', 'cancel']).optional().describe('What then becomes of it.'),
    rowLimit: z.number().int().min(1).optional().describe('Cut the result after so many rows.'),
    byteLimit: z.number().int().min(1).optional().describe('Fail when the result has more bytes.'),
    timeout: duration(TIMEOUT_MAX_MS).optional().describe('Fail when it takes longer.'),
    cache: z
      .boolean()
      .optional()
      .describe('False: run it, even where an answer of the same plan over the same data is kept.'),
    format: z
      .enum(['json', 'ndjson', 'csv', 'arrow', 'parquet'])
      .optional()
      .describe('Of the answer, before what Accept says.'),
  })
  .meta({ id: 'RunStatement', description: 'A statement to run.' });
export type StatementBody = z.output<typeof statementBody>;

export const explainBody = z
  .strictObject({ ...common, asPrincipal: text(200).optional().describe('As somebody else would see it.') })
  .meta({ id: 'ExplainStatement', description: 'A statement to explain.' });
export type ExplainBody = z.output<typeof explainBody>;

export const waitQuery = z.strictObject({
  wait: duration(WAIT_MAX_MS).optional().describe('How long to wait for its end.'),
});
export type WaitQuery = z.output<typeof waitQuery>;

export const listQuery = page.extend({
  all: z
    .enum(['true', 'false'])
    .default('false')
    .transform((all) => all === 'true')
    .describe("Everybody's, for who administers."),
});
export type ListQuery = z.output<typeof listQuery>;

export const decisionsBody = z
  .strictObject({
    requests: z
      .array(
        z.strictObject({
          objects: z.array(text(700)).min(1).max(100).describe('Tables by their whole names.'),
          purpose: text(200).optional().describe('What the data would be for.'),
          principal: text(200).optional().describe('Somebody else, for who administers.'),
        }),
      )
      .min(1)
      .max(100)
      .describe('Questions.'),
  })
  .meta({ id: 'DecisionQuestions', description: 'What may be done with some objects?' });
export type DecisionsBody = z.output<typeof decisionsBody>;
