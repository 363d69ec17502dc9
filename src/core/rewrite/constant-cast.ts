/**
 * Casts of constants that cannot fail. DuckDB keeps a constant that fails to fold and raises when the first
 * row meets it, which would tell that there is one; but nearly all casts of constants (`price > '5'`, `day >=
 * '2026-01-31'`) plainly succeed and need no care.
 */
import type { LiteralExpr } from '../plan/plan.js';
import type { DataType } from '../plan/types.js';

const INTEGER_BITS: Partial<Record<DataType['kind'], bigint>> = {
  tinyint: 8n,
  smallint: 16n,
  int: 32n,
  bigint: 64n,
};
const NUMBER = /^[+-]?\d{1,30}(\.\d{1,30})?$/;
const DATE = /^\d{4}-(\d{2})-(\d{2})$/;
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2}) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$/;

/** True only when the cast of this literal is certain to succeed. */
export function constantCastSucceeds(literal: LiteralExpr, to: DataType): boolean {
  const { value } = literal;
  if (value === null) return true;
  if (typeof value === 'bigint') return fits(String(value), to);
  if (typeof value === 'string')
    return literal.type.kind === 'string' ? textFits(value, to) : fits(value, to);
  return false;
}

function textFits(text: string, to: DataType): boolean {
  switch (to.kind) {
    case 'date':
      return isDate(text);
    case 'timestamp':
    case 'timestamp_ntz':
      return isDate(text) || isDate(TIMESTAMP.exec(text)?.[1] ?? '');
    case 'boolean':
      return ['true', 'false'].includes(text.toLowerCase());
    default:
      return fits(text, to);
  }
}

function fits(text: string, to: DataType): boolean {
  // '+5' is read by Spark, not by BigInt.
  const found = NUMBER.exec(text);
  if (found === null) return false;
  const whole = (text.split('.')[0] ?? '').replace(/^\+/, '');
  if (to.kind === 'float' || to.kind === 'double') return true;
  // One digit to spare: rounding the fraction may carry.
  if (to.kind === 'decimal') return whole.replace(/^[+-]?0*/, '').length < to.precision - to.scale;
  const bits = INTEGER_BITS[to.kind];
  return (
    bits !== undefined &&
    found[1] === undefined &&
    BigInt.asIntN(Number(bits), BigInt(whole)) === BigInt(whole)
  );
}

function isDate(text: string): boolean {
  const found = DATE.exec(text);
  if (found === null) return false;
  const [month, day] = [Number(found[1]), Number(found[2])];
  // Day 29 to 31 depends on the month: left to the cautious side.
  return month >= 1 && month <= 12 && day >= 1 && day <= 28;
}
