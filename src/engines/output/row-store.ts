/**
 * A result as JSON lines, kept until it is read: in memory while it is small, else in a file that has no name
 * and goes away with the result.
 */
import { closeSync, openSync, read, unlinkSync, write } from 'node:fs';
import { promisify } from 'node:util';

const MEMORY_BYTES_MAX = 16 * 2 ** 20;
const LINE_FEED = 10;
const COMMA = 44;

const readAt = promisify(read);
const writeAt = promisify(write);

interface Batch {
  readonly rows: number;
  readonly bytes: number;
  /** Absent: in the file, from `offset`. */
  readonly memory?: Buffer;
  readonly offset: number;
}

/** Closes the files of results that nobody holds any more. */
const abandoned = new FinalizationRegistry<number>((fd) => closeSync(fd));

export class RowStore {
  readonly #path: string;
  readonly #batches: Batch[] = [];
  #memoryBytes = 0;
  #fd: number | undefined;
  #fileBytes = 0;
  /** A line that has not ended yet. */
  #open: Buffer[] = [];
  #rowCount = 0;

  constructor(path: string) {
    this.#path = path;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Takes the next piece of `[...]\n[...]\n`; a promise must be waited for. */
  add(chunk: Buffer): void | Promise<void> {
    const end = chunk.lastIndexOf(LINE_FEED);
    if (end < 0) {
      if (chunk.length > 0) this.#open.push(Buffer.from(chunk));
      return;
    }
    const lines = Buffer.concat([...this.#open, chunk.subarray(0, end)]);
    this.#open = end + 1 < chunk.length ? [Buffer.from(chunk.subarray(end + 1))] : [];
    let rows = 1;
    for (let at = lines.indexOf(LINE_FEED); at >= 0; at = lines.indexOf(LINE_FEED, at + 1)) {
      lines[at] = COMMA;
      rows += 1;
    }
    this.#rowCount += rows;
    if (this.#memoryBytes + lines.length <= MEMORY_BYTES_MAX) {
      this.#memoryBytes += lines.length;
      this.#batches.push({ rows, bytes: lines.length, memory: lines, offset: 0 });
      return;
    }
    return this.#append(rows, lines);
  }

  async *batches(): AsyncGenerator<{ readonly rows: number; readonly json: string }> {
    for (const batch of this.#batches) {
      yield { rows: batch.rows, json: (batch.memory ?? (await this.#load(batch))).toString('utf8') };
    }
  }

  async #append(rows: number, lines: Buffer): Promise<void> {
    if (this.#fd === undefined) {
      this.#fd = openSync(this.#path, 'wx+', 0o600);
      abandoned.register(this, this.#fd);
      unlinkSync(this.#path);
    }
    const offset = this.#fileBytes;
    this.#fileBytes += lines.length;
    this.#batches.push({ rows, bytes: lines.length, offset });
    for (let done = 0; done < lines.length; ) {
      const { bytesWritten } = await writeAt(this.#fd, lines, done, lines.length - done, offset + done);
      done += bytesWritten;
    }
  }

  async #load(batch: Batch): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(batch.bytes);
    for (let done = 0; done < batch.bytes; ) {
      const { bytesRead } = await readAt(
        this.#fd as number,
        buffer,
        done,
        batch.bytes - done,
        batch.offset + done,
      );
      if (bytesRead === 0) throw new Error('the result file was cut');
      done += bytesRead;
    }
    return buffer;
  }
}
