/**
 * A second Spark Connect server, for code of callers. It is given rows and plans over them: no table is registered there,
 * and no name, path or SQL text of ours goes there. That it has no other way to data is its operator's word.
 */
import { GovernanceError } from '../../core/errors.js';
import type { ConnectMessage } from '../../proto/message.js';
import type { EngineStatus } from '../engine.js';
import { SparkChannel } from './channel.js';
import { codeError } from './code-error.js';
import { parseSparkUrl } from './connect-url.js';
import { isClosedSession } from './errors.js';
import { isLost } from './server.js';
import type { SparkSession } from './session.js';
import { type SessionKey, SparkSessions } from './sessions.js';
import { type Fields, WatchedSession } from './watched-session.js';

/** A Python process that has run the code of one must not be there for the rows of another. */
const WORKERS_STAY = 'spark.python.worker.reuse';

export class SparkCodeEngine {
  readonly #channel: SparkChannel;
  readonly #sessions: SparkSessions;
  readonly #settings: Readonly<Record<string, string>>;
  /** One for each session of the server, so that who keeps one sees when there is another. */
  readonly #made = new WeakMap<SparkSession, SparkCodeSession>();
  /** Told when a session was last opened there; undefined: it cannot be reached. */
  #version: string | undefined;
  #running = 0;

  constructor(url: string, settings: Readonly<Record<string, string>>) {
    this.#channel = new SparkChannel(parseSparkUrl(url));
    this.#sessions = new SparkSessions(this.#channel);
    this.#settings = settings;
  }

  async session(key: SessionKey, settings: Readonly<Record<string, string>>): Promise<SparkCodeSession> {
    try {
      return await this.#open(key, settings);
    } catch (error) {
      // The server has begun anew, or has forgotten this one: there is another.
      if (!isGone(error)) throw error;
      return await this.#open(key, settings);
    }
  }

  status(): EngineStatus {
    return {
      id: 'spark-code',
      kind: 'spark',
      // What else has a name there, nobody asks: it is given no names.
      trust: 'unnamed',
      version: this.#version ?? 'not connected',
      running: this.#running,
      // What runs here waits where its rows come from.
      queued: 0,
      threads: 0,
      memoryLimit: 'unknown',
    };
  }

  end(clientSession: string, keep?: number): void {
    this.#sessions.end(clientSession, keep);
  }

  async close(): Promise<void> {
    await this.#sessions.close();
    this.#channel.close();
  }

  async #open(key: SessionKey, settings: Readonly<Record<string, string>>): Promise<SparkCodeSession> {
    const session = await this.#sessions.get(key, { ...this.#settings, ...settings }).catch((error) => {
      if (isGone(error)) this.#version = undefined;
      throw error;
    });
    const forget = (): void => this.#sessions.forget(session);
    let stay: string | undefined;
    try {
      stay = await session.setting(WORKERS_STAY);
      this.#version ??= await session.version();
    } catch (error) {
      if (isGone(error)) this.#version = undefined;
      forget();
      throw error;
    }
    if (stay !== 'false') throw notIsolated();
    const made =
      this.#made.get(session) ??
      new SparkCodeSession(session, forget, (more) => {
        this.#running += more;
      });
    this.#made.set(session, made);
    return made;
  }
}

export class SparkCodeSession extends WatchedSession {
  readonly #runs: (more: 1 | -1) => void;

  constructor(session: SparkSession, forget: () => void, runs: (more: 1 | -1) => void) {
    super(session, (error) => {
      if (!isGone(error)) return codeError(error);
      forget();
      return new GovernanceError(
        'ENGINE_UNAVAILABLE',
        'The Spark server for code cannot be reached.',
        { retryable: true, remedy: 'Try again in a moment.' },
        error,
      );
    });
    this.#runs = runs;
  }

  override async *answers(
    method: string,
    fields: Fields,
    signal: AbortSignal,
  ): AsyncGenerator<ConnectMessage> {
    this.#runs(1);
    try {
      yield* super.answers(method, fields, signal);
    } finally {
      this.#runs(-1);
    }
  }
}

const isGone = (error: unknown): boolean => isLost(error) || isClosedSession(error);

const notIsolated = (): GovernanceError =>
  new GovernanceError('ENGINE_UNAVAILABLE', 'The Spark server for code keeps Python processes for others.', {
    remedy: `An operator can set ${WORKERS_STAY}=false on it (docs/how-to/code.md).`,
  });
