/**
 * Where the lineage of statements goes. Lineage follows from the evidence and is not part of it: nobody waits
 * for it, and it never fails a statement.
 */
import type { LineageRun, RunEnd, RunState } from './open-lineage.js';

export interface LineageSink {
  /** `at` is ISO 8601. Returns at once and does not throw. */
  told(run: LineageRun, state: RunState, at: string, end?: RunEnd): void;
}
