/** Arithmetic that gives NULL where the operators raise. Whole numbers are computed in 128 bits. */
import { isFloating } from '../../plan/coercion.js';
import { DOUBLE } from '../../plan/types.js';
import { define } from './define.js';
import type { FunctionSpec, RenderCall } from './spec.js';
import { twoNumbers } from './whole-numbers.js';

const numbers: FunctionSpec['resolve'] = (args) => twoNumbers(args, true);

const quotient: FunctionSpec['resolve'] = (args) => {
  const met = numbers(args);
  return typeof met === 'string' ? met : { params: [DOUBLE, DOUBLE], type: DOUBLE, nullable: true };
};

const tried =
  (symbol: '+' | '-' | '*') =>
  ({ args: [a, b], type }: RenderCall): string =>
    isFloating(type)
      ? `(${a} ${symbol} ${b})`
      : `TRY_CAST(CAST(${a} AS HUGEINT) ${symbol} CAST(${b} AS HUGEINT) AS ${type.kind.toUpperCase()})`;

/** The least number has no remainder by -1 that fits DuckDB. */
const remainder = ({ args: [a, b], type }: RenderCall): string =>
  isFloating(type)
    ? `CASE WHEN ${b} = 0 THEN NULL ELSE ${a} % ${b} END`
    : `CASE WHEN ${b} = 0 THEN NULL WHEN ${b} = -1 THEN ${a} & 0 ELSE ${a} % ${b} END`;

export const TRY_ARITHMETIC: readonly FunctionSpec[] = [
  define('try_add', 'Sum, NULL when it overflows.', numbers, tried('+')),
  define('try_subtract', 'Difference, NULL when it overflows.', numbers, tried('-')),
  define('try_multiply', 'Product, NULL when it overflows.', numbers, tried('*')),
  define('try_divide', 'Quotient, NULL over zero.', quotient, 'CASE WHEN $2 = 0 THEN NULL ELSE $1 / $2 END'),
  define('try_mod', 'Remainder, NULL over zero.', numbers, remainder),
];
