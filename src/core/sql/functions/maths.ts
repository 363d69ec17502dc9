/**
 * Functions over numbers. Doubles behave as IEEE has them; where Java gives NaN and DuckDB would raise, NaN
 * is written out.
 */
import { decimalFor, isFloating, isInteger, isNumeric, isOrdered } from '../../plan/coercion.js';
import { BIGINT, BOOLEAN, type DataType, DOUBLE, decimal, INT } from '../../plan/types.js';
import { anyNullable, arity, define, literalOf, meeting, sameAs, takes } from './define.js';
import type { FunctionSpec, RenderCall } from './spec.js';

const D = DOUBLE;
const number = takes([D], D);
const two = takes([D, D], D);
const BIGINT_MAX = '9223372036854775807';
const ofDecimals = (types: readonly DataType[]): boolean => types[0]?.kind === 'decimal';
/** Java's library and C's may differ in the last digit. */
const approximate = { approximate: true } as const;
const overflow = { raises: (types: readonly DataType[]) => !types.some(isFloating) } as const;

/** Below or at zero Spark's logarithms are NULL. */
const logarithm = (fn: string): string => `CASE WHEN $1 <= 0 THEN NULL ELSE ${fn}($1) END`;
/** Outside its domain Java gives NaN. */
const within = (condition: string, sql: string): string =>
  `CASE WHEN ${condition} THEN ${sql} WHEN $1 IS NULL THEN NULL ELSE 'NaN'::DOUBLE END`;

const toWhole: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 1, 1);
  const type = args[0]?.type;
  if (wrong !== undefined || type === undefined) return wrong ?? '';
  const nullable = args[0]?.nullable ?? true;
  if (type.kind === 'decimal')
    return {
      params: [type],
      type: decimal(Math.min(38, Math.max(1, type.precision - type.scale + 1)), 0),
      nullable,
    };
  if (isInteger(type)) return { params: [BIGINT], type: BIGINT, nullable };
  return { params: [D], type: BIGINT, nullable };
};

/** Java cuts a double that is too large for a BIGINT to the nearest one, and makes NaN zero. */
const wholeOf =
  (fn: 'ceil' | 'floor') =>
  ({ args: [a], type, types }: RenderCall): string => {
    if (type.kind === 'decimal') return `CAST(${fn}(${a}) AS DECIMAL(${type.precision},0))`;
    if (types[0]?.kind === 'bigint') return `${a}`;
    const limit = `CAST('9223372036854775808' AS DOUBLE)`;
    return `CASE WHEN isnan(${a}) THEN 0 WHEN ${a} >= ${limit} THEN ${BIGINT_MAX} WHEN ${a} <= -${limit} THEN -${BIGINT_MAX} - 1 ELSE CAST(${fn}(${a}) AS BIGINT) END`;
  };

/** With more, the 22 places of the decimal that is rounded do not hold a double that is nearly halfway. */
const DOUBLE_PLACES_MAX = 5;

/** round(x, n) with a literal n; HALF_UP on decimals and whole numbers. */
const rounded: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 1, 2);
  if (wrong !== undefined) return wrong;
  const [value, places] = args;
  const n = places === undefined ? 0n : places.literal;
  if (typeof n !== 'bigint' || n < 0n || n > 15n)
    return 'its number of places must be a literal from 0 to 15';
  if (value === undefined) return '';
  const params = (type: DataType): DataType[] => (places === undefined ? [type] : [type, INT]);
  const exact = decimalFor(value.type);
  if (isInteger(value.type))
    return { params: params(value.type), type: value.type, nullable: value.nullable };
  if (exact !== undefined) {
    const scale = Math.min(exact.scale, Number(n));
    const type = decimal(Math.min(38, exact.precision - exact.scale + scale + 1), scale);
    return { params: params(exact), type, nullable: value.nullable };
  }
  if (!isFloating(value.type) && value.type.kind !== 'string') return 'it takes a number';
  if (n > DOUBLE_PLACES_MAX)
    return `it rounds doubles to ${DOUBLE_PLACES_MAX} places at most: cast to a decimal first`;
  return { params: params(D), type: D, nullable: value.nullable };
};

function renderRound(call: RenderCall): string {
  const [value] = call.args;
  if (call.type.kind === 'decimal')
    return `CAST(round(${value}, ${call.type.scale}) AS DECIMAL(${call.type.precision},${call.type.scale}))`;
  if (!isFloating(call.type)) return `${value}`;
  const places = call.args.length > 1 ? Number(literalOf(call, 1)) : 0;
  // Spark knows no -0 here: adding 0 makes it 0.
  if (places === 0) return `(round(${value}) + 0)`;
  // As Spark does, by the shortest text of the double; what has no such decimal has no places either, or is none.
  const exact = `TRY_CAST(CAST(${value} AS VARCHAR) AS DECIMAL(38,22))`;
  return `coalesce(CAST(CAST(round(${exact}, ${places}) AS VARCHAR) AS DOUBLE), ${value})`;
}

const extreme = meeting(2, (common, args) =>
  isOrdered(common)
    ? { params: args.map(() => common), type: common, nullable: args.every((arg) => arg.nullable) }
    : `it takes no ${common.kind}`,
);

/** C says 1 where Java says that nobody knows. */
const power =
  "CASE WHEN isnan($2) OR (abs($1) = 1 AND isinf($2)) THEN $1 + CAST('NaN' AS DOUBLE) ELSE pow($1, $2) END";

/** DuckDB goes by way of a power; one step of Newton's brings the last digits. */
const cubeRoot =
  "CASE WHEN abs($1) BETWEEN CAST('1e-290' AS DOUBLE) AND CAST('1e290' AS DOUBLE) " +
  'THEN cbrt($1) - (cbrt($1) * cbrt($1) * cbrt($1) - $1) / (3 * cbrt($1) * cbrt($1)) ELSE cbrt($1) END';

export const MATHS: readonly FunctionSpec[] = [
  define('abs', 'Number without its sign.', sameAs(isNumeric, 'a number'), 'abs($1)', overflow),
  define('ceil', 'Smallest whole number not below.', toWhole, wholeOf('ceil'), {
    aliases: ['ceiling'],
    raises: ofDecimals,
  }),
  define('floor', 'Largest whole number not above.', toWhole, wholeOf('floor'), { raises: ofDecimals }),
  define('round', 'Rounded half up to a literal number of places.', rounded, renderRound, overflow),
  define('sqrt', 'Square root; NaN below zero.', number, within('$1 >= 0', 'sqrt($1)')),
  define('cbrt', 'Cube root.', number, cubeRoot, approximate),
  define('exp', 'e to the power.', number, 'exp($1)', approximate),
  define('ln', 'Natural logarithm; NULL at or below zero.', number, logarithm('ln'), approximate),
  define('log10', 'Logarithm to base 10.', number, logarithm('log10'), approximate),
  define('log2', 'Logarithm to base 2.', number, logarithm('log2'), approximate),
  define('power', 'To the power.', two, power, { ...approximate, aliases: ['pow'] }),
  define(
    'sign',
    'Sign as -1.0, 0.0 or 1.0.',
    number,
    'CASE WHEN isnan($1) OR $1 = 0 THEN $1 ELSE CAST(sign($1) AS DOUBLE) END',
    { aliases: ['signum'] },
  ),
  define('sin', 'Sine.', number, within('isfinite($1)', 'sin($1)'), approximate),
  define('cos', 'Cosine.', number, within('isfinite($1)', 'cos($1)'), approximate),
  define('tan', 'Tangent.', number, within('isfinite($1)', 'tan($1)'), approximate),
  define(
    'asin',
    'Arc sine; NaN outside -1..1.',
    number,
    within('$1 BETWEEN -1 AND 1', 'asin($1)'),
    approximate,
  ),
  define(
    'acos',
    'Arc cosine; NaN outside -1..1.',
    number,
    within('$1 BETWEEN -1 AND 1', 'acos($1)'),
    approximate,
  ),
  define('atan', 'Arc tangent.', number, 'atan($1)', approximate),
  define('atan2', 'Angle of a point.', two, 'atan2($1 + 0, $2 + 0)', approximate),
  define('sinh', 'Hyperbolic sine.', number, 'sinh($1)', approximate),
  define('cosh', 'Hyperbolic cosine.', number, 'cosh($1)', approximate),
  define('tanh', 'Hyperbolic tangent.', number, 'tanh($1)', approximate),
  define('degrees', 'Radians as degrees.', number, 'degrees($1)'),
  define('radians', 'Degrees as radians.', number, 'radians($1)'),
  define('pi', 'The number pi.', takes([], D), 'pi()'),
  define('e', "Euler's number.", takes([], D), 'exp(1.0::DOUBLE)'),
  define(
    'isnan',
    'Is NaN? NULL is not.',
    (args) => {
      const found = number(args);
      return typeof found === 'string' ? found : { ...found, type: BOOLEAN, nullable: false };
    },
    'coalesce(isnan($1), false)',
  ),
  define('nanvl', 'The second value where the first is NaN.', two, 'CASE WHEN isnan($1) THEN $2 ELSE $1 END'),
  define('greatest', 'The greatest, NULLs left out.', extreme, ({ args }) => `greatest(${args.join(', ')})`),
  define('least', 'The least, NULLs left out.', extreme, ({ args }) => `least(${args.join(', ')})`),
  define('bit_count', 'Number of bits that are set.', takes([BIGINT], INT), 'CAST(bit_count($1) AS INTEGER)'),
];

export const CONDITIONALS: readonly FunctionSpec[] = [
  define(
    'coalesce',
    'The first that is not NULL.',
    meeting(1, (common, args) => ({
      params: args.map(() => common),
      type: common,
      nullable: args.every((arg) => arg.nullable),
    })),
    ({ args }) => `coalesce(${args.join(', ')})`,
  ),
  define(
    'nvl',
    'The second where the first is NULL.',
    meeting(
      2,
      (common, args) => ({
        params: [common, common],
        type: common,
        nullable: args.every((arg) => arg.nullable),
      }),
      2,
    ),
    'coalesce($1, $2)',
    { aliases: ['ifnull'] },
  ),
  define(
    'nvl2',
    'The second where the first is not NULL, else the third.',
    (args) => {
      const wrong = arity(args, 3, 3);
      if (wrong !== undefined) return wrong;
      const rest = meeting(2, (common, list) => ({
        params: list.map(() => common),
        type: common,
        nullable: anyNullable(list),
      }))(args.slice(1));
      return typeof rest === 'string' || args[0] === undefined
        ? rest
        : { ...rest, params: [args[0].type, ...rest.params] };
    },
    'CASE WHEN $1 IS NOT NULL THEN $2 ELSE $3 END',
  ),
  define(
    'nullif',
    'NULL where both are equal, else the first.',
    (args) => {
      const met = meeting(
        2,
        (common) => ({ params: [common, common], type: common, nullable: true }),
        2,
      )(args);
      return met;
    },
    'nullif($1, $2)',
  ),
  define(
    'if',
    'The second where the first is true, else the third.',
    (args) => {
      const wrong = arity(args, 3, 3);
      if (wrong !== undefined) return wrong;
      if (args[0]?.type.kind !== 'boolean' && args[0]?.type.kind !== 'void')
        return 'its first argument must be a condition';
      const rest = meeting(2, (common, list) => ({
        params: list.map(() => common),
        type: common,
        nullable: anyNullable(list),
      }))(args.slice(1));
      return typeof rest === 'string' ? rest : { ...rest, params: [BOOLEAN, ...rest.params] };
    },
    'CASE WHEN $1 THEN $2 ELSE $3 END',
  ),
];
