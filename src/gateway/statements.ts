/**
 * Statements while they are of interest: submitted, waited for, cancelled, fetched, expired. One entry per
 * statement in memory; the register in Postgres remembers the rest.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { GovernanceError } from '../core/errors.js';
import type { ByteFormat, ByteResult, EngineStage } from '../engines/engine.js';
import type { IdempotencyClaim, IdempotencyKeys } from '../store/idempotency-keys.js';
import type { RegisteredStatement, StatementPage, StatementRegister } from '../store/statement-register.js';
import type { Admission } from './admission/admission.js';
import type { Place } from './admission/turn-queue.js';
import type { LoggedPlan, OperationLog } from './connect/operation-log.js';
import type { StatementPipeline } from './pipeline.js';
import type { RegisterWriter } from './register-writer.js';
import { type KeptChunk, type Results, resultExpired } from './results.js';
import type { GovernedStatement, StatementPlan } from './run-statement.js';
import type { Caller, StatementRequest, Timings } from './statement.js';
import { failedState, newStatement, registerRow, type Statement } from './statement-entry.js';

export type { RegisteredStatement, Statement, StatementPage };

const KEPT_MAX = 10_000;
/** Statements whose plan can be asked for: each holds its plan and a view of the catalogue. */
const PLANS_MAX = 200;
const EXPIRY_CHECK_MS = 10_000;
const KEY_PURGE_MS = 3_600_000;
/** A retry after that long is a new statement. */
const KEY_AGE_MS_MAX = 24 * 3_600_000;
/** Between the claim of a key and the entry of its statement, on this gateway or another. */
const CLAIMED_WAIT_MS = 2_000;
const CLAIMED_POLL_MS = 20;

/** A statement or a plan of the other door, and where it waits. */
export interface Watched {
  readonly statement?: Statement;
  readonly operation?: LoggedPlan;
  readonly place?: Place;
}

export interface ShownPlan {
  readonly engine: string;
  readonly timings: Timings;
  /** Null: there is none for this kind. */
  readonly text: string | null;
  readonly stages: readonly EngineStage[];
}

export interface StatementsOptions {
  readonly pipeline: StatementPipeline;
  readonly register: Pick<StatementRegister, 'find' | 'askCancel' | 'list' | 'remove'>;
  readonly registerWriter: RegisterWriter;
  readonly idempotencyKeys: IdempotencyKeys;
  readonly results: Results;
  readonly admission: Pick<Admission, 'place'>;
  /** Plans of the Spark Connect door. */
  readonly operations: OperationLog;
  readonly ttlMs: number;
  readonly clock: () => Date;
  readonly onProblem: (what: string, error: unknown) => void;
}

export class Statements {
  private readonly entries = new Map<string, Statement>();
  private readonly plans = new LRUCache<string, StatementPlan>({ max: PLANS_MAX });
  private readonly timers: readonly NodeJS.Timeout[];
  private stopping = false;

  constructor(private readonly options: StatementsOptions) {
    this.timers = [
      setInterval(() => this.expire(), EXPIRY_CHECK_MS),
      setInterval(() => this.purgeKeys(), KEY_PURGE_MS),
    ];
    for (const timer of this.timers) timer.unref();
  }

  /** Of several claims of one key exactly one is new: that one submits under `id`. */
  claim(user: string, key: string, bodyHash: Buffer, id: string): Promise<IdempotencyClaim> {
    return this.options.idempotencyKeys.claim(user, key, bodyHash, id);
  }

  /** Starts to run; the result is kept for chunks. */
  submit(caller: Caller, request: StatementRequest): Statement {
    return this.start(caller, request, randomUUID(), async () => undefined);
  }

  /** As `submit`, under a claimed key. What failed for now gives the key back: a retry is to run. */
  submitClaimed(caller: Caller, request: StatementRequest, key: string, id: string): Statement {
    const { user } = caller.principal;
    const release = (): Promise<void> =>
      this.options.idempotencyKeys
        .release(user, key, id)
        .catch((error: unknown) => this.options.onProblem('idempotency keys', error));
    try {
      const begun = this.start(caller, request, id, (error) => (isRetryable(error) ? release() : undefined));
      // Who comes again with the key, at another gateway or after a crash, must find it.
      void this.options.registerWriter.flush();
      return begun;
    } catch (error) {
      void release();
      throw error;
    }
  }

  private start(
    caller: Caller,
    request: StatementRequest,
    id: string,
    beforeFailure: (error: unknown) => Promise<void> | undefined,
  ): Statement {
    const statement = this.enter(caller, request, id);
    void this.runRows(caller, request, statement).then(
      () => this.finish(statement, undefined),
      async (error: unknown) => {
        await beforeFailure(error);
        this.finish(statement, error);
      },
    );
    return statement;
  }

  /** The statement that claimed a key; it may be about to be entered. */
  async findClaimed(user: string, id: string): Promise<Statement | RegisteredStatement> {
    const deadline = Date.now() + CLAIMED_WAIT_MS;
    for (;;) {
      try {
        return await this.find(user, id);
      } catch (error) {
        const missing = error instanceof GovernanceError && error.code === 'NOT_FOUND';
        if (!missing || Date.now() > deadline) throw error;
      }
      await sleep(CLAIMED_POLL_MS);
    }
  }

  /**
   * Runs and hands the bytes on as they come; nothing is kept but how it ended. `gone`: nobody wants them any
   * more.
   */
  async stream(
    caller: Caller,
    request: StatementRequest,
    format: ByteFormat,
    gone: AbortSignal,
  ): Promise<{ readonly statement: Statement; readonly bytes: ByteResult }> {
    const statement = this.enter(caller, request, randomUUID());
    const leave = (): void => statement.abort.abort();
    gone.addEventListener('abort', leave, { once: true });
    if (gone.aborted) leave();
    const failed = (error: unknown): void => this.finish(statement, error);
    try {
      const run = await this.options.pipeline.run(
        caller,
        request,
        { mode: 'bytes', format },
        this.hooks(statement),
      );
      if (run.bytes === undefined) throw new Error('a byte run gave no bytes');
      statement.timings = run.timings;
      run.bytes.done.then((end) => {
        statement.end = end;
        this.finish(statement, undefined);
      }, failed);
      return { statement, bytes: run.bytes };
    } catch (error) {
      failed(error);
      throw error;
    }
  }

  /** Of this user; a stranger's is not found. Statements from before a restart come from the register. */
  async find(user: string, id: string): Promise<Statement | RegisteredStatement> {
    const entry = this.entries.get(id);
    if (entry !== undefined && entry.user === user) {
      if (entry.state === 'succeeded' && entry.result?.expired === true) entry.state = 'expired';
      return entry;
    }
    if (entry === undefined) await this.options.registerWriter.flush();
    const registered = entry === undefined ? await this.options.register.find(id) : undefined;
    if (registered === undefined || registered.principal !== user) throw noStatement();
    return registered;
  }

  /** Of one user; without one, of all. */
  async list(user: string | undefined, cursor: string | undefined, limit: number): Promise<StatementPage> {
    await this.options.registerWriter.flush();
    return this.options.register.list(user, cursor, limit);
  }

  /** What this gateway knows of a statement that is listed. */
  watched(id: string): Watched {
    const place = this.options.admission.place(id);
    const statement = this.entries.get(id);
    const operation = this.options.operations.find(id);
    return {
      ...(statement === undefined ? {} : { statement }),
      ...(operation === undefined ? {} : { operation }),
      ...(place === undefined ? {} : { place }),
    };
  }

  /** How the engine runs or ran it. Throws EXPLAIN_NOT_ALLOWED for who may not see that. */
  async plan(caller: Caller, id: string): Promise<ShownPlan> {
    const { user } = caller.principal;
    const operation = this.options.operations.find(id);
    if (operation?.user === user) {
      this.options.pipeline.requireExplain(caller.principal, operation.objects);
      const { timings, stages } = operation;
      return { engine: 'spark', timings, text: null, stages: await stages() };
    }
    const found = await this.find(user, id);
    const plan = this.plans.get(id);
    if (!('abort' in found) || found.governed === undefined || plan === undefined) {
      throw new GovernanceError('NOT_FOUND', 'The plan of this statement is not kept here.', {
        remedy: 'POST /v1/statements/explain shows the plan of a statement without running it.',
      });
    }
    const { engine, governance } = found.governed;
    this.options.pipeline.requireExplain(caller.principal, governance.objects);
    return { engine, timings: found.timings, text: await plan.text(), stages: await plan.stages() };
  }

  /** Resolves when what was submitted would be found after a crash as well. */
  registered(): Promise<void> {
    return this.options.registerWriter.flush();
  }

  async cancel(user: string, id: string): Promise<void> {
    const operation = this.options.operations.find(id);
    if (operation?.user === user) return operation.stop();
    const found = await this.find(user, id);
    if ('abort' in found) found.abort.abort();
    else if (found.finishedAt === null) await this.options.register.askCancel(id);
  }

  /** Cancels, forgets the result and the statement. */
  async remove(user: string, id: string): Promise<void> {
    const found = await this.find(user, id);
    if ('abort' in found) {
      found.abort.abort();
      await found.ended;
      this.entries.delete(id);
      this.plans.delete(id);
      await found.result?.remove();
      this.options.pipeline.forget(id);
      // What is still to be written of it comes before it is removed.
      await this.options.registerWriter.flush();
    }
    await this.options.register.remove(id);
  }

  /** One chunk of a kept result; the rights are those of now. */
  async chunk(caller: Caller, statement: Statement, n: number): Promise<KeptChunk> {
    if (statement.result === undefined) throw resultExpired();
    this.requireSameRights(caller, statement);
    if (n < 0 || n >= statement.result.chunkCount) {
      throw new GovernanceError(
        'NOT_FOUND',
        `The result has chunks 0 to ${statement.result.chunkCount - 1}.`,
      );
    }
    return statement.result.chunk(n);
  }

  /** Policies may have changed since: what one could no longer get, one cannot fetch either. */
  requireSameRights(caller: Caller, statement: Statement): void {
    if (statement.governed === undefined) return;
    if (
      this.options.pipeline.sameRights(
        caller.principal,
        statement.governed.governance,
        statement.asked.purpose,
      )
    )
      return;
    throw new GovernanceError('ACCESS_DENIED', 'Policies have changed since this result was made.', {
      decisionId: statement.governed.governance.decisionId,
      remedy: 'Run the statement again.',
      sqlState: '42501',
    });
  }

  /** Lets what runs end for `graceMs`, then cancels it and waits for how it ended. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    for (const timer of this.timers) clearInterval(timer);
    const open = [...this.entries.values()].filter((s) => s.finishedAt === undefined);
    const all = Promise.allSettled(open.map((statement) => statement.ended));
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs / 2);
    });
    await Promise.race([all, grace]);
    clearTimeout(timer);
    for (const statement of open) statement.abort.abort();
    await all;
  }

  private enter(caller: Caller, request: StatementRequest, id: string): Statement {
    if (this.stopping) {
      throw new GovernanceError('ENGINE_UNAVAILABLE', 'The gateway is stopping.', {
        retryable: true,
        retryAfterSeconds: 5,
      });
    }
    const statement = newStatement(id, caller.principal.user, request, this.options.clock());
    this.entries.set(id, statement);
    if (this.entries.size > KEPT_MAX) this.dropOldest();
    this.note(statement);
    return statement;
  }

  private hooks(statement: Statement) {
    return {
      statementId: statement.id,
      signal: statement.abort.signal,
      onGoverned: (governed: GovernedStatement, plan: StatementPlan) => {
        statement.governed = governed;
        this.plans.set(statement.id, plan);
        statement.fraction = plan.fraction;
      },
      onRunning: () => {
        if (statement.state !== 'queued') return;
        statement.state = 'running';
        statement.startedAt = this.options.clock();
      },
      onBytes: (bytes: number) => {
        statement.bytes += bytes;
      },
    };
  }

  private async runRows(caller: Caller, request: StatementRequest, statement: Statement): Promise<void> {
    const { rows, timings } = await this.options.pipeline.run(
      caller,
      request,
      { mode: 'rows' },
      this.hooks(statement),
    );
    if (rows === undefined) throw new Error('a row run gave no rows');
    statement.timings = timings;
    statement.result = await this.options.results.store(statement.id, statement.user, rows);
    statement.end = { rowCount: rows.rowCount, truncated: rows.truncated };
  }

  private finish(statement: Statement, error: unknown): void {
    statement.finishedAt = this.options.clock();
    delete statement.fraction;
    statement.state = error === undefined ? 'succeeded' : failedState(error);
    if (error !== undefined) statement.error = error;
    this.note(statement);
    statement.settle();
  }

  private note(statement: Statement): void {
    this.options.registerWriter.note(statement.id, () => registerRow(statement));
  }

  private expire(): void {
    const now = this.options.clock().getTime();
    for (const [id, statement] of this.entries) {
      if (statement.finishedAt === undefined || now - statement.finishedAt.getTime() < this.options.ttlMs)
        continue;
      this.forget(id, statement);
    }
  }

  private purgeKeys(): void {
    this.options.idempotencyKeys
      .purge(KEY_AGE_MS_MAX)
      .catch((error: unknown) => this.options.onProblem('idempotency keys', error));
  }

  private dropOldest(): void {
    for (const [id, statement] of this.entries) {
      if (statement.finishedAt === undefined) continue;
      this.forget(id, statement);
      return;
    }
  }

  private forget(id: string, statement: Statement): void {
    this.entries.delete(id);
    this.plans.delete(id);
    void statement.result?.remove().catch((error: unknown) => this.options.onProblem('a result', error));
    if (statement.state === 'succeeded') this.options.registerWriter.expire(id);
  }
}

const isRetryable = (error: unknown): boolean =>
  error instanceof GovernanceError && error.details.retryable === true;

const noStatement = (): GovernanceError => new GovernanceError('NOT_FOUND', 'There is no such statement.');
