/**
 * Cells of Arrow columns as text: JSON and CSV as API.md has them. A column is read through one function made for its
 * type; a column that is not of the type it was announced with is an engine that lies, and an error.
 */
import { type Data, Type } from 'apache-arrow';
import { GovernanceError } from '../../../core/errors.js';
import type { DataType, MapType, StructType } from '../../../core/plan/types.js';
import { decimalText, doubleText, floatText } from './numbers.js';
import { dateText, intervalText, timestampText } from './times.js';

/** Text of the cell in this row; undefined for NULL. */
export type Cell = (row: number) => string | undefined;

/** A JSON number is a double to most who read it: up to here no integer loses a digit. */
const EXACT_INTEGER_MAX = 9_007_199_254_740_991n;
/** Every decimal of so many digits comes back from a double as it was. */
const EXACT_DECIMAL_DIGITS = 15;
const CSV_QUOTED = /[",\r\n]/;
const TEXT = new TextDecoder('utf-8', { ignoreBOM: true });

/** JSON of each cell. */
export const jsonCell = (data: Data, type: DataType): Cell => nullable(data, jsonOf(data, type));

/** CSV field of each cell: NULL is empty, the empty text is `""`, nested values are their JSON. */
export function csvCell(data: Data, type: DataType): (row: number) => string {
  const cell = nullable(data, csvOf(data, type));
  return (row) => cell(row) ?? '';
}

function csvOf(data: Data, type: DataType): Cell {
  if (type.kind === 'string') return mapped(texts(data), csvField);
  if (type.kind === 'array' || type.kind === 'struct' || type.kind === 'map') {
    return mapped(jsonOf(data, type), csvField);
  }
  return plainOf(data, type);
}

const csvField = (text: string): string => {
  if (text === '') return '""';
  return CSV_QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

function jsonOf(data: Data, type: DataType): Cell {
  switch (type.kind) {
    case 'string':
      return mapped(texts(data), JSON.stringify);
    case 'bigint': {
      const values = valuesOf<BigInt64Array>(data, Type.Int, type);
      return (row) => {
        const value = values[row] as bigint;
        return value <= EXACT_INTEGER_MAX && value >= -EXACT_INTEGER_MAX ? String(value) : `"${value}"`;
      };
    }
    case 'decimal': {
      const plain = plainOf(data, type);
      if (type.precision <= EXACT_DECIMAL_DIGITS) return plain;
      return mapped(plain, (text) => (exactDigits(text) ? text : `"${text}"`));
    }
    case 'float':
    case 'double':
      return mapped(plainOf(data, type), (text) => (/[Ny]$/.test(text) ? `"${text}"` : text));
    case 'void':
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'int':
      return plainOf(data, type);
    case 'array':
      return listJson(data, type.element);
    case 'struct':
      return structJson(data, type);
    case 'map':
      return mapJson(data, type);
    default:
      return mapped(plainOf(data, type), (text) => `"${text}"`);
  }
}

const exactDigits = (text: string): boolean =>
  text.replace(/[-.]/g, '').replace(/^0+/, '').length <= EXACT_DECIMAL_DIGITS;

/** Scalars that need no quoting. */
function plainOf(data: Data, type: DataType): Cell {
  switch (type.kind) {
    case 'void':
      requireType(data, Type.Null, type);
      return () => undefined;
    case 'boolean': {
      const bits = valuesOf<Uint8Array>(data, Type.Bool, type);
      return (row) => (bit(bits, row) ? 'true' : 'false');
    }
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint': {
      const values = valuesOf<Int32Array>(data, Type.Int, type);
      return (row) => String(values[row]);
    }
    case 'float':
    case 'double': {
      const values = valuesOf<Float64Array>(data, Type.Float, type);
      const text = type.kind === 'float' ? floatText : doubleText;
      return (row) => text(values[row] as number);
    }
    case 'decimal': {
      const values = valuesOf<Uint32Array>(data, Type.Decimal, type);
      return (row) => decimalText(values, row, type.scale);
    }
    case 'binary':
      return mapped(bytes(data, Type.Binary), (part) => Buffer.from(part).toString('base64'));
    case 'date': {
      const values = valuesOf<Int32Array>(data, Type.Date, type);
      return (row) => dateText(values[row] as number);
    }
    case 'timestamp':
    case 'timestamp_ntz': {
      const values = valuesOf<BigInt64Array>(data, Type.Timestamp, type);
      const end = type.kind === 'timestamp' ? 'Z' : '';
      return (row) => timestampText(values[row] as bigint) + end;
    }
    case 'interval': {
      const arrowType = type.family === 'year-month' ? Type.Interval : Type.Duration;
      const values = valuesOf<ArrayLike<bigint | number>>(data, arrowType, type);
      return (row) => intervalText(BigInt(values[row] as bigint), type);
    }
    default:
      throw otherType(type);
  }
}

function listJson(data: Data, element: DataType): Cell {
  const offsets = offsetsOf(data, Type.List, 'array');
  const item = jsonCell(childOf(data, 0), element);
  return (row) => `[${each(offsets, row, (i) => item(i) ?? 'null')}]`;
}

function structJson(data: Data, type: StructType): Cell {
  requireType(data, Type.Struct, type);
  if (data.children.length !== type.fields.length) throw otherType(type);
  const members = type.fields.map((field, i) => ({
    label: `${JSON.stringify(field.name)}:`,
    cell: jsonCell(childOf(data, i), field.type),
  }));
  return (row) => `{${members.map(({ label, cell }) => label + (cell(row) ?? 'null')).join(',')}}`;
}

/** An object when the keys are texts, else a list of pairs: JSON has no other keys. */
function mapJson(data: Data, type: MapType): Cell {
  const offsets = offsetsOf(data, Type.Map, 'map');
  const entries = childOf(data, 0);
  const key = jsonCell(childOf(entries, 0), type.key);
  const value = jsonCell(childOf(entries, 1), type.value);
  if (type.key.kind === 'string') {
    return (row) => `{${each(offsets, row, (i) => `${key(i)}:${value(i) ?? 'null'}`)}}`;
  }
  return (row) => `[${each(offsets, row, (i) => `{"key":${key(i)},"value":${value(i) ?? 'null'}}`)}]`;
}

function each(offsets: Int32Array, row: number, item: (index: number) => string): string {
  const parts: string[] = [];
  const end = offsets[row + 1] as number;
  for (let i = offsets[row] as number; i < end; i += 1) parts.push(item(i));
  return parts.join(',');
}

function texts(data: Data): Cell {
  return mapped(bytes(data, Type.Utf8), (part) => TEXT.decode(part));
}

function bytes(data: Data, arrowType: Type): (row: number) => Uint8Array {
  const offsets = offsetsOf(data, arrowType, 'text');
  const values = data.values as Uint8Array;
  return (row) => values.subarray(offsets[row], offsets[row + 1]);
}

const mapped =
  <T>(cell: (row: number) => T | undefined, change: (value: T) => string): Cell =>
  (row) => {
    const value = cell(row);
    return value === undefined ? undefined : change(value);
  };

function nullable(data: Data, cell: Cell): Cell {
  if (data.offset !== 0) throw malformed('an Arrow column begins in the middle');
  // A column of nothing but NULL has no bits to say so.
  if (data.nullCount === 0 || data.typeId === Type.Null) return cell;
  const valid = data.nullBitmap;
  return (row) => (bit(valid, row) ? cell(row) : undefined);
}

const bit = (bits: Uint8Array, index: number): boolean =>
  (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;

function valuesOf<T>(data: Data, arrowType: Type, type: DataType): T {
  requireType(data, arrowType, type);
  return data.values as T;
}

function offsetsOf(data: Data, arrowType: Type, what: string): Int32Array {
  if (data.typeId !== arrowType) throw malformed(`an Arrow column is no ${what}`);
  return data.valueOffsets as Int32Array;
}

function childOf(data: Data, index: number): Data {
  const child = data.children[index];
  if (child === undefined) throw malformed('an Arrow column has too few parts');
  return child;
}

const BITS: Readonly<Partial<Record<DataType['kind'], number>>> = {
  tinyint: 8,
  smallint: 16,
  int: 32,
  bigint: 64,
};
/** Of `Precision`: single and double. */
const PRECISION: Readonly<Partial<Record<DataType['kind'], number>>> = { float: 1, double: 2 };

function requireType(data: Data, arrowType: Type, type: DataType): void {
  const { bitWidth, precision, scale } = data.type as {
    bitWidth?: number;
    precision?: number;
    scale?: number;
  };
  const fits =
    data.typeId === arrowType &&
    (BITS[type.kind] === undefined || bitWidth === BITS[type.kind]) &&
    (PRECISION[type.kind] === undefined || precision === PRECISION[type.kind]) &&
    (type.kind !== 'decimal' || scale === type.scale);
  if (!fits) throw otherType(type);
}

const otherType = (type: DataType): GovernanceError => malformed(`an Arrow column is no ${type.kind}`);

const malformed = (what: string): GovernanceError =>
  new GovernanceError('ENGINE_ERROR', 'The engine gave a result of another shape.', {}, new Error(what));
