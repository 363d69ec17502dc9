/** Writes lineage in the background, in batches; what does not fit any more is reported, never silently gone. */
import type { LineageSink } from '../core/lineage/lineage-sink.js';
import type { LineageRun, RunState } from '../core/lineage/open-lineage.js';
import type { LineageGraphStore } from './lineage-graph.js';

const WAITING_MAX = 10_000;
const BATCH_MAX = 200;
const FLUSH_MS = 250;
const RETRY_MS = 2_000;

export interface LineageWriterOptions {
  readonly graph: Pick<LineageGraphStore, 'add'>;
  readonly onProblem: (error: unknown) => void;
}

export class LineageWriter implements LineageSink {
  private waiting: { readonly run: LineageRun; readonly at: string }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private stopped = false;

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
      const batch = this.waiting.slice(0, BATCH_MAX);
      try {
        await this.options.graph.add(batch);
      } catch (error) {
        this.options.onProblem(error);
        if (!this.stopped) this.schedule(RETRY_MS);
        return;
      }
      this.waiting = this.waiting.slice(batch.length);
    }
  }
}
