/** Answers of `/v1/reports`, for the API's description. */
import { z } from 'zod';
import { REPORT_KINDS } from '../../core/reports/report.js';
import { type AnswerShape, answering, REMOVED } from '../../http/answers.js';

const kind = z.enum(REPORT_KINDS);
const cursor = z.string().nullable();
const filter = z.object({
  actor: z.string().optional(),
  object: z.string().optional(),
  column: z.string().optional(),
  purpose: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
});
const point = z.object({ eventId: z.string(), at: z.string() }).nullable();
const jwk = z.object({ kty: z.string(), crv: z.string(), x: z.string(), y: z.string() });
const cell = z.union([z.string(), z.number(), z.array(z.string())]).nullable();
const section = z.object({
  id: z.string(),
  title: z.string(),
  columns: z.array(z.object({ name: z.string(), title: z.string(), kind: z.string() })),
  rows: z.array(z.record(z.string(), cell)),
  omitted: z.int(),
  chart: z.object({ title: z.string(), labels: z.array(z.string()), value: z.string() }).optional(),
});
const event = z.object({ user: z.string(), justification: z.string().optional() });

export const signedReportSchema = z.object({
  format: z.literal('sluice-report'),
  version: z.int(),
  report: z.object({
    kind,
    title: z.string(),
    madeAt: z.string(),
    filter,
    log: z.object({
      origin: z.string(),
      size: z.int(),
      root: z.string(),
      checkpointAt: z.string(),
      eventsInLog: z.int(),
      events: z.int(),
      first: point,
      last: point,
    }),
    totals: z.record(z.string(), z.int()),
    sections: z.array(section),
    notes: z.array(z.object({ code: z.string(), text: z.string() })),
  }),
  personal: z
    .object({
      people: z.record(z.string(), z.string().nullable()),
      events: z.record(z.string(), event.nullable()),
    })
    .optional(),
  jws: z.string(),
  key: jwk,
  checkpoint: z.object({ note: z.string(), jws: z.string() }),
  logKey: z.object({ vkey: z.string(), jwk }),
});

export const storedReportSchema = z.object({
  id: z.string(),
  kind,
  title: z.string(),
  madeAt: z.string(),
  schedule: z.string().nullable(),
  dueAt: z.string().nullable(),
  filter,
  logSize: z.int(),
  root: z.string(),
  sha256: z.string(),
  bytes: z.int(),
});

export const scheduleSchema = z.object({
  id: z.string(),
  kind,
  every: z.enum(['day', 'week', 'month']),
  hour: z.int(),
  weekday: z.string().optional(),
  day: z.int().optional(),
  filter,
  createdAt: z.string(),
  dueAt: z.string(),
  retryAt: z.string().nullable(),
  lastCode: z.string().nullable(),
});

const ANSWERS = {
  kinds: {
    schema: z.object({
      items: z.array(z.object({ kind, title: z.string(), about: z.string(), filters: z.array(z.string()) })),
      nextCursor: cursor,
    }),
    about: 'All of them.',
  },
  report: {
    schema: signedReportSchema,
    otherTypes: ['text/html', 'text/csv', 'application/pdf'],
    about: 'Signed; as a page, CSV or PDF with the same numbers.',
  },
  history: {
    schema: z.object({ items: z.array(storedReportSchema), nextCursor: cursor }),
    about: 'Newest first.',
  },
  schedule: { schema: scheduleSchema, about: 'When it is made next.' },
  schedules: {
    schema: z.object({ items: z.array(scheduleSchema), nextCursor: cursor }),
    about: 'All of them.',
  },
  removed: REMOVED,
} as const satisfies Readonly<Record<string, AnswerShape>>;

/** Which answer a route gives at which status, and with what it refuses. */
export const ReportAnswers = answering(ANSWERS);
