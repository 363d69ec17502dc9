/** The answer of a write: one row that says how many rows were written. */
import { Readable } from 'node:stream';
import { Int64, Table, tableToIPC, vectorFromArray } from 'apache-arrow';
import type { ByteFormat, ByteResult, RowResult } from '../../engines/engine.js';
import { WRITE_SCHEMA } from './prepare-write.js';

const NAME = WRITE_SCHEMA[0]?.name ?? '';
const END = { rowCount: 1, truncated: false } as const;

const writtenRows = (count: number): RowResult => ({
  ...END,
  async *batches() {
    yield { rows: 1, json: `[${count}]` };
  },
});

const BODY: Readonly<Record<ByteFormat, (count: number) => string | Uint8Array>> = {
  arrow: (count) =>
    tableToIPC(new Table({ [NAME]: vectorFromArray([BigInt(count)], new Int64()) }), 'stream'),
  csv: (count) => `${NAME}\r\n${count}\r\n`,
  ndjson: (count) => `${JSON.stringify({ [NAME]: count })}\n`,
};

const writtenBytes = (count: number, format: ByteFormat): ByteResult => ({
  body: Readable.from([Buffer.from(BODY[format](count))]),
  done: Promise.resolve(END),
});

export const writtenResult = (
  count: number,
  sink: { readonly mode: 'rows' } | { readonly mode: 'bytes'; readonly format: ByteFormat },
): { readonly rows: RowResult } | { readonly bytes: ByteResult } =>
  sink.mode === 'rows' ? { rows: writtenRows(count) } : { bytes: writtenBytes(count, sink.format) };
