/**
 * A result stream whose last chunk leaves only after the outcome is durable: a client that has seen the end
 * has seen an answer that is on record. A failure on either side destroys the stream, so a cut result never
 * looks complete; one before the first chunk leaves is thrown, so it can still be a proper answer.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { GovernanceError } from '../core/errors.js';
import type { ByteResult } from '../engines/engine.js';

export interface StreamEnd {
  readonly rowCount: number;
  readonly truncated: boolean;
  /** Bytes handed to the client, the held-back chunk included. */
  readonly bytes: number;
  /** SHA-256 hex of these bytes. */
  readonly resultDigest: string;
}

export interface Seal {
  /** Sees each chunk on its way. */
  onChunk?(chunk: Buffer): void;
  /** Records success; must resolve before the last chunk leaves. */
  onEnd(end: StreamEnd): Promise<void>;
  /** Records what went wrong; `undefined`: the client went away. */
  onFailure(error: unknown): Promise<void>;
}

/** Resolves when the first chunk may leave. `done` follows the seal, not the engine. */
export async function sealedStream(result: ByteResult, seal: Seal): Promise<ByteResult> {
  // The run's own failure is seen by the loop that reads its body; this keeps it from being unhandled.
  result.done.catch(() => undefined);
  const sealed = new SealedChunks(result, seal);
  const first = await sealed.next();
  return { body: bodyOf(first, sealed), done: sealed.done };
}

class SealedChunks {
  readonly done: Promise<StreamEnd>;
  private readonly chunks: AsyncGenerator<Buffer>;
  private settle: { resolve(end: StreamEnd): void; reject(error: unknown): void } | undefined;
  private left = false;

  constructor(
    private readonly result: ByteResult,
    private readonly seal: Seal,
  ) {
    this.done = new Promise<StreamEnd>((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.done.catch(() => undefined);
    this.chunks = this.sealed();
  }

  next(): Promise<IteratorResult<Buffer>> {
    return this.chunks.next();
  }

  /** The reader went away, or is done. */
  async leave(): Promise<void> {
    this.left = true;
    this.result.body.destroy();
    await this.chunks.return(undefined);
  }

  private async *sealed(): AsyncGenerator<Buffer> {
    let held: Buffer | undefined;
    let bytes = 0;
    const digest = createHash('sha256');
    let open = true;
    const fail = async (error: unknown): Promise<void> => {
      if (!open) return;
      open = false;
      this.settle?.reject(error ?? goneAway());
      await this.seal.onFailure(error);
    };
    try {
      for await (const chunk of this.result.body as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        digest.update(chunk);
        this.seal.onChunk?.(chunk);
        if (held !== undefined) yield held;
        held = chunk;
      }
      const end = { ...(await this.result.done), bytes, resultDigest: digest.digest('hex') };
      await this.seal.onEnd(end);
      open = false;
      this.settle?.resolve(end);
      if (held !== undefined) yield held;
    } catch (error) {
      this.result.body.destroy();
      await fail(this.left ? undefined : error);
      throw error;
    } finally {
      this.result.body.destroy();
      await fail(undefined);
    }
  }
}

/** Not Readable.from(): one that is destroyed unread would never end the generator, which holds a run. */
function bodyOf(first: IteratorResult<Buffer>, chunks: SealedChunks): Readable {
  let ready: IteratorResult<Buffer> | undefined = first;
  return new Readable({
    read() {
      const taken = ready === undefined ? chunks.next() : Promise.resolve(ready);
      ready = undefined;
      taken.then(
        ({ done, value }) => this.push(done === true ? null : value),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, callback) {
      chunks.leave().then(
        () => callback(error),
        () => callback(error),
      );
    },
  });
}

const goneAway = (): GovernanceError =>
  new GovernanceError('STATEMENT_CANCELED', 'The client went away before the result had ended.');
