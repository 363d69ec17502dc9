/**
 * Values made again of their JSON text: what value-text.ts wrote, read back by DuckDB into the very types that it was
 * written from.
 */
import type { DataType, DecimalType, IntervalType, MapType, StructType } from '../../core/plan/types.js';
import { quoteIdentifier, quoteText } from '../../core/sql/duckdb/identifier.js';
import { duckDbType } from '../../core/sql/duckdb/types.js';
import { intervalMicroseconds, intervalMonths } from './interval-text.js';

/** Past it DuckDB reads a decimal of text at a hundredth of the speed (1.5.6). */
const QUICK_DECIMAL_DIGITS = 18;

/** SQL of the value of a cell; `sql` is its JSON. */
export function revived(sql: string, type: DataType): string {
  switch (type.kind) {
    case 'array':
    case 'struct':
    case 'map':
      return fromTransport(`CAST(${sql} AS ${transportType(type)})`, type, 0);
    case 'decimal':
      return decimalOf(sql, type);
    default:
      return scalar(`(${sql}->>'$')`, type);
  }
}

/** The type in which DuckDB takes a nested value out of JSON: leaves that it would read otherwise stay text. */
function transportType(type: DataType): string {
  switch (type.kind) {
    case 'array':
      return `${transportType(type.element)}[]`;
    case 'struct':
      return structOf(type.fields.map(({ name, type: field }) => [name, transportType(field)]));
    case 'map':
      return isObject(type)
        ? `MAP(VARCHAR, ${transportType(type.value)})`
        : `${structOf([
            ['key', transportType(type.key)],
            ['value', transportType(type.value)],
          ])}[]`;
    default:
      return isRead(type) ? duckDbType(type) : 'VARCHAR';
  }
}

const structOf = (fields: readonly (readonly [string, string])[]): string =>
  `STRUCT(${fields.map(([name, type]) => `${quoteIdentifier(name)} ${type}`).join(', ')})`;

/** JSON has an object for it, as its keys are texts. */
const isObject = (type: MapType): boolean => type.key.kind === 'string';

/** Leaves that DuckDB reads out of JSON as they were written. */
function isRead(type: DataType): boolean {
  switch (type.kind) {
    case 'array':
      return isRead(type.element);
    case 'struct':
      return type.fields.every((field) => isRead(field.type));
    case 'map':
      return isObject(type) && isRead(type.value);
    default:
      return !['binary', 'timestamp', 'timestamp_ntz', 'interval'].includes(type.kind);
  }
}

function fromTransport(sql: string, type: DataType, depth: number): string {
  if (isRead(type)) return sql;
  const item = `v${depth}`;
  switch (type.kind) {
    case 'array':
      return `list_transform(${sql}, lambda ${item}: ${fromTransport(item, type.element, depth + 1)})`;
    case 'struct':
      return structFrom(sql, type, depth);
    case 'map': {
      const entries = isObject(type) ? `map_entries(${sql})` : sql;
      const key = fromTransport(`${item}.key`, type.key, depth + 1);
      const value = fromTransport(`${item}.value`, type.value, depth + 1);
      const made = `list_transform(${entries}, lambda ${item}: {'key': ${key}, 'value': ${value}})`;
      return unlessNull(sql, `map_from_entries(${made})`);
    }
    default:
      return scalar(sql, type);
  }
}

function structFrom(sql: string, type: StructType, depth: number): string {
  const fields = type.fields.map(({ name, type: field }) => {
    const value = fromTransport(`struct_extract(${sql}, ${quoteText(name)})`, field, depth);
    return `${quoteIdentifier(name)} := ${value}`;
  });
  return unlessNull(sql, `struct_pack(${fields.join(', ')})`);
}

function scalar(text: string, type: DataType): string {
  switch (type.kind) {
    case 'void':
      return 'CAST(NULL AS INTEGER)';
    case 'string':
      return text;
    case 'binary':
      return `from_base64(${text})`;
    case 'timestamp':
      // By way of microseconds: a cast asks ICU for the time zone of every value.
      return `make_timestamptz(epoch_us(${moment(`rtrim(${text}, 'Z')`)}))`;
    case 'timestamp_ntz':
      return moment(text);
    case 'interval':
      return intervalOf(text, type);
    default:
      return `CAST(${text} AS ${duckDbType(type)})`;
  }
}

const moment = (text: string): string => `CAST(replace(${text}, 'T', ' ') AS TIMESTAMP)`;

function intervalOf(text: string, type: IntervalType): string {
  return type.family === 'year-month'
    ? `to_months(CAST(${intervalMonths(text, type)} AS INTEGER))`
    : `to_microseconds(CAST(${intervalMicroseconds(text, type)} AS BIGINT))`;
}

/** Numbers are short enough for the cast of JSON; a text has all of its digits, and the product moves the point. */
function decimalOf(json: string, { precision, scale }: DecimalType): string {
  const cast = `CAST(${json} AS DECIMAL(${precision}, ${scale}))`;
  if (precision <= QUICK_DECIMAL_DIGITS) return cast;
  const digits = `CAST(CAST(replace(${json}->>'$', '.', '') AS HUGEINT) AS DECIMAL(38, 0))`;
  const unit = `CAST('0.${'1'.padStart(scale, '0')}' AS DECIMAL(${scale}, ${scale}))`;
  const moved = scale === 0 ? digits : `${digits} * ${unit}`;
  return `CASE WHEN json_type(${json}) = 'VARCHAR' THEN CAST(${moved} AS DECIMAL(${precision}, ${scale})) ELSE ${cast} END`;
}

const unlessNull = (sql: string, then: string): string => `CASE WHEN ${sql} IS NOT NULL THEN ${then} END`;
