/** What was handed out, as a hash: of the very bytes of a stream, or of the rows of a kept result. */
import { createHash } from 'node:crypto';
import type { RowResult } from '../engines/engine.js';

/** As in `result.rows` of the JSON answer, all chunks joined: `[[...],[...]]`. */
export const ROWS_FORMAT = 'json-rows';

export async function rowsDigest(rows: RowResult): Promise<string> {
  const digest = createHash('sha256').update('[');
  let first = true;
  for await (const { rows: count, json } of rows.batches()) {
    if (count === 0) continue;
    digest.update(first ? json : `,${json}`);
    first = false;
  }
  return digest.update(']').digest('hex');
}
