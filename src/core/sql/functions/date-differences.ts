/**
 * How far two moments are apart, as Java and Hive count it. Everything works on microseconds since 1970,
 * which may be negative: DuckDB divides towards zero, so days and times of day are taken apart first.
 */
import { letIn } from '../duckdb/let.js';
import { literalOf } from './define.js';
import type { RenderCall } from './spec.js';

const MICROSECONDS_PER_DAY = 86_400_000_000n;
const SECONDS_PER_DAY = 86_400;
const DAYS_PER_MONTH = 31;

/** Microseconds of a moment, rounded down to a multiple of `unit`, in that unit. */
export const wholeUnits = (moment: string, unit: bigint): string =>
  `((epoch_us(${moment}) - ${restOf(moment, unit)}) // ${unit})`;

/** What is left over, never negative. */
export const restOf = (moment: string, unit: bigint): string =>
  `((epoch_us(${moment}) % ${unit} + ${unit}) % ${unit})`;

/** Without a time zone, so that the calendar is the same whatever the session says. */
const local = (moment: string): string => `make_timestamp(epoch_us(${moment}))`;
const dayOf = (moment: string): string => `CAST(${local(moment)} AS DATE)`;
const timeOf = (moment: string): string => restOf(moment, MICROSECONDS_PER_DAY);

/** Units of one length, towards zero. */
const FIXED: Readonly<Record<string, bigint>> = {
  WEEK: 604_800_000_000n,
  DAY: MICROSECONDS_PER_DAY,
  HOUR: 3_600_000_000n,
  MINUTE: 60_000_000n,
  SECOND: 1_000_000n,
};
const MONTHS: Readonly<Record<string, number>> = { YEAR: 12, QUARTER: 3, MONTH: 1 };

export function timestampDifference(call: RenderCall): string {
  const unit = literalOf(call, 0).toUpperCase();
  const [, from = '', to = ''] = call.args;
  const micros = FIXED[unit];
  if (micros !== undefined) return `((epoch_us(${to}) - epoch_us(${from})) // ${micros})`;
  return letIn(`[${from}, ${to}]`, (v) => `(${wholeMonths(`${v}[1]`, `${v}[2]`)} // ${MONTHS[unit] ?? 1})`);
}

/** A day that the time of day does not reach does not count. */
function wholeMonths(from: string, to: string): string {
  const [a, b] = [dayOf(from), dayOf(to)];
  const later = `${b} > ${a} AND ${timeOf(to)} < ${timeOf(from)}`;
  const earlier = `${b} < ${a} AND ${timeOf(to)} > ${timeOf(from)}`;
  const reached = `CAST(${b} + CASE WHEN ${later} THEN -1 WHEN ${earlier} THEN 1 ELSE 0 END AS DATE)`;
  const packed = (day: string): string => `((year(${day}) * 12 + month(${day})) * 32 + day(${day}))`;
  return letIn(`[${a}, ${reached}]`, (v) => `((${packed(`${v}[2]`)} - ${packed(`${v}[1]`)}) // 32)`);
}

/** Hive's rule: whole months between the same or two last days of a month, else 31 days to a month. */
export function monthsBetween({ args: [a = '', b = ''] }: RenderCall): string {
  return letIn(`[${local(a)}, ${local(b)}]`, (v) => {
    const [x, y] = [`${v}[1]`, `${v}[2]`];
    const isLast = (moment: string): string => `day(last_day(CAST(${moment} AS DATE))) = day(${moment})`;
    const months = `((year(${x}) - year(${y})) * 12 + month(${x}) - month(${y}))`;
    const seconds =
      `((day(${x}) - day(${y})) * ${SECONDS_PER_DAY} + ` +
      `${timeOf(x)} // 1000000 - ${timeOf(y)} // 1000000)`;
    const whole = `day(${x}) = day(${y}) OR (${isLast(x)} AND ${isLast(y)})`;
    const divisor = `CAST(${SECONDS_PER_DAY * DAYS_PER_MONTH} AS DOUBLE)`;
    const exact = `(CAST(${months} AS DOUBLE) + CAST(${seconds} AS DOUBLE) / ${divisor})`;
    return `CASE WHEN ${whole} THEN CAST(${months} AS DOUBLE) ELSE floor(${exact} * 100000000 + CAST(0.5 AS DOUBLE)) / 100000000 END`;
  });
}
