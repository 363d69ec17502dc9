/** The clock of one time zone seen from another. Zones are literal names: an offset is none, since the engines spell it apart. */
import { STRING, TIMESTAMP, TIMESTAMP_NTZ } from '../../plan/types.js';
import { letIn } from '../duckdb/let.js';
import { arity, define, literalText, takes } from './define.js';
import type { Argument, FunctionSpec } from './spec.js';

const RAISES = { raises: true } as const;
/** As Java has them, which minds the case. */
const NAME = /^(UTC|GMT|[A-Z][A-Za-z]+(\/[A-Z][A-Za-z_-]+)+)$/;

function isZone(name: string): boolean {
  if (!NAME.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function zoneProblem(args: readonly Argument[], index: number): string | undefined {
  const zone = literalText(args, index, 'time zone');
  if (typeof zone === 'string') return zone;
  return isZone(zone.text) ? undefined : 'its time zone must be a name such as Europe/Berlin';
}

const shifted: FunctionSpec['resolve'] = (args) =>
  arity(args, 2, 2) ?? zoneProblem(args, 1) ?? takes([TIMESTAMP, STRING], TIMESTAMP)(args);

const converted: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 2, 3);
  if (wrong !== undefined) return wrong;
  const zones = args.slice(0, -1).map((_, i) => zoneProblem(args, i));
  const problem = zones.find((each) => each !== undefined);
  const clock = args.at(-1);
  if (problem !== undefined || clock === undefined) return problem ?? '';
  // Of a TIMESTAMP, its clock in UTC.
  const known = clock.type.kind === 'timestamp' ? { ...clock, type: TIMESTAMP_NTZ } : clock;
  return takes([...zones.map(() => STRING), TIMESTAMP_NTZ], TIMESTAMP_NTZ)([...args.slice(0, -1), known]);
};

/**
 * The moment of a clock in a zone. Of an hour that comes twice Java takes the first, the engine the second: the one by
 * the offset of a day before, where the clock shows the same.
 */
const momentOf = (clock: string, zone: string): string =>
  letIn(clock, (v) =>
    letIn(
      `timezone(${zone}, ${v} - INTERVAL 24 HOUR) + INTERVAL 24 HOUR`,
      (first) =>
        `CASE WHEN timezone(${zone}, ${first}) = ${v} THEN least(${first}, timezone(${zone}, ${v})) ELSE timezone(${zone}, ${v}) END`,
      v,
    ),
  );

export const TIME_ZONES: readonly FunctionSpec[] = [
  define(
    'from_utc_timestamp',
    'The clock of a literal time zone, taken for one of UTC.',
    shifted,
    "timezone('UTC', timezone($2, $1))",
    RAISES,
  ),
  define(
    'to_utc_timestamp',
    'A clock of UTC, taken for one of a literal time zone.',
    shifted,
    ({ args: [moment = '', zone = ''] }) => momentOf(`timezone('UTC', ${moment})`, zone),
    RAISES,
  ),
  define(
    'convert_timezone',
    'What the clock of the second literal time zone shows when that of the first, or UTC, shows this.',
    converted,
    ({ args }) => {
      const [clock = '', target = '', source = "'UTC'"] = [...args].reverse();
      return `timezone(${target}, ${momentOf(clock, source)})`;
    },
    // Spark would fill in the zone of its session, which is no fact of the statement.
    {
      ...RAISES,
      spark: ({ args }) => `convert_timezone(${[...(args.length < 3 ? ["'UTC'"] : []), ...args].join(', ')})`,
    },
  ),
];
