/** What to undo at the end: in reverse order, each step bounded, none skipped because another failed. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface StopStep {
  readonly what: string;
  readonly timeoutMs: number;
  readonly stop: () => Promise<void> | void;
}

export class StopList {
  private readonly steps: StopStep[] = [];
  private running: Promise<void> | undefined;

  constructor(private readonly onFailure: (what: string, error: unknown) => void) {}

  /** Undone before everything added earlier. */
  add(what: string, timeoutMs: number, stop: StopStep['stop']): void {
    this.steps.push({ what, timeoutMs, stop });
  }

  /** Once, however often it is called. */
  run(): Promise<void> {
    this.running ??= this.undo();
    return this.running;
  }

  private async undo(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      const timer = new AbortController();
      const { what, timeoutMs, stop } = step;
      const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(
        () => {
          throw new Error(`did not stop within ${timeoutMs} ms`);
        },
        () => undefined,
      );
      try {
        await Promise.race([(async () => stop())(), late]);
      } catch (error) {
        this.onFailure(what, error);
      } finally {
        timer.abort();
      }
    }
  }
}
