/**
 * Results that are kept for chunks: small ones in memory, larger ones as files of row texts (0600). Bounded
 * in total; what does not fit any more is expired, oldest first. Everything is gone after a restart.
 */
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GovernanceError } from '../core/errors.js';
import type { RowResult } from '../engines/engine.js';

/** A chunk is taken apart on the event loop when it is fetched in another format: it must not take long. */
const CHUNK_ROWS_MAX = 10_000;
const CHUNK_BYTES_MAX = 2 ** 20;
/** A result of one chunk up to this size stays in memory while there is room. */
const MEMORY_BYTES_MAX = 256 * 1024;
const MEMORY_TOTAL_BYTES_MAX = 64 * 2 ** 20;

export interface ResultsOptions {
  readonly directory: string;
  readonly bytesMax: number;
}

/** One chunk: JSON texts of row arrays, separated by commas. */
export interface StoredResult {
  readonly rowCount: number;
  readonly chunkCount: number;
  readonly truncated: boolean;
  /** Dropped to make room. */
  readonly expired: boolean;
  chunk(n: number): Promise<string>;
  remove(): Promise<void>;
}

export class Results {
  private bytes = 0;
  private memoryBytes = 0;
  private readonly kept = new Map<string, ChunkWriter>();

  private constructor(private readonly options: ResultsOptions) {}

  /** Empties the folder: results do not outlive the gateway. */
  static async open(options: ResultsOptions): Promise<Results> {
    await rm(options.directory, { recursive: true, force: true });
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    return new Results(options);
  }

  async store(id: string, rows: RowResult): Promise<StoredResult> {
    const writer = new ChunkWriter(join(this.options.directory, id));
    try {
      for await (const batch of rows.batches()) {
        await writer.add(batch.json, batch.rows);
        if (writer.bytes > this.options.bytesMax) throw tooLarge(this.options.bytesMax);
      }
      const chunks = await writer.end(MEMORY_TOTAL_BYTES_MAX - this.memoryBytes);
      this.keep(id, writer);
      const { kept } = this;
      return {
        rowCount: rows.rowCount,
        chunkCount: chunks.length,
        truncated: rows.truncated,
        get expired() {
          return !kept.has(id);
        },
        chunk: (n) => this.read(id, chunks[n]),
        remove: () => this.remove(id),
      };
    } catch (error) {
      await writer.drop();
      throw isDiskFull(error) ? diskFull(error) : error;
    }
  }

  async remove(id: string): Promise<void> {
    const found = this.kept.get(id);
    if (found === undefined) return;
    this.kept.delete(id);
    this.bytes -= found.bytes;
    this.memoryBytes -= found.memoryBytes;
    await found.drop();
  }

  private keep(id: string, writer: ChunkWriter): void {
    this.kept.set(id, writer);
    this.bytes += writer.bytes;
    this.memoryBytes += writer.memoryBytes;
    for (const [oldest] of this.kept) {
      if (this.bytes <= this.options.bytesMax || oldest === id) break;
      void this.remove(oldest).catch(() => undefined);
    }
  }

  private async read(id: string, chunk: string | { readonly file: string } | undefined): Promise<string> {
    if (!this.kept.has(id) || chunk === undefined) throw resultExpired();
    return typeof chunk === 'string' ? chunk : readFile(chunk.file, 'utf8');
  }
}

export const resultExpired = (): GovernanceError =>
  new GovernanceError('RESULT_EXPIRED', 'The result is no longer kept.', {
    remedy: 'Run the statement again.',
  });

const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as { readonly code?: string }).code ?? '');

const diskFull = (cause: unknown): GovernanceError =>
  new GovernanceError(
    'RESOURCES_EXHAUSTED',
    'There is no room on disk to keep the result.',
    {
      sqlState: '53100',
      retryable: true,
      remedy: 'Stream it with Accept: text/csv or application/x-ndjson, or try again later.',
    },
    cause,
  );

const tooLarge = (bytesMax: number): GovernanceError =>
  new GovernanceError(
    'BYTE_LIMIT_EXCEEDED',
    `The result is larger than the ${bytesMax} bytes that are kept.`,
    {
      remedy: 'Stream it with Accept: text/csv or application/x-ndjson, or select less.',
    },
  );

class ChunkWriter {
  bytes = 0;
  /** Of these, in memory. */
  memoryBytes = 0;
  private pending: string[] = [];
  private pendingRows = 0;
  private pendingBytes = 0;
  private readonly chunks: (string | { readonly file: string })[] = [];

  constructor(private readonly directory: string) {}

  async add(json: string, rows: number): Promise<void> {
    if (rows === 0) return;
    this.pending.push(json);
    this.pendingRows += rows;
    this.pendingBytes += json.length;
    this.bytes += json.length;
    if (this.pendingRows >= CHUNK_ROWS_MAX || this.pendingBytes >= CHUNK_BYTES_MAX) await this.flush();
  }

  async end(memoryLeft: number): Promise<readonly (string | { readonly file: string })[]> {
    const small = this.pendingBytes <= Math.min(MEMORY_BYTES_MAX, memoryLeft);
    if (this.chunks.length === 0 && (small || this.pendingRows === 0)) {
      this.memoryBytes = this.pendingBytes;
      this.chunks.push(this.pending.join(','));
    } else await this.flush();
    return this.chunks;
  }

  async drop(): Promise<void> {
    if (this.chunks.some((chunk) => typeof chunk !== 'string')) {
      await rm(this.directory, { recursive: true, force: true });
    }
  }

  private async flush(): Promise<void> {
    if (this.pendingRows === 0) return;
    if (this.chunks.length === 0) await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const file = join(this.directory, `${this.chunks.length}.json`);
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(this.pending.join(','));
    } finally {
      await handle.close();
    }
    this.chunks.push({ file });
    this.pending = [];
    this.pendingRows = 0;
    this.pendingBytes = 0;
  }
}
