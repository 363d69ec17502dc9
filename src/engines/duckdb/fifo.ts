/**
 * Pipes with names, so that DuckDB's COPY can write into this process. COPY's promise says whether everything
 * was written; the pipe only carries it. We hold a write end of our own: the reader sees the end when we
 * close it, which we do after COPY has ended well.
 */
import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Named pipes that statements borrow, one each. */
export class FifoPool {
  readonly #free: string[];

  private constructor(paths: readonly string[]) {
    this.#free = [...paths];
  }

  static async create(directory: string, count: number): Promise<FifoPool> {
    const paths = Array.from({ length: count }, (_, i) => join(directory, `pipe-${i}`));
    await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
    return new FifoPool(paths);
  }

  /** There are as many as statements run at once, so one is always free. */
  borrow(): { readonly path: string; giveBack(): void } {
    const path = this.#free.pop();
    if (path === undefined) throw new Error('more statements run than there are pipes');
    let back = false;
    return {
      path,
      giveBack: () => {
        if (!back) this.#free.push(path);
        back = true;
      },
    };
  }
}

/** Takes a chunk; a promise stops the pipe until it resolves. Throwing ends the run. */
export type Consume = (chunk: Buffer) => void | Promise<void>;

/**
 * Runs `copy`, which writes into the pipe at `path`, and hands what comes out to `consume`. Resolves when
 * everything was written and consumed; rejects with the error of `consume`, else of `copy`. `stop` is called
 * when the reader gives up first, so that `copy` ends; `signal` makes it give up.
 */
export async function pump<T>(
  path: string,
  copy: () => Promise<T>,
  consume: Consume,
  stop: () => void,
  signal: AbortSignal,
): Promise<T> {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let keeper: number | undefined = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const letGo = () => {
    if (keeper !== undefined) closeSync(keeper);
    keeper = undefined;
  };
  const socket = new Socket({ fd: reader, readable: true, writable: false });
  let ended = false;
  const given = drain(socket, consume, signal).then(
    () => undefined,
    (error: unknown) => {
      // A run that has failed is over, not stopped: it may be tried again over copies.
      if (!ended) stop();
      return { error };
    },
  );
  try {
    const result = await copy();
    letGo();
    const failed = await given;
    if (failed !== undefined) throw failed.error;
    return result;
  } catch (error) {
    ended = true;
    letGo();
    socket.destroy(new Error('the run has failed'));
    const failed = await given;
    throw failed?.error instanceof ConsumeError ? failed.error.cause : error;
  } finally {
    socket.destroy();
  }
}

/** Marks errors of the consumer, which come before those that they cause in COPY. */
class ConsumeError extends Error {}

/**
 * Resolves when the pipe has ended and its last chunk was taken. Who gives up goes on reading, and throws
 * away: neither opening a pipe that nobody reads nor writing into a full one can be interrupted.
 */
function drain(socket: Socket, consume: Consume, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let taken: Promise<void> = Promise.resolve();
    let over = false;
    let ended = false;
    const giveUp = (error: Error) => {
      over = true;
      reject(error);
      socket.resume();
    };
    const fail = (cause: unknown) => giveUp(new ConsumeError('the result could not be taken', { cause }));
    const stopped = () => giveUp(new Error('the run was stopped'));
    if (signal.aborted) stopped();
    signal.addEventListener('abort', stopped, { once: true });
    socket.on('data', (chunk: Buffer) => {
      if (over) return;
      try {
        const wait = consume(chunk);
        if (wait === undefined) return;
        socket.pause();
        taken = wait.then(() => void socket.resume(), fail);
      } catch (error) {
        fail(error);
      }
    });
    socket.on('end', () => {
      ended = true;
      void taken.then(resolve);
    });
    socket.on('error', reject);
    socket.on('close', () => {
      signal.removeEventListener('abort', stopped);
      if (!ended) reject(new Error('the pipe closed early'));
    });
  });
}
