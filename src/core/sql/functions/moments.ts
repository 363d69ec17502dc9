/** Dates and timestamps out of texts, numbers and parts. Texts are read by the cast that the binder puts in. */
import {
  BIGINT,
  DATE,
  type DataType,
  decimal,
  INT,
  STRING,
  TIMESTAMP,
  TIMESTAMP_NTZ,
} from '../../plan/types.js';
import { formatted, literalFormat } from './dates.js';
import { define, raising, takes } from './define.js';
import type { Argument, FunctionSpec, RenderCall } from './spec.js';

const RAISES = { raises: true } as const;
const SECONDS = decimal(16, 6);
const DEFAULT_FORMAT = "'%Y-%m-%d %H:%M:%S'";

/** A minute may end with second 60, which is the next one's start. */
const fromParts =
  (zoned: boolean) =>
  ({ args }: RenderCall): string => {
    const [year, month, day, hour, minute, second] = args;
    const unknown = args.map((arg) => `${arg} IS NULL`).join(' OR ');
    const start = `make_timestamp(${year}, ${month}, ${day}, ${hour}, ${minute}, 0)`;
    const moment = `(${start} + to_microseconds(CAST(${second} * 1000000 AS BIGINT)))`;
    const checked = `CASE WHEN ${unknown} THEN NULL WHEN ${second} < 0 OR ${second} > 60 THEN ${raising('CAST_INVALID_INPUT')} ELSE ${moment} END`;
    return zoned ? `timezone('UTC', ${checked})` : checked;
  };
const parts = (type: DataType): FunctionSpec['resolve'] => takes([INT, INT, INT, INT, INT, SECONDS], type);

const scaled = (factor: number): string => `timezone('UTC', make_timestamp($1 * ${factor}))`;

/** A text would have to be read by a pattern of its own. */
const moment: FunctionSpec['resolve'] = (args) =>
  args[0]?.type.kind === 'string' ? 'it takes a date or a timestamp' : takes([TIMESTAMP], BIGINT)(args);

/** A number of seconds as text, by a literal pattern. */
const written: FunctionSpec['resolve'] = (args) => {
  const [seconds, pattern] = args;
  if (seconds === undefined || pattern === undefined) return takes([BIGINT], STRING)(args);
  const given: Argument = { type: TIMESTAMP, nullable: seconds.nullable };
  const found = formatted([given, ...args.slice(1)]);
  return typeof found === 'string' ? found : takes([BIGINT, STRING], STRING)(args);
};
const writeSeconds = (call: RenderCall): string =>
  `strftime(make_timestamp(${call.args[0]} * 1000000), ${call.args[1] === undefined ? DEFAULT_FORMAT : literalFormat(call)})`;

export const MOMENTS: readonly FunctionSpec[] = [
  define('to_date', 'Text or timestamp as a date, as CAST reads it.', takes([DATE], DATE), '$1'),
  define(
    'to_timestamp',
    'Text or date as a timestamp, as CAST reads it.',
    takes([TIMESTAMP], TIMESTAMP),
    '$1',
  ),
  define(
    'make_timestamp',
    'A timestamp of year, month, day, hour, minute and second; raises if there is none.',
    parts(TIMESTAMP),
    fromParts(true),
    RAISES,
  ),
  define(
    'make_timestamp_ntz',
    'As make_timestamp, without a time zone.',
    parts(TIMESTAMP_NTZ),
    fromParts(false),
    RAISES,
  ),
  define(
    'timestamp_seconds',
    'Timestamp of whole seconds since 1970.',
    takes([BIGINT], TIMESTAMP),
    scaled(1_000_000),
    RAISES,
  ),
  define(
    'timestamp_millis',
    'Timestamp of milliseconds since 1970.',
    takes([BIGINT], TIMESTAMP),
    scaled(1000),
    RAISES,
  ),
  define('unix_timestamp', 'Whole seconds since 1970, cut towards it.', moment, '(epoch_us($1) // 1000000)', {
    aliases: ['to_unix_timestamp'],
  }),
  define('from_unixtime', 'Seconds since 1970 as text, by a literal pattern.', written, writeSeconds, RAISES),
  define(
    'dayname',
    'Name of the day of the week, in three letters.',
    takes([DATE], STRING),
    "strftime($1, '%a')",
  ),
  define('monthname', 'Name of the month, in three letters.', takes([DATE], STRING), "strftime($1, '%b')"),
];
