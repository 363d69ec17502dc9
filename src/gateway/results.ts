/**
 * Results that are kept for chunks: small ones in memory, larger ones on disk, sealed. Bounded for each principal and in
 * total; what does not fit any more is expired, oldest first. Everything is gone after a restart.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GovernanceError } from '../core/errors.js';
import type { RowResult } from '../engines/engine.js';
import { type KeptChunk, ResultChunks } from './result-chunks.js';
import { SealedFile } from './sealed-file.js';

/** A result of one chunk up to this size stays in memory while there is room. */
const MEMORY_BYTES_MAX = 256 * 1024;
const MEMORY_TOTAL_BYTES_MAX = 64 * 2 ** 20;

export interface ResultsOptions {
  readonly directory: string;
  readonly bytesMax: number;
  /** Of these, of one principal. */
  readonly bytesPerUserMax: number;
}

export type { KeptChunk };

export interface StoredResult {
  readonly rowCount: number;
  readonly chunkCount: number;
  readonly truncated: boolean;
  /** Dropped to make room. */
  readonly expired: boolean;
  chunk(n: number): Promise<KeptChunk>;
  /** The whole as a file that is made once and kept as long. */
  file(make: () => Promise<AsyncIterable<Buffer>>): Promise<KeptFile>;
  remove(): Promise<void>;
}

export interface KeptFile {
  /** Bytes of each part. */
  readonly sizes: readonly number[];
  part(n: number): Promise<Buffer>;
}

interface Kept {
  readonly user: string;
  readonly chunks: ResultChunks;
  file?: Promise<SealedFile>;
  /** On disk and in memory. */
  bytes: number;
}

export class Results {
  private bytes = 0;
  private memoryBytes = 0;
  private readonly bytesByUser = new Map<string, number>();
  private readonly kept = new Map<string, Kept>();

  private constructor(private readonly options: ResultsOptions) {}

  /** Empties the folder: results do not outlive the gateway. */
  static async open(options: ResultsOptions): Promise<Results> {
    await rm(options.directory, { recursive: true, force: true });
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    return new Results(options);
  }

  async close(): Promise<void> {
    this.kept.clear();
    await rm(this.options.directory, { recursive: true, force: true });
  }

  async store(id: string, user: string, rows: RowResult): Promise<StoredResult> {
    const chunks = new ResultChunks(join(this.options.directory, id));
    const bytesMax = Math.min(this.options.bytesMax, this.options.bytesPerUserMax);
    try {
      for await (const batch of rows.batches()) {
        await chunks.add(batch);
        if (chunks.bytes > bytesMax) throw tooLarge(bytesMax);
      }
      await chunks.end(Math.min(MEMORY_BYTES_MAX, MEMORY_TOTAL_BYTES_MAX - this.memoryBytes));
    } catch (error) {
      await chunks.drop();
      throw isDiskFull(error) ? diskFull(error) : error;
    }
    this.keep(id, { user, chunks, bytes: chunks.bytes });
    const { kept } = this;
    return {
      rowCount: rows.rowCount,
      chunkCount: chunks.count,
      truncated: rows.truncated,
      get expired() {
        return !kept.has(id);
      },
      chunk: (n) => this.read(id, ({ chunks: of }) => of.read(n)),
      file: (make) => this.file(id, make),
      remove: () => this.remove(id),
    };
  }

  async remove(id: string): Promise<void> {
    const found = this.kept.get(id);
    if (found === undefined) return;
    this.kept.delete(id);
    this.memoryBytes -= found.chunks.memoryBytes;
    this.count(found, -found.bytes);
    await found.chunks.drop();
    await found.file?.then(
      (file) => file.drop(),
      () => undefined,
    );
  }

  private keep(id: string, entry: Kept): void {
    this.kept.set(id, entry);
    this.memoryBytes += entry.chunks.memoryBytes;
    this.count(entry, entry.bytes);
    this.expireFor(id, entry);
  }

  private expireFor(id: string, entry: Kept): void {
    const { bytesMax, bytesPerUserMax } = this.options;
    this.makeRoom(
      id,
      () => this.bytesOf(entry.user) <= bytesPerUserMax,
      ({ user }) => user === entry.user,
    );
    this.makeRoom(
      id,
      () => this.bytes <= bytesMax,
      () => true,
    );
  }

  private makeRoom(newest: string, fits: () => boolean, mayGo: (entry: Kept) => boolean): void {
    if (fits()) return;
    for (const [id, entry] of this.kept) {
      if (id === newest || fits()) return;
      if (mayGo(entry)) void this.remove(id).catch(() => undefined);
    }
  }

  private count({ user }: Kept, more: number): void {
    this.bytes += more;
    const bytes = this.bytesOf(user) + more;
    if (bytes > 0) this.bytesByUser.set(user, bytes);
    else this.bytesByUser.delete(user);
  }

  private async file(id: string, make: () => Promise<AsyncIterable<Buffer>>): Promise<KeptFile> {
    const entry = this.kept.get(id);
    if (entry === undefined) throw resultExpired();
    entry.file ??= this.made(id, entry, make);
    const file = await this.read(id, (kept) => kept.file as Promise<SealedFile>);
    return { sizes: file.sizes, part: (n) => this.read(id, () => file.read(n)) };
  }

  private async made(
    id: string,
    entry: Kept,
    make: () => Promise<AsyncIterable<Buffer>>,
  ): Promise<SealedFile> {
    const file = new SealedFile(join(this.options.directory, `${id}.file`));
    try {
      for await (const part of await make()) {
        if (!this.kept.has(id)) throw resultExpired();
        await file.append(part);
      }
      await file.end();
    } catch (error) {
      delete entry.file;
      await file.drop();
      throw isDiskFull(error) ? diskFull(error) : error;
    }
    const bytes = file.sizes.reduce((sum, size) => sum + size, 0);
    if (this.kept.has(id)) {
      entry.bytes += bytes;
      this.count(entry, bytes);
      this.expireFor(id, entry);
    }
    return file;
  }

  private bytesOf(user: string): number {
    return this.bytesByUser.get(user) ?? 0;
  }

  private async read<T>(id: string, work: (found: Kept) => Promise<T>): Promise<T> {
    const found = this.kept.get(id);
    if (found === undefined) throw resultExpired();
    try {
      return await work(found);
    } catch (error) {
      // Dropped while it was read.
      throw this.kept.has(id) ? error : resultExpired();
    }
  }
}

export const resultExpired = (): GovernanceError =>
  new GovernanceError('RESULT_EXPIRED', 'The result is no longer kept.', {
    remedy: 'Run the statement again.',
  });

const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as { readonly code?: string }).code ?? '');

const STREAM_IT = 'Stream it with Accept: text/csv, application/x-ndjson, Arrow or Parquet';

const diskFull = (cause: unknown): GovernanceError =>
  new GovernanceError(
    'RESOURCES_EXHAUSTED',
    'There is no room on disk to keep the result.',
    { sqlState: '53100', retryable: true, remedy: `${STREAM_IT}, or try again later.` },
    cause,
  );

const tooLarge = (bytesMax: number): GovernanceError =>
  new GovernanceError(
    'BYTE_LIMIT_EXCEEDED',
    `The result is larger than the ${bytesMax} bytes that are kept.`,
    { remedy: `${STREAM_IT}, or select less.` },
  );
