/**
 * How one DataFrame plan passes: decode and authenticate are the door's, then bind -> decide -> rewrite -> check ->
 * record here; run and reveal are the door's stream, which ends only when the outcome is on record. The twin of
 * `run-statement.ts`: nothing reaches the server before its intent is durable.
 */
import { GovernanceError } from '../../core/errors.js';
import type { PlanMessage } from '../../core/plan/connect/message.js';
import { usedColumns } from '../../core/rewrite/usage.js';
import type { StatementShape } from '../../core/sql/shape.js';
import type { EngineTurns } from '../../engines/engine.js';
import { personalPart } from '../intent-record.js';
import { type FilesDeps, type OnFiles, onFilesAsTheyAre } from '../lake-files.js';
import type { LineageTeller, NamedType } from '../lineage-teller.js';
import type { IntentRecord, OutcomeRecord, Recorder } from '../recorder.js';
import {
  failure,
  LINEAGE_STATES,
  type StatementLimits,
  type StatementObservation,
} from '../run-statement.js';
import type { Caller } from '../statement.js';
import type { Stopwatch } from '../timings.js';
import { CODE_ENGINE } from './code-plan.js';
import type { ClientSession } from './connect-session.js';
import { decidePlan, type GovernedPlan, governPlan, type PlanDeps, requestOf } from './govern-plan.js';
import type { LoggedPlan, OperationLog } from './operation-log.js';
import { planShape } from './plan-shape.js';
import { PlanTurn } from './plan-turn.js';
import { toldPlan } from './told-plan.js';

/** As for statements: a policy that changes faster than we can decide. */
const DECIDE_ROUNDS_MAX = 5;
const ENGINE = 'spark';

export interface RunPlanDeps extends PlanDeps, FilesDeps {
  readonly recorder: Recorder;
  readonly limits: StatementLimits;
  readonly lineage: Pick<LineageTeller, 'started'>;
  readonly observe: (observation: StatementObservation) => void;
  /** On the server's engine. */
  readonly turns: EngineTurns;
  readonly operations: OperationLog;
}

export interface PlanRun {
  readonly statementId: string;
  /** What the server is to know it by. */
  readonly operationId?: string;
  /** Ends it from outside. */
  readonly stop?: () => void;
  readonly caller: Caller;
  readonly session: ClientSession;
  /** In its normal form. */
  readonly plan: PlanMessage;
  readonly watch: Stopwatch;
  /** The plan is a write. */
  readonly writes?: boolean;
  /** Code may be in it. */
  readonly code?: boolean;
}

/** A plan whose intent is on record. Whoever runs it says how it ended. */
export interface RecordedPlan extends GovernedPlan, Pick<OnFiles<GovernedPlan>, 'unchanged'> {
  readonly outcome: PlanOutcome;
  /** To be taken before the server is asked to run it; given back with the outcome. */
  readonly turn: PlanTurn;
}

export interface PlanEnd {
  readonly rowCount: number;
  readonly bytes: number;
  /** Columns of the result, when the server has told them. */
  readonly schema?: readonly NamedType[];
}

export interface PlanOutcome {
  /** Resolves when it is durable; a second word on the same plan is not heard. */
  succeeded(end: PlanEnd): Promise<void>;
  /** Error `undefined`: the client went away. */
  failed(error: unknown, schema?: readonly NamedType[]): Promise<void>;
}

/** Bind to record. A policy or token that changed on the way sends us round again, under the new rules. */
export async function recordPlan(deps: RunPlanDeps, run: PlanRun): Promise<RecordedPlan> {
  for (let round = 0; round < DECIDE_ROUNDS_MAX; round += 1) {
    const { governed, unchanged } = await governOnFiles(deps, run);
    const { caller, watch } = run;
    const recorded = await watch.time('record', () =>
      deps.recorder.intent(intentOf(deps, run, governed), {
        policyVersion: governed.governance.policyVersion,
        ...(caller.tokenId === undefined ? {} : { tokenId: caller.tokenId }),
      }),
    );
    if (recorded === 'recorded') {
      const turn = new PlanTurn(deps, caller, run.statementId);
      return { ...governed, unchanged, turn, outcome: outcomeOf(deps, run, governed, turn) };
    }
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

/** Bind to check for a plan that gives no rows (its schema, say): refusals are on record, what passes is not. */
export const governOrRefuse = (deps: RunPlanDeps, run: PlanRun): Promise<GovernedPlan> =>
  recordingRefusals(deps, run, () => governPlan(deps, run.caller, run.session, run.plan, run.watch, run));

/** The same, on files that are what the catalogue says. */
const governOnFiles = (deps: RunPlanDeps, run: PlanRun): Promise<OnFiles<GovernedPlan>> => {
  const named = ({ objects }: GovernedPlan): readonly string[] => objects;
  const govern = () => governPlan(deps, run.caller, run.session, run.plan, run.watch, run);
  return recordingRefusals(deps, run, () => onFilesAsTheyAre(deps, govern, named, named));
};

/** Bind and decide, no more: what is wrong with a text is told when it is said, not when it is used. */
export const checkPlan = (deps: RunPlanDeps, run: PlanRun): Promise<unknown> =>
  recordingRefusals(deps, run, () => decidePlan(deps, run.caller, run.session, run.plan, run.watch));

export async function recordingRefusals<T>(
  deps: RunPlanDeps,
  run: PlanRun,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await recordRefusal(deps, run, error);
    const { statementId, watch } = run;
    deps.observe({ statementId, state: 'refused', code: failure(error).code, ...watch.told(run.caller) });
    throw error;
  }
}

async function recordRefusal(deps: RunPlanDeps, run: PlanRun, error: unknown): Promise<void> {
  const { caller, session, watch, statementId } = run;
  const request = requestOf(session);
  const details = error instanceof GovernanceError ? error.details : {};
  const { shape, literals } = shapeOf(deps, run.plan);
  await watch.time('record', () =>
    deps.recorder.denied({
      statementId,
      at: deps.clock().toISOString(),
      policyVersion: deps.policies.current().version,
      code: failure(error).code,
      shape,
      objects: (details.denied ?? []).map((denied) => denied.object),
      personal: personalPart(caller, request, literals),
      ...(details.decisionId === undefined ? {} : { decisionId: details.decisionId }),
      ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
    }),
  );
}

/** A text that does not parse has no shape; it is what was refused. */
function shapeOf({ schema }: RunPlanDeps, plan: PlanMessage): StatementShape {
  try {
    return planShape(plan, schema);
  } catch {
    return { shape: 'a plan with SQL that cannot be read', literals: [] };
  }
}

function intentOf(deps: RunPlanDeps, run: PlanRun, governed: GovernedPlan): IntentRecord {
  const request = requestOf(run.session);
  const { shape, literals } = planShape(run.plan, deps.schema);
  const { governance, objects, planHash, boundPlanHash, bound, code } = governed;
  return {
    statementId: run.statementId,
    at: deps.clock().toISOString(),
    decisionId: governance.decisionId,
    policyVersion: governance.policyVersion,
    shape,
    boundPlanHash,
    planHash,
    leaves: bound.leaves.size,
    objects,
    columns: columnsRead(governed),
    governance,
    engine: ENGINE,
    ...(code === undefined ? {} : { callerCode: { engine: CODE_ENGINE, functions: code.functions } }),
    personal: personalPart(run.caller, request, literals),
    ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
  };
}

/** Of a named table every column counts as read: what is used of it above is Spark's to know. */
function columnsRead({ bound }: GovernedPlan): readonly string[] {
  const read = [...bound.leaves.values()].flatMap(({ bound: query, named }) => {
    const relations = new Set(named.map(({ table }) => table.id));
    const used = usedColumns(query);
    return query.leaves
      .filter(({ table }) => !relations.has(table))
      .flatMap(({ table, columns }) =>
        columns.filter(({ id }) => used.has(id)).map(({ source }) => `${table}.${source.toLowerCase()}`),
      );
  });
  return [...new Set(read)].sort();
}

type Ended = Omit<OutcomeRecord, 'statementId' | 'at' | 'timings'>;

function outcomeOf(deps: RunPlanDeps, run: PlanRun, governed: GovernedPlan, turn: PlanTurn): PlanOutcome {
  const { statementId, watch } = run;
  const logged = logOf(deps, run, governed, turn);
  let ended: Promise<void> | undefined;
  const started = performance.now();
  const { shape } = planShape(run.plan, deps.schema);
  const told = toldPlan(shape, ENGINE, governed);
  const lineageEnded = deps.lineage.started(statementId, told, deps.clock().toISOString());
  const record = (outcome: Ended, schema?: readonly NamedType[]): Promise<void> => {
    if (ended !== undefined) return ended;
    turn.end();
    deps.operations.ended(logged, outcome.state, outcome.code);
    watch.add('run', performance.now() - started);
    deps.observe({ statementId, engine: ENGINE, ...watch.told(run.caller), ...outcome });
    const end = schema === undefined ? outcome : { ...outcome, schema };
    lineageEnded(LINEAGE_STATES[outcome.state], deps.clock().toISOString(), end);
    ended = deps.recorder.outcome({
      statementId,
      at: deps.clock().toISOString(),
      timings: watch.timings as Readonly<Record<string, number>>,
      ...outcome,
    });
    return ended;
  };
  return {
    succeeded: ({ schema, ...end }) => record({ state: 'succeeded', truncated: false, ...end }, schema),
    failed: (error, schema) => record(failure(error), schema),
  };
}

function logOf(
  { operations, engine }: RunPlanDeps,
  { statementId: id, operationId, stop, caller, watch }: PlanRun,
  { objects }: GovernedPlan,
  turn: PlanTurn,
): LoggedPlan {
  const logged = operations.enter({
    id,
    user: caller.principal.user,
    resources: turn.resources,
    objects,
    timings: watch.timings,
    stop: stop ?? (() => undefined),
    stages: async () => (operationId === undefined ? [] : engine.stages(operationId)),
  });
  turn.watched = { onWait: () => operations.waits(logged), onStart: () => operations.started(logged) };
  return logged;
}
