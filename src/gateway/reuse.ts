/** What one statement takes from the result cache, or leaves there. */
import { Readable } from 'node:stream';
import type { Notice } from '../core/policy/decision.js';
import type { ByteFormat, ByteResult, RowResult, RunLimits } from '../engines/engine.js';
import type { Governed } from './govern.js';
import type { OutcomeRecord } from './recorder.js';
import {
  type CachePlace,
  type FoundAnswer,
  type KeptAnswer,
  keptRows,
  type ResultCache,
  rowsOf,
} from './result-cache.js';
import type { StreamEnd } from './sealed-stream.js';

export interface ReuseOptions {
  readonly cache: ResultCache;
  readonly statementId: string;
  readonly governed: Governed;
  readonly form: 'rows' | ByteFormat;
  readonly limits: RunLimits;
  /** The caller did not ask for an answer of now. */
  readonly wanted: boolean;
}

type Ended = Pick<KeptAnswer, 'rowCount' | 'truncated' | 'resultDigest'>;

export class Reuse {
  private readonly place: CachePlace | undefined;
  private readonly found: FoundAnswer | undefined;
  private collected: { rows: number; bytes: Buffer }[] | undefined = [];
  private collectedBytes = 0;

  constructor(private readonly options: ReuseOptions) {
    const { cache, governed, form, limits, wanted } = options;
    this.place = wanted ? cache.place(governed, form, limits) : undefined;
    this.found = this.place && cache.find(this.place);
  }

  get notices(): readonly Notice[] {
    if (this.found === undefined) return [];
    const seconds = Math.round(this.found.ageMs / 1_000);
    const text = `This answer was made ${seconds} s ago, by the same plan over the same data. "cache": false asks for a new one.`;
    return [{ code: 'CACHED', text }];
  }

  /** For the record. */
  get outcome(): Pick<OutcomeRecord, 'cacheAgeMs'> {
    return this.found === undefined ? {} : { cacheAgeMs: Math.round(this.found.ageMs) };
  }

  rows(): (RowResult & Ended) | undefined {
    if (this.found === undefined) return undefined;
    return { ...rowsOf(this.found.answer), resultDigest: this.found.answer.resultDigest };
  }

  bytes(): ByteResult | undefined {
    if (this.found === undefined) return undefined;
    const { parts, rowCount, truncated } = this.found.answer;
    const body = Readable.from(parts.map(({ bytes }) => bytes));
    return { body, done: Promise.resolve({ rowCount, truncated }) };
  }

  /** A piece of a stream on its way out. */
  collect(chunk: Buffer): void {
    if (this.place === undefined || this.found !== undefined || this.collected === undefined) return;
    this.collectedBytes += chunk.length;
    if (this.collectedBytes > this.options.cache.entryBytesMax) this.collected = undefined;
    // Copied: what is sent may belong to the engine.
    else this.collected.push({ rows: 0, bytes: Buffer.from(chunk) });
  }

  /** Once the outcome is on record. */
  async keepRows(rows: RowResult, resultDigest: string): Promise<void> {
    if (this.place === undefined || this.found !== undefined) return;
    this.keep({ ...rows, resultDigest }, await keptRows(rows, this.options.cache.entryBytesMax));
  }

  keepBytes(end: StreamEnd): void {
    this.keep(end, this.collected);
  }

  private keep({ rowCount, truncated, resultDigest }: Ended, parts: KeptAnswer['parts'] | undefined): void {
    if (this.place === undefined || this.found !== undefined || parts === undefined) return;
    const { cache, statementId } = this.options;
    cache.keep(this.place, { statementId, rowCount, truncated, resultDigest, parts });
  }
}
