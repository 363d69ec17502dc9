/**
 * Events appended to a file: on the disk before they count, and never half a line. A file that has grown too
 * large is given a name with the number of its last event, and a new one begins.
 */
import { mkdirSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Sink, SinkBatch } from './sink.js';

const NUMBER_DIGITS = 18;
const NUMBER = new RegExp(`^\\d{${NUMBER_DIGITS}}$`);
const TAIL_BYTES = 64 * 1_024;
const NEWLINE = 10;

export interface FileSinkOptions {
  readonly file: string;
  readonly rotateBytes: number;
  /** Of the files that were full; absent: all. */
  readonly keep?: number;
}

export class FileSink implements Sink {
  private handle: FileHandle | undefined;
  private size = 0;

  constructor(private readonly options: FileSinkOptions) {}

  async send({ events, lines }: SinkBatch): Promise<void> {
    const handle = this.handle ?? (await this.open());
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    try {
      await handle.appendFile(bytes);
      await handle.datasync();
    } catch (error) {
      // A full disk may have taken half of it.
      await handle.truncate(this.size).catch(() => this.close());
      throw error;
    }
    this.size += bytes.length;
    if (this.size >= this.options.rotateBytes) await this.rotate(events.at(-1)?.number ?? 0);
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  private async open(): Promise<FileHandle> {
    const folder = dirname(this.options.file);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const handle = await open(this.options.file, 'a+', 0o600);
    this.size = await wholeBytes(handle);
    await handle.truncate(this.size);
    await syncFolder(folder);
    this.handle = handle;
    return handle;
  }

  private async rotate(last: number): Promise<void> {
    const { file, keep } = this.options;
    await this.close();
    await rename(file, `${file}.${String(last).padStart(NUMBER_DIGITS, '0')}`);
    const folder = dirname(file);
    await syncFolder(folder);
    if (keep === undefined) return;
    const own = `${basename(file)}.`;
    const names = (await readdir(folder))
      .filter((name) => name.startsWith(own) && NUMBER.test(name.slice(own.length)))
      .sort();
    for (const name of names.slice(0, -keep)) await rm(join(folder, name), { force: true });
  }
}

/** Up to the end of the last whole line: what a crash cut was never acknowledged, and comes again. */
async function wholeBytes(handle: FileHandle): Promise<number> {
  let end = (await handle.stat()).size;
  while (end > 0) {
    const length = Math.min(TAIL_BYTES, end);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, end - length);
    const at = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (at >= 0) return end - length + at + 1;
    end -= length;
  }
  return 0;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
