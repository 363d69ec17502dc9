/**
 * The streams that run for clients, and the watch over them. Each second all that was decided at a stream's start is asked
 * again; a stream is stopped at the first answer that differs. A stream of another principal is not there.
 */

import type { CatalogSnapshot } from '../../../core/catalog/catalog.js';
import { GovernanceError } from '../../../core/errors.js';
import type { Policies } from '../../policies.js';
import type { Recorder } from '../../recorder.js';
import type { Caller, Governance } from '../../statement.js';
import type { ClientSession, EngineSession } from '../connect-session.js';
import type { BatchProgress } from './progress.js';
import { noSuchStream, streamStopped } from './stream-errors.js';
import type { StreamingQuery } from './streaming-query.js';

const WATCH_MS = 1_000;
/** A stream keeps its place on the engine while it runs: this part of all places streams may have. */
const PLACES_PART = 1 / 2;
const RUNNING_PER_USER_MAX = 20;
/** Each holds a connection to Postgres while it runs. */
const RUNNING_INTO_TABLES_MAX = 2;
/** That have ended and may still be asked about, the newest of each principal. */
const ENDED_PER_USER_MAX = 100;
/** Rows that a sink keeps in the server's memory. */
export const memoryRowsMax = 1_000_000;
const RECORD_MS = 60_000;

export interface StreamsOptions {
  readonly policies: Policies;
  readonly catalog: () => CatalogSnapshot;
  readonly sameRights: (principal: Caller['principal'], governance: Governance, purpose?: string) => boolean;
  /** Are the credentials still good, and do they still mean the same principal? */
  readonly stillValid: (caller: Caller) => Promise<boolean>;
  readonly recorder: Pick<Recorder, 'record'>;
  readonly clock: () => Date;
  readonly onProblem: (error: unknown) => void;
  /** The session is in use while it has a stream. */
  readonly keepOpen: (session: ClientSession, shared: EngineSession | undefined) => void;
  /** Statements that run on the engine at the same time, streams among them. */
  readonly enginePlaces: number;
  readonly watchMs?: number;
}

export interface StreamListener {
  readonly session: ClientSession;
  progressed(query: StreamingQuery, batch: BatchProgress): void;
  terminated(query: StreamingQuery): void;
}

interface Watched {
  readonly query: StreamingQuery;
  /** Batches that are on record, and when that was. */
  recorded: number;
  recordedAt: number;
  looking?: Promise<void> | undefined;
}

export class Streams {
  private readonly byUser = new Map<string, Map<string, Watched>>();
  private readonly listeners = new Set<StreamListener>();
  private readonly timer: NodeJS.Timeout;
  private watching = false;
  /** On their way to run: they wait for their turn, or the server is being asked. */
  private readonly coming = new Set<{ readonly user: string; readonly intoTable: boolean }>();
  /** Whose end the listeners were told of; and whose end a client no longer waits for. */
  private readonly ends = new WeakSet<StreamingQuery>();
  private readonly past = new WeakSet<StreamingQuery>();

  constructor(private readonly options: StreamsOptions) {
    this.timer = setInterval(() => void this.watch(), options.watchMs ?? WATCH_MS);
    this.timer.unref();
  }

  /** Room for one more until it is given back: by then the stream was added, or did not start. Throws QUEUE_FULL. */
  reserve(user: string, intoTable = false): () => void {
    const running = this.running().map(({ query: { facts } }) => ({
      user: facts.caller.principal.user,
      intoTable: facts.table !== undefined,
    }));
    const all = [...running, ...this.coming];
    if (intoTable && all.filter((one) => one.intoTable).length >= RUNNING_INTO_TABLES_MAX)
      throw noRoomForTables();
    if (all.filter((one) => one.user === user).length >= RUNNING_PER_USER_MAX)
      throw noRoom(`At most ${RUNNING_PER_USER_MAX} streams run for one principal.`);
    const places = Math.max(1, Math.floor(this.options.enginePlaces * PLACES_PART));
    if (all.length >= places) throw noRoom(`At most ${places} streams run at a gateway.`);
    const one = { user, intoTable };
    this.coming.add(one);
    return () => void this.coming.delete(one);
  }

  /** Throws when a stream of this session runs under the name. */
  requireFree(session: ClientSession, name: string): void {
    const taken = this.ofSession(session).some(({ ended, facts }) => !ended && facts.shown.name === name);
    if (!taken) return;
    throw new GovernanceError('CONFLICT', `A stream of this session runs as ${name} already.`, {
      remedy: 'Stop it, or use another name.',
      sqlState: '42710',
    });
  }

  add(query: StreamingQuery): void {
    const all = this.of(query.facts.caller.principal.user);
    const { clock } = this.options;
    all.set(query.facts.runId, { query, recorded: 0, recordedAt: clock().getTime() });
    const ended = [...all.values()].filter(({ query: { ended: over } }) => over);
    for (const old of ended.slice(0, Math.max(0, ended.length - ENDED_PER_USER_MAX)))
      all.delete(old.query.facts.runId);
  }

  /** By the id of the query and of its run. */
  find(user: string, id: string, runId: string): StreamingQuery {
    const found = this.of(user).get(runId)?.query;
    if (found?.facts.id === id) return found;
    throw noSuchStream();
  }

  active(user: string): readonly StreamingQuery[] {
    return [...this.of(user).values()].map(({ query }) => query).filter(({ ended }) => !ended);
  }

  /** Newest last; those of one client. */
  ofSession(session: ClientSession): readonly StreamingQuery[] {
    return [...this.of(session.user).values()]
      .map(({ query }) => query)
      .filter(({ facts }) => facts.client === session);
  }

  listen(listener: StreamListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The client has ended its session: as on the server, its streams end with it. */
  async stopAll(session: ClientSession): Promise<void> {
    await Promise.all(this.ofSession(session).map((query) => this.stopOne(query)));
  }

  async stopOne(query: StreamingQuery): Promise<void> {
    // Its last rows are shown once all has been asked again.
    if (query.facts.table !== undefined) await this.look(query);
    if (!query.ended) await query.stop();
    this.tellEnd(query);
  }

  /** From outside of the session it belongs to: what nobody has seen yet is not shown. */
  async cancel(query: StreamingQuery): Promise<void> {
    await query.stopFor(canceled());
    this.tellEnd(query);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    const reason = new GovernanceError('STREAM_STOPPED', 'The gateway is shutting down.', {
      retryable: true,
      sqlState: '57P01',
    });
    await Promise.all(this.running().map(({ query }) => query.stopFor(reason).catch(() => undefined)));
  }

  /** One that has ended since the client last asked to forget those that have. */
  newlyEnded(session: ClientSession): StreamingQuery | undefined {
    return this.ofSession(session).find((query) => query.ended && !this.past.has(query));
  }

  forgetEnded(session: ClientSession): void {
    for (const query of this.ofSession(session)) if (query.ended) this.past.add(query);
  }

  /** Looks after this one now; all that ask meanwhile share one look. */
  async look(query: StreamingQuery): Promise<void> {
    const watched = this.of(query.facts.caller.principal.user).get(query.facts.runId);
    if (watched !== undefined && !query.ended) await this.lookAt(watched);
  }

  /** A look that begins now. */
  async lookAnew(query: StreamingQuery): Promise<void> {
    await this.of(query.facts.caller.principal.user).get(query.facts.runId)?.looking;
    await this.look(query);
  }

  private lookAt(watched: Watched): Promise<void> {
    watched.looking ??= this.watchOne(watched).finally(() => {
      watched.looking = undefined;
    });
    return watched.looking;
  }

  private async watch(): Promise<void> {
    if (this.watching) return;
    this.watching = true;
    try {
      await Promise.all(this.running().map((watched) => this.lookAt(watched)));
    } finally {
      this.watching = false;
    }
  }

  private async watchOne(watched: Watched): Promise<void> {
    const { query } = watched;
    try {
      const reason = await this.reasonToStop(query);
      if (reason !== undefined) await query.stopFor(reason);
      else await this.follow(query);
      if (query.inMemoryRows > memoryRowsMax) await query.stopFor(memoryFull());
      await this.record(watched);
    } catch (error) {
      const reason = error instanceof GovernanceError ? error : lost(error);
      await query.stopFor(reason).catch(this.options.onProblem);
    }
    if (query.ended) this.tellEnd(query);
  }

  private async follow(query: StreamingQuery): Promise<void> {
    const { isActive } = await query.status();
    this.told(query, await query.readBatches());
    if (isActive) await query.acknowledge();
    else await query.ran();
  }

  private async reasonToStop({ facts }: StreamingQuery): Promise<GovernanceError | undefined> {
    const { policies, catalog, sameRights, stillValid, keepOpen } = this.options;
    const { caller, governance, purpose, shared, client, asOfStart } = facts;
    if (!(await stillValid(caller))) {
      return streamStopped(
        'The credentials that the stream was started with are no longer valid, or mean other rights.',
        'Sign in again and start it again.',
      );
    }
    if (shared !== undefined && policies.current().version !== shared.policyVersion) {
      return streamStopped('Policies have changed since the stream was started.');
    }
    if (!sameRights(caller.principal, governance, purpose)) {
      return streamStopped('What you may see of its tables has changed since the stream was started.');
    }
    const { tables } = catalog();
    const changed = [...asOfStart].find(([id, version]) => tables.get(id)?.version !== version);
    if (changed !== undefined) {
      return streamStopped('A table that the stream reads as it was at its start has changed.');
    }
    keepOpen(client, shared);
    return undefined;
  }

  private told(query: StreamingQuery, batches: readonly BatchProgress[]): void {
    for (const listener of this.listeners) {
      if (listener.session !== query.facts.client) continue;
      for (const batch of batches) listener.progressed(query, batch);
    }
  }

  private tellEnd(query: StreamingQuery): void {
    if (this.ends.has(query)) return;
    this.ends.add(query);
    for (const listener of this.listeners) {
      if (listener.session === query.facts.client) listener.terminated(query);
    }
  }

  /** How far it is, each minute and at its end: no evidence, no data. */
  private async record(watched: Watched): Promise<void> {
    const { query } = watched;
    const { clock, recorder } = this.options;
    const now = clock().getTime();
    const batches = query.batchCount;
    if (batches === watched.recorded || (!query.ended && now - watched.recordedAt < RECORD_MS)) return;
    const { statementId, id, runId, table } = query.facts;
    await recorder.record({
      kind: 'stream.progress',
      at: clock().toISOString(),
      fields: {
        statementId,
        query: id,
        run: runId,
        batches,
        rows: query.rowsOut,
        ...(table === undefined ? {} : { target: table.object }),
      },
    });
    watched.recorded = batches;
    watched.recordedAt = now;
  }

  private running(): readonly Watched[] {
    return [...this.byUser.values()].flatMap((all) => [...all.values()].filter(({ query }) => !query.ended));
  }

  private of(user: string): Map<string, Watched> {
    const known = this.byUser.get(user) ?? new Map<string, Watched>();
    this.byUser.set(user, known);
    return known;
  }
}

const memoryFull = (): GovernanceError =>
  new GovernanceError('RESOURCES_EXHAUSTED', `A memory sink keeps at most ${memoryRowsMax} rows.`, {
    remedy: 'Stream to a table instead.',
    sqlState: '53000',
  });

const canceled = (): GovernanceError =>
  new GovernanceError('STATEMENT_CANCELED', 'The stream was cancelled.', { sqlState: '57014' });

const noRoom = (message: string): GovernanceError =>
  new GovernanceError('QUEUE_FULL', message, {
    retryable: true,
    remedy: 'Stop one of them: spark.streams.active lists yours.',
    sqlState: '53000',
  });

const noRoomForTables = (): GovernanceError =>
  new GovernanceError('QUEUE_FULL', `At most ${RUNNING_INTO_TABLES_MAX} streams write tables at a gateway.`, {
    retryable: true,
    remedy: 'Use trigger(availableNow=True) again and again, or stop one.',
    sqlState: '53000',
  });

const lost = (error: unknown): GovernanceError =>
  new GovernanceError(
    'ENGINE_UNAVAILABLE',
    'The stream could not be looked after any more, so it was ended.',
    { retryable: true, remedy: 'Start it again.' },
    error,
  );
