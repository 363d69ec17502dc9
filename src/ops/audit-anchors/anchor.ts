/** A place that keeps checkpoints where whoever runs the log cannot change them. */
import type { KnownCheckpoint } from '../../core/audit/known-checkpoint.js';

export interface CheckpointToKeep {
  readonly size: number;
  readonly note: string;
  readonly jws: string;
  readonly at: Date;
}

/** The log as an anchor may need it. */
export interface LogProofs {
  ofConsistency(first: number, second: number): Promise<readonly string[]>;
}

export interface Anchor {
  /** The last ones that it has, those of size `from` and more; at least the largest of all. */
  kept(from: number, signal: AbortSignal): Promise<readonly KnownCheckpoint[]>;
  /**
   * Resolves when the checkpoint is kept, with lines that a witness put under it. `before`: the largest size that
   * it is known to have; 0: none.
   */
  keep(
    checkpoint: CheckpointToKeep,
    before: number,
    proofs: LogProofs,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
}

/** The anchor has, or wants, another history than ours. */
export class AnchorDiverged extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AnchorDiverged';
  }
}

/** It did not do its part, said without anything that it sent. */
export class AnchorProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AnchorProblem';
  }
}
