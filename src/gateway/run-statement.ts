/**
 * How one statement passes: authenticate -> decode -> bind -> decide -> rewrite -> check -> record -> run ->
 * reveal. This file names the stages in order; each does its work elsewhere. Nothing reaches an engine before
 * its intent is durable, and no answer is complete before its outcome is.
 */

import { type ErrorCode, GovernanceError } from '../core/errors.js';
import type { Column } from '../core/plan/plan.js';
import type {
  ByteFormat,
  ByteResult,
  EngineStage,
  RowConverter,
  RowResult,
  RunLimits,
  RunOptions,
} from '../engines/engine.js';
import type { GovernDeps } from './decide-statement.js';
import { type Governed, govern } from './govern.js';
import { intentRecord, personalPart } from './intent-record.js';
import { type FilesDeps, type OnFiles, onFilesAsTheyAre } from './lake-files.js';
import type { LineageTeller } from './lineage-teller.js';
import type { OutcomeRecord, Recorder } from './recorder.js';
import type { ResultCache } from './result-cache.js';
import { Reuse } from './reuse.js';
import { runLimits, shownResources } from './run-limits.js';
import { type ReadRun, readBytes, readRows, type SucceededRecord } from './run-read.js';
import type { Caller, Governance, ManifestColumn, StatementRequest, Timings } from './statement.js';
import { type Lap, Stopwatch } from './timings.js';
import { toldStatement } from './told-statement.js';
import type { TraceParent } from './trace-parent.js';
import { WRITE_OUTPUT } from './write/prepare-write.js';
import { runWrite } from './write/run-write.js';
import { writtenResult } from './write/write-result.js';
import type { WriteDeps } from './write/write-run.js';

/** A policy that changes faster than we can decide: after so many rounds the client is told to retry. */
const DECIDE_ROUNDS_MAX = 5;
/** So much of a refused text is kept, in the personal part. */
const REFUSED_TEXT_CHARS_MAX = 16_384;
/** What an engine says of a file that is not what it was. */
const FILE_ERRORS: readonly ErrorCode[] = ['ENGINE_ERROR', 'CAST_INVALID_INPUT', 'ARITHMETIC_ERROR'];

export interface StatementLimits {
  readonly timeoutMsDefault: number;
  readonly timeoutMsMax: number;
  readonly byteLimitDefault: number;
  readonly byteLimitMax: number;
  readonly rowLimitMax: number;
}

export interface RunDeps extends GovernDeps, FilesDeps, WriteDeps {
  readonly recorder: Recorder;
  readonly limits: StatementLimits;
  readonly hashKey: (domain: string) => string;
  readonly converter: Pick<RowConverter, 'parquet'>;
  readonly lineage: Pick<LineageTeller, 'started'>;
  readonly cache: ResultCache;
  readonly observe: (observation: StatementObservation) => void;
}

/** What the gateway reports of each statement that ended; logs and metrics are made from it. */
export interface StatementObservation {
  readonly statementId: string;
  readonly state: OutcomeRecord['state'] | 'refused';
  readonly code?: string;
  readonly engine?: string;
  readonly timings: Timings;
  readonly laps: readonly Lap[];
  readonly trace?: TraceParent;
  readonly rowCount?: number;
}

export type Sink = { readonly mode: 'rows' } | { readonly mode: 'bytes'; readonly format: ByteFormat };

export interface GovernedStatement {
  readonly statementId: string;
  readonly schema: readonly ManifestColumn[];
  /** The same columns with their types. */
  readonly output: readonly Column[];
  readonly governance: Governance;
  readonly engine: string;
}

/** How the engine runs a statement, for those with the `explain` action. */
export interface StatementPlan {
  readonly text: () => Promise<string | null>;
  readonly stages: () => Promise<readonly EngineStage[]>;
  /** 0 to 1, where the engine tells. */
  readonly fraction: () => Promise<number | undefined>;
}

export interface RunHooks {
  readonly statementId: string;
  readonly signal: AbortSignal;
  onGoverned?(statement: GovernedStatement, plan: StatementPlan): void;
  onRunning?(): void;
  onBytes?(bytes: number): void;
}

export interface StatementResult {
  readonly governed: GovernedStatement;
  readonly timings: Timings;
  /** Complete; the outcome is on record. */
  readonly rows?: RowResult;
  /** Ends only when the outcome is on record. */
  readonly bytes?: ByteResult;
}

/** One statement from request to result. Throws GovernanceError; whatever it throws is on record first. */
export async function runStatement(
  deps: RunDeps,
  caller: Caller,
  request: StatementRequest,
  sink: Sink,
  hooks: RunHooks,
): Promise<StatementResult> {
  const watch = new Stopwatch(
    caller.authenticateMs === undefined ? {} : { authenticate: caller.authenticateMs },
  );
  const { governed, unchanged } = await governAndRecord(deps, caller, request, hooks, watch);
  const options = runOptions(deps, caller, request, governed, hooks);
  const resources = shownResources(options.turn.group, options.limits);
  const reuse = new Reuse({
    cache: deps.cache,
    statementId: hooks.statementId,
    governed,
    form: sink.mode === 'rows' ? 'rows' : sink.format,
    limits: options.limits,
    wanted: request.cache !== false,
  });
  const onRunning = (): void => hooks.onRunning?.();
  const notices = [...governed.governance.notices, ...reuse.notices];
  const shown: GovernedStatement = {
    statementId: hooks.statementId,
    schema: governed.schema,
    output: writes(governed) ? WRITE_OUTPUT : governed.prepared.statement.output,
    governance: { ...governed.governance, resources, notices },
    engine: governed.engine.id,
  };
  hooks.onGoverned?.(shown, planOf(hooks.statementId, governed));

  const outcome = outcomeOf(deps, hooks.statementId, caller, governed, watch);
  const again = async (): Promise<Governed> => {
    await deps.policies.waitForNewer(governed.governance.policyVersion);
    return govern(deps, caller, request, new Stopwatch());
  };
  const started = performance.now();
  try {
    if (writes(governed)) {
      const run = { statementId: hooks.statementId, governed, options, again, unchanged };
      const written = await watch.time('run', () => runWrite(deps, run));
      await outcome.succeeded({ ...written, truncated: false });
      const result = await writtenResult(written.rowCount, sink, deps.converter);
      return { governed: shown, timings: watch.timings, ...result };
    }
    const read: ReadRun = { governed, options, unchanged, reuse, outcome, watch, onRunning };
    if (sink.mode === 'rows') {
      const rows = await readRows(read);
      return { governed: shown, timings: watch.timings, rows };
    }
    const bytes = await readBytes(read, sink.format);
    return { governed: shown, timings: { run: performance.now() - started, ...watch.timings }, bytes };
  } catch (error) {
    const told = await becauseOfFiles(error, unchanged);
    await outcome.failed(told);
    throw told;
  }
}

/** An engine that met another file than it was told of has errors of its own for that. */
async function becauseOfFiles(error: unknown, unchanged: () => Promise<void>): Promise<unknown> {
  const mayBe = error instanceof GovernanceError && FILE_ERRORS.includes(error.code);
  return mayBe
    ? unchanged()
        .then(() => error)
        .catch((changed: unknown) => changed)
    : error;
}

/**
 * Decode to record. A policy or token that changed while we decided sends us round again, under the new
 * rules.
 */
async function governAndRecord(
  deps: RunDeps,
  caller: Caller,
  request: StatementRequest,
  hooks: RunHooks,
  watch: Stopwatch,
): Promise<OnFiles<Governed>> {
  for (let round = 0; round < DECIDE_ROUNDS_MAX; round += 1) {
    const decided = await governOrRefuse(deps, caller, request, hooks, watch);
    const { governed } = decided;
    const recorded = await watch.time('record', () =>
      deps.recorder.intent(
        intentRecord(hooks.statementId, deps.clock().toISOString(), caller, request, governed),
        {
          policyVersion: governed.governance.policyVersion,
          ...(caller.tokenId === undefined ? {} : { tokenId: caller.tokenId }),
        },
      ),
    );
    if (recorded === 'recorded') return decided;
    if (recorded === 'token-revoked') {
      throw new GovernanceError('UNAUTHENTICATED', 'The credentials are no longer valid.', {
        remedy: 'Sign in again or ask for a new token.',
      });
    }
    await deps.policies.waitForNewer(governed.governance.policyVersion);
  }
  throw new GovernanceError('POLICY_VERSION_BEHIND', 'Policies are changing too quickly to decide.', {
    retryable: true,
    remedy: 'Try again in a moment.',
  });
}

async function governOrRefuse(
  deps: RunDeps,
  caller: Caller,
  request: StatementRequest,
  hooks: RunHooks,
  watch: Stopwatch,
): Promise<OnFiles<Governed>> {
  try {
    return await onFilesAsTheyAre(
      deps,
      () => govern(deps, caller, request, watch),
      ({ secured }) => secured.leaves.map(({ table }) => table),
      ({ objects }) => objects,
    );
  } catch (error) {
    const code = error instanceof GovernanceError ? error.code : 'INTERNAL';
    const details = error instanceof GovernanceError ? error.details : {};
    await watch.time('record', () =>
      deps.recorder.denied({
        statementId: hooks.statementId,
        at: deps.clock().toISOString(),
        policyVersion: deps.policies.current().version,
        code,
        objects: (details.denied ?? []).map((denied) => denied.object),
        personal: personalPart(caller, request, [request.statement.slice(0, REFUSED_TEXT_CHARS_MAX)]),
        ...(details.decisionId === undefined ? {} : { decisionId: details.decisionId }),
        ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
      }),
    );
    deps.observe({ statementId: hooks.statementId, state: 'refused', code, ...watch.told(caller) });
    throw error;
  }
}

/** A plan costs a question to the engine, so it is made when somebody asks. */
const planOf = (statementId: string, governed: Governed): StatementPlan => ({
  // What writes has no plan before its rows have one.
  text: async () => (writes(governed) ? null : governed.engine.explain(governed.prepared)),
  stages: async () => (await governed.engine.stages?.(statementId)) ?? [],
  fraction: async () => governed.engine.fraction?.(statementId),
});

const writes = ({ write, change }: Governed): boolean => write !== undefined || change !== undefined;

function runOptions(
  deps: RunDeps,
  caller: Caller,
  request: StatementRequest,
  governed: Governed,
  hooks: RunHooks,
): RunOptions & { readonly limits: Required<RunLimits> } {
  const { principal } = caller;
  const group = deps.policies.current().resources(principal, governed.engine.id, deps.clock().getTime());
  return {
    limits: runLimits(deps.limits, request, group),
    signal: hooks.signal,
    turn: { statementId: hooks.statementId, user: principal.user, group },
    hashKeys: new Map(governed.secured.hashDomains.map((domain) => [domain, deps.hashKey(domain)])),
    ...(hooks.onRunning === undefined ? {} : { onStart: hooks.onRunning }),
    ...(hooks.onBytes === undefined ? {} : { onBytes: hooks.onBytes }),
  };
}

export const LINEAGE_STATES = {
  succeeded: 'COMPLETE',
  failed: 'FAIL',
  timed_out: 'FAIL',
  canceled: 'ABORT',
} as const;

/** Records how a statement ended, exactly once. */
function outcomeOf(deps: RunDeps, statementId: string, caller: Caller, governed: Governed, watch: Stopwatch) {
  let ended = false;
  const lineageEnded = deps.lineage.started(statementId, toldStatement(governed), deps.clock().toISOString());
  const record = async (outcome: Omit<OutcomeRecord, 'statementId' | 'at' | 'timings'>): Promise<void> => {
    if (ended) return;
    ended = true;
    deps.observe({ statementId, engine: governed.engine.id, ...watch.told(caller), ...outcome });
    lineageEnded(LINEAGE_STATES[outcome.state], deps.clock().toISOString(), outcome);
    await deps.recorder.outcome({
      statementId,
      at: deps.clock().toISOString(),
      timings: watch.timings as Readonly<Record<string, number>>,
      ...outcome,
    });
  };
  return {
    succeeded: (end: SucceededRecord) => record({ state: 'succeeded', ...end }),
    /** `undefined`: the client went away. */
    failed: (error: unknown) => record(failure(error)),
  };
}

export function failure(error: unknown): { state: OutcomeRecord['state']; code: string } {
  if (error === undefined) return { state: 'canceled', code: 'STATEMENT_CANCELED' };
  const code = error instanceof GovernanceError ? error.code : 'INTERNAL';
  if (code === 'STATEMENT_CANCELED') return { state: 'canceled', code };
  return { state: code === 'STATEMENT_TIMEOUT' ? 'timed_out' : 'failed', code };
}
