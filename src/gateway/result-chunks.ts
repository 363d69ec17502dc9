/** The chunks of one kept result: in memory when it is small, else blocks of a sealed file. */
import { SealedFile } from './sealed-file.js';

/** A chunk is taken apart on the event loop when it is fetched in another format: it must not take long. */
const CHUNK_ROWS_MAX = 10_000;
const CHUNK_BYTES_MAX = 2 ** 20;

/** JSON texts of row arrays, separated by commas, and how many they are. */
export interface KeptChunk {
  readonly rows: number;
  readonly json: string;
}

export class ResultChunks {
  bytes = 0;
  /** Of these, in memory. */
  memoryBytes = 0;
  private pending: string[] = [];
  private pendingRows = 0;
  private pendingBytes = 0;
  private readonly rowCounts: number[] = [];
  private small: KeptChunk | undefined;
  private readonly file: SealedFile;

  constructor(path: string) {
    this.file = new SealedFile(path);
  }

  get count(): number {
    return this.small === undefined ? this.rowCounts.length : 1;
  }

  async add({ rows, json }: KeptChunk): Promise<void> {
    if (rows === 0) return;
    this.pending.push(json);
    this.pendingRows += rows;
    this.pendingBytes += json.length;
    this.bytes += json.length;
    if (this.pendingRows >= CHUNK_ROWS_MAX || this.pendingBytes >= CHUNK_BYTES_MAX) await this.flush();
  }

  /** What is one chunk of at most so many bytes stays in memory. */
  async end(memoryBytesMax: number): Promise<void> {
    const none = this.pendingRows === 0;
    if (this.rowCounts.length === 0 && (none || this.pendingBytes <= memoryBytesMax)) {
      this.memoryBytes = this.pendingBytes;
      this.small = { rows: this.pendingRows, json: this.pending.join(',') };
      this.pending = [];
    } else await this.flush();
    await this.file.end();
  }

  async read(n: number): Promise<KeptChunk> {
    if (this.small !== undefined && n === 0) return this.small;
    const json = (await this.file.read(n)).toString('utf8');
    return { rows: this.rowCounts[n] as number, json };
  }

  async drop(): Promise<void> {
    await this.file.drop();
  }

  private async flush(): Promise<void> {
    if (this.pendingRows === 0) return;
    await this.file.append(Buffer.from(this.pending.join(','), 'utf8'));
    this.rowCounts.push(this.pendingRows);
    this.pending = [];
    this.pendingRows = 0;
    this.pendingBytes = 0;
  }
}
