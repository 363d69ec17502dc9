/** Answers of the statement routes, for the API's description. What is sent is made elsewhere and held to these by a spec. */
import { z } from 'zod';
import { ACTIONS } from '../../core/policy/decide.js';
import type { Action } from '../../core/policy/decision.js';
import { STAGES } from '../../gateway/statement.js';
import { type AnswerShape, answering, REMOVED } from '../../http/answers.js';
import { denied, problemSchema } from '../../http/problem-schema.js';

const state = z.enum(['queued', 'running', 'succeeded', 'failed', 'canceled', 'timed_out', 'expired']);

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

const ruleReference = z.object({ policy: z.string(), rule: z.string(), version: z.int() });
const actions = z.object(
  Object.fromEntries(ACTIONS.map((action) => [action, z.boolean()])) as Record<Action, z.ZodBoolean>,
);
const decisionsSchema = z.object({
  items: z.array(
    z.object({
      allowed: z.boolean(),
      policyVersion: z.int(),
      purpose: z.string().nullable(),
      denied: z.array(denied),
      remedy: z.string().nullable(),
      notices: z.array(z.object({ code: z.string(), text: z.string() })),
      validUntil: z.string().nullable(),
      tables: z.array(
        z.object({
          object: z.string(),
          actions,
          grants: z.array(ruleReference.extend({ effect: z.string(), action: z.enum(ACTIONS) })),
          rows: z.array(z.object({ rule: z.string(), version: z.int(), mode: z.string() })),
          noRows: z.boolean(),
          columns: z.array(
            z.object({
              column: z.string(),
              mask: z.string(),
              predicate: z.enum(['allow', 'deny']),
              rules: z.array(z.string()),
            }),
          ),
        }),
      ),
      resources: z.object({ duckdb: resourceLimits, spark: resourceLimits }),
    }),
  ),
});

const clusterSchema = z.object({
  workers: z.int(),
  executors: z.int(),
  cores: z.int(),
  memoryBytes: z.int(),
  runningStages: z.int(),
  runningTasks: z.int(),
  failedTasks: z.int(),
  spilledBytes: z.int(),
  seenAt: z.string(),
});
const enginesSchema = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['duckdb', 'spark']),
      trust: z.enum(['named', 'unnamed']),
      version: z.string(),
      running: z.int(),
      queued: z.int(),
      threads: z.int(),
      memoryLimit: z.string(),
      cluster: clusterSchema.optional(),
    }),
  ),
  nextCursor: z.null(),
});

const STREAMED = ['text/csv', 'application/x-ndjson'];
const ANSWERS = {
  statement: { schema: statementSchema, about: 'The statement; with rows once it has succeeded.' },
  streamed: {
    schema: statementSchema,
    otherTypes: STREAMED,
    about: 'The statement with its rows, or its rows alone.',
  },
  posted: {
    schema: statementSchema,
    otherTypes: [...STREAMED, 'application/vnd.apache.arrow.stream'],
    about: 'The statement with its rows, or its rows alone.',
  },
  accepted: {
    schema: statementSchema,
    headers: {
      Location: { description: 'Where to ask for it.', required: true, schema: { type: 'string' } },
      'Retry-After': { description: 'Seconds.', required: true, schema: { type: 'integer' } },
    },
    about: 'It goes on; ask for it where Location says.',
  },
  statements: { schema: statementsSchema, about: 'One page.' },
  chunk: { schema: chunkSchema, otherTypes: STREAMED, about: 'Rows of one chunk.' },
  governance: { schema: governanceSchema, about: 'The decision.' },
  plan: { schema: planSchema, about: 'Physical plan, stages of the engine, times of the nine stages.' },
  explain: { schema: explainSchema, about: 'What would be decided, and why.' },
  canceled: { schema: z.object({ statementId: z.string() }), about: 'It is being cancelled, or had ended.' },
  events: { schema: z.string(), type: 'text/event-stream', about: 'Events `state` and `progress`.' },
  decisions: { schema: decisionsSchema, about: 'One decision for each question, in their order.' },
  engines: { schema: enginesSchema, about: 'All of them.' },
  removed: REMOVED,
} as const satisfies Readonly<Record<string, AnswerShape>>;

/** With what a route refuses that answers with what a statement gave: any way in which one may end. */
export const ENDINGS = [404, 409, 410, 422] as const;

/** Which answer a route gives at which status, and with what it refuses. */
export const Answers = answering(ANSWERS);
