/**
 * The server for the Spark Connect door: what it judges is printed and judged as for statements, and its sessions take
 * the door's own messages. Whichever Spark there is now is used; what was made on one that is gone is gone.
 */
import { randomUUID } from 'node:crypto';
import { GovernanceError } from '../../core/errors.js';
import type { ConnectMessage } from '../../proto/message.js';
import type {
  DeltaWritten,
  EngineStage,
  JudgedChange,
  SecuredRowChange,
  SecuredStatement,
  Written,
} from '../engine.js';
import { type DeltaSink, streamInto } from './delta-stream.js';
import { changeDelta, type DeltaChange, type DeltaRows, judgedChange, writeDelta } from './delta-tables.js';
import { isClosedSession } from './errors.js';
import { type ParquetWrite, writeParquet } from './parquet-write.js';
import { judgedSql, type NamedRelation } from './prepare.js';
import { type Connected, isLost, type SparkServer } from './server.js';
import { planOf, type SparkSession } from './session.js';
import type { SessionKey } from './sessions.js';
import type { SparkSlot } from './spark-slot.js';
import { type Fields, WatchedSession } from './watched-session.js';

/** Any setting that every server has. */
const ALIVE = 'spark.sql.session.timeZone';

export class SparkConnectEngine {
  readonly #slot: Pick<SparkSlot, 'current'>;
  /** One for each session of the server, so that who keeps one sees when there is another. */
  readonly #sessions = new WeakMap<SparkSession, SparkConnectSession>();

  constructor(slot: Pick<SparkSlot, 'current'>) {
    this.#slot = slot;
  }

  serverVersion(): Promise<string> {
    return this.#server.with(async ({ version }) => version);
  }

  print(statement: SecuredStatement, named: ReadonlyMap<string, NamedRelation>): Promise<string> {
    return this.#server.with((connected) => judgedSql(statement, connected, named));
  }

  printChange(
    change: SecuredRowChange,
    folder: string,
    named: ReadonlyMap<string, NamedRelation>,
  ): Promise<JudgedChange> {
    return this.#server.with((connected) => judgedChange(change, folder, connected, named));
  }

  streamInto(relation: ConnectMessage, sink: DeltaSink): Promise<Fields> {
    return this.#server.with(({ session }) => streamInto(session, relation, sink));
  }

  session(key: SessionKey, settings: Readonly<Record<string, string>>): Promise<SparkConnectSession> {
    const server = this.#server;
    return server.with(async (connected) => {
      const session = await connected.sessions.get(key, { ...server.settings, ...settings });
      const known = this.#sessions.get(session);
      if (known !== undefined) return known;
      // A server that has begun anew takes new sessions as if nothing had been, but has none of our tables. The session
      // that made them notices.
      await connected.session.setting(ALIVE);
      const made = new SparkConnectSession(session, server, connected);
      this.#sessions.set(session, made);
      return made;
    });
  }

  async stages(operationId: string): Promise<readonly EngineStage[]> {
    return (await this.#slot.current()?.stagesOf(operationId)) ?? [];
  }

  end(clientSession: string, keep?: number): void {
    this.#slot.current()?.server.last?.sessions.end(clientSession, keep);
  }

  get #server(): SparkServer {
    const engine = this.#slot.current();
    if (engine !== undefined) return engine.server;
    throw new GovernanceError('ENGINE_UNAVAILABLE', 'There is no Spark behind this gateway.', {
      remedy: 'Start one with npm run spark, or set SLUICE_SPARK_URL.',
    });
  }
}

export class SparkConnectSession extends WatchedSession {
  constructor(session: SparkSession, server: SparkServer, connected: Connected) {
    super(session, (error) => {
      // Sessions of others go on when this one has ended.
      if (isClosedSession(error)) connected.sessions.forget(session);
      else if (isLost(error)) server.lost(connected);
      return error;
    });
  }

  rows(
    relation: ConnectMessage,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly data: Uint8Array; readonly rows: number }> {
    return this.watchedAll(() => this.session.execute(planOf(relation), randomUUID(), signal));
  }

  writeFiles(input: ConnectMessage, write: Omit<ParquetWrite, 'input'>): Promise<Written> {
    return this.watched(() => writeParquet(this.session, { ...write, input }));
  }

  writeDelta(input: ConnectMessage, write: Omit<DeltaRows, 'input'>): Promise<DeltaWritten> {
    return this.watched(() => writeDelta(this.session, { ...write, input }));
  }

  changeDelta(change: DeltaChange): Promise<DeltaWritten> {
    return this.watched(() => changeDelta(this.session, change));
  }
}
