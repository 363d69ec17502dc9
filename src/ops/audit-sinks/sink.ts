/** Where copies of the audit log go, and what a receiver can say to a batch. */
import type { SiemEvent } from '../../core/audit/siem/siem-event.js';

export interface SinkBatch {
  readonly events: readonly SiemEvent[];
  /** Each event in the sink's format, on one line, without its end. */
  readonly lines: readonly string[];
}

export interface Sink {
  /** Resolves when the receiver has all of it; until then it will be sent again. */
  send(batch: SinkBatch, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** What the receiver did not take, said without anything that it or we sent. */
export class SinkProblem extends Error {
  constructor(
    message: string,
    /** Fewer events at a time may pass. */
    readonly tooLarge = false,
  ) {
    super(message);
    this.name = 'SinkProblem';
  }
}
