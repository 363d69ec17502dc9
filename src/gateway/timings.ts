/** How long each stage took, under the nine stage names; ends up in Server-Timing, metrics and evidence. */
import { STAGES, type Stage, type Timings } from './statement.js';

export class Stopwatch {
  readonly timings: Timings;

  /** `before`: what was measured on the way here. */
  constructor(before: Timings = {}) {
    this.timings = { ...before };
  }

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

/** `authenticate;dur=0.05, decode;dur=0.31, ...`: always all nine words, 0 for a stage that did not take place. */
export const serverTiming = (timings: Timings): string =>
  STAGES.map((stage) => `${stage};dur=${(timings[stage] ?? 0).toFixed(2)}`).join(', ');
