/**
 * Sends run events to an OpenLineage endpoint, in order, with retries. Nobody waits for it; events that do not fit
 * the queue or are refused for good are reported.
 */
import type { LineageSink } from '../core/lineage/lineage-sink.js';
import {
  type LineageRun,
  type Producer,
  type RunEnd,
  type RunState,
  runEvent,
} from '../core/lineage/open-lineage.js';

const WAITING_MAX = 10_000;
const REQUEST_TIMEOUT_MS = 5_000;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 30_000;

export interface EmitterOptions {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  readonly producer: Producer;
  readonly onProblem: (error: unknown) => void;
  /** Milliseconds before the nth retry; tests make it short. */
  readonly retryMs?: (attempt: number) => number;
}

export class OpenLineageEmitter implements LineageSink {
  private readonly waiting: Record<string, unknown>[] = [];
  private readonly abort = new AbortController();
  private sending: Promise<void> | undefined;

  constructor(private readonly options: EmitterOptions) {}

  told(run: LineageRun, state: RunState, at: string, end?: RunEnd): void {
    if (this.abort.signal.aborted) return;
    if (this.waiting.length >= WAITING_MAX) {
      this.options.onProblem(new Error('a lineage event was dropped: the endpoint is too slow'));
      return;
    }
    this.waiting.push(runEvent(this.options.producer, run, state, at, end));
    this.sending ??= this.send().finally(() => {
      this.sending = undefined;
    });
  }

  /** Gives what waits one last chance of `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.abort.abort(), graceMs);
    await this.sending;
    clearTimeout(timer);
    this.abort.abort();
  }

  private async send(): Promise<void> {
    for (let attempt = 1; this.waiting.length > 0 && !this.abort.signal.aborted; ) {
      const verdict = await this.post(this.waiting[0]);
      if (verdict === 'again') {
        await this.pause(attempt);
        attempt += 1;
        continue;
      }
      this.waiting.shift();
      attempt = 1;
    }
  }

  private async post(event: unknown): Promise<'taken' | 'refused' | 'again'> {
    try {
      const answer = await fetch(this.options.url, {
        method: 'POST',
        redirect: 'error',
        headers: {
          'content-type': 'application/json',
          ...(this.options.token === undefined ? {} : { authorization: `Bearer ${this.options.token}` }),
        },
        body: JSON.stringify(event),
        signal: AbortSignal.any([this.abort.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      });
      await answer.body?.cancel();
      if (answer.ok) return 'taken';
      this.options.onProblem(new Error(`the OpenLineage endpoint answered ${answer.status}`));
      // Too busy or not well: again. Anything else will not get better.
      return answer.status === 429 || answer.status >= 500 ? 'again' : 'refused';
    } catch (error) {
      if (!this.abort.signal.aborted) this.options.onProblem(error);
      return 'again';
    }
  }

  private async pause(attempt: number): Promise<void> {
    const ms = this.options.retryMs?.(attempt) ?? Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** (attempt - 1));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, ms);
      const { signal } = this.abort;
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }
}
