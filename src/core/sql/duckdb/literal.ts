/**
 * Literals as DuckDB SQL: exact, typed and closed against injection. A value that is not of its declared form
 * is a programming error of an earlier stage and stops here (fail closed), it is never pasted.
 */
import type { LiteralExpr } from '../../plan/plan.js';
import { type DataType, typeName } from '../../plan/types.js';
import { quoteText } from './identifier.js';
import { duckDbType } from './types.js';

const FORMS: Partial<Record<DataType['kind'], RegExp>> = {
  decimal: /^-?\d+(\.\d+)?$/,
  binary: /^([0-9a-f]{2})*$/,
  date: /^[+-]?\d{4,7}-\d{2}-\d{2}$/,
  timestamp: /^[+-]?\d{4,7}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?$/,
  timestamp_ntz: /^[+-]?\d{4,7}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?$/,
};

/** A literal as an operand: constant, exactly of the DuckDB type of its Spark type. */
export function printLiteral(literal: LiteralExpr): string {
  const { type, value } = literal;
  if (value === null) return `CAST(NULL AS ${duckDbType(type)})`;
  switch (type.kind) {
    case 'boolean':
      if (typeof value !== 'boolean') throw malformed(type);
      return value ? 'true' : 'false';
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return `CAST(${integer(type, value)} AS ${duckDbType(type)})`;
    case 'float':
    case 'double':
      if (typeof value !== 'number') throw malformed(type);
      return `CAST('${floatText(value)}' AS ${duckDbType(type)})`;
    case 'string':
      return quoteText(text(type, value));
    case 'decimal':
    case 'date':
    case 'timestamp_ntz':
      return `CAST('${text(type, value)}' AS ${duckDbType(type)})`;
    case 'timestamp':
      return `CAST('${text(type, value)}+00' AS ${duckDbType(type)})`;
    case 'binary':
      return `from_hex('${text(type, value)}')`;
    case 'interval': {
      const count = integer(type, value);
      return type.family === 'year-month'
        ? `to_months(CAST(${count} AS INTEGER))`
        : `to_microseconds(CAST(${count} AS BIGINT))`;
    }
    default:
      throw malformed(type);
  }
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0.0' : String(value);
}

function integer(type: DataType, value: LiteralExpr['value']): bigint {
  if (typeof value !== 'bigint') throw malformed(type);
  return value;
}

function text(type: DataType, value: LiteralExpr['value']): string {
  const form = FORMS[type.kind];
  if (typeof value !== 'string' || (form !== undefined && !form.test(value))) throw malformed(type);
  return value;
}

const malformed = (type: DataType): Error =>
  new Error(`a literal of type ${typeName(type)} is not in its form`);
