/**
 * Types of date and interval arithmetic (Spark: BinaryArithmeticWithDatetimeResolver). Undefined: this is not
 * about dates.
 */
import { isInteger, widerType } from '../../plan/coercion.js';
import { DATE, DAY_TIME, type DataType, INT, TIMESTAMP, typeName } from '../../plan/types.js';
import type { Argument, Signature } from './spec.js';

const isDated = (type: DataType): boolean => ['date', 'timestamp', 'timestamp_ntz'].includes(type.kind);

export function dateArithmetic(
  operator: '+' | '-' | '*',
  a: Argument,
  b: Argument,
): Signature | string | undefined {
  const [x, y] = [a.type, b.type];
  if (![x, y].some((type) => isDated(type) || type.kind === 'interval')) return undefined;
  const nullable = a.nullable || b.nullable;
  const refusal = `${operator} does not take ${typeName(x)} and ${typeName(y)}`;
  if (operator === '*') return refusal;
  if (isDated(x) && y.kind === 'interval') return { params: [base(x, y), y], type: base(x, y), nullable };
  if (operator === '+' && x.kind === 'interval' && isDated(y)) {
    return { params: [x, base(y, x)], type: base(y, x), nullable };
  }
  if (x.kind === 'date' && isInteger(y)) return { params: [DATE, INT], type: DATE, nullable };
  if (operator === '-' && x.kind === 'date' && y.kind === 'date') {
    return {
      params: [DATE, DATE],
      type: { kind: 'interval', family: 'day-time', from: 'day', to: 'day' },
      nullable,
    };
  }
  if (operator === '-' && isDated(x) && isDated(y)) {
    const common = x.kind === 'date' ? y : x;
    return { params: [common, common], type: DAY_TIME, nullable };
  }
  if (x.kind === 'interval' && y.kind === 'interval' && x.family === y.family) {
    return { params: [x, y], type: widerType(x, y) ?? x, nullable };
  }
  return refusal;
}

/** A date stays a date under months and whole days; hours make it a timestamp. */
const base = (dated: DataType, interval: DataType): DataType => {
  if (dated.kind !== 'date' || interval.kind !== 'interval') return dated;
  return interval.family === 'year-month' || interval.to === 'day' ? DATE : TIMESTAMP;
};
