/**
 * Rules that look at the log: what has to happen, within how long, and how bad that is. An alert is fired once
 * for each window of its rule and subject; windows lie side by side from 1970 on, so that every gateway
 * means the same ones.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const WINDOW_MS_MIN = UNITS_MS.m;
const WINDOW_MS_MAX = UNITS_MS.d;
const OBJECTS_MAX = 200;
const COUNT_MAX = 1_000_000;
const ID_HEX_DIGITS = 32;

const count = (max: number) => z.number().int().min(1).max(max);

const WHAT = 'What has to happen.';
const when = z.discriminatedUnion('kind', [
  /** So many refused statements of one principal. */
  z.strictObject({
    kind: z.literal('denials').describe(WHAT),
    count: count(COUNT_MAX).describe('How many.'),
  }),
  /** So many rows or bytes handed to one principal. */
  z
    .strictObject({
      kind: z.literal('export').describe(WHAT),
      rows: count(Number.MAX_SAFE_INTEGER).optional().describe('How many rows.'),
      bytes: count(Number.MAX_SAFE_INTEGER).optional().describe('How many bytes.'),
    })
    .refine(({ rows, bytes }) => rows !== undefined || bytes !== undefined, 'needs rows or bytes'),
  /** A statement, allowed or refused, that names one of these: `tag:x`, a table, a column, `catalog.schema.*`. */
  z.strictObject({
    kind: z.literal('touched').describe(WHAT),
    on: z
      .array(
        z.string().regex(/^(tag:\S{1,200}|[^\s*]{1,700}(\.\*)?)$/, 'is neither a tag, an object nor name.*'),
      )
      .min(1)
      .max(OBJECTS_MAX)
      .describe('Tags, tables, columns, or everything below a name.'),
  }),
  /** Any event of this kind. */
  z.strictObject({
    kind: z.literal('event').describe(WHAT),
    event: z
      .string()
      .regex(/^[a-z.-]{1,50}$/)
      .describe('Of which kind.'),
  }),
  /** The log or a copy of it is so far behind. */
  z.strictObject({
    kind: z.literal('lag').describe(WHAT),
    seconds: count(WINDOW_MS_MAX / UNITS_MS.s).describe('How far.'),
  }),
  /** The log does not fit its own last checkpoint, or one that was kept elsewhere. */
  z.strictObject({ kind: z.literal('verification').describe(WHAT) }),
]);

export const alertRule = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'is not lower-case letters, digits and -')
    .describe('Its name.'),
  when: when.describe('What has to happen.'),
  window: z
    .string()
    .refine((text) => windowMsOf(text) !== undefined, 'is not a time between 1m and 1d, as 10m or 1h')
    .describe('Within how long: 10m, 1h.'),
  severity: z.enum(['low', 'medium', 'high', 'critical']).describe('How bad that is.'),
  enabled: z.boolean().default(true).describe('Whether it is held against the log.'),
});
export type AlertRule = z.output<typeof alertRule>;
export type AlertSeverity = AlertRule['severity'];

export function windowMsOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(digits) * UNITS_MS[unit as keyof typeof UNITS_MS];
  return ms >= WINDOW_MS_MIN && ms <= WINDOW_MS_MAX ? ms : undefined;
}

/** What fires, for whom, in which window. */
export interface Firing {
  readonly rule: AlertRule;
  /** A pseudonym, the name of a copy, or empty. */
  readonly subject: string;
  readonly at: Date;
  readonly detail: Readonly<Record<string, string | number | readonly string[]>>;
}

export function windowStart({ window }: AlertRule, at: Date): Date {
  const ms = windowMsOf(window) ?? WINDOW_MS_MAX;
  return new Date(Math.floor(at.getTime() / ms) * ms);
}

/** The same for the same rule, subject and window, on every gateway. */
export const alertId = (rule: string, subject: string, start: Date): string =>
  createHash('sha256')
    .update(JSON.stringify([rule, subject, start.toISOString()]))
    .digest('hex')
    .slice(0, ID_HEX_DIGITS);

/** Which of these are meant. `tagged`: objects and columns that carry a tag. */
export function touched(
  on: readonly string[],
  names: readonly string[],
  tagged: (tag: string) => ReadonlySet<string>,
): readonly string[] {
  return names.filter((name) =>
    on.some((pattern) => {
      const folded = pattern.toLowerCase();
      if (folded.startsWith('tag:')) return tagged(folded.slice('tag:'.length)).has(name);
      if (folded.endsWith('.*')) return name.startsWith(folded.slice(0, -1));
      return name === folded || name.startsWith(`${folded}.`);
    }),
  );
}
