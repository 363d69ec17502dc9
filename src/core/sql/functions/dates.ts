/** Functions over dates and timestamps. The session time zone is UTC on both engines. */
import { isDateTime } from '../../plan/coercion.js';
import type { Expr } from '../../plan/plan.js';
import {
  BIGINT,
  DATE,
  type DataType,
  DOUBLE,
  decimal,
  INT,
  STRING,
  TIMESTAMP,
  TIMESTAMP_NTZ,
} from '../../plan/types.js';
import { monthsBetween, restOf, timestampDifference, wholeUnits } from './date-differences.js';
import { arity, define, literalOf, literalText, mismatch, quote, takes } from './define.js';
import type { Argument, FunctionSpec, RenderCall } from './spec.js';

const MICROSECONDS_PER_MINUTE = 60_000_000n;

/** A date, or a timestamp in UTC; a text is read as a date. */
const dated =
  (type: DataType): FunctionSpec['resolve'] =>
  (args) => {
    const wrong = arity(args, 1, 1);
    const arg = args[0];
    if (wrong !== undefined || arg === undefined) return wrong ?? '';
    if (isDateTime(arg.type)) return { params: [arg.type], type, nullable: arg.nullable };
    if (arg.type.kind === 'string' || arg.type.kind === 'void')
      return { params: [DATE], type, nullable: true };
    return 'it takes a date or timestamp';
  };
const timed =
  (type: DataType): FunctionSpec['resolve'] =>
  (args) => {
    const found = dated(type)(args);
    if (typeof found === 'string') return found;
    return args[0]?.type.kind === 'timestamp_ntz' ? found : { ...found, params: [TIMESTAMP] };
  };

const part = (sql: string): string => `CAST(${sql} AS INTEGER)`;

const FIELDS: Readonly<Record<string, string>> = {
  YEAR: 'year',
  Y: 'year',
  YEARS: 'year',
  YR: 'year',
  QUARTER: 'quarter',
  QTR: 'quarter',
  MONTH: 'month',
  MON: 'month',
  MONTHS: 'month',
  WEEK: 'week',
  W: 'week',
  DAY: 'day',
  D: 'day',
  DAYS: 'day',
  DOY: 'dayofyear',
  HOUR: 'hour',
  H: 'hour',
  HOURS: 'hour',
  MINUTE: 'minute',
  MIN: 'minute',
  MINUTES: 'minute',
};

/** EXTRACT and date_part with a literal field; seconds are decimals. */
const extract: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 2, 2);
  if (wrong !== undefined) return wrong;
  const field = literalText(args, 0, 'field');
  const source = args[1];
  if (typeof field === 'string' || source === undefined) return typeof field === 'string' ? field : '';
  const name = field.text.toUpperCase();
  const seconds = ['SECOND', 'S', 'SEC', 'SECONDS'].includes(name);
  const dayOfWeek = ['DAYOFWEEK', 'DOW'].includes(name);
  if (!(name in FIELDS) && !seconds && !dayOfWeek) return `it does not know the field ${field.text}`;
  if (!isDateTime(source.type) && source.type.kind !== 'string') return 'it takes a date or timestamp';
  const needsTime = seconds || ['hour', 'minute'].includes(FIELDS[name] ?? '');
  const param =
    needsTime && source.type.kind !== 'timestamp_ntz'
      ? TIMESTAMP
      : source.type.kind === 'string'
        ? DATE
        : source.type;
  return { params: [STRING, param], type: seconds ? decimal(8, 6) : INT, nullable: source.nullable };
};

function renderExtract(call: RenderCall): string {
  const name = literalOf(call, 0).toUpperCase();
  const source = call.args[1] ?? '';
  if (call.type.kind === 'decimal') return secondsOf(source);
  if (name in FIELDS) return part(`${FIELDS[name]}(${source})`);
  return part(`dayofweek(${source}) + 1`);
}

/** DuckDB's week of a date raises at the ends of its calendar. */
const fieldOf = (name: Expr | undefined): string | undefined =>
  name?.kind === 'literal' ? FIELDS[String(name.value).toUpperCase()] : undefined;

const secondsOf = (sql: string): string =>
  `CAST(CAST(${restOf(sql, MICROSECONDS_PER_MINUTE)} AS DECIMAL(18,0)) * CAST(0.000001 AS DECIMAL(7,6)) AS DECIMAL(8,6))`;

const UNITS: Readonly<Record<string, string>> = {
  YEAR: 'year',
  YYYY: 'year',
  YY: 'year',
  QUARTER: 'quarter',
  MONTH: 'month',
  MON: 'month',
  MM: 'month',
  WEEK: 'week',
};
const TIME_UNITS: Readonly<Record<string, string>> = {
  ...UNITS,
  DAY: 'day',
  DD: 'day',
  HOUR: 'hour',
  MINUTE: 'minute',
  SECOND: 'second',
  MILLISECOND: 'millisecond',
  MICROSECOND: 'microsecond',
};

const truncDate: FunctionSpec['resolve'] = (args) => truncated(args, 1, 0, UNITS, DATE);
const truncTime: FunctionSpec['resolve'] = (args) => truncated(args, 0, 1, TIME_UNITS, TIMESTAMP);

function truncated(
  args: readonly Argument[],
  unitAt: number,
  valueAt: number,
  units: Readonly<Record<string, string>>,
  type: DataType,
): ReturnType<FunctionSpec['resolve']> {
  const wrong = arity(args, 2, 2);
  if (wrong !== undefined) return wrong;
  const unit = literalText(args, unitAt, 'unit');
  if (typeof unit === 'string') return unit;
  if (!(unit.text.toUpperCase() in units)) return `it does not know the unit ${unit.text}`;
  const params = unitAt === 0 ? [STRING, type] : [type, STRING];
  return { params, type, nullable: args[valueAt]?.nullable ?? true };
}

const months = (a: string, n: string): string => `CAST(${a} + to_months(CAST(${n} AS INTEGER)) AS DATE)`;

/** Literal unit first: YEAR to MICROSECOND. */
const ADD: Readonly<Record<string, (n: string) => string>> = {
  YEAR: (n) => `to_months(CAST(${n} * 12 AS INTEGER))`,
  QUARTER: (n) => `to_months(CAST(${n} * 3 AS INTEGER))`,
  MONTH: (n) => `to_months(CAST(${n} AS INTEGER))`,
  WEEK: (n) => `to_days(CAST(${n} * 7 AS INTEGER))`,
  DAY: (n) => `to_days(CAST(${n} AS INTEGER))`,
  HOUR: (n) => `to_hours(${n})`,
  MINUTE: (n) => `to_minutes(${n})`,
  SECOND: (n) => `to_microseconds(${n} * 1000000)`,
};
const withUnit =
  (rest: (args: readonly Argument[]) => FunctionSpec['resolve']): FunctionSpec['resolve'] =>
  (args) => {
    const unit = literalText(args, 0, 'unit');
    if (typeof unit === 'string') return unit;
    if (!(unit.text.toUpperCase() in ADD)) return `it does not know the unit ${unit.text}`;
    return rest(args)(args);
  };
const added = withUnit((args) => {
  const moment = args[2]?.type.kind === 'timestamp_ntz' ? TIMESTAMP_NTZ : TIMESTAMP;
  return takes([STRING, BIGINT, moment], moment);
});
const apart = withUnit(() => takes([STRING, TIMESTAMP, TIMESTAMP], BIGINT));

/** Spark casts nothing to what these take. */
const just =
  (param: DataType, type: DataType): FunctionSpec['resolve'] =>
  (args) => {
    const [arg] = args;
    const fits = arg === undefined || arg.type.kind === param.kind || arg.type.kind === 'void';
    return fits ? takes([param], type)(args) : mismatch(0, param, arg);
  };

/** Letters of a Spark date pattern that mean the same in strftime. */
const PATTERN: Readonly<Record<string, string>> = {
  yyyy: '%Y',
  MM: '%m',
  dd: '%d',
  HH: '%H',
  mm: '%M',
  ss: '%S',
};
function strftimePattern(pattern: string): string | undefined {
  const pieces = pattern.match(/([A-Za-z])\1*|'[^']*'|[^A-Za-z']+/g) ?? [];
  if (pieces.join('') !== pattern) return undefined;
  let out = '';
  for (const piece of pieces) {
    if (/^[A-Za-z]/.test(piece)) {
      const mapped = PATTERN[piece];
      if (mapped === undefined) return undefined;
      out += mapped;
    } else out += piece.replaceAll("'", '').replaceAll('%', '%%');
  }
  return out;
}
export const formatted: FunctionSpec['resolve'] = (args) => {
  const pattern = literalText(args, 1, 'pattern');
  if (typeof pattern === 'string') return pattern;
  if (strftimePattern(pattern.text) === undefined)
    return 'its pattern may hold yyyy, MM, dd, HH, mm, ss and separators';
  return takes([TIMESTAMP, STRING], STRING)(args);
};

export const literalFormat = (call: RenderCall): string => quote(strftimePattern(literalOf(call, 1)) ?? '');

export const DATES: readonly FunctionSpec[] = [
  define('year', 'Year.', dated(INT), part('year($1)')),
  define('quarter', 'Quarter, 1 to 4.', dated(INT), part('quarter($1)')),
  define('month', 'Month, 1 to 12.', dated(INT), part('month($1)')),
  define('day', 'Day of the month.', dated(INT), part('day($1)'), { aliases: ['dayofmonth'] }),
  define('dayofweek', 'Day of the week, Sunday being 1.', dated(INT), part('dayofweek($1) + 1')),
  define('weekday', 'Day of the week, Monday being 0.', dated(INT), part('isodow($1) - 1')),
  define('dayofyear', 'Day of the year.', dated(INT), part('dayofyear($1)')),
  define('weekofyear', 'ISO week.', dated(INT), part('week($1)'), { raises: true }),
  define('hour', 'Hour.', timed(INT), part('hour($1)')),
  define('minute', 'Minute.', timed(INT), part('minute($1)')),
  define('second', 'Second.', timed(INT), part('second($1)')),
  define('extract', 'A field of a date or timestamp.', extract, renderExtract, {
    aliases: ['date_part', 'datepart'],
    raises: (_, nodes) => fieldOf(nodes[0]) === 'week',
    spark: (call) => `date_part(${call.args.join(', ')})`,
  }),
  define('date_add', 'Date moved on by days.', takes([DATE, INT], DATE), 'CAST($1 + $2 AS DATE)', {
    aliases: ['dateadd'],
    raises: true,
  }),
  define('date_sub', 'Date moved back by days.', takes([DATE, INT], DATE), 'CAST($1 - $2 AS DATE)', {
    raises: true,
  }),
  define(
    'datediff',
    'Days from the second date to the first.',
    takes([DATE, DATE], INT),
    'CAST($1 - $2 AS INTEGER)',
    { aliases: ['date_diff'] },
  ),
  define(
    'add_months',
    'Date moved on by months.',
    takes([DATE, INT], DATE),
    ({ args }) => months(args[0] ?? '', args[1] ?? ''),
    { raises: true },
  ),
  define('last_day', 'Last day of the month.', takes([DATE], DATE), 'last_day($1)', { raises: true }),
  define(
    'trunc',
    'Date cut to a literal unit.',
    truncDate,
    (call) =>
      `CAST(date_trunc(${quote(UNITS[literalOf(call, 1).toUpperCase()] ?? '')}, ${call.args[0]}) AS DATE)`,
    { raises: true },
  ),
  define(
    'date_trunc',
    'Timestamp cut to a literal unit.',
    truncTime,
    (call) => `date_trunc(${quote(TIME_UNITS[literalOf(call, 0).toUpperCase()] ?? '')}, ${call.args[1]})`,
  ),
  define(
    'timestampadd',
    'Timestamp moved on by units.',
    added,
    (call) => `(${call.args[2]} + ${ADD[literalOf(call, 0).toUpperCase()]?.(call.args[1] ?? '')})`,
    { raises: true },
  ),
  define('timestampdiff', 'Whole units between two timestamps.', apart, timestampDifference, {
    raises: true,
  }),
  define(
    'make_date',
    'A date of year, month and day; raises if there is none.',
    takes([INT, INT, INT], DATE),
    'make_date($1, $2, $3)',
    { raises: true },
  ),
  define('unix_date', 'Days since 1970-01-01.', just(DATE, INT), "CAST($1 - DATE '1970-01-01' AS INTEGER)"),
  define(
    'date_from_unix_date',
    'Date of so many days since 1970-01-01.',
    takes([INT], DATE),
    "CAST(DATE '1970-01-01' + $1 AS DATE)",
    { raises: true },
  ),
  define('unix_seconds', 'Whole seconds since 1970.', just(TIMESTAMP, BIGINT), ({ args: [a = ''] }) =>
    wholeUnits(a, 1_000_000n),
  ),
  define('unix_millis', 'Whole milliseconds since 1970.', just(TIMESTAMP, BIGINT), ({ args: [a = ''] }) =>
    wholeUnits(a, 1_000n),
  ),
  define('unix_micros', 'Microseconds since 1970.', just(TIMESTAMP, BIGINT), 'epoch_us($1)'),
  define(
    'timestamp_micros',
    'Timestamp of microseconds since 1970.',
    takes([BIGINT], TIMESTAMP),
    "timezone('UTC', make_timestamp($1))",
    { raises: true },
  ),
  define(
    'date_format',
    'Timestamp as text by a literal pattern.',
    formatted,
    (call) => `strftime(${call.args[0]}, ${literalFormat(call)})`,
  ),
  define(
    'months_between',
    'Months between two dates, of which the fraction counts 31 days to a month.',
    takes([TIMESTAMP, TIMESTAMP], DOUBLE),
    monthsBetween,
  ),
  define('next_day', 'The next day of that name after a date.', nextDay, renderNextDay, { raises: true }),
];

const DAY_NAMES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const dayIndex = (text: string): number => {
  const names = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
  const upper = text.toUpperCase();
  return names.findIndex((name, i) => upper === name || upper === name.slice(0, 3) || upper === DAY_NAMES[i]);
};
function nextDay(args: readonly Argument[]): ReturnType<FunctionSpec['resolve']> {
  const name = literalText(args, 1, 'day');
  if (typeof name === 'string') return name;
  if (dayIndex(name.text) < 0) return `it does not know the day ${name.text}`;
  return takes([DATE, STRING], DATE)(args);
}
function renderNextDay(call: RenderCall): string {
  const wanted = dayIndex(literalOf(call, 1)) + 1;
  const [date] = call.args;
  return `CAST(${date} + CAST(1 + (${wanted} - isodow(${date}) + 6) % 7 AS INTEGER) AS DATE)`;
}
