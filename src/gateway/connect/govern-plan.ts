/**
 * Decode to check for DataFrame plans: a plan in its normal form in, a secured one out, nothing run and nothing written.
 * The same stages as a statement takes, over many leaves.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { ColumnMeta } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import type { TracedPlan } from '../../core/lineage/connect/plan-tracer.js';
import { provePlanClosed } from '../../core/plan/connect/closed.js';
import { codeRefused } from '../../core/plan/connect/code.js';
import type { MessageSchema, PlanMessage } from '../../core/plan/connect/message.js';
import { ML_HELPER, noSuchModel } from '../../core/plan/connect/ml.js';
import { holdsCode } from '../../core/plan/connect/split-code.js';
import type { Decision, Principal } from '../../core/policy/decision.js';
import { planHash } from '../../core/rewrite/plan-hash.js';
import type { BindScope } from '../bind-context.js';
import { decideFor, type GovernDeps, requireAllowed } from '../decide-statement.js';
import { governanceOf, refuseDeniedPredicates } from '../governance.js';
import type { Caller, Governance, StatementRequest } from '../statement.js';
import { Stopwatch } from '../timings.js';
import type { GovernedWrite } from '../write/prepare-write.js';
import { type BoundPlan, bindPlan } from './bind-plan.js';
import { captureViews, relationsWithoutColumns } from './capture-views.js';
import { type CodeDeps, type CodePlan, codePlan, requireCodeRight } from './code-plan.js';
import type { ClientSession, EngineSession, KeptResult } from './connect-session.js';
import type { ConnectEngine } from './engine.js';
import { COLUMNS_SEEN, marked } from './plan-leaf.js';
import { refusePlanPredicates } from './predicate-guard.js';
import { mayRaiseAbove } from './raising-above.js';
import { assemble, codedTexts, judgedTexts, secureLeaves } from './secure-plan.js';
import { knownFunctions } from './session-functions.js';
import { readSparkType } from './spark-type.js';
import { traceOf } from './told-plan.js';
import { type PlanChange, planWrite } from './write-plan.js';
import { ZONE_SETTING } from './zone-guard.js';

export interface PlanDeps extends GovernDeps {
  readonly engine: ConnectEngine;
  readonly schema: MessageSchema;
  /** Absent: no code runs. */
  readonly code?: CodeDeps;
  /** Would what was decided then be decided alike now? */
  readonly sameRights: (principal: Principal, governance: Governance, purpose?: string) => boolean;
  /** Puts the rows of these hashes where the server's session finds them; throws when they were not uploaded. */
  readonly bringUploads: (
    session: ClientSession,
    engine: EngineSession,
    hashes: readonly string[],
  ) => Promise<void>;
}

/** A plan that passed every stage before record. */
export interface GovernedPlan {
  /** What the server gets; with `code`, what is cut into what runs here and there. */
  readonly secured: PlanMessage;
  /** The caller's own, with views put in. */
  readonly plan: PlanMessage;
  readonly engine: EngineSession;
  readonly governance: Governance;
  readonly decision: Decision;
  readonly objects: readonly string[];
  readonly bound: BoundPlan;
  readonly boundPlanHash: string;
  readonly planHash: string;
  /** Where its columns come from; worked out once, when it is asked for. */
  readonly trace: () => TracedPlan;
  /** Absent: the plan only reads. */
  readonly write?: GovernedWrite;
  readonly change?: PlanChange;
  /** Absent: there is none of the caller's code in it. */
  readonly code?: CodePlan;
}

/** Does the plan write? Then its root is the SQL that says so. */
export interface PlanPurpose {
  readonly writes?: boolean;
  /** Code may be in it: whoever asks runs it as `code` says. */
  readonly code?: boolean;
}

interface DecidedPlan {
  /** With views put in. */
  readonly plan: PlanMessage;
  readonly bound: BoundPlan;
  readonly decision: Decision;
  readonly scope: BindScope;
}

/** Bind and decide. */
export async function decidePlan(
  deps: PlanDeps,
  caller: Caller,
  session: ClientSession,
  plan: PlanMessage,
  watch: Stopwatch,
  { writes = false }: PlanPurpose = {},
): Promise<DecidedPlan> {
  const { schema } = deps;
  const scope = planScope(deps, caller, session);
  const captured = captureViews(plan, schema, session);
  const whole = await withColumns(deps, caller, session, captured, scope.policies.version);
  const bound = watch.timeSync('bind', () =>
    bindPlan(whole, schema, scope, session.settings.get(ZONE_SETTING), writes),
  );
  const decision = watch.timeSync('decide', () => decide(whole, schema, bound, scope));
  return { plan: whole, bound, decision, scope };
}

export async function governPlan(
  deps: PlanDeps,
  caller: Caller,
  session: ClientSession,
  plan: PlanMessage,
  watch: Stopwatch,
  purpose: PlanPurpose = {},
): Promise<GovernedPlan> {
  const { schema } = deps;
  const decided = await decidePlan(deps, caller, session, plan, watch, purpose);
  const { plan: whole, bound, decision, scope } = decided;
  const engine = await watch.time('check', () => session.engineSession(deps.engine, decision.policyVersion));
  // Rows that are written are cast to the types of their table. What is kept in memory is found again under one text.
  const fenced = purpose.writes === true || session.persists || mayRaiseAbove(whole, schema, bound);
  const secured = await secureLeaves(
    { bound, decision, scope, zone: session.settings.get(ZONE_SETTING), fenced },
    deps.engine,
    (sql) => watch.time('check', () => engine.views.nameOf(sql, schema)),
    (work) => watch.timeSync('rewrite', work),
  );
  const handles = new PlanHandles(deps, caller, session, engine);
  const final = watch.timeSync('rewrite', () =>
    assemble(whole, schema, bound, secured, session.functions, handles),
  );
  await deps.bringUploads(session, engine, [...handles.hashes]);
  const objects = [...new Set([...decision.tables.keys(), ...handles.objects])].sort();
  const code = holdsCode(final, schema)
    ? codePlan({ deps: deps.code, schema, session, engine, plan: final, texts: codedTexts(secured) })
    : undefined;
  if (code !== undefined && purpose.code !== true) throw codeRefused('A function of the session here');
  if (code !== undefined) watch.timeSync('decide', () => requireCodeRight(objects, scope));
  const proved = {
    sql: new Set([...secured.leaves.values()].flatMap(judgedTexts)),
    views: new Set([...handles.views, ...[...secured.leaves.values()].flatMap(({ view }) => view ?? [])]),
    kept: handles.serverIds,
    uploaded: handles.hashes,
    models: handles.models,
  };
  watch.timeSync('check', () => {
    for (const part of code?.parts ?? [final]) provePlanClosed(part, schema, proved);
  });
  const trace = once(() =>
    traceOf({ plan: whole, bound, secured, kept: handles.results, policyVersion: decision.policyVersion }),
  );
  const writing = watch.timeSync('decide', () =>
    planWrite({ plan: whole, bound, secured, decision, scope, trace }),
  );
  return {
    secured: final,
    plan: whole,
    engine,
    decision,
    governance: writing?.governance ?? governanceOf(decision, scope.decisionId),
    ...writing,
    ...(code === undefined ? {} : { code }),
    objects,
    bound,
    boundPlanHash: hashOf([...bound.leaves.values()].map((leaf) => planHash(leaf.bound.plan))),
    planHash: hashOf([...secured.hashes, ...handles.serverIds, ...handles.views, ...handles.models]),
    trace,
  };
}

function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => {
    done ??= { value: work() };
    return done.value;
  };
}

/** One plan's view of the world. */
export function planScope(deps: GovernDeps, { principal }: Caller, session: ClientSession): BindScope {
  const { catalog, schema } = session.namespace;
  return {
    catalog: deps.catalog(),
    policies: deps.policies.current(),
    principal,
    request: requestOf(session),
    now: deps.clock(),
    decisionId: randomUUID(),
    currentCatalog: catalog,
    currentSchema: schema,
    ...(session.functions.size === 0 ? {} : { functions: knownFunctions(session.functions) }),
  };
}

/** What a REST request would say of itself; here the session says it. */
export function requestOf(session: ClientSession): StatementRequest {
  const purpose = session.settings.get('sluice.purpose');
  const justification = session.settings.get('sluice.justification');
  return {
    statement: '',
    parameters: [],
    engine: 'spark',
    tags: {},
    catalog: session.namespace.catalog,
    schema: session.namespace.schema,
    ...(purpose === undefined ? {} : { purpose }),
    ...(justification === undefined ? {} : { justification }),
  };
}

/** One decision over every table of every leaf; all that is denied is told at once. */
function decide(plan: PlanMessage, schema: MessageSchema, bound: BoundPlan, scope: BindScope): Decision {
  const scans = [...bound.leaves.values()].flatMap(({ bound: query, named }) => {
    const relations = new Set(named.map(({ table }) => table.id));
    return query.leaves.filter(({ table }) => !relations.has(table));
  });
  const decision = decideFor({ leaves: scans }, scope);
  requireAllowed(decision, scope.decisionId);
  for (const leaf of bound.leaves.values()) refuseDeniedPredicates(leaf.bound, decision);
  refusePlanPredicates(plan, schema, bound, decision);
  return decision;
}

/** Relations that SQL names get their columns from the server, secured as they are now. */
async function withColumns(
  deps: PlanDeps,
  caller: Caller,
  session: ClientSession,
  plan: PlanMessage,
  policyVersion: number,
): Promise<PlanMessage> {
  const missing = relationsWithoutColumns(plan, deps.schema, policyVersion);
  if (missing.length === 0) return plan;
  const known = new Map<PlanMessage, readonly ColumnMeta[]>();
  const put = (message: PlanMessage): PlanMessage => {
    const inner = deps.schema.mapChildren(message, put);
    const columns = known.get(message);
    return columns === undefined ? inner : marked(inner, { [COLUMNS_SEEN]: { columns, policyVersion } });
  };
  // Inner ones come first and are known when an outer one is asked about: each costs one question.
  for (const relation of missing) {
    known.set(relation, (await relationColumns(deps, caller, session, put(relation))).columns);
  }
  return put(plan);
}

/** The columns that a plan shows this principal. */
export async function relationColumns(
  deps: PlanDeps,
  caller: Caller,
  session: ClientSession,
  relation: PlanMessage,
): Promise<{ readonly columns: readonly ColumnMeta[]; readonly governed: GovernedPlan }> {
  const governed = await governPlan(deps, caller, session, relation, new Stopwatch());
  const plan = deps.schema.make('Plan', { opType: { case: 'root', value: governed.secured } });
  const answer = await governed.engine.session.call('AnalyzePlan', {
    analyze: { case: 'schema', value: { plan } },
  });
  const { schema } = (answer.result as { readonly value: { readonly schema: PlanMessage } }).value;
  return { columns: readSparkType(schema), governed };
}

/** The handles in a plan, each for the session and the rights that it was given under. */
class PlanHandles {
  readonly hashes = new Set<string>();
  readonly serverIds = new Set<string>();
  readonly views = new Set<string>();
  readonly models = new Set<string>();
  readonly objects = new Set<string>();
  readonly results = new Map<string, KeptResult>();

  constructor(
    private readonly deps: PlanDeps,
    private readonly caller: Caller,
    private readonly session: ClientSession,
    private readonly engine: EngineSession,
  ) {}

  readonly uploaded = (hashes: readonly string[], relation: PlanMessage): PlanMessage => {
    for (const hash of hashes) this.hashes.add(hash);
    return relation;
  };

  readonly model = (id: string): void => {
    if (id !== ML_HELPER) this.held(id, this.engine.models.get(id), noSuchModel);
    this.models.add(id);
  };

  /** A result under the rights that its rows were decided with. */
  private held(id: string, result: KeptResult | undefined, missing: () => GovernanceError): KeptResult {
    const purpose = this.session.settings.get('sluice.purpose');
    if (result === undefined || !this.deps.sameRights(this.caller.principal, result.governance, purpose)) {
      throw missing();
    }
    for (const object of result.governance.objects) this.objects.add(object);
    this.results.set(id, result);
    return result;
  }

  readonly kept = (id: string, relation: PlanMessage): PlanMessage => {
    const result = this.held(id, this.engine.kept.get(id), noSuchResult);
    (result.view === true ? this.views : this.serverIds).add(result.serverId);
    return this.deps.schema.make('Relation', { common: relation.common, relType: keptRelation(result) });
  };
}

const keptRelation = ({ serverId, view }: KeptResult): object =>
  view === true
    ? { case: 'read', value: { readType: { case: 'namedTable', value: { unparsedIdentifier: serverId } } } }
    : { case: 'cachedRemoteRelation', value: { relationId: serverId } };

const hashOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** Made under other policies, by another session, or never: all the same. */
const noSuchResult = (): GovernanceError =>
  new GovernanceError(
    'NOT_FOUND',
    'There is no such checkpoint, or policies have changed since it was made.',
    {
      remedy: 'Make the checkpoint again.',
      sqlState: '42K04',
    },
  );
