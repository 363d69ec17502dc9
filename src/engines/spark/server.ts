/**
 * The Spark Connect server that plans run on, for as long as it is there: connected to when first needed, and again
 * after it was lost. Whatever was made on a lost server is gone with it.
 */
import { LRUCache } from 'lru-cache';
import { GovernanceError } from '../../core/errors.js';
import type { SparkChannel } from './channel.js';
import { LakeTables } from './lake-tables.js';
import { SparkSession, sqlRelation } from './session.js';
import { SparkSessions } from './sessions.js';

/** Judgements are kept by the length of what was judged. */
const JUDGED_CHARS_MAX = 16 * 2 ** 20;
const RECONNECT_MAX = 1;

export interface Connected {
  /** Ours, for tables, judgements and statements that belong to no client session. */
  readonly session: SparkSession;
  readonly sessions: SparkSessions;
  readonly tables: LakeTables;
  readonly version: string;
  /** Nobody but us has named anything there. */
  readonly named: boolean;
  /** What passed the second judge. */
  readonly judged: LRUCache<string, true>;
}

export class SparkServer {
  readonly #channel: SparkChannel;
  readonly #settings: Readonly<Record<string, string>>;
  #connected: Promise<Connected> | undefined;
  #last: Connected | undefined;

  constructor(channel: SparkChannel, settings: Readonly<Record<string, string>>) {
    this.#channel = channel;
    this.#settings = settings;
  }

  /** Of every session. */
  get settings(): Readonly<Record<string, string>> {
    return this.#settings;
  }

  /** The connection as it is, for those who only look. */
  get last(): Connected | undefined {
    return this.#last;
  }

  /**
   * Does this with the server; once more from the beginning when it turns out to have begun anew, if `again` says that
   * this can still be done.
   */
  async with<T>(work: (connected: Connected) => Promise<T>, again = (): boolean => true): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      const connected = await this.#connect();
      try {
        return await work(connected);
      } catch (error) {
        if (!isLost(error)) throw error;
        this.lost(connected);
        if (attempt >= RECONNECT_MAX || !again()) throw error;
      }
    }
  }

  /** This connection is of no use any more. */
  lost(connected: Connected): void {
    if (this.#last !== connected) return;
    this.#last = undefined;
    this.#connected = undefined;
    void connected.sessions.close();
  }

  async close(): Promise<void> {
    const connected = this.#last;
    this.#connected = Promise.reject(closing());
    this.#connected.catch(() => undefined);
    this.#last = undefined;
    if (connected !== undefined) {
      await connected.tables.close();
      await connected.sessions.close();
      await connected.session.release();
    }
    this.#channel.close();
  }

  #connect(): Promise<Connected> {
    if (this.#connected !== undefined) return this.#connected;
    const connecting = this.#open();
    this.#connected = connecting;
    connecting.then(
      (connected) => {
        if (this.#connected === connecting) this.#last = connected;
      },
      () => {
        if (this.#connected === connecting) this.#connected = undefined;
      },
    );
    return connecting;
  }

  async #open(): Promise<Connected> {
    const session = await SparkSession.open(this.#channel, this.#settings);
    const [version, tables, named] = await Promise.all([
      session.version(),
      LakeTables.open(session),
      isEmpty(session),
    ]);
    return {
      session,
      sessions: new SparkSessions(this.#channel),
      tables,
      version,
      named,
      judged: new LRUCache({ maxSize: JUDGED_CHARS_MAX, sizeCalculation: (_, key) => key.length }),
    };
  }
}

/** Are there no tables but those we register? Then every name there is was drawn by us. */
async function isEmpty(session: SparkSession): Promise<boolean> {
  const [catalogs, schemas, tables] = await Promise.all(
    ['SHOW CATALOGS', 'SHOW SCHEMAS', 'SHOW TABLES IN default'].map((sql) => session.run(sqlRelation(sql))),
  );
  return catalogs === 1 && schemas === 1 && tables === 0;
}

export const isLost = (error: unknown): boolean =>
  error instanceof GovernanceError && error.code === 'ENGINE_UNAVAILABLE';

const closing = (): GovernanceError =>
  new GovernanceError('ENGINE_UNAVAILABLE', 'The engine is shutting down.', { retryable: true });
