/**
 * Answers of ours to an operation that goes on: kept for as long as the client may come back for them, the newest of them.
 */
import { randomUUID } from 'node:crypto';
import { type ConnectMessage, make } from '../../proto/message.js';

/** A client that is away for longer has missed the older ones. */
const KEPT_MAX = 1_000;

export class Feed {
  private readonly kept: ConnectMessage[] = [];
  private dropped = 0;
  private closed = false;
  private readonly waiting = new Set<() => void>();

  /** `ids`: of the operation, in each answer. */
  constructor(
    private readonly ids: Readonly<Record<string, string>>,
    private readonly onClose: () => void,
  ) {}

  get isOpen(): boolean {
    return !this.closed;
  }

  push(kind: string, value: Readonly<Record<string, unknown>>): void {
    if (this.closed) return;
    const responseType = { case: kind, value };
    this.kept.push(make('ExecutePlanResponse', { ...this.ids, responseId: randomUUID(), responseType }));
    if (this.kept.length > KEPT_MAX) {
      this.kept.shift();
      this.dropped += 1;
    }
    this.wake();
  }

  close(): void {
    if (this.closed) return;
    this.push('resultComplete', {});
    this.closed = true;
    this.onClose();
    this.wake();
  }

  /** All after the answer `last`, as they come, until it is closed or nobody listens. */
  async *after(last: string | undefined, gone: AbortSignal): AsyncGenerator<ConnectMessage> {
    let next = this.dropped + this.kept.findIndex(({ responseId }) => responseId === last) + 1;
    for (;;) {
      while (next < this.dropped + this.kept.length) {
        next = Math.max(next, this.dropped);
        const answer = this.kept[next - this.dropped];
        next += 1;
        if (answer !== undefined) yield answer;
      }
      if (this.closed || gone.aborted) return;
      await this.news(gone);
    }
  }

  private news(gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        this.waiting.delete(go);
        gone.removeEventListener('abort', go);
        resolve();
      };
      this.waiting.add(go);
      gone.addEventListener('abort', go, { once: true });
    });
  }

  private wake(): void {
    for (const go of [...this.waiting]) go();
  }
}
