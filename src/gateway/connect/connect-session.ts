/**
 * What the gateway keeps for one session of one client: names, views, settings, uploads, results that the server keeps.
 * All of it belongs to the principal it was made by; another principal's session id is simply not there.
 */
import { randomUUID } from 'node:crypto';
import type { ColumnMeta } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import type { TracedPlan } from '../../core/lineage/connect/plan-tracer.js';
import type { PlanMessage } from '../../core/plan/connect/message.js';
import type { SessionFunction } from '../../core/plan/connect/session-functions.js';
import type { Governance } from '../statement.js';
import type { CodeEngine, ConnectEngine, ConnectSession, PlanSession } from './engine.js';
import type { Namespace } from './plan-leaf.js';
import { SecuredViews } from './secured-views.js';

const VIEWS_MAX = 1_000;
/** Results the server keeps for one session, and so memory of it. */
const KEPT_MAX = 100;
/** As many again: a pipeline trains one for each stage, a search one for each fold. */
const MODELS_MAX = 1_000;

export interface SessionView {
  readonly name: string;
  /** The caller's own plan: secured anew whenever it is used. */
  readonly plan: PlanMessage;
  readonly columns: readonly ColumnMeta[];
  readonly policyVersion: number;
}

/** A result that the server keeps under an id of its own. */
export interface KeptResult {
  readonly serverId: string;
  /** It is the view of a memory sink of this name, not a result. */
  readonly view?: true;
  /** What was decided when it was made: whoever reads it later must still have it decided so. */
  readonly governance: Governance;
  /** Where its columns come from. */
  readonly trace: () => TracedPlan;
}

/** The session on the server that goes with one policy version, and what is there of the client's. */
export interface EngineSession {
  readonly policyVersion: number;
  readonly session: ConnectSession;
  /** Hashes of uploaded rows. */
  readonly uploaded: Set<string>;
  /** Secured leaves that it keeps. */
  readonly views: SecuredViews;
  /** By the ids that the client knows. */
  readonly kept: Map<string, KeptResult>;
  /** Models that were trained or loaded, by their ids on the server, which are random. */
  readonly models: Map<string, KeptResult>;
}

/** The session on the server for code that goes with one policy version. */
export interface CodeSession {
  readonly session: PlanSession;
  /** Hashes of rows that it was handed. */
  readonly uploaded: Set<string>;
  /** Names of files that it was given. */
  readonly files: Set<string>;
  /** Functions that it was told of, by their names in lower case. */
  readonly told: Map<string, SessionFunction>;
  bytes: number;
}

export class ClientSession {
  /** Told to the client; a session that is opened again has another one, so that the client notices. */
  readonly serverSideId = randomUUID();
  namespace: Namespace;
  /** It has asked the server to keep rows in memory. */
  persists = false;
  readonly views = new Map<string, SessionView>();
  /** By their names in lower case. */
  readonly functions = new Map<string, SessionFunction>();
  readonly settings = new Map<string, string>();
  /** Those that the server's sessions get. */
  readonly serverSettings = new Map<string, string>();
  private engine: EngineSession | undefined;
  private code: (CodeSession & { readonly engine: CodeEngine }) | undefined;
  private released = false;

  constructor(
    readonly user: string,
    readonly id: string,
    namespace: Namespace,
  ) {
    this.namespace = namespace;
  }

  addView(view: SessionView, replace: boolean): void {
    const key = view.name.toLowerCase();
    if (this.views.has(key) && !replace) {
      throw new GovernanceError('CONFLICT', `There is a temporary view ${view.name} already.`, {
        remedy: 'Use createOrReplaceTempView, or another name.',
        sqlState: '42P07',
      });
    }
    if (this.views.size >= VIEWS_MAX && !this.views.has(key)) throw tooMany(`${VIEWS_MAX} temporary views`);
    this.views.set(key, view);
  }

  /**
   * The server's session under this policy version. When policies change there is another one: nothing that was cached or
   * kept under the old ones is found again.
   */
  async engineSession(engine: ConnectEngine, policyVersion: number): Promise<EngineSession> {
    if (this.released) throw sessionGone();
    const key = { clientSession: this.key, policyVersion };
    const session = await engine.session(key, Object.fromEntries(this.serverSettings));
    if (this.engine?.session !== session || this.engine.policyVersion !== policyVersion) {
      this.engine = {
        policyVersion,
        session,
        uploaded: new Set(),
        views: new SecuredViews(session),
        kept: new Map(),
        models: new Map(),
      };
      engine.end(this.key, policyVersion);
    }
    return this.engine;
  }

  async codeSession(engine: CodeEngine, policyVersion: number): Promise<CodeSession> {
    if (this.released) throw sessionGone();
    const session = await engine.session(
      { clientSession: this.key, policyVersion },
      Object.fromEntries(this.serverSettings),
    );
    if (this.code?.session !== session) {
      this.code = { engine, session, uploaded: new Set(), files: new Set(), told: new Map(), bytes: 0 };
      engine.end(this.key, policyVersion);
    }
    return this.code;
  }

  /** A setting of its sessions on the servers has changed; one that is made later gets it with the others. */
  async put(key: string, value: string): Promise<void> {
    const operation = { opType: { case: 'set', value: { pairs: [{ key, value }] } } };
    this.engine?.views.forget();
    await this.engine?.session.call('Config', { operation });
    await this.code?.session.call('Config', { operation }).catch(() => this.endCode());
  }

  /** The server's session as it is, if there is one. */
  get currentEngine(): EngineSession | undefined {
    return this.engine;
  }

  /** What the client calls a result that the server keeps. */
  keep(engine: EngineSession, result: KeptResult): string {
    if (engine.kept.size >= KEPT_MAX) throw tooMany(`${KEPT_MAX} checkpoints`);
    const id = randomUUID();
    engine.kept.set(id, result);
    return id;
  }

  keepModel(engine: EngineSession, model: KeptResult): void {
    if (engine.models.size >= MODELS_MAX) throw tooMany(`${MODELS_MAX} models`);
    engine.models.set(model.serverId, model);
  }

  release(engine: ConnectEngine): void {
    this.released = true;
    this.views.clear();
    this.functions.clear();
    this.engine = undefined;
    this.endCode();
    engine.end(this.key);
  }

  private endCode(): void {
    this.code?.engine.end(this.key);
    this.code = undefined;
  }

  /** What the server's side goes by: no id of the client's is sent on. */
  private get key(): string {
    return this.serverSideId;
  }
}

const tooMany = (what: string): GovernanceError =>
  new GovernanceError('RESOURCES_EXHAUSTED', `One session has at most ${what}.`, { sqlState: '53000' });

const sessionGone = (): GovernanceError =>
  new GovernanceError('NOT_FOUND', 'The session was released.', { remedy: 'Create a new session.' });
