/**
 * A stream that never holds its writer up: what the reader has not fetched yet waits in memory, and past a
 * few megabytes in a file that has no name. So a slow client keeps neither a thread of the engine nor memory.
 */
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';

const MEMORY_BYTES_MAX = 4 * 2 ** 20;
const READ_BYTES = 256 * 2 ** 10;

export class Backlog extends Readable {
  readonly #path: string;
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;
  #file: FileHandle | undefined;
  #written = 0;
  #read = 0;
  #busy: Promise<unknown> = Promise.resolve();
  #wanted = false;
  #reading = false;
  #finished = false;

  /** `path` is where the file is made if one is needed; it must not exist. */
  constructor(path: string) {
    super({ highWaterMark: READ_BYTES });
    this.#path = path;
  }

  /** Takes a chunk; when a promise is given back, the next one must wait for it. */
  add(chunk: Buffer): void | Promise<void> {
    if (this.destroyed || chunk.length === 0) return;
    if (this.#read === this.#written && this.#queuedBytes + chunk.length <= MEMORY_BYTES_MAX) {
      this.#queue.push(chunk);
      this.#queuedBytes += chunk.length;
      this.#serve();
      return;
    }
    const written = this.#busy.then(() => this.#append(chunk));
    this.#busy = written.catch(() => {});
    return written;
  }

  /** Everything was added: the stream may end. */
  finish(): void {
    this.#finished = true;
    this.#serve();
  }

  override _read(): void {
    this.#wanted = true;
    this.#serve();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#queue.length = 0;
    this.#busy
      .then(() => this.#file?.close())
      .then(
        () => callback(error),
        () => callback(error),
      );
  }

  async #append(chunk: Buffer): Promise<void> {
    if (this.destroyed) return;
    if (this.#file === undefined) {
      this.#file = await open(this.#path, 'wx+', 0o600);
      await unlink(this.#path);
    }
    let done = 0;
    while (done < chunk.length) {
      const { bytesWritten } = await this.#file.write(chunk, done, chunk.length - done, this.#written + done);
      done += bytesWritten;
    }
    this.#written += chunk.length;
    this.#serve();
  }

  #serve(): void {
    while (this.#wanted && this.#queue.length > 0) {
      const chunk = this.#queue.shift() as Buffer;
      this.#queuedBytes -= chunk.length;
      this.#wanted = this.push(chunk);
    }
    if (!this.#wanted || this.#reading || this.destroyed) return;
    if (this.#read < this.#written) this.#fetch();
    else if (this.#finished) this.push(null);
  }

  /** One piece of the file; what was read entirely is written over. */
  #fetch(): void {
    this.#reading = true;
    const length = Math.min(READ_BYTES, this.#written - this.#read);
    const read = this.#busy.then(async () => {
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await (this.#file as FileHandle).read(buffer, 0, length, this.#read);
      if (bytesRead === 0) throw new Error('the backlog file was cut');
      this.#read += bytesRead;
      if (this.#read === this.#written) {
        this.#read = 0;
        this.#written = 0;
      }
      return buffer.subarray(0, bytesRead);
    });
    this.#busy = read.catch(() => {});
    read.then(
      (chunk) => {
        this.#reading = false;
        if (this.destroyed) return;
        this.#wanted = this.push(chunk);
        this.#serve();
      },
      (error: unknown) => this.destroy(error as Error),
    );
  }
}
