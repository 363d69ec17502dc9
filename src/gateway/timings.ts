/** How long each stage took, under the nine stage names; ends up in Server-Timing, metrics and evidence. */
import { type Caller, STAGES, type Stage, type Timings } from './statement.js';
import type { TraceParent } from './trace-parent.js';

/** Laps of one statement that are kept: a bound, not what one has. */
const LAPS_MAX = 100;

/** One turn at a stage; times as milliseconds since 1970, with their fractions. */
export interface Lap {
  readonly stage: Stage;
  readonly startMs: number;
  readonly endMs: number;
}

export class Stopwatch {
  readonly timings: Timings;
  private readonly laps: Lap[] = [];

  /** `before`: what was measured on the way here. */
  constructor(before: Timings = {}) {
    this.timings = { ...before };
    for (const [stage, elapsedMs] of Object.entries(before)) this.lap(stage as Stage, elapsedMs);
  }

  /** What is told of a statement of this caller when it has ended. */
  told({ trace }: Pick<Caller, 'trace'>): {
    readonly timings: Timings;
    readonly laps: readonly Lap[];
    readonly trace?: TraceParent;
  } {
    return { timings: this.timings, laps: this.laps, ...(trace === undefined ? {} : { trace }) };
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
    this.lap(stage, elapsedMs);
  }

  /** It ends now. */
  private lap(stage: Stage, elapsedMs: number): void {
    if (this.laps.length >= LAPS_MAX) return;
    const endMs = performance.timeOrigin + performance.now();
    this.laps.push({ stage, startMs: endMs - elapsedMs, endMs });
  }
}

/** `authenticate;dur=0.05, decode;dur=0.31, ...`: always all nine words, 0 for a stage that did not take place. */
export const serverTiming = (timings: Timings): string =>
  STAGES.map((stage) => `${stage};dur=${(timings[stage] ?? 0).toFixed(2)}`).join(', ');
