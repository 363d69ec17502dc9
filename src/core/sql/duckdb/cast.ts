/**
 * CAST and TRY_CAST as Spark has them in ANSI mode, in DuckDB SQL. Where the two engines differ (rounding,
 * what a text may look like, how values are written) the difference is rendered; a pair that cannot be made
 * exact is refused, never approximated. DuckDB's own conversion errors name the value: the engine never lets
 * them through.
 */
import { GovernanceError } from '../../errors.js';
import { canCast } from '../../plan/coercion.js';
import { type DataType, type DecimalType, sameType, typeName } from '../../plan/types.js';
import { wholeUnits } from '../functions/date-differences.js';
import { textForCast } from './cast-from-text.js';
import { hasText, toText } from './cast-to-text.js';
import { quoteIdentifier } from './identifier.js';
import { freshVariable, letIn } from './let.js';
import { duckDbType } from './types.js';

/** Decimals of up to this many digits are doubles without loss: one exact division is rounded once. */
const EXACT_DOUBLE_DIGITS_MAX = 15;
/** A decimal with more digits after the point cannot be multiplied up to microseconds. */
const MOMENT_SCALE_MAX = 30;
const MICROSECONDS_PER_SECOND = 1_000_000;

/**
 * DuckDB SQL of `CAST(sql AS to)`, as an operand. Throws FEATURE_NOT_ALLOWED for a pair that DuckDB cannot do
 * exactly.
 */
export function renderCast(sql: string, from: DataType, to: DataType, isTry: boolean): string {
  if (!duckDbCanCast(from, to)) throw refused(from, to);
  return castSql(sql, from, to, isTry);
}

/** Can this pair be cast exactly as Spark does? */
export function duckDbCanCast(from: DataType, to: DataType): boolean {
  if (sameType(from, to) || from.kind === 'void') return true;
  if (!canCast(from, to)) return false;
  if (to.kind === 'string') return hasText(from);
  if (from.kind === 'string') return to.kind !== 'interval';
  if (from.kind === 'decimal' && to.kind === 'timestamp') return from.scale <= MOMENT_SCALE_MAX;
  if (from.kind === 'array' && to.kind === 'array') return duckDbCanCast(from.element, to.element);
  if (from.kind === 'map' && to.kind === 'map') {
    return duckDbCanCast(from.key, to.key) && duckDbCanCast(from.value, to.value);
  }
  if (from.kind === 'struct' && to.kind === 'struct') {
    return from.fields.every((field, i) => duckDbCanCast(field.type, to.fields[i]?.type ?? field.type));
  }
  return true;
}

/** Can a cast of this pair raise over some value? Conservative: what is not known to be total may. */
export function castMayRaise(from: DataType, to: DataType): boolean {
  if (sameType(from, to) || from.kind === 'void') return false;
  if (from.kind === 'array' && to.kind === 'array') return castMayRaise(from.element, to.element);
  if (from.kind === 'struct' && to.kind === 'struct') {
    return from.fields.some((field, i) => castMayRaise(field.type, to.fields[i]?.type ?? from));
  }
  const [a, b] = [family(from), family(to)];
  if (b === 'string') return !TOTAL_TEXT.includes(a);
  if (b === 'boolean') return a === 'string';
  if (a === 'boolean' || a === 'integer') return !(b === 'floating' || (b === 'integer' && widens(from, to)));
  if (a === 'floating' || a === 'decimal') return b !== 'floating';
  // Not every date that a file can hold is within the range of moments.
  if (a === 'date') return true;
  if (a === 'timestamp' || a === 'timestamp_ntz') return !CALENDAR.includes(b);
  if (a === 'string') return to.kind !== 'binary';
  return a !== 'interval';
}

const TOTAL_TEXT: readonly Family[] = ['boolean', 'integer', 'floating', 'decimal', 'date', 'timestamp_ntz'];
const CALENDAR: readonly Family[] = ['date', 'timestamp_ntz', 'timestamp'];
const WIDTHS: readonly DataType['kind'][] = ['boolean', 'tinyint', 'smallint', 'int', 'bigint'];
const widens = (from: DataType, to: DataType): boolean =>
  WIDTHS.indexOf(from.kind) <= WIDTHS.indexOf(to.kind);

const refused = (from: DataType, to: DataType): GovernanceError =>
  new GovernanceError(
    'FEATURE_NOT_ALLOWED',
    `A cast from ${typeName(from)} to ${typeName(to)} is not available on the embedded engine.`,
    { remedy: 'Cast by way of another type, or run the statement with engine "spark".' },
  );

type Family = 'void' | 'boolean' | 'integer' | 'floating' | DataType['kind'];

const family = (type: DataType): Family => {
  switch (type.kind) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return 'integer';
    case 'float':
    case 'double':
      return 'floating';
    default:
      return type.kind;
  }
};

const native = (sql: string, to: DataType, isTry: boolean): string =>
  `${isTry ? 'TRY_CAST' : 'CAST'}(${sql} AS ${duckDbType(to)})`;

function castSql(sql: string, from: DataType, to: DataType, isTry: boolean): string {
  if (sameType(from, to)) return sql;
  if (from.kind === 'void') return `CAST(${sql} AS ${duckDbType(to)})`;
  if (to.kind === 'string') return textOf(sql, from, isTry);
  switch (family(from)) {
    case 'string':
      return fromText(sql, to, isTry);
    case 'boolean':
      return fromBoolean(sql, to, isTry);
    case 'integer':
      return fromInteger(sql, to, isTry);
    case 'floating':
      return fromFloating(sql, from, to, isTry);
    case 'decimal':
      return fromDecimal(sql, from, to, isTry);
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
      return fromDateTime(sql, from, to, isTry);
    case 'interval':
      return sql;
    default:
      return fromNested(sql, from, to, isTry);
  }
}

function textOf(sql: string, from: DataType, isTry: boolean): string {
  const text = toText(sql, from);
  return isTry && from.kind === 'binary' ? `try(${text})` : text;
}

function fromText(sql: string, to: DataType, isTry: boolean): string {
  if (to.kind === 'binary') return `encode(${sql})`;
  const text = textForCast(sql, to);
  return to.kind === 'decimal'
    ? letIn(text, (v) => exponentToDecimal(v, to, isTry))
    : native(text, to, isTry);
}

/**
 * DuckDB rounds a text like `5e-5` up to 0.01 when it reads it as a decimal of two digits: what is below the
 * digit that decides the rounding is nothing.
 */
function exponentToDecimal(v: string, to: DecimalType, isTry: boolean): string {
  const size = `abs(${native(v, { kind: 'double' }, isTry)})`;
  const tiny = `contains(lower(${v}), 'e') AND ${size} < ${tinyFor(to)}`;
  return `CASE WHEN ${tiny} THEN CAST(0 AS ${duckDbType(to)}) ELSE ${native(v, to, isTry)} END`;
}

const tinyFor = (to: DecimalType): string => `CAST('1e-${to.scale + 1}' AS DOUBLE)`;

function fromBoolean(sql: string, to: DataType, isTry: boolean): string {
  return to.kind === 'decimal' ? native(`CAST(${sql} AS INTEGER)`, to, isTry) : native(sql, to, isTry);
}

function fromInteger(sql: string, to: DataType, isTry: boolean): string {
  if (to.kind === 'boolean') return `(${sql} <> 0)`;
  if (to.kind === 'timestamp')
    return fromMicros(`(CAST(${sql} AS BIGINT) * ${MICROSECONDS_PER_SECOND})`, isTry);
  return native(sql, to, isTry);
}

/**
 * Micros beyond what 64 bits hold raise here; Spark gives the last moment it knows, some 290,000 years from
 * now.
 */
const fromMicros = (micros: string, isTry: boolean): string =>
  isTry ? `try(make_timestamptz(${micros}))` : `make_timestamptz(${micros})`;

function fromFloating(sql: string, from: DataType, to: DataType, isTry: boolean): string {
  switch (family(to)) {
    case 'boolean':
      return `(${sql} <> 0)`;
    case 'floating':
      return to.kind === 'double' ? native(sql, to, isTry) : letIn(sql, doubleToFloat);
    case 'decimal':
      return to.kind === 'decimal' ? letIn(sql, (v) => floatingToDecimal(v, to, isTry)) : sql;
    case 'integer':
      return to.kind === 'bigint'
        ? letIn(sql, (v) => toBigint(v, from, isTry))
        : native(`trunc(${sql})`, to, isTry);
    case 'timestamp':
      return fromMicros(
        native(`trunc(CAST(${sql} AS DOUBLE) * ${MICROSECONDS_PER_SECOND})`, { kind: 'bigint' }, isTry),
        isTry,
      );
    default:
      throw refused(from, to);
  }
}

/** Through the shortest text, as Java does: 1.005 is 1.005, not 1.00499... What is no number is NULL in Spark. */
const floatingToDecimal = (v: string, to: DecimalType, isTry: boolean): string =>
  `CASE WHEN NOT isfinite(${v}) THEN NULL WHEN abs(${v}) < ${tinyFor(to)} THEN CAST(0 AS ${duckDbType(to)}) ` +
  `ELSE ${native(`CAST(${v} AS VARCHAR)`, to, isTry)} END`;

/** Java compares with 2^63 as a double, so exactly 2^63 passes and becomes the largest bigint. */
const toBigint = (v: string, from: DataType, isTry: boolean): string =>
  `CASE WHEN ${v} = CAST('9223372036854775808' AS ${duckDbType(from)}) THEN 9223372036854775807 ` +
  `ELSE ${native(`trunc(${v})`, { kind: 'bigint' }, isTry)} END`;

/** The first double that rounds to infinity as a float: halfway beyond the largest float. */
const FLOAT_OVERFLOW = '3.4028235677973366e38';

/** Out of range is infinity in Java and an error in DuckDB. */
const doubleToFloat = (v: string): string =>
  `CASE WHEN isnan(${v}) THEN CAST('nan' AS FLOAT) WHEN ${v} >= ${FLOAT_OVERFLOW} THEN CAST('inf' AS FLOAT) ` +
  `WHEN ${v} <= -${FLOAT_OVERFLOW} THEN CAST('-inf' AS FLOAT) ELSE CAST(${v} AS FLOAT) END`;

function fromDecimal(sql: string, from: DataType, to: DataType, isTry: boolean): string {
  switch (family(to)) {
    case 'boolean':
      return `(${sql} <> 0)`;
    case 'integer':
      return native(`trunc(${sql})`, to, isTry);
    case 'floating': {
      const exact =
        to.kind === 'double' && from.kind === 'decimal' && from.precision <= EXACT_DOUBLE_DIGITS_MAX;
      return native(exact ? sql : `CAST(${sql} AS VARCHAR)`, to, isTry);
    }
    case 'decimal':
      return native(sql, to, isTry);
    case 'timestamp':
      return letIn(sql, (v) => fromMicros(decimalMicros(v, from, isTry), isTry));
    default:
      throw refused(from, to);
  }
}

/**
 * Whole seconds and the rest apart, so that no product needs more than 38 digits; cut, not rounded, after
 * microseconds.
 */
function decimalMicros(v: string, from: DataType, isTry: boolean): string {
  const scale = from.kind === 'decimal' ? from.scale : 0;
  const seconds = native(`trunc(${v})`, { kind: 'bigint' }, isTry);
  const rest = `CAST(${v} - trunc(${v}) AS DECIMAL(${scale + 1},${scale}))`;
  return `(${seconds} * ${MICROSECONDS_PER_SECOND} + CAST(trunc(${rest} * ${MICROSECONDS_PER_SECOND}) AS BIGINT))`;
}

/** Zone-free arithmetic on microseconds: quicker than ICU and independent of the session. */
function fromDateTime(sql: string, from: DataType, to: DataType, isTry: boolean): string {
  const local = from.kind === 'timestamp' ? `make_timestamp(epoch_us(${sql}))` : sql;
  switch (family(to)) {
    case 'date':
      return `CAST(${local} AS DATE)`;
    case 'timestamp_ntz':
      return native(local, to, isTry);
    case 'timestamp':
      return `make_timestamptz(epoch_us(${from.kind === 'date' ? native(local, { kind: 'timestamp_ntz' }, isTry) : local}))`;
    case 'integer':
      return native(wholeUnits(sql, 1_000_000n), to, isTry);
    case 'floating':
      return native(`(epoch_us(${sql}) / 1000000.0)`, to, isTry);
    case 'decimal':
      return native(`CAST(epoch_us(${sql}) AS DECIMAL(19,0)) * CAST(0.000001 AS DECIMAL(7,6))`, to, isTry);
    default:
      throw refused(from, to);
  }
}

function fromNested(sql: string, from: DataType, to: DataType, isTry: boolean): string {
  if (from.kind === 'array' && to.kind === 'array') return listCast(sql, from.element, to.element, isTry);
  if (from.kind === 'map' && to.kind === 'map') {
    return letIn(sql, (v) => {
      const keys = listCast(`map_keys(${v})`, from.key, to.key, isTry);
      const values = listCast(`map_values(${v})`, from.value, to.value, isTry);
      return `CASE WHEN ${v} IS NULL THEN NULL ELSE map(${keys}, ${values}) END`;
    });
  }
  if (from.kind === 'struct' && to.kind === 'struct') {
    return letIn(sql, (v) => {
      const fields = from.fields.map((field, i) => {
        const target = to.fields[i] ?? field;
        const value = castSql(`struct_extract_at(${v}, ${i + 1})`, field.type, target.type, isTry);
        return `${quoteIdentifier(target.name)} := ${value}`;
      });
      return `CASE WHEN ${v} IS NULL THEN NULL ELSE struct_pack(${fields.join(', ')}) END`;
    });
  }
  throw refused(from, to);
}

function listCast(sql: string, from: DataType, to: DataType, isTry: boolean): string {
  const name = freshVariable(sql);
  const element = castSql(name, from, to, isTry);
  return element === name ? sql : `list_transform(${sql}, lambda ${name}: ${element})`;
}
