/**
 * Runs writes of Delta tables. Spark commits to the log of the table, then Postgres says that readers see that version:
 * rows, their tags and what the table is then change at one moment. A version that Postgres never said so of is taken back
 * before the next write.
 */
import { GovernanceError } from '../../core/errors.js';
import type { DeltaWritten, EngineTurns, RunOptions } from '../../engines/engine.js';
import { inTurn } from '../admission/in-turn.js';
import type { LogState, TableCommit, WriteFolder } from '../table-commits.js';
import type { DecidedRows } from '../write/govern-write.js';
import type { GovernedWrite } from '../write/prepare-write.js';
import { untilPoliciesHold, type WriteDeps, type WriteEnd, type WriteGoverned } from '../write/run-write.js';
import { requireRowsInSight } from '../write/write-check.js';
import type { ConnectEngine } from './engine.js';
import type { GovernedPlan } from './govern-plan.js';
import type { GovernedChange } from './write-plan.js';

export interface DeltaRun {
  readonly statementId: string;
  readonly plan: GovernedPlan;
  readonly governed: WriteGoverned;
  readonly options: RunOptions;
  /** The same plan governed anew, under the policies of now. */
  readonly again: () => Promise<WriteGoverned>;
}

export interface DeltaDeps extends WriteDeps {
  readonly engine: ConnectEngine;
  readonly turns: EngineTurns;
}

/** Rows into a Delta table, or a table with the rows that it begins with. */
export function writeDeltaRows(
  deps: DeltaDeps,
  run: DeltaRun,
  write: GovernedWrite,
  into: DecidedRows,
): Promise<WriteEnd> {
  const { object } = into.write.target;
  if (into.write.mode === 'create' || into.write.mode === 'replace') return newTable(deps, run, write, into);
  return inLog(deps, write.existing, object, async ({ folder }) => {
    const written = await rowsInto(
      deps,
      run,
      into,
      folder,
      into.write.mode === 'append' ? 'append' : 'overwrite',
    );
    await commitRows(deps, run, write, into, written);
    return { rowCount: written.rowCount, bytes: 0 };
  });
}

/** A table that is made anew begins a log of its own: what it was before is another table. */
async function newTable(
  deps: DeltaDeps,
  run: DeltaRun,
  write: GovernedWrite,
  into: DecidedRows,
): Promise<WriteEnd> {
  const folder = await deps.tables.begin();
  let committing = false;
  try {
    const written = await rowsInto(deps, run, into, folder.path, 'append');
    committing = true;
    await commitRows(deps, run, write, into, written, folder);
    return { rowCount: written.rowCount, bytes: 0 };
  } catch (error) {
    const unknown = committing && error instanceof GovernanceError && error.code === 'EVIDENCE_UNAVAILABLE';
    if (!unknown) await deps.tables.abandon(folder).catch(() => undefined);
    throw error;
  }
}

function rowsInto(
  { turns }: DeltaDeps,
  { plan, options }: DeltaRun,
  { write }: DecidedRows,
  folder: string,
  mode: 'append' | 'overwrite',
): Promise<DeltaWritten> {
  const { columns } = write;
  return inTurn(turns, options, () =>
    plan.engine.session.writeDelta(plan.secured, { columns, folder, mode, signal: options.signal }),
  );
}

/** UPDATE, DELETE and MERGE. */
export function changeDeltaRows(deps: DeltaDeps, run: DeltaRun, change: GovernedChange): Promise<WriteEnd> {
  const { object } = change.bound.target;
  return inLog(deps, change.existing, object, async ({ folder, logVersion }) => {
    const sql = await deps.engine.printChange(change.change, folder, change.named);
    const { references } = change;
    const { signal } = run.options;
    const { session } = run.plan.engine;
    const written = await inTurn(deps.turns, run.options, () =>
      session.changeDelta({ sql, references: references(run.plan.secured), folder, signal }),
    );
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
function inLog(
  { tables, engine }: DeltaDeps,
  existing: GovernedWrite['existing'],
  object: string,
  work: (state: LogState) => Promise<WriteEnd>,
): Promise<WriteEnd> {
  return tables.whileWritingLog(object, async (state) => {
    // What was decided on is another table by now, or has other rows.
    if (existing?.managed?.version !== state.version) throw changedMeanwhile(object);
    if ((await engine.logVersion(state.folder)) !== state.logVersion) {
      await engine.restore(state.folder, state.logVersion);
    }
    return work(state);
  });
}

async function commitRows(
  deps: DeltaDeps,
  run: DeltaRun,
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
  { tables }: DeltaDeps,
  run: DeltaRun,
  { existing, scope }: Pick<GovernedWrite, 'existing' | 'scope'>,
  { written, ...commit }: Committed,
): Promise<void> {
  if (run.options.signal.aborted) throw run.options.signal.reason;
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
