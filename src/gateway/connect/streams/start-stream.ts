/**
 * How a stream begins: governed like any plan, its intent on record, then handed to the server under names of ours. What it
 * is called there is drawn at random; its owner reads a memory sink as a temporary view of the name that they gave.
 */
import { randomBytes } from 'node:crypto';
import type { PlanMessage } from '../../../core/plan/connect/message.js';
import type { StreamStart } from '../../../core/plan/connect/stream-start.js';
import { type GovernedPlan, requestOf } from '../govern-plan.js';
import { type PlanRun, type RecordedPlan, type RunPlanDeps, recordPlan } from '../run-plan.js';
import { readSparkType, shownSchema } from '../spark-type.js';
import { fixedAtStart } from './steady.js';
import { runCommand, StreamingQuery } from './streaming-query.js';
import type { Streams } from './streams.js';

const NAME_BYTES = 16;

export async function startStream(
  deps: RunPlanDeps,
  streams: Streams,
  run: PlanRun,
  start: StreamStart,
): Promise<StreamingQuery> {
  streams.requireRoom(run.caller.principal.user);
  if (start.name !== undefined) streams.requireFree(run.session, start.name);
  const recorded = await recordPlan(deps, run);
  try {
    const query = await begin(deps, run, start, recorded);
    streams.add(query);
    return query;
  } catch (error) {
    await recorded.outcome.failed(error);
    throw error;
  }
}

async function begin(
  deps: RunPlanDeps,
  run: PlanRun,
  start: StreamStart,
  recorded: RecordedPlan,
): Promise<StreamingQuery> {
  const { caller, session, statementId } = run;
  const asOfStart = fixedAtStart(deps, caller, session, recorded);
  const { engine, governance, objects, outcome } = recorded;
  const serverName = `sink_${randomBytes(NAME_BYTES).toString('hex')}`;
  const schema = await schemaOf(deps, recorded);
  const columns = start.sink.kind === 'memory' ? readSparkType(schema) : [];
  const answer = await runCommand(engine.session, 'writeStreamOperationStart', {
    input: recorded.secured,
    format: start.sink.kind,
    outputMode: start.outputMode,
    queryName: serverName,
    ...(start.trigger === undefined ? {} : { trigger: start.trigger }),
  });
  const { id, runId } = idsOf(answer);
  if (start.sink.kind === 'memory') {
    const kept = session.keep(engine, {
      serverId: serverName,
      view: true,
      governance,
      trace: recorded.trace,
    });
    const plan = deps.schema.make('Relation', {
      relType: { case: 'cachedRemoteRelation', value: { relationId: kept } },
    });
    session.addView({ name: start.sink.name, plan, columns, policyVersion: governance.policyVersion }, true);
  }
  return new StreamingQuery({
    id,
    runId,
    statementId,
    caller,
    client: session,
    shared: engine,
    session: engine.session,
    governance,
    purpose: requestOf(session).purpose,
    asOfStart,
    outcome,
    schema: shownSchema(schema),
    plan: recorded.plan,
    shown: {
      name: start.name,
      objects,
      sink: start.sink.kind,
      counts: mayExplain(recorded),
    },
    appends: start.outputMode !== 'complete',
    inMemory: start.sink.kind === 'memory',
  });
}

const mayExplain = ({ decision, objects }: GovernedPlan): boolean =>
  objects.every((object) => decision.tables.get(object)?.actions.explain === true);

async function schemaOf({ schema }: RunPlanDeps, { engine, secured }: RecordedPlan): Promise<PlanMessage> {
  const plan = schema.make('Plan', { opType: { case: 'root', value: secured } });
  const answer = await engine.session.call('AnalyzePlan', {
    analyze: { case: 'schema', value: { plan } },
  });
  return (answer.result as { readonly value: { readonly schema: PlanMessage } }).value.schema;
}

function idsOf(answer: PlanMessage | undefined): { readonly id: string; readonly runId: string } {
  const ids = answer?.queryId as { readonly id?: string; readonly runId?: string } | undefined;
  if (ids?.id === undefined || ids.runId === undefined)
    throw new Error('the server told no id of the stream');
  return { id: ids.id, runId: ids.runId };
}
