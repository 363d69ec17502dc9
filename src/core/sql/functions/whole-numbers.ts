/** Bits, remainders and products of whole numbers. What wraps round in Java is computed in 128 bits. */
import { isFloating, isInteger, widerType } from '../../plan/coercion.js';
import { BIGINT, type DataType, INT, STRING } from '../../plan/types.js';
import { anyNullable, arity, define, raising, takes } from './define.js';
import type { Argument, FunctionSpec, RenderCall } from './spec.js';

const TWO_64 = 18_446_744_073_709_551_616n;
const TWO_32 = 4_294_967_296n;
const bitsOf = (type: DataType | undefined): number =>
  ({ tinyint: 8, smallint: 16, int: 32 })[type?.kind as string] ?? 64;
const duck = (type: DataType): string => type.kind.toUpperCase();
const huge = (value: bigint): string => `CAST('${value}' AS HUGEINT)`;

/** INT or BIGINT first, INT second. */
const shifted: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 2, 2);
  const [value] = args;
  if (wrong !== undefined || value === undefined) return wrong ?? '';
  const type = value.type.kind === 'bigint' ? BIGINT : INT;
  return takes([type, INT], type)(args);
};

const rangeOf = (type: DataType): bigint => (type.kind === 'bigint' ? TWO_64 : TWO_32);
/** As many bits as there are count, and no more. */
const distance = (n: string | undefined, type: DataType): string => `(${n} & ${bitsOf(type) - 1})`;
/** The 64 or 32 lowest bits, read as a number with a sign. */
function wrapped(sql: string, type: DataType): string {
  const range = huge(rangeOf(type));
  const half = huge(rangeOf(type) / 2n);
  return `CAST(((${sql} + ${half}) % ${range} + ${range}) % ${range} - ${half} AS ${duck(type)})`;
}
const unsigned = (value: string | undefined, type: DataType): string =>
  `(CAST(${value} AS HUGEINT) + CASE WHEN ${value} < 0 THEN ${huge(rangeOf(type))} ELSE ${huge(0n)} END)`;

/** Two numbers that meet in one type, which is the result's. */
export function twoNumbers(
  args: readonly Argument[],
  nullable: boolean,
): ReturnType<FunctionSpec['resolve']> {
  const wrong = arity(args, 2, 2);
  const [a, b] = args;
  if (wrong !== undefined || a === undefined || b === undefined) return wrong ?? '';
  const type = widerType(a.type, b.type);
  if (type === undefined || !(isInteger(type) || isFloating(type)))
    return 'it takes whole numbers or doubles';
  return { params: [type, type], type, nullable };
}

const remaindered: FunctionSpec['resolve'] = (args) => twoNumbers(args, anyNullable(args));

/** The remainder with the sign of the divisor, but for Java's overflow, which is kept. */
function positiveRemainder({ args: [a, b], type }: RenderCall): string {
  const zero = raising('ARITHMETIC_ERROR');
  const rest = `(${a} % ${b})`;
  if (isFloating(type)) {
    return `CASE WHEN ${a} IS NULL THEN NULL WHEN ${b} = 0 THEN ${zero} WHEN ${rest} < 0 THEN (${rest} + ${b}) % ${b} ELSE ${rest} END`;
  }
  const sum = `(CAST(${rest} AS HUGEINT) + ${b})`;
  const kept = ['tinyint', 'smallint'].includes(type.kind) ? sum : wrapped(sum, type);
  return `CASE WHEN ${a} IS NULL OR ${b} IS NULL THEN NULL WHEN ${b} = 0 THEN ${zero} WHEN ${b} = -1 THEN 0 WHEN ${rest} < 0 THEN CAST(${kept} % ${b} AS ${duck(type)}) ELSE ${rest} END`;
}

const bitAt: FunctionSpec['resolve'] = (args) => {
  const [value] = args;
  if (value !== undefined && !isInteger(value.type) && value.type.kind !== 'void')
    return 'it takes a whole number';
  return takes([value?.type ?? BIGINT, INT], { kind: 'tinyint' })(args);
};

export const WHOLE_NUMBERS: readonly FunctionSpec[] = [
  define(
    'factorial',
    'Product of the whole numbers up to this one; NULL outside 0..20.',
    takes([INT], BIGINT, { nullable: true }),
    'CASE WHEN $1 BETWEEN 0 AND 20 THEN CAST(factorial(least(greatest($1, 0), 20)) AS BIGINT) ELSE NULL END',
  ),
  define('pmod', 'Remainder that is not below zero; raises on zero.', remaindered, positiveRemainder, {
    raises: true,
  }),
  define('shiftleft', 'Bits moved up.', shifted, ({ args: [a, n], type }) =>
    wrapped(`CAST(${a} AS HUGEINT) * (${huge(1n)} << ${distance(n, type)})`, type),
  ),
  define(
    'shiftright',
    'Bits moved down, the sign kept.',
    shifted,
    ({ args: [a, n], type }) => `(${a} >> ${distance(n, type)})`,
  ),
  define('shiftrightunsigned', 'Bits moved down, zeros coming in.', shifted, ({ args: [a, n], type }) =>
    wrapped(`(${unsigned(a, type)} >> ${distance(n, type)})`, type),
  ),
  define(
    'bit_get',
    'The bit at a position from 0; raises outside.',
    bitAt,
    ({ args: [a, n], types: [type] }) =>
      `CASE WHEN ${a} IS NULL THEN NULL WHEN ${n} < 0 OR ${n} >= ${bitsOf(type)} THEN ${raising('INVALID_INDEX')} ELSE CAST((CAST(${a} AS BIGINT) >> ${n}) & 1 AS TINYINT) END`,
    { aliases: ['getbit'], raises: true },
  ),
  define('bin', 'Whole number as binary digits.', takes([BIGINT], STRING), 'bin($1)'),
];
