/** The answer of a write: one row that says how many rows were written. */
import { Readable } from 'node:stream';
import { Int64, Table, tableToIPC, vectorFromArray } from 'apache-arrow';
import type { ByteFormat, ByteResult, RowConverter, RowResult } from '../../engines/engine.js';
import { WRITE_OUTPUT } from './prepare-write.js';

const NAME = WRITE_OUTPUT[0]?.name ?? '';
const END = { rowCount: 1, truncated: false } as const;

const writtenRows = (count: number): RowResult => ({
  ...END,
  async *batches() {
    yield { rows: 1, json: `[${count}]` };
  },
});

const BODY: Readonly<Record<Exclude<ByteFormat, 'parquet'>, (count: number) => string | Uint8Array>> = {
  arrow: (count) =>
    tableToIPC(new Table({ [NAME]: vectorFromArray([BigInt(count)], new Int64()) }), 'stream'),
  csv: (count) => `${NAME}\r\n${count}\r\n`,
  ndjson: (count) => `${JSON.stringify({ [NAME]: count })}\n`,
};

export async function writtenResult(
  count: number,
  sink: { readonly mode: 'rows' } | { readonly mode: 'bytes'; readonly format: ByteFormat },
  { parquet }: Pick<RowConverter, 'parquet'>,
): Promise<{ readonly rows: RowResult } | { readonly bytes: ByteResult }> {
  const rows = writtenRows(count);
  if (sink.mode === 'rows') return { rows };
  if (sink.format === 'parquet') {
    return { bytes: await parquet(rows, WRITE_OUTPUT, new AbortController().signal) };
  }
  const body = Readable.from([Buffer.from(BODY[sink.format](count))]);
  return { bytes: { body, done: Promise.resolve(END) } };
}
