/**
 * Columns of a DuckDB chunk as Arrow data. Where both lay values out alike (integers, floats, dates, moments, validity)
 * the engine's own memory is used; it is good until the chunk goes. What lies under a NULL is whatever was there before,
 * perhaps what a mask hides: it is never handed on.
 */
import duckdb, { type Vector } from '@duckdb/node-bindings';
import { type DataType as ArrowType, type Data, makeData } from 'apache-arrow';
import type { DataType, DecimalType, IntervalType } from '../../core/plan/types.js';
import { arrowType } from '../output/arrow-stream.js';
import { stringBytes } from './string-bytes.js';

/** Bytes of one value, where DuckDB and Arrow agree. */
const FLAT_BYTES: Readonly<Partial<Record<DataType['kind'], number>>> = {
  tinyint: 1,
  smallint: 2,
  int: 4,
  bigint: 8,
  float: 4,
  double: 8,
  date: 4,
  timestamp: 8,
  timestamp_ntz: 8,
};
const DAY_US = 86_400_000_000n;
const INTERVAL_BYTES = 16;
const WORD_BITS = 64;
const ALL_SET = 255;

/** Where the values are: `rows[i]` is the i-th one's place in the vector; absent: all, in order. */
interface Wanted {
  readonly vector: Vector;
  readonly size: number;
  readonly rows?: Int32Array;
  /** Validity of what holds them: a field of a struct that is NULL is NULL. */
  readonly outer?: Uint8Array;
}

export const arrowColumn = (vector: Vector, size: number, type: DataType): Data =>
  columnOf({ vector, size }, type);

function columnOf(wanted: Wanted, type: DataType): Data {
  const length = wanted.rows?.length ?? wanted.size;
  const arrow = arrowType(type);
  if (type.kind === 'void') return makeData({ type: arrow as never, length });
  const common = { type: arrow, length, ...validityOf(wanted) };
  return made({ ...common, ...valuesOf(wanted, type, common.nullBitmap) });
}

interface Parts {
  readonly data?: ArrayBufferView;
  readonly valueOffsets?: Int32Array;
  readonly child?: Data;
  readonly children?: Data[];
}

/** The type is only known when it runs; makeData finds the layout by it. */
const made = (parts: Parts & { readonly type: ArrowType; readonly length: number }): Data =>
  makeData(parts as never);

function valuesOf(wanted: Wanted, type: DataType, validity: Uint8Array | undefined): Parts {
  switch (type.kind) {
    case 'boolean':
      return { data: bits(wanted, validity) };
    case 'string':
    case 'binary': {
      const { offsets, values } = stringBytes(bytesOf(wanted, 16), places(wanted, validity));
      return { valueOffsets: offsets, data: values };
    }
    case 'decimal':
      return { data: decimals(wanted, type, validity) };
    case 'interval':
      return { data: intervals(wanted, type, validity) };
    case 'struct':
      return {
        children: type.fields.map((field, i) =>
          columnOf(
            {
              ...wanted,
              vector: duckdb.struct_vector_get_child(wanted.vector, i),
              ...(validity === undefined ? {} : { outer: validity }),
            },
            field.type,
          ),
        ),
      };
    case 'array':
      return listOf(wanted, type.element, validity);
    case 'map': {
      const fields = [
        { name: 'key', type: type.key },
        { name: 'value', type: type.value },
      ];
      return listOf(wanted, { kind: 'struct', fields }, validity);
    }
    default:
      return { data: flat(wanted, FLAT_BYTES[type.kind] as number, validity) };
  }
}

const bytesOf = ({ vector, size }: Wanted, width: number): Uint8Array =>
  duckdb.vector_get_data(vector, size * width);

/** Bit by bit as in Arrow. None at all: nothing is NULL. */
function validityOf(wanted: Wanted): { readonly nullBitmap?: Uint8Array } {
  const own = ownValidity(wanted);
  const { outer } = wanted;
  if (own.nullBitmap === undefined || outer === undefined)
    return outer === undefined ? own : { nullBitmap: outer };
  return { nullBitmap: own.nullBitmap.map((byte, i) => byte & (outer[i] as number)) };
}

function ownValidity({ vector, size, rows }: Wanted): { readonly nullBitmap?: Uint8Array } {
  const all: Uint8Array | null =
    size === 0 ? null : duckdb.vector_get_validity(vector, Math.ceil(size / WORD_BITS) * 8);
  if (all === null) return {};
  if (rows === undefined) return { nullBitmap: all };
  const nullBitmap = new Uint8Array(Math.ceil(rows.length / WORD_BITS) * 8);
  for (let i = 0; i < rows.length; i += 1) {
    if (isSet(all, rows[i] as number)) nullBitmap[i >> 3] = (nullBitmap[i >> 3] as number) | (1 << (i & 7));
  }
  return { nullBitmap };
}

const isSet = (bitmap: Uint8Array, at: number): boolean =>
  ((bitmap[at >> 3] as number) & (1 << (at & 7))) !== 0;

/** Where each value is; negative: NULL. */
function places({ size, rows }: Wanted, validity: Uint8Array | undefined): Int32Array {
  const all = rows?.slice() ?? new Int32Array(size);
  if (rows === undefined) for (let i = 0; i < size; i += 1) all[i] = i;
  if (validity === undefined) return all;
  for (let i = 0; i < all.length; i += 1) if (!isSet(validity, i)) all[i] = -1;
  return all;
}

function flat(wanted: Wanted, width: number, validity: Uint8Array | undefined): Uint8Array {
  const values = picked(wanted, width);
  if (validity === undefined) return values;
  // A copy: the engine may still read what is its own.
  const shown = values.slice();
  const length = wanted.rows?.length ?? wanted.size;
  for (let i = 0; i < length; i += 1) {
    if (validity[i >> 3] === ALL_SET) i |= 7;
    else if (!isSet(validity, i)) shown.fill(0, i * width, (i + 1) * width);
  }
  return shown;
}

function picked(wanted: Wanted, width: number): Uint8Array {
  const bytes = bytesOf(wanted, width);
  const { rows } = wanted;
  if (rows === undefined) return bytes;
  const found = new Uint8Array(rows.length * width);
  for (let i = 0; i < rows.length; i += 1) {
    const from = (rows[i] as number) * width;
    for (let at = 0; at < width; at += 1) found[i * width + at] = bytes[from + at] as number;
  }
  return found;
}

function bits(wanted: Wanted, validity: Uint8Array | undefined): Uint8Array {
  const bytes = flat(wanted, 1, validity);
  const packed = new Uint8Array(Math.ceil(bytes.length / WORD_BITS) * 8);
  for (let i = 0; i < bytes.length; i += 1) {
    if (bytes[i] !== 0) packed[i >> 3] = (packed[i >> 3] as number) | (1 << (i & 7));
  }
  return packed;
}

/** DuckDB takes two to sixteen bytes, by precision; Arrow sixteen. */
function decimals(wanted: Wanted, { precision }: DecimalType, validity: Uint8Array | undefined): Uint8Array {
  if (precision > 18) return flat(wanted, 16, validity);
  const width = precision <= 4 ? 2 : precision <= 9 ? 4 : 8;
  const { buffer, byteOffset, byteLength } = flat(wanted, width, validity);
  const length = byteLength / width;
  const wide = new Int32Array(length * 4);
  const narrow =
    width === 2
      ? new Int16Array(buffer, byteOffset, length)
      : new Int32Array(buffer, byteOffset, byteLength / 4);
  for (let i = 0; i < length; i += 1) {
    const low = narrow[width === 8 ? i * 2 : i] as number;
    const high = width === 8 ? (narrow[i * 2 + 1] as number) : low >> 31;
    wide[i * 4] = low;
    wide[i * 4 + 1] = high;
    wide[i * 4 + 2] = high >> 31;
    wide[i * 4 + 3] = high >> 31;
  }
  return new Uint8Array(wide.buffer);
}

/** DuckDB has months, days and microseconds; of Spark's families one is months, the other all the rest. */
function intervals(
  wanted: Wanted,
  { family }: IntervalType,
  validity: Uint8Array | undefined,
): ArrayBufferView {
  const { buffer, byteOffset, byteLength } = flat(wanted, INTERVAL_BYTES, validity);
  const view = new DataView(buffer, byteOffset, byteLength);
  const length = byteLength / INTERVAL_BYTES;
  if (family === 'year-month') {
    return Int32Array.from({ length }, (_, i) => view.getInt32(i * INTERVAL_BYTES, true));
  }
  return BigInt64Array.from({ length }, (_, i) => {
    const days = BigInt(view.getInt32(i * INTERVAL_BYTES + 4, true));
    return days * DAY_US + view.getBigInt64(i * INTERVAL_BYTES + 8, true);
  });
}

/** DuckDB's lists may lie in any order, with others between them; Arrow's lie one after the other. */
function listOf(wanted: Wanted, element: DataType, validity: Uint8Array | undefined): Parts {
  const entries = bytesOf(wanted, 16);
  const words = new Uint32Array(entries.buffer, entries.byteOffset, entries.byteLength / 4);
  const size = duckdb.list_vector_get_size(wanted.vector);
  const rows = places(wanted, validity);
  const valueOffsets = new Int32Array(rows.length + 1);
  let inOrder = true;
  let total = 0;
  for (let i = 0; i < rows.length; i += 1) {
    const word = (rows[i] as number) * 4;
    const length = word < 0 ? 0 : (words[word + 2] as number);
    if (length > 0 && words[word] !== total) inOrder = false;
    total += length;
    valueOffsets[i + 1] = total;
  }
  const vector = duckdb.list_vector_get_child(wanted.vector);
  if (inOrder && total === size) return { valueOffsets, child: columnOf({ vector, size }, element) };
  const items = new Int32Array(total);
  for (let i = 0; i < rows.length; i += 1) {
    const from = words[(rows[i] as number) * 4] ?? 0;
    const start = valueOffsets[i] as number;
    for (let at = start; at < (valueOffsets[i + 1] as number); at += 1) items[at] = from + at - start;
  }
  return { valueOffsets, child: columnOf({ vector, size, rows: items }, element) };
}
