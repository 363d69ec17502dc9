/** DuckDB values and Spark's golden answers in one canonical form, so that they can be compared. */
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { DataType } from '../../src/core/plan/types.js';

export type Canonical = null | boolean | string | readonly Canonical[];

const MICROSECONDS_PER_SECOND = 1_000_000n;
const MICROSECONDS_PER_DAY = 86_400n * MICROSECONDS_PER_SECOND;

/** A value read through the Node API. */
export function fromEngine(value: DuckDBValue): Canonical {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint' || value instanceof DuckDBDecimalValue) return String(value);
  if (value instanceof DuckDBDateValue) return moment(BigInt(value.days) * MICROSECONDS_PER_DAY).slice(0, -9);
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue)
    return moment(value.micros);
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('hex');
  if (value instanceof DuckDBIntervalValue) return String(value.months === 0 ? value.micros : value.months);
  if (value instanceof DuckDBListValue) return value.items.map(fromEngine);
  if (value instanceof DuckDBStructValue) return Object.values(value.entries).map(fromEngine);
  if (value instanceof DuckDBMapValue)
    return byKey(value.entries.map((e) => [fromEngine(e.key), fromEngine(e.value)]));
  throw new Error(`a value of an unexpected type: ${String(value)}`);
}

/** A map has no order, and PySpark keeps none. */
const byKey = (pairs: readonly (readonly Canonical[])[]): Canonical =>
  [...pairs].sort(([a], [b]) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** As Spark writes a moment in UTC: a sign and four digits at least for years outside 0 to 9999. */
function moment(micros: bigint): string {
  const fraction = ((micros % MICROSECONDS_PER_SECOND) + MICROSECONDS_PER_SECOND) % MICROSECONDS_PER_SECOND;
  const seconds = (micros - fraction) / MICROSECONDS_PER_SECOND;
  const text = new Date(Number(seconds) * 1000)
    .toISOString()
    .slice(0, -5)
    .replace('T', ' ')
    .replace(/^([+-])0*(\d{4})/, '$1$2');
  const digits = String(fraction).padStart(6, '0').replace(/0+$/, '');
  return digits === '' ? text : `${text}.${digits}`;
}

/** A golden value: numbers with a fraction come as text of Python's making. */
export function fromGolden(value: Canonical, type: DataType): Canonical {
  if (value === null) return null;
  if (type.kind === 'array')
    return (value as readonly Canonical[]).map((item) => fromGolden(item, type.element));
  if (type.kind === 'struct') {
    return (value as readonly Canonical[]).map((item, i) => fromGolden(item, type.fields[i]?.type ?? type));
  }
  if (type.kind === 'map') {
    const pairs = value as readonly (readonly Canonical[])[];
    return byKey(
      pairs.map(([key, item]) => [fromGolden(key ?? null, type.key), fromGolden(item ?? null, type.value)]),
    );
  }
  if (type.kind === 'double') return number(Number(value));
  // Python widened the float.
  if (type.kind === 'float') return number(Math.fround(Number(value)));
  return value;
}

const number = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));
