/**
 * Runs a plan that writes: its rows become files by the client's own session on the server, then the write takes the way
 * of every write, check and commit. Its outcome is on record before the client hears of it.
 */
import type { DeltaWriter, Engine, RunOptions } from '../../engines/engine.js';
import { inTurn } from '../admission/in-turn.js';
import { runLimits } from '../run-limits.js';
import type { ColumnTags } from '../table-commits.js';
import { deltaOf } from '../write/run-delta-write.js';
import { runWrite } from '../write/run-write.js';
import type { WriteDeps, WriteEnd, WriteGoverned } from '../write/write-run.js';
import type { GovernedPlan } from './govern-plan.js';
import { governOrRefuse, type PlanRun, type RecordedPlan, type RunPlanDeps, recordPlan } from './run-plan.js';

export interface PlanWriteDeps extends RunPlanDeps, WriteDeps {}

/**
 * `plan` of the run: SQL that writes, alone or with the relations that it names. `coming`: tags of rows that are to come
 * into the table that it makes.
 */
export async function runPlanWrite(
  deps: PlanWriteDeps,
  run: Omit<PlanRun, 'writes'>,
  canceled: AbortSignal,
  coming: readonly ColumnTags[] = [],
): Promise<WriteEnd> {
  const writing: PlanRun = { ...run, writes: true };
  const recorded = tagged(await recordPlan(deps, writing), coming);
  const { outcome, unchanged } = recorded;
  try {
    const end = await runWrite(deps, {
      statementId: run.statementId,
      governed: asGoverned(deps, recorded),
      options: optionsOf(deps, run, canceled),
      again: async () => asGoverned(deps, await governOrRefuse(deps, writing)),
      unchanged,
    });
    await outcome.succeeded(end);
    return end;
  } catch (error) {
    await outcome.failed(error);
    throw error;
  }
}

function tagged(plan: RecordedPlan, coming: readonly ColumnTags[]): RecordedPlan {
  const { write } = plan;
  if (coming.length === 0 || write?.into === undefined) return plan;
  return { ...plan, write: { ...write, into: { ...write.into, tags: [...write.into.tags, ...coming] } } };
}

function optionsOf(
  { limits, policies, clock }: PlanWriteDeps,
  { caller, statementId }: Pick<PlanRun, 'caller' | 'statementId'>,
  canceled: AbortSignal,
): RunOptions {
  const { principal } = caller;
  const group = policies.current().resources(principal, 'spark', clock().getTime());
  const { timeoutMs, byteLimit } = runLimits(limits, { timeoutMs: limits.timeoutMsMax }, group);
  return {
    limits: { timeoutMs, byteLimit },
    signal: AbortSignal.any([canceled, AbortSignal.timeout(timeoutMs)]),
    turn: { statementId, user: principal.user, group },
  };
}

function asGoverned(deps: PlanWriteDeps, plan: GovernedPlan): WriteGoverned {
  const { governance, planHash, write, change } = plan;
  return {
    engine: engineOf(deps, plan),
    governance,
    planHash,
    ...(write === undefined ? {} : { write }),
    ...(change === undefined ? {} : { change }),
  };
}

/** Spark, which takes the rows from the plan as it was secured in the client's session. */
function engineOf(deps: PlanWriteDeps, plan: GovernedPlan): Engine {
  const spark = deps.engineFor('spark');
  const {
    secured,
    engine: { session },
  } = plan;
  return {
    id: 'spark',
    prepare: (statement) => spark.prepare(statement),
    rows: (prepared, options) => spark.rows(prepared, options),
    bytes: (prepared, format, options) => spark.bytes(prepared, format, options),
    explain: (prepared) => spark.explain(prepared),
    status: () => spark.status(),
    close: () => Promise.resolve(),
    writer: {
      prepare: (write) => Promise.resolve({ write, text: '' }),
      write: ({ write: { columns } }, { folder, limits: { bytesMax }, signal, turn }) =>
        inTurn(deps.turns, { turn, signal }, () =>
          session.writeFiles(secured, { columns, folder, bytesMax, signal }),
        ),
    },
    delta: deltaWriter(deps, deltaOf(spark), plan),
  };
}

function deltaWriter(
  { engine, turns }: PlanWriteDeps,
  spark: DeltaWriter,
  { secured, change, engine: { session } }: GovernedPlan,
): DeltaWriter {
  return {
    logVersion: (folder) => spark.logVersion(folder),
    rowsOfVersion: (folder, logVersion) => spark.rowsOfVersion(folder, logVersion),
    restore: (folder, logVersion) => spark.restore(folder, logVersion),
    write: ({ write: { columns } }, { folder, mode, limits: { bytesMax }, signal, turn }) =>
      inTurn(turns, { turn, signal }, () =>
        session.writeDelta(secured, { columns, folder, mode, bytesMax, signal }),
      ),
    prepareChange: (prepared) => Promise.resolve({ change: prepared, text: '' }),
    change: async (prepared, { folder, limits: { bytesMax }, signal, turn }) => {
      if (change === undefined) throw new Error('a plan that changes no rows');
      const told = await engine.printChange(prepared.change, folder, change.named);
      const references = change.references(secured);
      return inTurn(turns, { turn, signal }, () =>
        session.changeDelta({ ...told, references, folder, bytesMax, signal }),
      );
    },
  };
}
