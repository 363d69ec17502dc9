/**
 * Engine sessions by whom they are for: one per key (client session and policy version), made when first asked for,
 * released when they have not been used for a while, when there are too many, and when their policy is no longer in
 * force.
 */
import { LRUCache } from 'lru-cache';
import type { SparkChannel } from './channel.js';
import { SparkSession } from './session.js';

const SESSIONS_MAX = 500;
const IDLE_MS = 30 * 60_000;
const SWEEP_MS = 60_000;

export interface SessionKey {
  readonly clientSession: string;
  readonly policyVersion: number;
}

export class SparkSessions {
  readonly #channel: SparkChannel;
  readonly #open: LRUCache<string, Promise<SparkSession>>;
  readonly #releasing = new Set<Promise<void>>();
  readonly #sweep: NodeJS.Timeout;

  constructor(channel: SparkChannel, { idleMs = IDLE_MS, sessionsMax = SESSIONS_MAX } = {}) {
    this.#channel = channel;
    this.#open = new LRUCache({
      max: sessionsMax,
      ttl: idleMs,
      updateAgeOnGet: true,
      dispose: (session) => this.#release(session),
    });
    this.#sweep = setInterval(() => this.#open.purgeStale(), SWEEP_MS);
    this.#sweep.unref();
  }

  get size(): number {
    return this.#open.size;
  }

  /** `settings` go to a session that is made for this. */
  get(key: SessionKey, settings: Readonly<Record<string, string>> = {}): Promise<SparkSession> {
    const name = keyName(key);
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const session = SparkSession.open(this.#channel, settings);
    this.#open.set(name, session);
    session.catch(() => {
      if (this.#open.peek(name) === session) this.#open.delete(name);
    });
    return session;
  }

  /**
   * The client has ended its session, or a newer policy is in force: `keep` is left, and of the others what still runs
   * until it is idle.
   */
  end(clientSession: string, keep?: number): void {
    const kept = keep === undefined ? undefined : keyName({ clientSession, policyVersion: keep });
    const prefix = keyName({ clientSession, policyVersion: 0 }).slice(0, -1);
    for (const name of [...this.#open.keys()]) {
      if (!name.startsWith(prefix) || name === kept) continue;
      if (keep === undefined) this.#open.delete(name);
      else this.#endIdle(name);
    }
  }

  /** The server knows it no more: whoever asks gets another. */
  forget(session: SparkSession): void {
    for (const [name, known] of [...this.#open.entries()]) {
      known.then(
        (open) => open === session && this.#open.peek(name) === known && this.#open.delete(name),
        () => undefined,
      );
    }
  }

  #endIdle(name: string): void {
    const session = this.#open.peek(name);
    session?.then(
      (open) => !open.busy && this.#open.peek(name) === session && this.#open.delete(name),
      () => undefined,
    );
  }

  /** Releases all. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    this.#open.clear();
    await Promise.all(this.#releasing);
  }

  #release(session: Promise<SparkSession>): void {
    const released = session
      .then((open) => open.release())
      .catch(() => undefined)
      .finally(() => this.#releasing.delete(released));
    this.#releasing.add(released);
  }
}

/** Client sessions are ids of ours or of the door's: no text of a user can look like another's. */
const keyName = ({ clientSession, policyVersion }: SessionKey): string =>
  `${JSON.stringify(clientSession)} ${policyVersion}`;
