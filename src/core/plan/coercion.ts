/**
 * Which type two types meet in, and what may be cast to what, as Spark 4 does with ANSI mode on
 * (AnsiTypeCoercion, DecimalPrecision, Cast.canAnsiCast).
 */
import {
  array,
  type DataType,
  type DecimalType,
  DOUBLE,
  decimal,
  map,
  sameType,
  struct,
  type TypeKind,
  VOID,
} from './types.js';

const DECIMAL_PRECISION_MAX = 38;
/**
 * Digits kept after the point when a decimal result would need more than 38 (Spark: MINIMUM_ADJUSTED_SCALE).
 */
const ADJUSTED_SCALE_MIN = 6;

const INTEGERS: readonly TypeKind[] = ['tinyint', 'smallint', 'int', 'bigint'];
const INTEGER_DIGITS: Readonly<Partial<Record<TypeKind, number>>> = {
  tinyint: 3,
  smallint: 5,
  int: 10,
  bigint: 20,
};

export const isInteger = (type: DataType): boolean => INTEGERS.includes(type.kind);
export const isFloating = (type: DataType): boolean => type.kind === 'float' || type.kind === 'double';
export const isNumeric = (type: DataType): boolean =>
  isInteger(type) || isFloating(type) || type.kind === 'decimal';
export const isDateTime = (type: DataType): boolean =>
  type.kind === 'date' || type.kind === 'timestamp' || type.kind === 'timestamp_ntz';

/** Do both engines put all values of this type, NULLs inside of it too, in the same order? */
export const isOrdered = (type: DataType): boolean => !['array', 'map', 'struct'].includes(type.kind);

/** The decimal that holds every value of an integer type. */
export const decimalFor = (type: DataType): DecimalType | undefined => {
  if (type.kind === 'decimal') return type;
  const digits = INTEGER_DIGITS[type.kind];
  return digits === undefined ? undefined : decimal(digits, 0);
};

/** Spark's adjustPrecisionScale: keep the whole digits, give up digits after the point, but not below six. */
export function boundedDecimal(precision: number, scale: number): DecimalType {
  if (precision <= DECIMAL_PRECISION_MAX) return decimal(precision, scale);
  const whole = precision - scale;
  const minimum = Math.min(scale, ADJUSTED_SCALE_MIN);
  return decimal(DECIMAL_PRECISION_MAX, Math.max(DECIMAL_PRECISION_MAX - whole, minimum));
}

/** Spark's DecimalType.bounded: what aggregates give keeps its digits after the point, up to all there are. */
export const cappedDecimal = (precision: number, scale: number): DecimalType =>
  decimal(Math.min(DECIMAL_PRECISION_MAX, precision), Math.min(DECIMAL_PRECISION_MAX, scale));

/** Result type of decimal arithmetic. */
export function decimalResult(
  operator: '+' | '-' | '*' | '/' | '%' | 'div',
  a: DecimalType,
  b: DecimalType,
): DecimalType {
  const { precision: p1, scale: s1 } = a;
  const { precision: p2, scale: s2 } = b;
  const scale = Math.max(s1, s2);
  switch (operator) {
    case '+':
    case '-':
      return boundedDecimal(Math.max(p1 - s1, p2 - s2) + scale + 1, scale);
    case '*':
      return boundedDecimal(p1 + p2 + 1, s1 + s2);
    case '/': {
      const quotient = Math.max(ADJUSTED_SCALE_MIN, s1 + p2 + 1);
      return boundedDecimal(p1 - s1 + s2 + quotient, quotient);
    }
    case '%':
      return boundedDecimal(Math.min(p1 - s1, p2 - s2) + scale, scale);
    case 'div':
      return boundedDecimal(Math.max(1, p1 - s1 + s2), 0);
  }
}

function widerDecimal(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  // Spark bounds the common type by cutting the scale only as far as it must.
  const precision = Math.min(DECIMAL_PRECISION_MAX, whole + scale);
  return decimal(precision, Math.min(scale, Math.max(0, precision - whole)));
}

function widerNumeric(a: DataType, b: DataType): DataType | undefined {
  if (isInteger(a) && isInteger(b)) return INTEGERS.indexOf(a.kind) >= INTEGERS.indexOf(b.kind) ? a : b;
  const [da, db] = [decimalFor(a), decimalFor(b)];
  if (da && db) return widerDecimal(da, db);
  if (a.kind === 'float' && b.kind === 'float') return a;
  // ANSI: float with anything wider than a smallint loses digits, so Spark goes to double.
  if (isNumeric(a) && isNumeric(b)) return DOUBLE;
  return undefined;
}

const DATE_ORDER: readonly TypeKind[] = ['date', 'timestamp_ntz', 'timestamp'];

/** The type both can be cast to without losing meaning; undefined: there is none. */
export function widerType(a: DataType, b: DataType): DataType | undefined {
  if (sameType(a, b)) return a;
  if (a.kind === 'void') return b;
  if (b.kind === 'void') return a;
  if (isNumeric(a) && isNumeric(b)) return widerNumeric(a, b);
  if (isDateTime(a) && isDateTime(b)) {
    return DATE_ORDER.indexOf(a.kind) >= DATE_ORDER.indexOf(b.kind) ? a : b;
  }
  if (a.kind === 'string') return withString(b);
  if (b.kind === 'string') return withString(a);
  return widerNested(a, b);
}

/**
 * ANSI: a string next to another atomic type is cast to that type; integers widen to bigint, fractions to
 * double.
 */
function withString(other: DataType): DataType | undefined {
  if (isInteger(other)) return { kind: 'bigint' };
  if (isFloating(other) || other.kind === 'decimal') return DOUBLE;
  if (['array', 'map', 'struct'].includes(other.kind)) return undefined;
  return other;
}

function widerNested(a: DataType, b: DataType): DataType | undefined {
  if (a.kind === 'array' && b.kind === 'array') {
    const element = widerType(a.element, b.element);
    return element && array(element);
  }
  if (a.kind === 'map' && b.kind === 'map') {
    const key = widerType(a.key, b.key);
    const value = widerType(a.value, b.value);
    return key && value && map(key, value);
  }
  if (a.kind === 'struct' && b.kind === 'struct' && a.fields.length === b.fields.length) {
    const fields = a.fields.map((field, i) => {
      const type = b.fields[i] && widerType(field.type, b.fields[i].type);
      return type && { name: field.name, type };
    });
    return fields.every((field) => field !== undefined) ? struct(fields) : undefined;
  }
  if (a.kind === 'interval' && b.kind === 'interval' && a.family === b.family) {
    const units = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;
    const from = units[Math.min(units.indexOf(a.from), units.indexOf(b.from))] ?? a.from;
    const to = units[Math.max(units.indexOf(a.to), units.indexOf(b.to))] ?? a.to;
    return { ...a, from, to };
  }
  return undefined;
}

/**
 * The type all of these meet in; VOID for none or only NULLs. A string meets another type only after the
 * others met.
 */
export function commonType(types: readonly DataType[]): DataType | undefined {
  const strings = types.filter((type) => type.kind === 'string');
  const others = types.filter((type) => type.kind !== 'string');
  let common: DataType | undefined = VOID;
  for (const type of [...others, ...strings.slice(0, 1)]) {
    common = common && widerType(common, type);
  }
  return common;
}

/** May bind put in a cast from one to the other without being asked (function arguments, ANSI)? */
export function canCastImplicitly(from: DataType, to: DataType): boolean {
  if (sameType(from, to) || from.kind === 'void') return true;
  if (isInteger(from) && isInteger(to)) return INTEGERS.indexOf(from.kind) <= INTEGERS.indexOf(to.kind);
  if (isNumeric(from) && (isFloating(to) || to.kind === 'decimal'))
    return from.kind !== 'double' || to.kind === 'double';
  if (isDateTime(from) && isDateTime(to)) return DATE_ORDER.indexOf(from.kind) <= DATE_ORDER.indexOf(to.kind);
  if (from.kind === 'string') return !['array', 'map', 'struct', 'interval', 'boolean'].includes(to.kind);
  if (to.kind === 'string') return !['array', 'map', 'struct', 'binary'].includes(from.kind);
  const wider = widerType(from, to);
  return wider !== undefined && sameType(wider, to);
}

const ATOMIC_TO_STRING: readonly TypeKind[] = [
  'boolean',
  'date',
  'timestamp',
  'timestamp_ntz',
  'binary',
  'interval',
];

/** Is `CAST(x AS to)` legal in ANSI mode? */
export function canCast(from: DataType, to: DataType): boolean {
  if (sameType(from, to) || from.kind === 'void') return true;
  if (isNumeric(from) && (isNumeric(to) || to.kind === 'boolean' || to.kind === 'string')) return true;
  if (from.kind === 'boolean' && isNumeric(to)) return true;
  if (from.kind === 'string') return !['array', 'map', 'struct', 'void'].includes(to.kind);
  if (to.kind === 'string')
    return ATOMIC_TO_STRING.includes(from.kind) || ['array', 'map', 'struct'].includes(from.kind);
  if (isDateTime(from) && isDateTime(to)) return true;
  if (isNumeric(from) && to.kind === 'timestamp') return true;
  if (from.kind === 'timestamp' && isNumeric(to)) return true;
  if (from.kind === 'array' && to.kind === 'array') return canCast(from.element, to.element);
  if (from.kind === 'map' && to.kind === 'map')
    return canCast(from.key, to.key) && canCast(from.value, to.value);
  if (from.kind === 'struct' && to.kind === 'struct') {
    return (
      from.fields.length === to.fields.length &&
      from.fields.every((field, i) => to.fields[i] !== undefined && canCast(field.type, to.fields[i].type))
    );
  }
  if (from.kind === 'interval' && to.kind === 'interval') return from.family === to.family;
  return false;
}
