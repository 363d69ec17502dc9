/** What every write needs while it runs, and how its commit holds against policies that change meanwhile. */
import { GovernanceError } from '../../core/errors.js';
import type { RunOptions } from '../../engines/engine.js';
import type { Governed } from '../govern.js';
import type { CommitOutcome, TableCommits } from '../table-commits.js';

/** Policies that change faster than we commit: after so many rounds the client is told to retry. */
const COMMIT_ROUNDS_MAX = 5;

export interface WriteDeps {
  readonly tables: TableCommits;
  readonly writeBytesMax: number;
}

/** What a write needs of a governed statement, or of a governed plan. */
export type WriteGoverned = Pick<Governed, 'engine' | 'governance' | 'planHash' | 'write' | 'change'>;

export interface WriteRun {
  readonly statementId: string;
  readonly governed: WriteGoverned;
  readonly options: RunOptions;
  /** The same statement governed anew, under the policies of now. */
  readonly again: () => Promise<WriteGoverned>;
  /** Throws DATA_CHANGED when a file that it read is another by now. */
  readonly unchanged: () => Promise<void>;
}

export interface WriteEnd {
  readonly rowCount: number;
  readonly bytes: number;
}

/** A long write may outlive the policies that it was decided under: it is committed if it would be decided alike now. */
export async function untilPoliciesHold(
  run: Pick<WriteRun, 'governed' | 'again' | 'unchanged'>,
  commit: (policyVersion: number) => Promise<CommitOutcome>,
): Promise<void> {
  await run.unchanged();
  let { policyVersion } = run.governed.governance;
  for (let round = 0; round < COMMIT_ROUNDS_MAX; round += 1) {
    if ((await commit(policyVersion)).kind === 'committed') return;
    const now = await run.again();
    if (decidedAs(now) !== decidedAs(run.governed)) break;
    policyVersion = now.governance.policyVersion;
  }
  throw new GovernanceError('WRITE_CONFLICT', 'Policies or tags were changed while the rows were written.', {
    retryable: true,
    remedy: 'Run the statement again.',
    sqlState: '40001',
  });
}

/** What must be alike for the rows to be the ones that would be written now. */
const decidedAs = ({ planHash, write, change }: WriteGoverned): string =>
  JSON.stringify([planHash, write?.into?.tags, write?.into?.afterDecision.rows, change?.tags]);

/** Before a commit: who cancelled, or waited too long, is not to find the rows there. */
export function requireWanted({ aborted, reason }: AbortSignal): void {
  if (!aborted) return;
  if (reason instanceof GovernanceError) throw reason;
  throw new GovernanceError('STATEMENT_CANCELED', 'The statement was cancelled.', { sqlState: '57014' });
}
