/**
 * Runs writes of Delta tables. Spark commits to the log of the table, then Postgres says that readers see that version:
 * rows, their tags and what the table is then change at one moment. A version that Postgres never said so of is taken back
 * before the next write.
 */
import { GovernanceError } from '../../core/errors.js';
import type { DeltaOptions, DeltaWriter, DeltaWritten, Engine } from '../../engines/engine.js';
import type { LogState, TableCommit, WriteFolder } from '../table-commits.js';
import { noSpark } from './engine-choice.js';
import type { GovernedChange } from './govern-change.js';
import type { DecidedRows } from './govern-write.js';
import type { GovernedWrite } from './prepare-write.js';
import { requireRowsInSight } from './write-check.js';
import {
  requireWanted,
  untilPoliciesHold,
  type WriteDeps,
  type WriteEnd,
  type WriteRun,
} from './write-run.js';

export function deltaOf({ delta }: Engine): DeltaWriter {
  if (delta !== undefined) return delta;
  throw noSpark();
}

/** Rows into a Delta table, or a table with the rows that it begins with. */
export function writeDeltaRows(
  deps: WriteDeps,
  run: WriteRun,
  write: GovernedWrite,
  into: DecidedRows,
): Promise<WriteEnd> {
  const { object } = into.write.target;
  if (into.write.mode === 'create' || into.write.mode === 'replace') return newTable(deps, run, write, into);
  return inLog(deps, deltaOf(run.governed.engine), write.existing, object, async ({ folder }) => {
    const mode = into.write.mode === 'append' ? 'append' : 'overwrite';
    const written = await rowsInto(deps, run, write, folder, mode);
    await commitRows(deps, run, write, into, written);
    return { rowCount: written.rowCount, bytes: 0 };
  });
}

/** A table that is made anew begins a log of its own: what it was before is another table. */
async function newTable(
  deps: WriteDeps,
  run: WriteRun,
  write: GovernedWrite,
  into: DecidedRows,
): Promise<WriteEnd> {
  const folder = await deps.tables.begin();
  let committing = false;
  try {
    const written = await rowsInto(deps, run, write, folder.path, 'append');
    committing = true;
    await commitRows(deps, run, write, into, written, folder);
    return { rowCount: written.rowCount, bytes: 0 };
  } catch (error) {
    const unknown = committing && error instanceof GovernanceError && error.code === 'EVIDENCE_UNAVAILABLE';
    if (!unknown) await deps.tables.abandon(folder).catch(() => undefined);
    throw error;
  }
}

async function rowsInto(
  deps: WriteDeps,
  { governed, options }: WriteRun,
  { prepared }: GovernedWrite,
  folder: string,
  mode: 'append' | 'overwrite',
): Promise<DeltaWritten> {
  if (prepared === undefined) throw new Error('a write without its rows');
  return deltaOf(governed.engine).write(prepared, { ...inFolder(deps, options, folder), mode });
}

const inFolder = (
  { writeBytesMax }: WriteDeps,
  { limits: { timeoutMs }, ...options }: WriteRun['options'],
  folder: string,
): DeltaOptions => ({
  ...options,
  limits: { timeoutMs, bytesMax: writeBytesMax },
  folder,
});

/** UPDATE, DELETE and MERGE. */
export function changeDeltaRows(deps: WriteDeps, run: WriteRun, change: GovernedChange): Promise<WriteEnd> {
  const { object } = change.bound.target;
  const delta = deltaOf(run.governed.engine);
  return inLog(deps, delta, change.existing, object, async ({ folder, logVersion }) => {
    const written = await delta.change(change.prepared, inFolder(deps, run.options, folder));
    // Nothing was there to be changed.
    if (written.logVersion === logVersion) return { rowCount: 0, bytes: 0 };
    await commitTable(deps, run, change, {
      target: object,
      mode: 'append',
      columns: change.bound.columns,
      tags: change.tags,
      written,
    });
    return { rowCount: written.rowCount, bytes: 0 };
  });
}

/** Alone at the log, which begins as Postgres has it. */
export function inLog<T>(
  { tables }: Pick<WriteDeps, 'tables'>,
  delta: DeltaWriter,
  existing: GovernedWrite['existing'],
  object: string,
  work: (state: LogState) => Promise<T>,
): Promise<T> {
  return tables.whileWritingLog(object, async (state) => {
    // What was decided on is another table by now, or has other rows.
    if (existing?.managed?.version !== state.version) throw changedMeanwhile(object);
    if ((await delta.logVersion(state.folder)) !== state.logVersion) {
      await delta.restore(state.folder, state.logVersion);
    }
    return work(state);
  });
}

async function commitRows(
  deps: WriteDeps,
  run: WriteRun,
  write: GovernedWrite,
  { write: bound, tags, after, afterDecision }: DecidedRows,
  written: DeltaWritten,
  folder?: WriteFolder,
): Promise<void> {
  const { onStart: _, ...quietly } = run.options;
  await requireRowsInSight(
    { engine: run.governed.engine, scope: write.scope, after, decision: afterDecision, before: [] },
    written.files,
    written.rowCount,
    quietly,
  );
  await commitTable(deps, run, write, {
    target: bound.target.object,
    mode: bound.mode,
    columns: bound.columns,
    tags,
    written,
    ...(folder === undefined ? {} : { folder }),
    ...(bound.comment === undefined ? {} : { comment: bound.comment }),
  });
}

type Committed = Pick<TableCommit, 'target' | 'mode' | 'columns' | 'tags' | 'folder' | 'comment'> & {
  readonly written: DeltaWritten;
};

function commitTable(
  { tables }: WriteDeps,
  run: WriteRun,
  { existing, scope }: Pick<GovernedWrite, 'existing' | 'scope'>,
  { written, ...commit }: Committed,
): Promise<void> {
  requireWanted(run.options.signal);
  return untilPoliciesHold(run, (policyVersion) =>
    tables.commit({
      ...commit,
      format: 'delta',
      statementId: run.statementId,
      seenVersion: existing?.managed?.version ?? 0,
      lake: false,
      owner: scope.principal.user,
      files: [],
      logVersion: written.logVersion,
      policyVersion,
    }),
  );
}

const changedMeanwhile = (object: string): GovernanceError =>
  new GovernanceError('WRITE_CONFLICT', `${object} was changed by somebody else in the meantime.`, {
    retryable: true,
    remedy: 'Run the statement again: it will see the table as it is now.',
    sqlState: '40001',
  });
