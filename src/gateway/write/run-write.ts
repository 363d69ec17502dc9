/**
 * Runs a governed write: the engine makes files, the writer's row rules are held against them, then they are committed.
 * Until the commit nobody sees anything, and what fails before it leaves nothing behind.
 */
import { join } from 'node:path';
import { GovernanceError } from '../../core/errors.js';
import type { BoundDrop } from '../../core/plan/write.js';
import type { RunOptions, Written } from '../../engines/engine.js';
import type { Governed } from '../govern.js';
import type { CommitOutcome, TableCommits, WriteFolder } from '../table-commits.js';
import type { DecidedRows } from './govern-write.js';
import { type GovernedWrite, writerOf } from './prepare-write.js';
import { requireRowsInSight } from './write-check.js';

/** Policies that change faster than we commit: after so many rounds the client is told to retry. */
const COMMIT_ROUNDS_MAX = 5;

export interface WriteDeps {
  readonly tables: TableCommits;
  readonly writeBytesMax: number;
}

/** What a write needs of a governed statement, or of a governed plan. */
export type WriteGoverned = Pick<Governed, 'engine' | 'governance' | 'planHash' | 'write'>;

export interface WriteRun {
  readonly statementId: string;
  readonly governed: WriteGoverned;
  readonly write: GovernedWrite;
  readonly options: RunOptions;
  /** The same statement governed anew, under the policies of now. */
  readonly again: () => Promise<WriteGoverned>;
}

export interface WriteEnd {
  readonly rowCount: number;
  readonly bytes: number;
}

export function runWrite(deps: WriteDeps, run: WriteRun): Promise<WriteEnd> {
  const { bound, into } = run.write;
  if (bound.kind === 'drop') return dropTable(deps, run, bound);
  if (into === undefined) return Promise.resolve({ rowCount: 0, bytes: 0 });
  return writeRows(deps, run, into);
}

async function writeRows(deps: WriteDeps, run: WriteRun, into: DecidedRows): Promise<WriteEnd> {
  const folder = await deps.tables.begin();
  let committing = false;
  try {
    const written = await makeFiles(deps, run, folder);
    await check(run, into, folder, written);
    requireWanted(run.options.signal);
    committing = true;
    await commitRows(deps, run, into, folder, written);
    const bytes = written.files.reduce((sum, file) => sum + file.bytes, 0);
    return { rowCount: written.rowCount, bytes };
  } catch (error) {
    // Whether a commit came through while Postgres went away is not known: its files stay until they are swept.
    const unknown = committing && error instanceof GovernanceError && error.code === 'EVIDENCE_UNAVAILABLE';
    if (!unknown) await deps.tables.abandon(folder).catch(() => undefined);
    throw error;
  }
}

function makeFiles(
  { writeBytesMax }: WriteDeps,
  { governed, write, options }: WriteRun,
  folder: WriteFolder,
): Promise<Written> {
  if (write.prepared === undefined) throw new Error('a write without its rows');
  const { timeoutMs } = options.limits;
  return writerOf(governed.engine).write(write.prepared, {
    ...options,
    limits: { timeoutMs, bytesMax: writeBytesMax },
    folder: folder.path,
  });
}

function check(
  { governed, write, options }: WriteRun,
  { after, afterDecision, write: bound }: DecidedRows,
  folder: WriteFolder,
  { files, rowCount }: Written,
): Promise<void> {
  const { onStart: _, ...quietly } = options;
  const before = bound.mode === 'append' ? (write.existing?.source.files ?? []) : [];
  return requireRowsInSight(
    { engine: governed.engine, scope: write.scope, after, decision: afterDecision, before },
    files.map(({ name }) => join(folder.path, name)),
    rowCount,
    quietly,
  );
}

function commitRows(
  deps: WriteDeps,
  run: WriteRun,
  { write: bound, tags }: DecidedRows,
  folder: WriteFolder,
  { files }: Written,
): Promise<void> {
  const { existing, scope } = run.write;
  return untilPoliciesHold(run, (policyVersion) =>
    deps.tables.commit({
      folder,
      statementId: run.statementId,
      target: bound.target.object,
      mode: bound.mode,
      format: bound.format,
      columns: bound.columns,
      seenVersion: existing?.managed?.version ?? 0,
      lake: existing !== undefined && existing.managed?.lake !== false,
      owner: scope.principal.user,
      tags,
      files,
      policyVersion,
      ...(bound.comment === undefined ? {} : { comment: bound.comment }),
    }),
  );
}

async function dropTable(deps: WriteDeps, run: WriteRun, { target }: BoundDrop): Promise<WriteEnd> {
  const seenVersion = run.write.existing?.managed?.version ?? 0;
  requireWanted(run.options.signal);
  await untilPoliciesHold(run, (policyVersion) =>
    deps.tables.drop({ statementId: run.statementId, target: target.object, seenVersion, policyVersion }),
  );
  return { rowCount: 0, bytes: 0 };
}

/** A long write may outlive the policies that it was decided under: it is committed if it would be decided alike now. */
export async function untilPoliciesHold(
  run: Pick<WriteRun, 'governed' | 'again'>,
  commit: (policyVersion: number) => Promise<CommitOutcome>,
): Promise<void> {
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

/** What must be alike for the files to be the ones that would be made now. */
const decidedAs = ({ planHash, write }: WriteGoverned): string =>
  JSON.stringify([planHash, write?.into?.tags, write?.into?.afterDecision.rows]);

function requireWanted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new GovernanceError('STATEMENT_CANCELED', 'The statement was cancelled.', { sqlState: '57014' });
}
