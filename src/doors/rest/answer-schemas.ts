/** Answers of the statement routes, for the API's description. What is sent is made elsewhere and held to these by a spec. */
import { applyDecorators } from '@nestjs/common';
import { ApiResponse, type ApiResponseSchemaHost } from '@nestjs/swagger';
import { z } from 'zod';
import { STAGES } from '../../gateway/statement.js';

const state = z.enum(['queued', 'running', 'succeeded', 'failed', 'canceled', 'timed_out', 'expired']);
const position = z.object({ line: z.int(), column: z.int() });
const denied = z.object({
  object: z.string(),
  columns: z.array(z.string()).optional(),
  action: z.string(),
});

export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  retryable: z.boolean(),
  instance: z.string().optional(),
  sqlState: z.string().optional(),
  position: position.optional(),
  decisionId: z.string().optional(),
  denied: z.array(denied).optional(),
  remedy: z.string().optional(),
});

export const governanceSchema = z.object({
  policyVersion: z.int(),
  decisionId: z.string(),
  objects: z.array(z.string()),
  filteredTables: z.array(z.object({ object: z.string(), rules: z.array(z.string()) })),
  maskedColumns: z.array(
    z.object({ object: z.string(), column: z.string(), mask: z.string(), rule: z.string() }),
  ),
  purpose: z.string().nullable(),
  notices: z.array(z.object({ code: z.string(), text: z.string() })),
  resources: z
    .object({
      group: z.string(),
      rules: z.array(z.string()),
      priority: z.int(),
      concurrency: z.int().nullable(),
      queue: z.int().nullable(),
      timeoutMs: z.int(),
      byteLimit: z.int(),
      rowLimit: z.int(),
    })
    .optional(),
  /** The table that a statement writes, and how. */
  written: z
    .object({
      object: z.string(),
      mode: z.enum(['create', 'replace', 'append', 'overwrite', 'drop', 'row-change', 'nothing']),
    })
    .optional(),
});

const column = z.object({
  name: z.string(),
  type: z.string(),
  nullable: z.boolean(),
  masked: z.boolean(),
  mask: z.string().nullable(),
});
const rows = z.array(z.array(z.unknown()));
const nextChunk = z.int().nullable();

const summarySchema = z.object({
  statementId: z.string(),
  state,
  submittedAt: z.string(),
  finishedAt: z.string().nullable(),
  error: problemSchema.optional(),
});

const waitingFor = z.object({
  kind: z.enum(['groupConcurrency', 'engineSlots']),
  running: z.int(),
  limit: z.int(),
});

/** What lists add: where it runs, since when, and why it waits. */
const itemSchema = summarySchema.extend({
  principal: z.string().optional(),
  door: z.enum(['rest', 'spark-connect']),
  engine: z.string().optional(),
  resourceGroup: z.string().nullable(),
  since: z.string().optional(),
  progress: z.object({ elapsedMs: z.int() }).optional(),
  position: z.int().optional(),
  waitingFor: waitingFor.optional(),
});

const timings = z.object(Object.fromEntries(STAGES.map((stage) => [stage, z.number()])));

export const planSchema = z.object({
  statementId: z.string(),
  engine: z.string(),
  timings,
  plan: z.string().nullable(),
  stages: z.array(
    z.object({
      stage: z.int(),
      attempt: z.int(),
      state: z.string(),
      tasks: z.int(),
      tasksCompleted: z.int(),
      tasksFailed: z.int(),
      submittedAt: z.string().nullable(),
      completedAt: z.string().nullable(),
      taskMs: z.int(),
      inputBytes: z.int(),
      shuffleReadBytes: z.int(),
      shuffleWriteBytes: z.int(),
      spilledBytes: z.int(),
    }),
  ),
});

export const statementSchema = summarySchema.extend({
  tags: z.record(z.string(), z.string()).optional(),
  timings: timings.optional(),
  engine: z.string().optional(),
  manifest: z
    .object({
      schema: z.array(column),
      rowCount: z.int().nullable(),
      chunkCount: z.int().nullable(),
      truncated: z.boolean(),
    })
    .optional(),
  governance: governanceSchema.optional(),
  result: z.object({ rows, nextChunk }).optional(),
});

export const chunkSchema = z.object({ chunk: z.int(), rows, nextChunk });

export const statementsSchema = z.object({
  items: z.array(itemSchema),
  nextCursor: z.string().nullable(),
});

const resourceLimits = z.object({
  group: z.string(),
  priority: z.int(),
  concurrency: z.int().optional(),
  queue: z.int().optional(),
  timeMs: z.int().optional(),
  bytes: z.int().optional(),
  rows: z.int().optional(),
  cores: z.int().optional(),
  rules: z.array(z.object({ policy: z.string(), rule: z.string(), version: z.int() })),
  policyVersion: z.int(),
});

export const explainSchema = z.object({
  decision: z.enum(['allow', 'deny']),
  governance: governanceSchema,
  schema: z.array(column),
  tables: z.array(
    z.object({
      object: z.string(),
      allowed: z.boolean(),
      filters: z.array(z.object({ rule: z.string(), mode: z.string(), where: z.string().optional() })),
      masks: z.array(z.object({ column: z.string(), mask: z.unknown(), rule: z.string() })),
    }),
  ),
  denied: z.array(denied),
  remedy: z.string().optional(),
  resources: z.object({ duckdb: resourceLimits, spark: resourceLimits }),
  securedPlan: z.string().optional(),
  enginePlan: z.string().optional(),
});

const ANSWERS = {
  statement: { schema: statementSchema, about: 'The statement; with rows once it has succeeded.' },
  statements: { schema: statementsSchema, about: 'One page.' },
  chunk: { schema: chunkSchema, about: 'Rows of one chunk.' },
  governance: { schema: governanceSchema, about: 'The decision.' },
  plan: { schema: planSchema, about: 'Physical plan, stages of the engine, times of the nine stages.' },
  explain: { schema: explainSchema, about: 'What would be decided, and why.' },
  canceled: { schema: z.object({ statementId: z.string() }), about: 'It is being cancelled, or had ended.' },
  events: { schema: z.string(), about: 'Events `state` and `progress`.' },
  problem: { schema: problemSchema, about: 'RFC 9457 problem details.' },
} as const;
const TYPES: Partial<Record<keyof typeof ANSWERS, string>> = {
  events: 'text/event-stream',
  problem: 'application/problem+json',
};

/** Which answer a route gives at which status; that it can be refused goes without saying. */
export function Answers(answers: Readonly<Record<number, keyof typeof ANSWERS>>): MethodDecorator {
  const all = { ...answers, 400: 'problem', 401: 'problem', 503: 'problem' } as const;
  return applyDecorators(
    ...Object.entries(all).map(([status, name]) => {
      const { schema, about } = ANSWERS[name];
      return ApiResponse({
        status: Number(status),
        description: about,
        content: { [TYPES[name] ?? 'application/json']: { schema: describe(schema) } },
      });
    }),
  );
}

const describe = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { target: 'openapi-3.0' }) as ApiResponseSchemaHost['schema'];
