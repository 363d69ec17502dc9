/** Arrow batches as lines of text, some thousand rows at a time, so that others get their turn in between. */
import { type Data, RecordBatchReader } from 'apache-arrow';
import { GovernanceError } from '../../../core/errors.js';
import { uniqueNames } from '../../../core/plan/output-names.js';
import type { Column } from '../../../core/plan/plan.js';
import { csvCell, jsonCell } from './cells.js';

/** `json` is a JSON array per line, in schema order. */
export type LineFormat = 'json' | 'ndjson' | 'csv';

const ROWS_AT_ONCE = 2_000;

/** The lines of one batch that must have so many rows, in pieces: at most `rowsMax` of them. */
export function* batchLines(
  { data, rows: announced }: { readonly data: Uint8Array; readonly rows: number },
  output: readonly Column[],
  format: LineFormat,
  rowsMax: number,
): Generator<{ readonly rows: number; readonly bytes: Buffer }> {
  let left = rowsMax;
  let seen = 0;
  for (const batch of RecordBatchReader.from(data)) {
    const columns = batch.data.children;
    seen += batch.numRows;
    if (columns.length !== output.length || seen > announced) throw otherShape();
    const line = LINES[format](columns, output);
    const rows = Math.min(batch.numRows, left);
    left -= rows;
    for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
      const to = Math.min(rows, from + ROWS_AT_ONCE);
      let text = '';
      for (let row = from; row < to; row += 1) text += line(row);
      yield { rows: to - from, bytes: Buffer.from(text, 'utf8') };
    }
  }
  if (seen !== announced) throw otherShape();
}

export const otherShape = (): GovernanceError =>
  new GovernanceError('ENGINE_ERROR', 'The engine gave a result of another shape.');

type Line = (row: number) => string;

const LINES: Readonly<Record<LineFormat, (columns: readonly Data[], output: readonly Column[]) => Line>> = {
  json: (columns, output) => {
    const cells = columns.map((data, i) => jsonCell(data, typeOf(output, i)));
    return (row) => `[${cells.map((cell) => cell(row) ?? 'null').join(',')}]\n`;
  },
  ndjson: (columns, output) => {
    const labels = uniqueNames(output).map((name) => `${JSON.stringify(name)}:`);
    const cells = columns.map((data, i) => jsonCell(data, typeOf(output, i)));
    return (row) => `{${cells.map((cell, i) => labels[i] + (cell(row) ?? 'null')).join(',')}}\n`;
  },
  csv: (columns, output) => {
    const cells = columns.map((data, i) => csvCell(data, typeOf(output, i)));
    return (row) => `${cells.map((cell) => cell(row)).join(',')}\r\n`;
  },
};

const typeOf = (output: readonly Column[], i: number) => (output[i] as Column).type;
