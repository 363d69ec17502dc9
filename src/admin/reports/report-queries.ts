/** Queries and bodies of `/v1/reports`. */
import { z } from 'zod';
import type { ReportFilter } from '../../core/reports/report.js';
import { REPORT_KINDS } from '../../core/reports/report.js';
import { CURSOR, page, text } from '../../http/schemas.js';

const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((value) => new Date(value).toISOString());
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const filters = {
  principal: text(200).optional().describe('About this user alone.'),
  object: text(700).toLowerCase().optional().describe('About this table.'),
  column: text(1_000).toLowerCase().optional().describe('About this column.'),
  purpose: text(200).optional().describe('About this purpose.'),
};

export const REPORT_FORMATS = ['json', 'html', 'csv', 'pdf'] as const;
const shown = {
  format: z.enum(REPORT_FORMATS).optional().describe('Before what Accept says.'),
  section: text(50).optional().describe('With CSV: this table alone.'),
  personal: flag.optional().describe('Whether to name people.'),
};

export const reportQuery = z.strictObject({
  ...filters,
  from: moment.optional().describe('From then on.'),
  to: moment.optional().describe('Before then.'),
  ...shown,
});
export type ReportQuery = z.output<typeof reportQuery>;

export const resultQuery = z.strictObject(shown);
export type ResultQuery = z.output<typeof resultQuery>;

export const reportKind = z.enum(REPORT_KINDS);

export const historyQuery = page.extend({
  cursor: z
    .string()
    .regex(/^\d{1,15}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'is not one of ours')
    .optional()
    .describe(CURSOR),
  kind: reportKind.optional().describe('Of this kind.'),
  schedule: z.uuid().optional().describe('Made by this schedule.'),
});
export type HistoryQuery = z.output<typeof historyQuery>;

const HOUR_MAX = 23;
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
/** Every month has it. */
const DAY_MAX = 28;

export const scheduleBody = z
  .strictObject({
    kind: reportKind.describe('Which report.'),
    every: z.enum(['day', 'week', 'month']).describe('How often.'),
    hour: z.number().int().min(0).max(HOUR_MAX).default(0).describe('At which hour, in UTC.'),
    weekday: z.enum(WEEKDAYS).optional().describe('On which day, every week.'),
    day: z.number().int().min(1).max(DAY_MAX).optional().describe('On which day, every month.'),
    filter: z.strictObject(filters).default({}).describe('What it is about.'),
  })
  .refine(({ every, weekday }) => weekday === undefined || every === 'week', {
    path: ['weekday'],
    message: 'is for every: week',
  })
  .refine(({ every, day }) => day === undefined || every === 'month', {
    path: ['day'],
    message: 'is for every: month',
  })
  .meta({ id: 'CreateReportSchedule', description: 'A report to make again and again.' });
export type ScheduleBody = z.output<typeof scheduleBody>;

export const weekdayNumber = (weekday: ScheduleBody['weekday']): number =>
  WEEKDAYS.indexOf(weekday ?? 'monday');
export const weekdayName = (weekday: number | null): string | undefined => WEEKDAYS[weekday ?? -1];

/** What is there of these, as reports take it. */
export function reportFilter(
  asked: Partial<Record<'principal' | 'object' | 'column' | 'purpose' | 'from' | 'to', string | undefined>>,
  pseudonymOf: (user: string) => string,
): ReportFilter {
  const { principal, object, column, purpose, from, to } = asked;
  const isWhole = column?.includes('.') === true || object === undefined;
  const filter = {
    actor: principal === undefined ? undefined : pseudonymOf(principal),
    object,
    column: column === undefined || isWhole ? column : `${object}.${column}`,
    purpose,
    from,
    to,
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}
