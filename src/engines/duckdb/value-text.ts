/**
 * Values as text, written by DuckDB itself: the JSON of a value and the CSV of a value as SQL over a column.
 * One place decides how each type looks in every format; formatting runs on the engine's threads, never on
 * the event loop.
 */
import type { DataType, DecimalType, MapType, StructType } from '../../core/plan/types.js';
import { quoteText } from '../../core/sql/duckdb/identifier.js';
import { intervalText } from './interval-text.js';

/** A JSON number is a double to most who read it: up to here no integer loses a digit. */
const EXACT_INTEGER_MAX = '9007199254740991';
/** Every decimal of so many digits comes back from a double as it was. */
const EXACT_DECIMAL_DIGITS = 15;

/** SQL of the JSON text of `sql` (a column or an access to one); NULL for NULL. */
export function jsonText(sql: string, type: DataType, depth = 0): string {
  switch (type.kind) {
    case 'void':
      return 'NULL::VARCHAR';
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'int':
      return text(sql);
    case 'bigint':
      return `CASE WHEN ${sql} BETWEEN -${EXACT_INTEGER_MAX} AND ${EXACT_INTEGER_MAX} THEN ${text(sql)} ELSE ${quoted(text(sql))} END`;
    case 'float':
    case 'double':
      return `CASE WHEN isfinite(${sql}) THEN ${text(sql)} ELSE ${quoted(notFinite(sql))} END`;
    case 'decimal':
      return decimalJson(sql, type);
    case 'string':
      return `to_json(${sql})::VARCHAR`;
    case 'array': {
      const item = `v${depth}`;
      const items = `list_transform(${sql}, lambda ${item}: ${orNull(jsonText(item, type.element, depth + 1))})`;
      return unlessNull(sql, `concat('[', array_to_string(${items}, ','), ']')`);
    }
    case 'struct':
      return structJson(sql, type, depth);
    case 'map':
      return mapJson(sql, type, depth);
    default:
      return quoted(plainText(sql, type));
  }
}

/** SQL of one CSV field: NULL is empty, the empty text is `""`, nested values are their JSON. */
export function csvText(sql: string, type: DataType): string {
  switch (type.kind) {
    case 'void':
      return "''";
    case 'string':
      return csvField(sql);
    case 'array':
    case 'struct':
    case 'map':
      return csvField(jsonText(sql, type));
    default:
      return `coalesce(${plainText(sql, type)}, '')`;
  }
}

/** Text of a scalar that needs no quoting. */
function plainText(sql: string, type: DataType): string {
  switch (type.kind) {
    case 'float':
    case 'double':
      return `CASE WHEN isfinite(${sql}) THEN ${text(sql)} ELSE ${notFinite(sql)} END`;
    case 'decimal':
      return decimalText(sql, type);
    case 'binary':
      return `base64(${sql})`;
    case 'timestamp':
      // By way of epoch_us: a cast asks ICU for the time zone of every value.
      return `(replace(make_timestamp(epoch_us(${sql}))::VARCHAR, ' ', 'T') || 'Z')`;
    case 'timestamp_ntz':
      return `replace(${text(sql)}, ' ', 'T')`;
    case 'interval':
      return intervalText(sql, type);
    default:
      return text(sql);
  }
}

/** DuckDB leaves the zero before the point away when a decimal has no other digits there. */
function decimalText(sql: string, type: DecimalType): string {
  if (type.scale < type.precision) return text(sql);
  return `CASE WHEN ${sql} < 0 THEN '-0' || substr(${text(sql)}, 2) ELSE '0' || ${text(sql)} END`;
}

function decimalJson(sql: string, type: DecimalType): string {
  const shown = decimalText(sql, type);
  if (type.precision <= EXACT_DECIMAL_DIGITS) return shown;
  const nines = '9'.repeat(EXACT_DECIMAL_DIGITS).padStart(type.scale + 1, '0');
  const at = nines.length - type.scale;
  const limit = `${nines.slice(0, at)}.${nines.slice(at)}::DECIMAL(${type.precision},${type.scale})`;
  return `CASE WHEN ${sql} BETWEEN -${limit} AND ${limit} THEN ${shown} ELSE ${quoted(shown)} END`;
}

function structJson(sql: string, type: StructType, depth: number): string {
  const parts = type.fields.flatMap((field, i) => [
    quoteText(`${i === 0 ? '{' : ','}${JSON.stringify(field.name)}:`),
    orNull(jsonText(`struct_extract(${sql}, ${quoteText(field.name)})`, field.type, depth)),
  ]);
  return unlessNull(sql, `concat(${[...(parts.length === 0 ? ["'{'"] : parts), "'}'"].join(', ')})`);
}

/** An object when the keys are texts, else a list of pairs: JSON has no other keys. */
function mapJson(sql: string, type: MapType, depth: number): string {
  const entry = `v${depth}`;
  const key = jsonText(`${entry}.key`, type.key, depth + 1);
  const value = orNull(jsonText(`${entry}.value`, type.value, depth + 1));
  const [open, close, pair] =
    type.key.kind === 'string'
      ? ['{', '}', `concat(${key}, ':', ${value})`]
      : ['[', ']', `concat('{"key":', ${key}, ',"value":', ${value}, '}')`];
  const pairs = `array_to_string(list_transform(map_entries(${sql}), lambda ${entry}: ${pair}), ',')`;
  return unlessNull(sql, `concat('${open}', ${pairs}, '${close}')`);
}

const csvField = (sql: string): string =>
  `CASE WHEN ${sql} IS NULL THEN '' WHEN ${sql} = '' THEN '""'
    WHEN contains(${sql}, ',') OR contains(${sql}, '"') OR contains(${sql}, chr(10)) OR contains(${sql}, chr(13))
    THEN concat('"', replace(${sql}, '"', '""'), '"') ELSE ${sql} END`;

const notFinite = (sql: string): string =>
  `CASE WHEN isnan(${sql}) THEN 'NaN' WHEN ${sql} > 0 THEN 'Infinity' WHEN ${sql} < 0 THEN '-Infinity' END`;

const text = (sql: string): string => `CAST(${sql} AS VARCHAR)`;
const quoted = (sql: string): string => `('"' || ${sql} || '"')`;
const orNull = (sql: string): string => `coalesce(${sql}, 'null')`;
const unlessNull = (sql: string, then: string): string => `CASE WHEN ${sql} IS NOT NULL THEN ${then} END`;
