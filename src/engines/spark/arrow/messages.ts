/** Spark's Arrow batches as they came, in a stream of ours: the columns are looked at, their values are not. */
import { type DataType as ArrowType, makeData, Null, RecordBatchReader } from 'apache-arrow';
import type { Column } from '../../../core/plan/plan.js';
import { type ArrowMessages, arrowType } from '../../output/arrow-stream.js';
import { otherShape } from './lines.js';

/** The messages of one batch that must have so many rows: at most `rowsMax` of them. */
export function* batchMessages(
  { data, rows: announced }: { readonly data: Uint8Array; readonly rows: number },
  output: readonly Column[],
  messages: ArrowMessages,
  rowsMax: number,
): Generator<{ readonly rows: number; readonly bytes: Buffer }> {
  let left = rowsMax;
  let seen = 0;
  for (const batch of RecordBatchReader.from(data)) {
    seen += batch.numRows;
    const { children } = batch.data;
    if (children.length !== output.length || seen > announced) throw otherShape();
    const rows = Math.min(batch.numRows, left);
    left -= rows;
    if (rows === 0) continue;
    const columns = output.map(({ type }, i) => {
      const column = children[i];
      if (type.kind === 'void') return makeData({ type: new Null(), length: rows });
      if (column === undefined || !sameLayout(column.type, arrowType(type))) throw otherShape();
      return rows === batch.numRows ? column : column.slice(0, rows);
    });
    yield { rows, bytes: messages.batch(rows, columns) };
  }
  if (seen !== announced) throw otherShape();
}

/** Names inside of types and what may be NULL make no difference to how values lie. */
function sameLayout(a: ArrowType, b: ArrowType): boolean {
  const inside = a.children ?? [];
  const wanted = b.children ?? [];
  if (a.typeId !== b.typeId || inside.length !== wanted.length) return false;
  if (wanted.length === 0) return String(a) === String(b);
  return wanted.every((field, i) => sameLayout((inside[i] as { type: ArrowType }).type, field.type));
}
