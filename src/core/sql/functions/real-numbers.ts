/**
 * Inverse hyperbolic, reciprocal and other functions over doubles that DuckDB lacks or computes by another
 * formula than Spark: each is written as Spark computes it, special values first.
 */
import { isInteger } from '../../plan/coercion.js';
import { BIGINT, type DataType, DOUBLE, INT } from '../../plan/types.js';
import { arity, define, takes } from './define.js';
import type { FunctionSpec, RenderCall } from './spec.js';

const D = DOUBLE;
const number = takes([D], D);
const approximate = { approximate: true } as const;
const NAN = "CAST('NaN' AS DOUBLE)";
const INFINITY = "CAST('Infinity' AS DOUBLE)";
/** Above this a square is infinite, and less 1 makes no difference. */
const SQUARE_MAX = "CAST('1e150' AS DOUBLE)";
/** Below this e^x - 1 is x to the last digit. */
const TINY = "CAST('1e-17' AS DOUBLE)";

/** By way of tanh, which keeps the digits that `exp(x) - 1` loses near zero. */
const EXPM1 =
  `CASE WHEN isnan($1) OR abs($1) < ${TINY} THEN $1 WHEN isinf($1) THEN CASE WHEN $1 > 0 THEN $1 ELSE -1 END ` +
  'ELSE tanh($1 / 2) * (exp($1) + 1) END';

/** Kahan's: what rounding took from `1 + x` is put back by a quotient. */
const LOG1P =
  'CASE WHEN $1 <= -1 THEN NULL WHEN isnan($1) OR isinf($1) OR 1 + $1 = 1 THEN $1 ' +
  'ELSE ln(1 + $1) * ($1 / (1 + $1 - 1)) END';

const HYPOT =
  `CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN isinf($1) OR isinf($2) THEN ${INFINITY} ` +
  `WHEN isnan($1) OR isnan($2) THEN ${NAN} ` +
  'WHEN greatest(abs($1), abs($2)) = 0 THEN CAST(0 AS DOUBLE) ' +
  'ELSE greatest(abs($1), abs($2)) * sqrt(1 + pow(least(abs($1), abs($2)) / greatest(abs($1), abs($2)), 2)) END';

/** One argument: the natural logarithm; two: the base first. */
function logarithm({ args: [first, second] }: RenderCall): string {
  if (second === undefined) return `CASE WHEN ${first} <= 0 THEN NULL ELSE ln(${first}) END`;
  return `CASE WHEN ${first} <= 0 OR ${second} <= 0 THEN NULL ELSE ln(${second}) / ln(${first}) END`;
}

/** Whole numbers stay what they are; of doubles the nearest even whole number. */
const evenly: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 1, 2);
  const [value, places] = args;
  if (wrong !== undefined || value === undefined) return wrong ?? '';
  if (places !== undefined && places.literal !== 0n) return 'its number of places must be the literal 0';
  const type = isInteger(value.type) ? value.type : D;
  if (type === D && value.type.kind === 'decimal') return 'it takes doubles and whole numbers';
  const params: readonly DataType[] = places === undefined ? [type] : [type, INT];
  return takes(params, type)(args);
};

/** Java's counting: outside the range the first or the last bucket. */
function widthBucket({ args: [v, low, high, n] }: RenderCall): string {
  const known = [v, low, high, n].map((arg) => `${arg} IS NULL`).join(' OR ');
  const up = `CASE WHEN ${v} < ${low} THEN 0 WHEN ${v} >= ${high} THEN ${n} + 1 ELSE CAST(trunc(CAST(${n} AS DOUBLE) * (${v} - ${low}) / (${high} - ${low})) AS BIGINT) + 1 END`;
  const down = `CASE WHEN ${v} > ${low} THEN 0 WHEN ${v} <= ${high} THEN ${n} + 1 ELSE CAST(trunc(CAST(${n} AS DOUBLE) * (${low} - ${v}) / (${low} - ${high})) AS BIGINT) + 1 END`;
  const none = `${n} <= 0 OR ${n} = 9223372036854775807 OR isnan(${v}) OR NOT isfinite(${low}) OR NOT isfinite(${high}) OR ${low} = ${high}`;
  return `CASE WHEN ${known} THEN NULL WHEN ${none} THEN NULL WHEN ${low} < ${high} THEN ${up} ELSE ${down} END`;
}

export const REAL_NUMBERS: readonly FunctionSpec[] = [
  define(
    'acosh',
    'Inverse hyperbolic cosine; NaN below 1.',
    number,
    `CASE WHEN $1 >= ${SQUARE_MAX} THEN ln($1) + ln(2) WHEN $1 >= 1 THEN ln($1 + sqrt($1 * $1 - 1)) WHEN $1 IS NULL THEN NULL ELSE ${NAN} END`,
    approximate,
  ),
  define(
    'asinh',
    'Inverse hyperbolic sine.',
    number,
    'CASE WHEN isnan($1) OR isinf($1) OR $1 = 0 THEN $1 ELSE asinh($1) END',
    approximate,
  ),
  define(
    'atanh',
    'Inverse hyperbolic tangent; NaN outside -1..1.',
    number,
    `CASE WHEN abs($1) < 1 THEN atanh($1) WHEN abs($1) = 1 THEN $1 * ${INFINITY} WHEN $1 IS NULL THEN NULL ELSE ${NAN} END`,
    approximate,
  ),
  define(
    'cot',
    'Cotangent.',
    number,
    `CASE WHEN isfinite($1) THEN 1 / tan($1) WHEN $1 IS NULL THEN NULL ELSE ${NAN} END`,
    approximate,
  ),
  define(
    'sec',
    'Secant.',
    number,
    `CASE WHEN isfinite($1) THEN 1 / cos($1) WHEN $1 IS NULL THEN NULL ELSE ${NAN} END`,
    approximate,
  ),
  define(
    'csc',
    'Cosecant.',
    number,
    `CASE WHEN isfinite($1) THEN 1 / sin($1) WHEN $1 IS NULL THEN NULL ELSE ${NAN} END`,
    approximate,
  ),
  define('expm1', 'e to the power, less 1.', number, EXPM1, approximate),
  define('log1p', 'Natural logarithm of 1 more; NULL at or below -1.', number, LOG1P, approximate),
  define(
    'log',
    'Logarithm, natural or to a base that stands first; NULL at or below zero.',
    takes([D, D], D, { required: 1, nullable: true }),
    logarithm,
    approximate,
  ),
  define('hypot', 'Length of a hypotenuse.', takes([D, D], D), HYPOT, approximate),
  define('rint', 'The nearest whole number, even in the middle, as a DOUBLE.', number, 'round_even($1, 0)'),
  define('bround', 'Rounded half even to a whole number.', evenly, ({ args: [value], type }) =>
    type.kind === 'double' ? `(round_even(${value}, 0) + 0)` : `${value}`,
  ),
  define(
    'width_bucket',
    'Which of so many equal buckets between two limits.',
    takes([D, D, D, BIGINT], BIGINT, { nullable: true }),
    widthBucket,
    { raises: true },
  ),
];
