/** The answer of a write: one row that says how many rows were written. */
import { Readable } from 'node:stream';
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

const TEXT: Readonly<Record<ByteFormat, (count: number) => string>> = {
  csv: (count) => `${NAME}\r\n${count}\r\n`,
  ndjson: (count) => `${JSON.stringify({ [NAME]: count })}\n`,
};

const writtenBytes = (count: number, format: ByteFormat): ByteResult => ({
  body: Readable.from([Buffer.from(TEXT[format](count), 'utf8')]),
  done: Promise.resolve(END),
});

export const writtenResult = (
  count: number,
  sink: { readonly mode: 'rows' } | { readonly mode: 'bytes'; readonly format: ByteFormat },
): { readonly rows: RowResult } | { readonly bytes: ByteResult } =>
  sink.mode === 'rows' ? { rows: writtenRows(count) } : { bytes: writtenBytes(count, sink.format) };
