/**
 * Aggregates and window functions. Types are Spark's; sums of whole numbers and decimals raise when they
 * overflow.
 */
import { cappedDecimal, isFloating, isInteger, isNumeric, isOrdered } from '../../plan/coercion.js';
import { array, BIGINT, BOOLEAN, type DataType, DOUBLE, INT } from '../../plan/types.js';
import { fromDigits } from './decimal-division.js';
import { arity, define, type Options, takes } from './define.js';
import type { Argument, FunctionSpec, RenderCall, Signature } from './spec.js';
import { SPREADS } from './spreads.js';

const AGGREGATE: Options = { kind: 'aggregate' };
/** Which of several it takes depends on the order of the rows. */
const UNORDERED: Options = { kind: 'aggregate', deterministic: false };
const OVERFLOWS: Options = { kind: 'aggregate', raises: (types) => !types.some(isFloating) };

const one =
  (result: (type: DataType, arg: Argument) => Signature | string): FunctionSpec['resolve'] =>
  (args) => {
    const wrong = arity(args, 1, 1);
    const arg = args[0];
    return wrong !== undefined || arg === undefined ? (wrong ?? '') : result(arg.type, arg);
  };

const any = one((type) =>
  isOrdered(type) ? { params: [type], type, nullable: true } : `it takes no ${type.kind}`,
);
const same = one((type) => ({ params: [type], type, nullable: true }));

const summed = one((type) => {
  if (isInteger(type)) return { params: [type], type: BIGINT, nullable: true };
  if (type.kind === 'decimal')
    return { params: [type], type: cappedDecimal(type.precision + 10, type.scale), nullable: true };
  if (isFloating(type) || type.kind === 'string' || type.kind === 'void')
    return { params: [DOUBLE], type: DOUBLE, nullable: true };
  if (type.kind === 'interval') return { params: [type], type, nullable: true };
  return 'it takes numbers';
});

const averaged = one((type) => {
  if (type.kind === 'decimal')
    return { params: [type], type: cappedDecimal(type.precision + 4, type.scale + 4), nullable: true };
  if (isNumeric(type) || type.kind === 'string' || type.kind === 'void')
    return { params: [DOUBLE], type: DOUBLE, nullable: true };
  return 'it takes numbers';
});

const duck = (type: DataType): string =>
  type.kind === 'decimal' ? `DECIMAL(${type.precision},${type.scale})` : type.kind.toUpperCase();

/** sum over whole numbers is a HUGEINT in DuckDB: the cast back raises where Spark's would. */
const sum = ({ args, type }: RenderCall): string =>
  type.kind === 'decimal' || type.kind === 'bigint'
    ? `CAST(sum(${args[0]}) AS ${duck(type)})`
    : `sum(${args[0]})`;

const counted: FunctionSpec['resolve'] = (args) => ({
  params: args.map((arg) => arg.type),
  type: BIGINT,
  nullable: false,
});

const flag = takes([BOOLEAN], BOOLEAN, { nullable: true });

const collected = one((type) => ({ params: [type], type: array(type), nullable: false }));

const by: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 2, 2);
  const [value, order] = args;
  if (wrong !== undefined || value === undefined || order === undefined) return wrong ?? '';
  if (!isOrdered(order.type)) return `it cannot order by a ${order.type.kind}`;
  return { params: [value.type, order.type], type: value.type, nullable: true };
};

const bits = one((type) =>
  isInteger(type) ? { params: [type], type, nullable: true } : 'it takes whole numbers',
);

export const AGGREGATES: readonly FunctionSpec[] = [
  define(
    'count',
    'Number of rows, or of rows where no argument is NULL.',
    counted,
    ({ args }) => (args.length === 0 ? 'count(*)' : `count(${args.join(', ')})`),
    AGGREGATE,
  ),
  define(
    'count_if',
    'Number of rows where the condition is true.',
    takes([BOOLEAN], BIGINT),
    'count($1) FILTER (WHERE $1)',
    AGGREGATE,
  ),
  define('sum', 'Sum.', summed, sum, OVERFLOWS),
  define('avg', 'Mean.', averaged, average, { ...OVERFLOWS, aliases: ['mean'] }),
  define('min', 'Least.', any, 'min($1)', AGGREGATE),
  define('max', 'Greatest.', any, 'max($1)', AGGREGATE),
  ...SPREADS,
  define('bool_and', 'Are all true?', flag, 'bool_and($1)', { kind: 'aggregate', aliases: ['every'] }),
  define('bool_or', 'Is one true?', flag, 'bool_or($1)', { kind: 'aggregate', aliases: ['any', 'some'] }),
  define('bit_and', 'Bitwise and.', bits, 'bit_and($1)', AGGREGATE),
  define('bit_or', 'Bitwise or.', bits, 'bit_or($1)', AGGREGATE),
  define('bit_xor', 'Bitwise exclusive or.', bits, 'bit_xor($1)', AGGREGATE),
  define(
    'max_by',
    'Value of the row with the greatest second argument.',
    by,
    'arg_max_null($1, $2)',
    UNORDERED,
  ),
  define('min_by', 'Value of the row with the least second argument.', by, 'arg_min_null($1, $2)', UNORDERED),
  define(
    'collect_list',
    'All values that are not NULL, in no order.',
    collected,
    'coalesce(list($1) FILTER (WHERE $1 IS NOT NULL), [])',
    { kind: 'aggregate', aliases: ['array_agg'], deterministic: false },
  ),
  define('any_value', 'Some value.', same, 'first($1)', UNORDERED),
  define('first', 'The first value; with IGNORE NULLS the first that is not NULL.', same, 'first($1)', {
    kind: 'aggregate',
    aliases: ['first_value'],
    deterministic: false,
  }),
  define('last', 'The last value.', same, 'last($1)', {
    kind: 'aggregate',
    aliases: ['last_value'],
    deterministic: false,
  }),
  define(
    'median',
    'Median.',
    takes([DOUBLE], DOUBLE, { nullable: true }),
    'quantile_cont($1, 0.5)',
    AGGREGATE,
  ),
];

/** Exact for decimals: sum and count, divided half up as `/` does. */
function average({ args, type, types }: RenderCall): string {
  if (type.kind !== 'decimal') return `avg(${args[0]})`;
  const scale = types[0]?.kind === 'decimal' ? types[0].scale : 0;
  const shift = type.scale + 1 - scale;
  const whole = `CAST(sum(${args[0]}) * CAST(1${'0'.repeat(scale)} AS DECIMAL(${scale + 1},0)) AS HUGEINT)`;
  const digits = `(${whole} * CAST('1${'0'.repeat(shift)}' AS HUGEINT)) // nullif(count(${args[0]}), 0)`;
  return fromDigits(digits, type.scale, duck(type));
}

const WINDOW: Options = { kind: 'window' };
const rank = takes([], INT);

const shifted: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 1, 3);
  const [value, offset, fallback] = args;
  if (wrong !== undefined || value === undefined) return wrong ?? '';
  if (offset !== undefined && typeof offset.literal !== 'bigint')
    return 'its offset must be a literal whole number';
  const params: DataType[] = [value.type, ...(offset ? [INT] : []), ...(fallback ? [value.type] : [])];
  return { params, type: value.type, nullable: true };
};

const nth: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 2, 2);
  const [value, n] = args;
  if (wrong !== undefined || value === undefined) return wrong ?? '';
  if (typeof n?.literal !== 'bigint' || n.literal < 1n) return 'its position must be a literal from 1';
  return { params: [value.type, INT], type: value.type, nullable: true };
};

const tile: FunctionSpec['resolve'] = (args) => {
  const n = args[0]?.literal;
  if (args.length !== 1 || typeof n !== 'bigint' || n < 1n)
    return 'its number of buckets must be a literal from 1';
  return { params: [INT], type: INT, nullable: false };
};

export const WINDOWS: readonly FunctionSpec[] = [
  define('row_number', 'Number of the row in its window.', rank, 'row_number()', WINDOW),
  define('rank', 'Rank with gaps.', rank, 'rank()', WINDOW),
  define('dense_rank', 'Rank without gaps.', rank, 'dense_rank()', WINDOW),
  define('percent_rank', 'Rank from 0 to 1.', takes([], DOUBLE), 'percent_rank()', WINDOW),
  define('cume_dist', 'Share of rows up to this one.', takes([], DOUBLE), 'cume_dist()', WINDOW),
  define('ntile', 'Bucket of the row.', tile, 'ntile($1)', WINDOW),
  define('lag', 'Value of an earlier row.', shifted, ({ args }) => `lag(${args.join(', ')})`, WINDOW),
  define('lead', 'Value of a later row.', shifted, ({ args }) => `lead(${args.join(', ')})`, WINDOW),
  define('nth_value', 'Value of the n-th row of the frame.', nth, 'nth_value($1, $2)', WINDOW),
];
