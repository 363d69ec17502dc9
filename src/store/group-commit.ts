/**
 * Group commit without a timer. Items wait only while every writer is busy; the moment a writer returns it
 * takes all that has gathered, up to a batch. A lone item is written at once, a crowd shares one fsync.
 */
import { GovernanceError } from '../core/errors.js';

export interface GroupCommitOptions<T, R> {
  /** Durable when it resolves; one result per item, in order. */
  readonly write: (items: readonly T[]) => Promise<readonly R[]>;
  readonly writersMax: number;
  readonly batchMax: number;
  readonly queueMax: number;
  readonly timeoutMs: number;
  /** Whether this failure may be the fault of one item, so that the others deserve another try alone. */
  readonly isItemFault: (error: unknown) => boolean;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
  settled: boolean;
}

export class GroupCommit<T, R> {
  private queue: Waiting<T, R>[] = [];
  private writing = 0;

  constructor(private readonly options: GroupCommitOptions<T, R>) {}

  get waiting(): number {
    return this.queue.length;
  }

  /** Resolves when the item is durable; EVIDENCE_UNAVAILABLE when it is not, or not known to be, in time. */
  add(item: T): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      if (this.queue.length >= this.options.queueMax) {
        reject(unavailable('Too many statements wait to be recorded.'));
        return;
      }
      const waiting: Waiting<T, R> = {
        item,
        resolve,
        reject,
        settled: false,
        timer: setTimeout(() => this.expire(waiting), this.options.timeoutMs),
      };
      this.queue.push(waiting);
      this.pump();
    });
  }

  /** Resolves when nothing is being written or waits. */
  async drain(): Promise<void> {
    while (this.writing > 0 || this.queue.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  private pump(): void {
    while (this.writing < this.options.writersMax && this.queue.length > 0) {
      const batch = this.queue.splice(0, this.options.batchMax);
      this.writing += 1;
      void this.commit(batch).finally(() => {
        this.writing -= 1;
        this.pump();
      });
    }
  }

  private async commit(batch: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.options.write(batch.map((waiting) => waiting.item));
      if (results.length !== batch.length) throw new Error('the writer lost items');
      for (const [i, waiting] of batch.entries()) settle(waiting, () => waiting.resolve(results[i]!));
    } catch (error) {
      if (batch.length > 1 && this.options.isItemFault(error)) {
        for (const waiting of batch) await this.commit([waiting]);
        return;
      }
      const reason = unavailable('The record of the statement cannot be written.', error);
      for (const waiting of batch) settle(waiting, () => waiting.reject(reason));
    }
  }

  private expire(waiting: Waiting<T, R>): void {
    this.queue = this.queue.filter((other) => other !== waiting);
    settle(waiting, () => waiting.reject(unavailable('The record of the statement takes too long.')));
  }
}

function settle<T, R>(waiting: Waiting<T, R>, how: () => void): void {
  if (waiting.settled) return;
  waiting.settled = true;
  clearTimeout(waiting.timer);
  how();
}

const RETRY_AFTER_SECONDS = 2;

const unavailable = (message: string, cause?: unknown): GovernanceError =>
  new GovernanceError(
    'EVIDENCE_UNAVAILABLE',
    message,
    {
      retryable: true,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      remedy: 'Try again; tell the operator if it goes on.',
    },
    cause,
  );
