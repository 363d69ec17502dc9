/**
 * Whose turn it is. So many statements run at once; the rest wait in line per principal, and the lines are
 * served in turn, so that one who sends a thousand statements delays the others by one.
 */
import { GovernanceError } from '../../core/errors.js';

const RETRY_AFTER_SECONDS = 2;

export interface QueueLimits {
  readonly runningMax: number;
  readonly waitingMax: number;
  readonly waitingPerKeyMax: number;
}

interface Waiter {
  readonly start: () => void;
  readonly refuse: (error: GovernanceError) => void;
}

/** Gives the place back; calling it again does nothing. */
export type Release = () => void;

export class FairQueue {
  readonly #limits: QueueLimits;
  /** In the order in which the lines are served next. */
  readonly #lines = new Map<string, Waiter[]>();
  #running = 0;
  #waiting = 0;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Resolves when it is this one's turn. Refused when there is no place to wait, when `signal` fires and when
   * the queue closes.
   */
  async acquire(key: string, signal: AbortSignal): Promise<Release> {
    if (this.#closed) throw closing();
    if (signal.aborted) throw canceled();
    if (this.#running < this.#limits.runningMax && this.#waiting === 0) return this.#occupy();
    const line = this.#lines.get(key) ?? [];
    if (this.#waiting >= this.#limits.waitingMax || line.length >= this.#limits.waitingPerKeyMax)
      throw full();
    return new Promise<Release>((resolve, reject) => {
      const leave = () => {
        this.#remove(key, waiter);
        reject(canceled());
      };
      const waiter: Waiter = {
        start: () => {
          signal.removeEventListener('abort', leave);
          resolve(this.#occupy());
        },
        refuse: (error) => {
          signal.removeEventListener('abort', leave);
          reject(error);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      line.push(waiter);
      this.#lines.set(key, line);
      this.#waiting += 1;
    });
  }

  /** Refuses everyone who waits and everyone who comes; resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#closed = true;
    const waiting = [...this.#lines.values()].flat();
    this.#lines.clear();
    this.#waiting = 0;
    for (const waiter of waiting) waiter.refuse(closing());
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #occupy(): Release {
    this.#running += 1;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#running -= 1;
      this.#next();
      if (this.#running === 0) for (const idle of this.#idle.splice(0)) idle();
    };
  }

  #next(): void {
    while (this.#running < this.#limits.runningMax) {
      const first = this.#lines.entries().next().value;
      if (first === undefined) return;
      const [key, line] = first;
      const waiter = line.shift();
      this.#lines.delete(key);
      if (line.length > 0) this.#lines.set(key, line);
      this.#waiting -= 1;
      waiter?.start();
    }
  }

  #remove(key: string, waiter: Waiter): void {
    const line = this.#lines.get(key);
    const at = line?.indexOf(waiter) ?? -1;
    if (line === undefined || at < 0) return;
    line.splice(at, 1);
    this.#waiting -= 1;
    if (line.length === 0) this.#lines.delete(key);
  }
}

const full = () =>
  new GovernanceError('QUEUE_FULL', 'Too many statements are waiting for the engine.', {
    retryable: true,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    remedy: 'Send fewer statements at once, or try again shortly.',
  });
const canceled = () =>
  new GovernanceError('STATEMENT_CANCELED', 'The statement was cancelled while it waited.');
const closing = () =>
  new GovernanceError('ENGINE_UNAVAILABLE', 'The engine is shutting down.', {
    retryable: true,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
