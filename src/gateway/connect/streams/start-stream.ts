/**
 * How a stream begins: governed like any plan, its intent on record, then handed to the server under names of ours. What it
 * is called there is drawn at random; its owner reads a memory sink as a temporary view of the name that they gave.
 */
import { randomBytes } from 'node:crypto';
import type { PlanMessage } from '../../../core/plan/connect/message.js';
import type { StreamStart } from '../../../core/plan/connect/stream-start.js';
import { type GovernedPlan, requestOf } from '../govern-plan.js';
import { type PlanRun, type RecordedPlan, recordPlan } from '../run-plan.js';
import type { PlanWriteDeps } from '../run-plan-write.js';
import { readSparkType, shownSchema } from '../spark-type.js';
import { fixedAtStart } from './steady.js';
import { runCommand, StreamingQuery } from './streaming-query.js';
import type { Streams } from './streams.js';
import { insertingRun, TableSink } from './table-sink.js';

const NAME_BYTES = 16;

/** `canceled`: its client waits for it no longer. */
export async function startStream(
  deps: PlanWriteDeps,
  streams: Streams,
  run: PlanRun,
  start: StreamStart,
  canceled: AbortSignal,
): Promise<StreamingQuery> {
  const { sink, outputMode, name } = start;
  const giveBack = streams.reserve(run.caller.principal.user, sink.kind === 'table');
  const leaving = new AbortController();
  let query: StreamingQuery | undefined;
  const stop = (): void => {
    leaving.abort();
    if (query !== undefined) void streams.cancel(query).catch(() => undefined);
  };
  try {
    if (name !== undefined) streams.requireFree(run.session, name);
    const asked = { ...run, stop };
    const going = sink.kind === 'table' ? await insertingRun(deps, asked, sink, outputMode) : asked;
    query = await inItsTurn(deps, going, start, AbortSignal.any([canceled, leaving.signal]));
    streams.add(query);
  } finally {
    giveBack();
  }
  if (leaving.signal.aborted) await streams.cancel(query);
  return query;
}

/** It waits for its turn like any statement, and keeps its place until it has ended. */
async function inItsTurn(
  deps: PlanWriteDeps,
  run: PlanRun,
  start: StreamStart,
  canceled: AbortSignal,
): Promise<StreamingQuery> {
  const recorded = await recordPlan(deps, run);
  let table: TableSink | undefined;
  try {
    await recorded.turn.take(canceled);
    if (start.sink.kind === 'table') table = await TableSink.open(deps, recorded, run.caller.principal.user);
    return await begin(deps, run, start, recorded, table);
  } catch (error) {
    await table?.release().catch(() => undefined);
    await recorded.outcome.failed(error);
    throw error;
  }
}

async function begin(
  deps: PlanWriteDeps,
  run: PlanRun,
  start: StreamStart,
  recorded: RecordedPlan,
  table: TableSink | undefined,
): Promise<StreamingQuery> {
  const { caller, session, statementId } = run;
  const asOfStart = fixedAtStart(deps, caller, session, recorded);
  const { engine, governance, objects, outcome } = recorded;
  const serverName = `sink_${randomBytes(NAME_BYTES).toString('hex')}`;
  const schema = await schemaOf(deps, recorded);
  const columns = start.sink.kind === 'memory' ? readSparkType(schema) : [];
  const answer = await runCommand(engine.session, 'writeStreamOperationStart', {
    ...(start.sink.kind === 'table'
      ? await table?.fields(start.sink.checkpoint)
      : { input: recorded.secured, format: start.sink.kind }),
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
      sink: table?.object ?? start.sink.kind,
      counts: mayExplain(recorded),
    },
    appends: start.outputMode !== 'complete',
    inMemory: start.sink.kind === 'memory',
    ...(table === undefined ? {} : { table }),
  });
}

const mayExplain = ({ decision, objects }: GovernedPlan): boolean =>
  objects.every((object) => decision.tables.get(object)?.actions.explain === true);

async function schemaOf({ schema }: PlanWriteDeps, { engine, secured }: RecordedPlan): Promise<PlanMessage> {
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
