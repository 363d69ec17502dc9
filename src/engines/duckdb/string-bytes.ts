/**
 * Texts and bytes of a DuckDB vector in Arrow's layout: offsets, and all bytes one after the other. DuckDB holds short
 * ones in the vector and points at the others. To follow a pointer costs more than to copy what it points at, so
 * neighbours are read together.
 */
import duckdb from '@duckdb/node-bindings';

/** So many bytes DuckDB keeps for each: its length, then the bytes or the first four and where all of them are. */
const ENTRY_BYTES = 16;
const INLINED_MAX = 12;
/** What lies between two of them is read as well, and not used; it never reaches another page of memory. */
const GAP_MAX = 256;
/** Up to here a loop is quicker than a call. */
const LOOP_MAX = 64;
/** Read at once. */
const RUN_BYTES_MAX = 2 ** 20;
const HIGH = 2 ** 32;

export interface StringBytes {
  readonly offsets: Int32Array;
  readonly values: Uint8Array;
}

/** `rows[i]` is where the i-th is in the vector; negative: NULL. */
export function stringBytes(entries: Uint8Array, rows: Int32Array): StringBytes {
  const words = new Uint32Array(entries.buffer, entries.byteOffset, entries.byteLength / 4);
  const offsets = new Int32Array(rows.length + 1);
  const long: number[] = [];
  let total = 0;
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i] as number;
    if (row >= 0) {
      const length = words[row * 4] as number;
      if (length > INLINED_MAX) long.push(i);
      total += length;
    }
    offsets[i + 1] = total;
  }
  const values = new Uint8Array(total);
  copyShort(entries, rows, offsets, values);
  copyLong(entries, words, rows, long, offsets, values);
  return { offsets, values };
}

function copyShort(entries: Uint8Array, rows: Int32Array, offsets: Int32Array, values: Uint8Array): void {
  for (let i = 0; i < rows.length; i += 1) {
    const start = offsets[i] as number;
    const length = (offsets[i + 1] as number) - start;
    if (length === 0 || length > INLINED_MAX) continue;
    const from = (rows[i] as number) * ENTRY_BYTES + 4;
    copyBytes(entries, from, values, start, length);
  }
}

function copyLong(
  entries: Uint8Array,
  words: Uint32Array,
  rows: Int32Array,
  long: number[],
  offsets: Int32Array,
  values: Uint8Array,
): void {
  const address = (i: number): number => {
    const word = (rows[i] as number) * 4;
    return (words[word + 2] as number) + (words[word + 3] as number) * HIGH;
  };
  const lengthOf = (i: number): number => (offsets[i + 1] as number) - (offsets[i] as number);
  const addresses = new Float64Array(rows.length);
  let ascending = true;
  for (const [n, i] of long.entries()) {
    addresses[i] = address(i);
    if (n > 0 && (addresses[i] as number) < (addresses[long[n - 1] as number] as number)) ascending = false;
  }
  if (!ascending) long.sort((a, b) => (addresses[a] as number) - (addresses[b] as number));
  for (let first = 0; first < long.length; ) {
    const start = addresses[long[first] as number] as number;
    let end = start;
    let next = first;
    for (; next < long.length; next += 1) {
      const i = long[next] as number;
      const from = addresses[i] as number;
      const to = from + lengthOf(i);
      if (next > first && (from > end + GAP_MAX || to > start + RUN_BYTES_MAX)) break;
      end = Math.max(end, to);
    }
    const pointer = entries.byteOffset + (rows[long[first] as number] as number) * ENTRY_BYTES + 8;
    const run = duckdb.get_data_from_pointer(entries.buffer as ArrayBuffer, pointer, end - start);
    for (let n = first; n < next; n += 1) {
      const i = long[n] as number;
      const from = (addresses[i] as number) - start;
      copyBytes(run, from, values, offsets[i] as number, lengthOf(i));
    }
    first = next;
  }
}

function copyBytes(source: Uint8Array, from: number, target: Uint8Array, to: number, length: number): void {
  if (length > LOOP_MAX) target.set(source.subarray(from, from + length), to);
  else for (let at = 0; at < length; at += 1) target[to + at] = source[from + at] as number;
}
