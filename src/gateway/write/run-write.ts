/**
 * Runs a governed write: the engine makes files, the writer's row rules are held against them, then they are committed.
 * Until the commit nobody sees anything, and what fails before it leaves nothing behind.
 */
import { join } from 'node:path';
import { GovernanceError } from '../../core/errors.js';
import type { BoundDrop } from '../../core/plan/write.js';
import type { Written } from '../../engines/engine.js';
import type { WriteFolder } from '../table-commits.js';
import type { DecidedRows } from './govern-write.js';
import { type GovernedWrite, writerOf } from './prepare-write.js';
import { changeDeltaRows, writeDeltaRows } from './run-delta-write.js';
import { requireRowsInSight } from './write-check.js';
import {
  requireWanted,
  untilPoliciesHold,
  type WriteDeps,
  type WriteEnd,
  type WriteRun,
} from './write-run.js';

interface TableRun extends WriteRun {
  readonly write: GovernedWrite;
}

/** A governed statement or plan that writes. */
export async function runWrite(deps: WriteDeps, run: WriteRun): Promise<WriteEnd> {
  const { write, change } = run.governed;
  if (change !== undefined) return changeDeltaRows(deps, run, change);
  if (write === undefined) throw new Error('nothing to write');
  const { bound, into } = write;
  if (bound.kind === 'drop') return dropTable(deps, { ...run, write }, bound);
  if (into === undefined) return { rowCount: 0, bytes: 0 };
  if (into.write.format === 'delta') return writeDeltaRows(deps, run, write, into);
  return writeRows(deps, { ...run, write }, into);
}

async function writeRows(deps: WriteDeps, run: TableRun, into: DecidedRows): Promise<WriteEnd> {
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
  { governed, write, options }: TableRun,
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
  { governed, write, options }: TableRun,
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
  run: TableRun,
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

async function dropTable(deps: WriteDeps, run: TableRun, { target }: BoundDrop): Promise<WriteEnd> {
  const seenVersion = run.write.existing?.managed?.version ?? 0;
  requireWanted(run.options.signal);
  await untilPoliciesHold(run, (policyVersion) =>
    deps.tables.drop({ statementId: run.statementId, target: target.object, seenVersion, policyVersion }),
  );
  return { rowCount: 0, bytes: 0 };
}
