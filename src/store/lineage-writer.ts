/** Writes lineage in the background, in batches; what does not fit any more is reported, never silently gone. */
import { GovernanceError } from '../core/errors.js';
import type { LineageSink } from '../core/lineage/lineage-sink.js';
import type { LineageRun, RunState } from '../core/lineage/open-lineage.js';
import type { LineageGraphStore } from './lineage-graph.js';

const WAITING_MAX = 10_000;
const BATCH_MAX = 200;
const FLUSH_MS = 250;
const RETRY_MS = 2_000;
/** A run that cannot be written, however often it is tried alone, holds up no other. */
const ATTEMPTS_MAX = 5;

export interface LineageWriterOptions {
  readonly graph: Pick<LineageGraphStore, 'add'>;
  readonly onProblem: (error: unknown) => void;
}

export class LineageWriter implements LineageSink {
  private waiting: { readonly run: LineageRun; readonly at: string }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private stopped = false;
  /** Failures in a row; after one, runs are tried one by one. */
  private failures = 0;

  constructor(private readonly options: LineageWriterOptions) {}

  told(run: LineageRun, state: RunState, at: string): void {
    if (state !== 'COMPLETE' || this.stopped) return;
    if (this.waiting.length >= WAITING_MAX) {
      this.options.onProblem(new Error('the lineage of a statement was dropped: too much waits'));
      return;
    }
    this.waiting.push({ run, at });
    this.schedule(FLUSH_MS);
  }

  /** Resolves when everything told so far is in the database, or has been tried once. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(() => this.write());
    await this.writing;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.flush();
    clearTimeout(this.timer);
  }

  private schedule(ms: number): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => void this.flush(), ms);
    this.timer.unref();
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, this.failures === 0 ? BATCH_MAX : 1);
      try {
        await this.options.graph.add(batch);
        this.failures = 0;
      } catch (error) {
        this.options.onProblem(error);
        // A database that is away is waited for; what it refuses may be one run.
        if (!(error instanceof GovernanceError)) this.failures += 1;
        if (this.failures > ATTEMPTS_MAX) {
          this.failures = 0;
          this.waiting = this.waiting.slice(1);
        }
        if (!this.stopped) this.schedule(RETRY_MS);
        return;
      }
      this.waiting = this.waiting.slice(batch.length);
    }
  }
}
