/**
 * Exact division of decimals, rounded half up, in whole numbers of 128 bits. Where those do not suffice it
 * raises; it never rounds twice.
 */
import type { DataType } from '../../plan/types.js';

const DIGITS_MAX = 38;

const scaleOf = (type: DataType | undefined): number => (type?.kind === 'decimal' ? type.scale : 0);
const digitsOf = (type: DataType | undefined): number =>
  type?.kind === 'decimal' ? type.precision : DIGITS_MAX;
const power = (n: number): string => `CAST('1${'0'.repeat(n)}' AS HUGEINT)`;

/** The digits of a decimal as a whole number. */
const whole = (sql: string, type: DataType | undefined): string =>
  scaleOf(type) === 0
    ? `CAST(${sql} AS HUGEINT)`
    : `CAST(${sql} * CAST(1${'0'.repeat(scaleOf(type))} AS DECIMAL(${scaleOf(type) + 1},0)) AS HUGEINT)`;

/** `a / b` with `scale` digits after the point, of the DuckDB type `type`. */
export function decimalDivision(
  a: string,
  b: string,
  types: readonly DataType[],
  scale: number,
  type: string,
): string {
  const shift = scale + 1 - scaleOf(types[0]) + scaleOf(types[1]);
  const [x, y] = [whole(a, types[0]), whole(b, types[1])];
  if (shift < 0) return fromDigits(`${x} // (${y} * ${power(-shift)})`, scale, type);
  // What has too many digits to be multiplied first is divided first, and the rest of that after it.
  const first = digitsOf(types[0]) + shift > DIGITS_MAX;
  const digits = first
    ? `(${x} // ${y}) * ${power(shift)} + ((${x} % ${y}) * ${power(shift)}) // ${y}`
    : `(${x} * ${power(shift)}) // ${y}`;
  return fromDigits(digits, scale, type);
}

/** A decimal of a whole number of digits, of which the last decides the rounding. */
export function fromDigits(digits: string, scale: number, type: string): string {
  const tenth = `CAST(CAST(${digits} AS DECIMAL(38,0)) * CAST(0.1 AS DECIMAL(2,1)) AS DECIMAL(38,0))`;
  if (scale === 0) return `CAST(${tenth} AS ${type})`;
  const unit = `CAST('0.${'0'.repeat(scale - 1)}1' AS DECIMAL(${scale + 1},${scale}))`;
  return `CAST(${tenth} * ${unit} AS ${type})`;
}
