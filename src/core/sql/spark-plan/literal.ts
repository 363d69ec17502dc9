/** Literals of a bound plan as Spark SQL: exact and typed. */
import type { LiteralExpr } from '../../plan/plan.js';
import { type DataType, typeName } from '../../plan/types.js';
import { printString, printType } from '../print-literal.js';

const MICROSECONDS_PER_SECOND = 1_000_000n;

export function printSparkLiteral({ type, value }: LiteralExpr): string {
  if (value === null) return `CAST(NULL AS ${printType(type)})`;
  switch (type.kind) {
    case 'boolean':
      return value === true ? 'TRUE' : 'FALSE';
    case 'string':
      return printText(text(value, type));
    case 'binary':
      return `X'${text(value, type).replace(/[^0-9a-f]/g, '')}'`;
    case 'timestamp':
      return `CAST(${printString(`${text(value, type)}+00:00`)} AS TIMESTAMP)`;
    case 'float':
    case 'double':
      if (typeof value !== 'number') throw malformed(type);
      return `CAST('${Object.is(value, -0) ? '-0.0' : value}' AS ${printType(type)})`;
    case 'interval':
      if (typeof value !== 'bigint') throw malformed(type);
      return `CAST(${interval(type.family, value)} AS ${printType(type)})`;
    case 'array':
    case 'map':
    case 'struct':
    case 'void':
      throw malformed(type);
    default:
      return `CAST('${typeof value === 'bigint' ? value : printString(text(value, type)).slice(1, -1)}' AS ${printType(type)})`;
  }
}

/** What cannot be taken for a piece of a plan: no quotes, brackets, marks of ids, or line ends. */
const PLAIN_TEXT = /^[\p{L}\p{N} _.,:;%@/+*=<>!?|&^~-]*$/u;

/**
 * Spark prints an analysed plan, which the second judge reads, with the texts in it as they are. One that could pass
 * for a part of the plan is told by its bytes.
 */
const printText = (value: string): string =>
  PLAIN_TEXT.test(value)
    ? printString(value)
    : `CAST(X'${Buffer.from(value, 'utf8').toString('hex')}' AS STRING)`;

function interval(family: 'year-month' | 'day-time', value: bigint): string {
  if (family === 'year-month') return `INTERVAL '${value}' MONTH`;
  const size = value < 0n ? -value : value;
  const fraction = String(size % MICROSECONDS_PER_SECOND).padStart(6, '0');
  return `INTERVAL '${value < 0n ? '-' : ''}${size / MICROSECONDS_PER_SECOND}.${fraction}' SECOND`;
}

function text(value: LiteralExpr['value'], type: DataType): string {
  if (typeof value !== 'string') throw malformed(type);
  return value;
}

const malformed = (type: DataType): Error =>
  new Error(`a literal of type ${typeName(type)} is not in its form`);
