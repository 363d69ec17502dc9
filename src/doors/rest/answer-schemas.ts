/** Answers of the statement routes, for the API's description. What is sent is made elsewhere and held to these by a spec. */
import { z } from 'zod';
import { STAGES } from '../../gateway/statement.js';
import { type AnswerShape, answering, REMOVED } from '../../http/answers.js';
import { problemSchema } from '../../http/problem-schema.js';
import { nextCursor } from '../../http/schemas.js';
import { columnSchema, decisionsSchema, explainSchema, governanceSchema } from './decision-schemas.js';

const statementId = z.string().describe('Names the statement in other requests.');
const state = z
  .enum(['queued', 'running', 'succeeded', 'failed', 'canceled', 'timed_out', 'expired'])
  .describe('How far it is, or how it ended.');
const rows = z
  .array(z.array(z.unknown()))
  .describe('Values in the order of the schema. What would lose digits as a number is a string.');
const nextChunk = z.int().nullable().describe('The number of the next chunk; null: there is none.');

const summary = {
  statementId,
  state,
  submittedAt: z.string().describe('When it came.'),
  finishedAt: z.string().nullable().describe('When it ended; null: it has not.'),
  error: problemSchema.optional().describe('How it failed.'),
};

/** What lists add: where it runs, since when, and why it waits. */
const itemSchema = z
  .object({
    ...summary,
    principal: z.string().optional().describe("Whose it is, in lists of everybody's."),
    door: z.enum(['rest', 'spark-connect']).describe('Where it came in.'),
    engine: z.string().optional().describe('Where it runs.'),
    resourceGroup: z.string().nullable().describe('Under whose limits it runs.'),
    since: z.string().optional().describe('Since when it is in this state, while it goes on.'),
    progress: z
      .object({ elapsedMs: z.int().describe('Time since then.') })
      .optional()
      .describe('How far it is, while it goes on.'),
    position: z.int().optional().describe('Its place in the queue, from 1.'),
    waitingFor: z
      .object({
        kind: z.enum(['groupConcurrency', 'engineSlots']).describe('Which limit.'),
        running: z.int().describe('How many run.'),
        limit: z.int().describe('How many may.'),
      })
      .optional()
      .describe('What it waits for.'),
  })
  .meta({ id: 'StatementItem', description: 'A statement in a list.' });

const timings = z
  .object(Object.fromEntries(STAGES.map((stage) => [stage, z.number().describe('Milliseconds.')])))
  .describe('Time of each stage.');

const stage = z.object({
  stage: z.int().describe('Its number.'),
  attempt: z.int().describe('Which attempt, from 0.'),
  state: z.string().describe('As the engine calls it.'),
  tasks: z.int().describe('All of its tasks.'),
  tasksCompleted: z.int().describe('Tasks that are done.'),
  tasksFailed: z.int().describe('Tasks that failed.'),
  submittedAt: z.string().nullable().describe('When it began.'),
  completedAt: z.string().nullable().describe('When it ended.'),
  taskMs: z.int().describe('Time of its tasks together.'),
  inputBytes: z.int().describe('Bytes read.'),
  shuffleReadBytes: z.int().describe('Bytes read from other stages.'),
  shuffleWriteBytes: z.int().describe('Bytes written for other stages.'),
  spilledBytes: z.int().describe('Bytes that did not fit into memory.'),
});
export const planSchema = z
  .object({
    statementId,
    engine: z.string().describe('Where it runs.'),
    timings,
    plan: z.string().nullable().describe('The physical plan; null: there is none for this kind.'),
    stages: z.array(stage).describe('Stages of a cluster.'),
  })
  .meta({ id: 'StatementPlan', description: 'How an engine runs a statement.' });

const manifest = z
  .object({
    schema: z.array(columnSchema).describe('The columns.'),
    rowCount: z.int().nullable().describe('All rows; null: not known yet.'),
    chunkCount: z.int().nullable().describe('Chunks of the kept result; null: not known yet.'),
    truncated: z.boolean().describe('Whether a limit cut the result.'),
  })
  .describe('What the result is.');
export const statementSchema = z
  .object({
    ...summary,
    tags: z.record(z.string(), z.string()).optional().describe('As they came with it.'),
    timings: timings.optional(),
    engine: z.string().optional().describe('Where it runs.'),
    manifest: manifest.optional(),
    governance: governanceSchema.optional(),
    result: z.object({ rows, nextChunk }).optional().describe('The first rows, once it has succeeded.'),
  })
  .meta({ id: 'Statement', description: 'A statement; with rows once it has succeeded.' });

export const chunkSchema = z
  .object({ chunk: z.int().describe('Its number, from 0.'), rows, nextChunk })
  .meta({ id: 'Chunk', description: 'A part of a kept result.' });

export const statementsSchema = z.object({
  items: z.array(itemSchema).describe('Newest first.'),
  nextCursor,
});

const clusterSchema = z.object({
  workers: z.int().describe('Workers that are alive.'),
  executors: z.int().describe('Executors that are alive.'),
  cores: z.int().describe('Cores of the executors.'),
  memoryBytes: z.int().describe('Memory of the executors.'),
  runningStages: z.int().describe('Stages that run.'),
  runningTasks: z.int().describe('Tasks that run.'),
  failedTasks: z.int().describe('Tasks that failed.'),
  spilledBytes: z.int().describe('Bytes that did not fit into memory.'),
  seenAt: z.string().describe('When the cluster said so.'),
});
const engineSchema = z
  .object({
    id: z.string().describe('Its name.'),
    kind: z.enum(['duckdb', 'spark']).describe('What it is.'),
    trust: z.enum(['named', 'unnamed']).describe('unnamed: its names are not drawn by us.'),
    version: z.string().describe('Its version.'),
    running: z.int().describe('Statements that run.'),
    queued: z.int().describe('Statements that wait.'),
    threads: z.int().describe('Threads it may use.'),
    memoryLimit: z.string().describe('Memory it may use.'),
    cluster: clusterSchema.optional().describe('What it runs on.'),
  })
  .meta({ id: 'Engine', description: 'An engine and how busy it is.' });
const enginesSchema = z.object({
  items: z.array(engineSchema).describe('All of them.'),
  nextCursor: z.null().describe('There is one page.'),
});

const STREAMED = [
  'text/csv',
  'application/x-ndjson',
  'application/vnd.apache.arrow.stream',
  'application/vnd.apache.parquet',
];
/** Rows alone do not name their statement. */
const STATEMENT_ID = {
  'X-Sluice-Statement-Id': { description: 'The statement of a stream of rows.', schema: { type: 'string' } },
} as const;
const text = (description: string) => ({ description, schema: { type: 'string' as const } });
const ANSWERS = {
  statement: { schema: statementSchema, about: 'The statement; with rows once it has succeeded.' },
  streamed: {
    schema: statementSchema,
    otherTypes: STREAMED,
    headers: {
      ...STATEMENT_ID,
      ETag: text('Of these bytes, for If-Range.'),
      'X-Sluice-Row-Count': text('Rows of the result.'),
      'X-Sluice-Truncated': text('true: cut at the row limit.'),
    },
    about: 'The statement with its rows, or its rows alone.',
  },
  part: {
    schema: z.string(),
    type: 'text/csv',
    otherTypes: ['application/json', ...STREAMED],
    headers: {
      ...STATEMENT_ID,
      ETag: text('Of the whole.'),
      'Content-Range': text('Which bytes of how many.'),
    },
    about: 'The bytes that Range asked for.',
  },
  posted: {
    schema: statementSchema,
    headers: STATEMENT_ID,
    otherTypes: STREAMED,
    about:
      'The statement with its rows, or its rows alone; of these, trailers say X-Sluice-Row-Count and X-Sluice-Truncated.',
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
  canceled: { schema: z.object({ statementId }), about: 'It is being cancelled, or had ended.' },
  events: { schema: z.string(), type: 'text/event-stream', about: 'Events `state` and `progress`.' },
  seenAll: { schema: undefined, about: 'It has ended, and Last-Event-ID is its last event.' },
  decisions: { schema: decisionsSchema, about: 'One decision for each question, in their order.' },
  engines: { schema: enginesSchema, about: 'All of them.' },
  removed: REMOVED,
} as const satisfies Readonly<Record<string, AnswerShape>>;

/** With what a route refuses that answers with what a statement gave: any way in which one may end. */
export const ENDINGS = [404, 409, 410, 422] as const;

/** Which answer a route gives at which status, and with what it refuses. */
export const Answers = answering(ANSWERS);
