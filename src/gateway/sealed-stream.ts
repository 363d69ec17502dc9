/**
 * A result stream whose last chunk leaves only after the outcome is durable: a client that has seen the end
 * has seen an answer that is on record. A failure on either side destroys the stream, so a cut result never
 * looks complete.
 */
import { Readable } from 'node:stream';
import type { ByteResult } from '../engines/engine.js';

export interface StreamEnd {
  readonly rowCount: number;
  readonly truncated: boolean;
  /** Bytes handed to the client, the held-back chunk included. */
  readonly bytes: number;
}

/**
 * `onEnd` records success and must resolve before the last chunk leaves; `onFailure` records what went wrong.
 */
export function sealedStream(
  result: ByteResult,
  onEnd: (end: StreamEnd) => Promise<void>,
  onFailure: (error: unknown) => Promise<void>,
): Readable {
  return Readable.from(sealed(result, onEnd, onFailure), { objectMode: false });
}

async function* sealed(
  result: ByteResult,
  onEnd: (end: StreamEnd) => Promise<void>,
  onFailure: (error: unknown) => Promise<void>,
): AsyncGenerator<Buffer> {
  let held: Buffer | undefined;
  let bytes = 0;
  let settled = false;
  // The run's own failure is reported through the loop below; this keeps it from being unhandled meanwhile.
  result.done.catch(() => undefined);
  try {
    for await (const chunk of result.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (held !== undefined) yield held;
      held = chunk;
    }
    const { rowCount, truncated } = await result.done;
    settled = true;
    await onEnd({ rowCount, truncated, bytes });
    if (held !== undefined) yield held;
  } catch (error) {
    result.body.destroy();
    if (!settled) {
      settled = true;
      await onFailure(error);
    }
    throw error;
  } finally {
    // The consumer went away between chunks: the generator is returned, not thrown into.
    if (!settled) {
      result.body.destroy();
      await onFailure(undefined);
    }
  }
}
