/** How long each stage took, under the nine stage names; ends up in Server-Timing, metrics and evidence. */
import type { Stage, Timings } from './statement.js';

export class Stopwatch {
  readonly timings: Timings = {};

  /** Runs `work` and adds its time to `stage`, also when it throws. */
  async time<T>(stage: Stage, work: () => Promise<T> | T): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.add(stage, performance.now() - start);
    }
  }

  /** As `time`, for work that does not wait. */
  timeSync<T>(stage: Stage, work: () => T): T {
    const start = performance.now();
    try {
      return work();
    } finally {
      this.add(stage, performance.now() - start);
    }
  }

  add(stage: Stage, elapsedMs: number): void {
    this.timings[stage] = (this.timings[stage] ?? 0) + elapsedMs;
  }
}

/** `decode;dur=0.31, bind;dur=0.52` */
export const serverTiming = (timings: Timings): string =>
  Object.entries(timings)
    .map(([stage, elapsedMs]) => `${stage};dur=${elapsedMs.toFixed(2)}`)
    .join(', ');
