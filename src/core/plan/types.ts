/**
 * Spark SQL data types (Spark 4, ANSI). One immutable value per type; compare with `sameType`.
 * Source: Spark SQL reference, "Data types".
 */
export type AtomicKind =
  | 'void'
  | 'boolean'
  | 'tinyint'
  | 'smallint'
  | 'int'
  | 'bigint'
  | 'float'
  | 'double'
  | 'string'
  | 'binary'
  | 'date'
  | 'timestamp'
  | 'timestamp_ntz';

export interface AtomicType {
  readonly kind: AtomicKind;
}
export interface DecimalType {
  readonly kind: 'decimal';
  /** 1..38 */
  readonly precision: number;
  /** 0..precision */
  readonly scale: number;
}
/** Spark's two ANSI interval families. Calendar intervals (months and microseconds mixed) are refused. */
export interface IntervalType {
  readonly kind: 'interval';
  readonly family: 'year-month' | 'day-time';
  /** Qualifier as written, for display: `day to second`, `year to month`, `hour`. */
  readonly from: IntervalUnit;
  readonly to: IntervalUnit;
}
export type IntervalUnit = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';
export interface ArrayType {
  readonly kind: 'array';
  readonly element: DataType;
}
export interface MapType {
  readonly kind: 'map';
  readonly key: DataType;
  readonly value: DataType;
}
export interface StructField {
  readonly name: string;
  readonly type: DataType;
}
export interface StructType {
  readonly kind: 'struct';
  readonly fields: readonly StructField[];
}
export type DataType = AtomicType | DecimalType | IntervalType | ArrayType | MapType | StructType;
export type TypeKind = DataType['kind'];

const atomic = (kind: AtomicKind): AtomicType => Object.freeze({ kind });

export const VOID = atomic('void');
export const BOOLEAN = atomic('boolean');
export const TINYINT = atomic('tinyint');
export const SMALLINT = atomic('smallint');
export const INT = atomic('int');
export const BIGINT = atomic('bigint');
export const FLOAT = atomic('float');
export const DOUBLE = atomic('double');
export const STRING = atomic('string');
export const BINARY = atomic('binary');
export const DATE = atomic('date');
export const TIMESTAMP = atomic('timestamp');
export const TIMESTAMP_NTZ = atomic('timestamp_ntz');
export const YEAR_MONTH: IntervalType = Object.freeze({
  kind: 'interval',
  family: 'year-month',
  from: 'year',
  to: 'month',
});
export const DAY_TIME: IntervalType = Object.freeze({
  kind: 'interval',
  family: 'day-time',
  from: 'day',
  to: 'second',
});

export const decimal = (precision: number, scale: number): DecimalType =>
  Object.freeze({ kind: 'decimal', precision, scale });
export const array = (element: DataType): ArrayType => Object.freeze({ kind: 'array', element });
export const map = (key: DataType, value: DataType): MapType => Object.freeze({ kind: 'map', key, value });
export const struct = (fields: readonly StructField[]): StructType =>
  Object.freeze({ kind: 'struct', fields: Object.freeze([...fields]) });

/** Spark's spelling of a type: `decimal(10,2)`, `array<int>`, `struct<a:int,b:string>`. */
export function typeName(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'interval':
      return type.from === type.to ? `interval ${type.from}` : `interval ${type.from} to ${type.to}`;
    case 'array':
      return `array<${typeName(type.element)}>`;
    case 'map':
      return `map<${typeName(type.key)},${typeName(type.value)}>`;
    case 'struct':
      return `struct<${type.fields.map((f) => `${f.name}:${typeName(f.type)}`).join(',')}>`;
    default:
      return type.kind;
  }
}

export const sameType = (a: DataType, b: DataType): boolean => a === b || typeName(a) === typeName(b);
