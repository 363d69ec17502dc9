/**
 * Machine learning: training, evaluating and asking a model read governed rows, so each is a plan on record; what goes to
 * the server is made anew from what was read. Models are of the session that made them, saved ones of their principal.
 */
import { sourcesOf, trainedOn } from '../../core/lineage/connect/trained.js';
import { kindOf, type PlanMessage, relationCase, textOf } from '../../core/plan/connect/message.js';
import {
  ESTIMATORS,
  EVALUATORS,
  MODELS,
  noSuchModel,
  requireOperator,
  requireParams,
  TRANSFORMERS,
} from '../../core/plan/connect/ml.js';
import { notAllowed, requireAllowed } from '../../core/plan/connect/require-allowed.js';
import type { EngineSession } from '../../gateway/connect/connect-session.js';
import { type RecordedPlan, recordPlan } from '../../gateway/connect/run-plan.js';
import { runCommand } from '../../gateway/connect/streams/streaming-query.js';
import { Stopwatch } from '../../gateway/timings.js';
import { make } from '../../proto/message.js';
import type { CallContext } from './call.js';
import type { DoorParts } from './door-parts.js';
import type { CommandResult } from './execute.js';
import { messageSchema } from './message-schema.js';
import type { Operation } from './operation.js';
import { readRelation } from './read-plan.js';

interface Asked {
  readonly parts: DoorParts;
  readonly context: CallContext;
  readonly operation: Operation;
  readonly value: PlanMessage;
}
type Run = (asked: Asked) => Promise<PlanMessage | undefined>;

/** Operators that are no models: what is saved of them are settings. */
const SETTINGS = new Set([...ESTIMATORS, ...TRANSFORMERS, ...EVALUATORS]);

const RUN: Readonly<Record<string, Run>> = {
  fit: async (asked) => {
    const { value } = asked;
    const operator = await readOperator(asked, value.estimator, ESTIMATORS);
    const params = await readParams(asked, value.params);
    return run(asked, value.dataset, (dataset) => ({
      case: 'fit',
      value: { estimator: operator, params, dataset },
    }));
  },
  evaluate: async (asked) => {
    const { value } = asked;
    const operator = await readOperator(asked, value.evaluator, EVALUATORS);
    const params = await readParams(asked, value.params);
    return run(asked, value.dataset, (dataset) => ({
      case: 'evaluate',
      value: { evaluator: operator, params, dataset },
    }));
  },
  fetch: (asked) => {
    const mlType = { case: 'fetch', value: asked.value };
    const relation = make('Relation', { relType: { case: 'mlRelation', value: { mlType } } });
    return run(asked, relation, (secured) => {
      const { value } = relationCase(secured).value.mlType as { readonly value: PlanMessage };
      return { case: 'fetch', value };
    });
  },
  createSummary: async (asked) => {
    const modelRef = { id: held(asked, asked.value.modelRef) };
    return run(asked, asked.value.dataset, (dataset) => ({
      case: 'createSummary',
      value: { modelRef, dataset },
    }));
  },
  getModelSize: async (asked) => {
    const modelRef = { id: held(asked, asked.value.modelRef) };
    return ask(await engineOf(asked), { case: 'getModelSize', value: { modelRef } });
  },
  delete: async (asked) => {
    const engine = await engineOf(asked);
    const ids = (asked.value.objRefs as readonly PlanMessage[]).map((ref) => textOf(ref, 'id'));
    const objRefs = ids.filter((id) => engine.models.has(id)).map((id) => ({ id }));
    const evictOnly = asked.value.evictOnly === true;
    if (!evictOnly) for (const { id } of objRefs) engine.models.delete(id);
    return ask(engine, { case: 'delete', value: { objRefs, evictOnly } });
  },
  cleanCache: async (asked) => {
    const engine = await engineOf(asked);
    engine.models.clear();
    return ask(engine, { case: 'cleanCache', value: {} });
  },
  getCacheInfo: async (asked) => ask(await engineOf(asked), { case: 'getCacheInfo', value: {} }),
  write,
  read,
};

export async function mlCommand(
  parts: DoorParts,
  context: CallContext,
  operation: Operation,
  command: PlanMessage,
): Promise<CommandResult> {
  const { case: kind = '', value } = command.command as {
    readonly case?: string;
    readonly value?: PlanMessage;
  };
  const work = Object.hasOwn(RUN, kind) ? RUN[kind] : undefined;
  if (work === undefined || value === undefined) throw notAllowed('This command of machine learning');
  if (messageSchema.hasUnknown(value)) throw notAllowed('An unknown field of MlCommand');
  const result = await work({ parts, context, operation, value });
  return {
    answers: [{ responseType: { case: 'mlCommandResult', value: result ?? make('MlCommandResult', {}) } }],
  };
}

interface MlMessage {
  readonly case: string;
  readonly value: unknown;
}

/** Governed, on record, run. A model that comes of it is kept with what was decided. */
async function run(
  { parts, context: { caller }, operation, value }: Asked,
  relation: unknown,
  command: (secured: PlanMessage) => MlMessage,
): Promise<PlanMessage | undefined> {
  const { session, statementId } = operation;
  const plan = await readRelation(parts, session, relation as PlanMessage | undefined);
  const watch = new Stopwatch();
  const recorded = await recordPlan(parts.deps, { statementId, caller, session, plan, watch });
  try {
    const result = await ask(recorded.engine, command(recorded.secured));
    keepModel(operation, recorded, result);
    await recorded.outcome.succeeded({ rowCount: 0, bytes: 0 });
    return kindOf(value) === 'Fetch' ? result : withoutWarning(result);
  } catch (error) {
    await recorded.outcome.failed(error);
    throw error;
  }
}

function keepModel({ session }: Operation, recorded: RecordedPlan, result: PlanMessage | undefined): void {
  const id = modelOf(result);
  const { engine, governance, trace } = recorded;
  if (id === undefined) return;
  session.keepModel(engine, {
    serverId: id,
    governance: { ...governance, objects: recorded.objects },
    trace,
  });
}

/** The model in an answer. */
function modelOf(result: PlanMessage | undefined): string | undefined {
  const { case: kind, value } = (result?.resultType ?? {}) as {
    readonly case?: string;
    readonly value?: PlanMessage;
  };
  if (kind !== 'operatorInfo' || value === undefined) return undefined;
  const type = value.type as { readonly case?: string; readonly value?: PlanMessage };
  return type.case === 'objRef' && type.value !== undefined ? textOf(type.value, 'id') : undefined;
}

/** The server's own words. */
function withoutWarning(result: PlanMessage | undefined): PlanMessage | undefined {
  const { case: kind, value } = (result?.resultType ?? {}) as {
    readonly case?: string;
    readonly value?: PlanMessage;
  };
  if (result === undefined || kind !== 'operatorInfo') return result;
  return { ...result, resultType: { case: kind, value: { ...value, warningMessage: undefined } } };
}

const ask = (engine: EngineSession, command: MlMessage): Promise<PlanMessage | undefined> =>
  runCommand(engine.session, 'mlCommand', { command });

const engineOf = ({ parts: { deps }, operation: { session } }: Asked): Promise<EngineSession> =>
  session.engineSession(deps.engine, deps.policies.current().version);

/** A model of this session. */
function held({ operation: { session } }: Asked, ref: unknown): string {
  const id = textOf((ref ?? {}) as PlanMessage, 'id');
  if (session.currentEngine?.models.has(id) !== true) throw noSuchModel();
  return id;
}

async function readOperator(
  { parts }: Asked,
  given: unknown,
  allowed: ReadonlySet<string>,
): Promise<PlanMessage> {
  if (given === undefined) throw notAllowed('A command without an operator');
  const operator = given as PlanMessage;
  requireAllowed(operator, messageSchema, await parts.deps.engine.serverVersion());
  requireOperator(operator, allowed);
  return operator;
}

async function readParams({ parts }: Asked, given: unknown): Promise<PlanMessage | undefined> {
  if (given === undefined) return undefined;
  const params = given as PlanMessage;
  requireAllowed(params, messageSchema, await parts.deps.engine.serverVersion());
  requireParams(params);
  return params;
}

async function write(asked: Asked): Promise<PlanMessage | undefined> {
  const { parts, operation, value } = asked;
  const { user } = operation.session;
  if (Object.keys((value.options ?? {}) as object).length > 0) throw notAllowed('An option of a saved model');
  const params = await readParams(asked, value.params);
  const name = textOf(value, 'path');
  const overwrite = value.shouldOverwrite === true;
  parts.models.pathOf(user, name);
  const type = value.type as { readonly case?: string; readonly value?: PlanMessage };
  const send = async (engine: EngineSession, what: MlMessage): Promise<PlanMessage | undefined> => {
    const path = await parts.models.begin(user, name, overwrite);
    return ask(engine, {
      case: 'write',
      value: { type: what, params, path: `file://${path}`, shouldOverwrite: true },
    });
  };
  if (type.case === 'operator') {
    const operator = await readOperator(asked, type.value, SETTINGS);
    const result = await send(await engineOf(asked), { case: 'operator', value: operator });
    await parts.models.commit(user, name, {});
    return result;
  }
  const id = held(asked, type.value);
  const purpose = operation.session.settings.get('sluice.purpose');
  const fetch = { objRef: { id }, methods: [] };
  const relation = make('Relation', {
    relType: { case: 'mlRelation', value: { mlType: { case: 'fetch', value: fetch } } },
  });
  // That it was saved is on record under what was decided for its rows.
  const model = operation.session.currentEngine?.models.get(id);
  await run(asked, relation, () => ({ case: 'getModelSize', value: { modelRef: { id } } }));
  const result = await send(await engineOf(asked), { case: 'objRef', value: { id } });
  const sources = model && sourcesOf(model.trace());
  await parts.models.commit(user, name, { governance: model?.governance, purpose, sources });
  return result;
}

async function read(asked: Asked): Promise<PlanMessage | undefined> {
  const { parts, context, operation, value } = asked;
  const { session } = operation;
  const operator = await readOperator(asked, value.operator, new Set([...MODELS, ...SETTINGS]));
  const name = textOf(value, 'path');
  const saved = await parts.models.find(session.user, name);
  if (saved === undefined) throw noSuchModel();
  const { governance, purpose, sources = [] } = saved;
  if (governance !== undefined && !parts.deps.sameRights(context.caller.principal, governance, purpose)) {
    throw noSuchModel();
  }
  // What was saved as settings holds no rows, so nothing of it can be loaded as a model.
  if (governance === undefined && MODELS.has(textOf(operator, 'name'))) throw noSuchModel();
  const engine = await engineOf(asked);
  const path = `file://${parts.models.pathOf(session.user, name)}`;
  const result = await ask(engine, { case: 'read', value: { operator, path } });
  const id = modelOf(result);
  if (id !== undefined && governance !== undefined) {
    session.keepModel(engine, { serverId: id, governance, trace: () => trainedOn(sources) });
  }
  return withoutWarning(result);
}
