/** Answers of `/v1/reports`, for the API's description. */
import { z } from 'zod';
import { REPORT_KINDS } from '../../core/reports/report.js';
import { type AnswerShape, answering, REMOVED } from '../../http/answers.js';
import { nextCursor } from '../../http/schemas.js';

const kind = z.enum(REPORT_KINDS).describe('Which report.');
const title = z.string().describe('Its title.');
const madeAt = z.string().describe('When it was made.');
const root = z.string().describe('The hash at the root of the log, in base64.');
const filter = z
  .object({
    actor: z.string().optional().describe('About this pseudonym alone.'),
    object: z.string().optional().describe('About this table.'),
    column: z.string().optional().describe('About this column.'),
    purpose: z.string().optional().describe('About this purpose.'),
    from: z.string().optional().describe('From then on.'),
    to: z.string().optional().describe('Before then.'),
  })
  .describe('What it is about.');
const point = z
  .object({ eventId: z.string().describe('Names the event.'), at: z.string().describe('When it was.') })
  .nullable();
const jwk = z.object({
  kty: z.string().describe('EC.'),
  crv: z.string().describe('The curve.'),
  x: z.string().describe('One half of the point.'),
  y: z.string().describe('The other half.'),
});
const cell = z.union([z.string(), z.number(), z.array(z.string())]).nullable();
const column = z.object({
  name: z.string().describe('Its key in rows.'),
  title: z.string().describe('Its heading.'),
  kind: z.string().describe('What is in it.'),
});
const section = z.object({
  id: z.string().describe('Names the table.'),
  title: z.string().describe('Its heading.'),
  columns: z.array(column).describe('Its columns.'),
  rows: z.array(z.record(z.string(), cell)).describe('Its rows.'),
  omitted: z.int().describe('Rows that are left out.'),
  chart: z
    .object({
      title: z.string().describe('Its heading.'),
      labels: z.array(z.string()).describe('Columns that label it.'),
      value: z.string().describe('The column that is drawn.'),
    })
    .optional()
    .describe('How to draw it.'),
});
const event = z.object({
  user: z.string().describe('Who it was.'),
  justification: z.string().optional().describe('Why, as they said.'),
});
const log = z.object({
  origin: z.string().describe('The name of the log.'),
  size: z.int().describe('Leaves of the tree.'),
  root,
  checkpointAt: z.string().describe('When that was signed.'),
  eventsInLog: z.int().describe('Events of the log.'),
  events: z.int().describe('Events that the report is about.'),
  first: point.describe('The first of these.'),
  last: point.describe('The last of these.'),
});

export const signedReportSchema = z
  .object({
    format: z.literal('sluice-report').describe('sluice-report.'),
    version: z.int().describe('Of the format.'),
    report: z
      .object({
        kind,
        title,
        madeAt,
        filter,
        log: log.describe('Of which log it is.'),
        totals: z.record(z.string(), z.int()).describe('Sums.'),
        sections: z.array(section).describe('Tables.'),
        notes: z
          .array(
            z.object({
              code: z.string().describe('For programs.'),
              text: z.string().describe('For people.'),
            }),
          )
          .describe('What readers should know.'),
      })
      .describe('What is signed.'),
    personal: z
      .object({
        people: z.record(z.string(), z.string().nullable()).describe('User names by pseudonym.'),
        events: z.record(z.string(), event.nullable()).describe('Personal parts by event.'),
      })
      .optional()
      .describe('Names, for who may see them; not signed.'),
    jws: z.string().describe('The report, signed.'),
    key: jwk.describe('The key that signed it.'),
    checkpoint: z
      .object({
        note: z.string().describe('As a signed note.'),
        jws: z.string().describe('Signed as a JWS.'),
      })
      .describe('The checkpoint of the log.'),
    logKey: z
      .object({
        vkey: z.string().describe('As verifiers of signed notes take it.'),
        jwk: jwk.describe('As a JWK.'),
      })
      .describe('The key of the log.'),
  })
  .meta({ id: 'SignedReport', description: 'A report with its signature.' });

export const storedReportSchema = z
  .object({
    id: z.string().describe('Names it in other requests.'),
    kind,
    title,
    madeAt,
    schedule: z.string().nullable().describe('The schedule that made it; null: somebody asked.'),
    dueAt: z.string().nullable().describe('When it was due.'),
    filter,
    logSize: z.int().describe('Leaves of the log it is of.'),
    root,
    sha256: z.string().describe('The hash of its bytes, in hex.'),
    bytes: z.int().describe('How many these are.'),
  })
  .meta({ id: 'StoredReport', description: 'A report that is kept.' });

export const scheduleSchema = z
  .object({
    id: z.string().describe('Names it in other requests.'),
    kind,
    every: z.enum(['day', 'week', 'month']).describe('How often.'),
    hour: z.int().describe('At which hour, in UTC.'),
    weekday: z.string().optional().describe('On which day, every week.'),
    day: z.int().optional().describe('On which day, every month.'),
    filter,
    createdAt: z.string().describe('When it was set up.'),
    dueAt: z.string().describe('When it is due next.'),
    retryAt: z.string().nullable().describe('When it is tried again; null: it did not fail.'),
    lastCode: z.string().nullable().describe('With which code it last failed; null: it did not.'),
  })
  .meta({ id: 'ReportSchedule', description: 'A report that is made again and again.' });

const kinds = z.object({
  kind,
  title,
  about: z.string().describe('What it tells.'),
  filters: z.array(z.string()).describe('Queries that it takes.'),
});

const ANSWERS = {
  kinds: {
    schema: z.object({
      items: z.array(kinds).describe('All of them.'),
      nextCursor,
    }),
    about: 'All of them.',
  },
  report: {
    schema: signedReportSchema,
    otherTypes: ['text/html', 'text/csv', 'application/pdf'],
    about: 'Signed; as a page, CSV or PDF with the same numbers.',
  },
  history: {
    schema: z.object({ items: z.array(storedReportSchema).describe('Newest first.'), nextCursor }),
    about: 'Newest first.',
  },
  schedule: { schema: scheduleSchema, about: 'When it is made next.' },
  schedules: {
    schema: z.object({ items: z.array(scheduleSchema).describe('All of them.'), nextCursor }),
    about: 'All of them.',
  },
  removed: REMOVED,
} as const satisfies Readonly<Record<string, AnswerShape>>;

/** Which answer a route gives at which status, and with what it refuses. */
export const ReportAnswers = answering(ANSWERS);
