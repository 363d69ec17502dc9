/** AnalyzePlan: questions about a plan, asked of the server about the secured one; some are ours to answer. */
import { randomUUID } from 'node:crypto';
import { kindOf, type PlanMessage } from '../../core/plan/connect/message.js';
import { notAllowed, requireAllowed } from '../../core/plan/connect/require-allowed.js';
import { readSchemaJson } from '../../core/plan/connect/schema-json.js';
import type { CodePlan } from '../../gateway/connect/code-plan.js';
import type { PlanSession } from '../../gateway/connect/engine.js';
import { explainPlan } from '../../gateway/connect/explain-plan.js';
import type { GovernedPlan } from '../../gateway/connect/govern-plan.js';
import { planTexts } from '../../gateway/connect/plan-texts.js';
import { governOrRefuse, recordPlan } from '../../gateway/connect/run-plan.js';
import { shownSchema } from '../../gateway/connect/spark-type.js';
import type { LineageTeller } from '../../gateway/lineage-teller.js';
import { Stopwatch } from '../../gateway/timings.js';
import { type ConnectMessage, make } from '../../proto/message.js';
import { type CallContext, sessionOf } from './call.js';
import type { DoorParts } from './door-parts.js';
import { messageSchema } from './message-schema.js';
import { readRelation, readRootPlan } from './read-plan.js';

/** Of a question about code: rows of parts come at once, or not at all. */
const HAND_OVER_MS_MAX = 60_000;

interface Question {
  readonly parts: DoorParts;
  readonly context: CallContext;
  readonly session: ReturnType<typeof sessionOf>;
  readonly kind: string;
  readonly value: ConnectMessage;
}
type Answer = (question: Question) => Promise<Readonly<Record<string, unknown>>>;

const ANSWERS: Readonly<Record<string, Answer>> = {
  schema: aboutPlan,
  treeString: aboutPlan,
  isLocal: aboutPlan,
  isStreaming: aboutPlan,
  semanticHash: aboutPlan,
  sameSemantics: async (question) => {
    const { parts, session, value } = question;
    const target = await governed(
      question,
      await readRootPlan(parts, session, value.targetPlan as ConnectMessage),
    );
    const other = await governed(
      question,
      await readRootPlan(parts, session, value.otherPlan as ConnectMessage),
    );
    return ask(question, target, { targetPlan: planOf(target), otherPlan: planOf(other) });
  },
  persist: aboutRelation,
  unpersist: aboutRelation,
  getStorageLevel: aboutRelation,
  explain: async (question) => {
    const { parts, session, value } = question;
    const plan = await readRootPlan(parts, session, value.plan as ConnectMessage, 'allowed');
    const { governance } = await governed(question, plan, true);
    return { explainString: explainPlan(plan, messageSchema, governance) };
  },
  sparkVersion: async ({ parts }) => ({ version: await parts.deps.engine.serverVersion() }),
  ddlParse: async (question) => parsed(question, 'ddlString', ddl(question)),
  jsonToDdl: async (question) =>
    parsed(question, 'jsonString', readSchemaJson(String(question.value.jsonString))),
};

export async function analyzePlan(
  parts: DoorParts,
  context: CallContext,
  request: ConnectMessage,
): Promise<ConnectMessage> {
  const session = sessionOf(parts.sessions, context, request);
  const { case: kind = '', value } = request.analyze as {
    readonly case?: string;
    readonly value?: ConnectMessage;
  };
  const answer = Object.hasOwn(ANSWERS, kind) ? ANSWERS[kind] : undefined;
  if (answer === undefined || value === undefined) {
    throw notAllowed(`The question ${kind || 'without a case'}`, 'Files and paths are not shown.');
  }
  const result = await answer({ parts, context, session, kind, value });
  return make('AnalyzePlanResponse', {
    sessionId: session.id,
    serverSideSessionId: session.serverSideId,
    result: { case: kind, value: result },
  });
}

async function aboutPlan(question: Question): Promise<Readonly<Record<string, unknown>>> {
  const { parts, session, value } = question;
  const root = await readRootPlan(parts, session, value.plan as ConnectMessage, 'allowed');
  const plan = await governed(question, root, true);
  if (plan.code !== undefined) return askAboutCode(question, plan, plan.code, runsEagerly(root));
  return ask(question, plan, { ...value, plan: planOf(plan) });
}

async function aboutRelation(question: Question): Promise<Readonly<Record<string, unknown>>> {
  const { parts, session, kind, value } = question;
  if (value.storageLevel !== undefined) {
    requireAllowed(value.storageLevel as PlanMessage, messageSchema, await parts.deps.engine.serverVersion());
  }
  if (kind === 'persist') session.persists = true;
  const plan = await governed(
    question,
    await readRelation(parts, session, value.relation as PlanMessage | undefined),
  );
  return ask(question, plan, { ...value, relation: plan.secured });
}

const planOf = ({ secured }: GovernedPlan): PlanMessage =>
  make('Plan', { opType: { case: 'root', value: secured } });

/** Asked on the server for code, over no rows: only what runs a query to be analysed needs them. */
async function askAboutCode(
  question: Question,
  plan: Governed,
  code: CodePlan,
  eager: boolean,
): Promise<Readonly<Record<string, unknown>>> {
  const { value } = question;
  const signal = AbortSignal.timeout(HAND_OVER_MS_MAX);
  return ask(question, plan, async () => {
    const root = await code.handOver(signal, eager ? 'all' : 'none');
    const fields = { ...value, plan: make('Plan', { opType: { case: 'root', value: root } }) };
    return { session: await code.session(), fields };
  });
}

interface Asked {
  readonly session: PlanSession;
  readonly fields: Readonly<Record<string, unknown>>;
}

async function ask(
  { kind }: Question,
  { engine, outcome }: Governed,
  about: Asked['fields'] | (() => Promise<Asked>),
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const asked = typeof about === 'function' ? await about() : { session: engine.session, fields: about };
    const { session, fields: value } = asked;
    const answer = await session.call('AnalyzePlan', { analyze: { case: kind, value } });
    const found = (answer.result as { readonly value: Readonly<Record<string, unknown>> }).value;
    const told = found.schema === undefined ? {} : { schema: shownSchema(found.schema as PlanMessage) };
    await outcome?.succeeded({ rowCount: 0, bytes: 0, ...told });
    return found;
  } catch (error) {
    await outcome?.failed(error);
    throw error;
  }
}

/** Of an answer without columns there is no lineage to tell. */
const NO_COLUMNS: Pick<LineageTeller, 'started'> = { started: () => () => undefined };

type Governed = GovernedPlan & { readonly outcome?: Awaited<ReturnType<typeof recordPlan>>['outcome'] };

/** What runs a query to be analysed gives data away (the values of a pivot are column names), so it is on record. */
function governed(
  { parts, context, session, kind }: Question,
  plan: PlanMessage,
  code = false,
): Promise<Governed> {
  const watch = new Stopwatch({ authenticate: context.authenticateMs });
  const run = { statementId: randomUUID(), caller: context.caller, session, plan, watch, code };
  if (!runsEagerly(plan)) return governOrRefuse(parts.deps, run);
  return recordPlan(kind === 'schema' ? parts.deps : { ...parts.deps, lineage: NO_COLUMNS }, run);
}

const EAGER = new Set([
  'Transpose',
  'StatCrosstab',
  'StatFreqItems',
  'ShowString',
  'HtmlString',
  'StatApproxQuantile',
  'StatCov',
  'StatCorr',
]);

function runsEagerly(message: PlanMessage): boolean {
  const kind = kindOf(message);
  if (EAGER.has(kind)) return true;
  if (kind === 'Aggregate.Pivot' && (message.values as readonly unknown[]).length === 0) return true;
  return messageSchema.children(message).some(runsEagerly);
}

/** Columns with types, or one type. */
function ddl({ session, value }: Question): string {
  const text = String(value.ddlString);
  const { catalog, schema } = session.namespace;
  const texts = planTexts({ user: session.user, catalog, schema });
  try {
    return texts.columns(text);
  } catch (error) {
    try {
      return texts.type(text);
    } catch {
      throw error;
    }
  }
}

/** Pure parsing, of a text that we printed. */
async function parsed(
  { parts, session, kind }: Question,
  field: string,
  text: string,
): Promise<Readonly<Record<string, unknown>>> {
  const engine = await session.engineSession(parts.deps.engine, parts.deps.policies.current().version);
  const answer = await engine.session.call('AnalyzePlan', {
    analyze: { case: kind, value: { [field]: text } },
  });
  return (answer.result as { readonly value: Readonly<Record<string, unknown>> }).value;
}
