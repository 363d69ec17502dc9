/**
 * The sessions of the door, by principal and by the id that the client chose. An id of someone else's is not there; a
 * session that nobody has used for a while is let go, and its client told so.
 */
import { LRUCache } from 'lru-cache';
import { ClientSession } from './connect-session.js';
import type { ConnectEngine } from './engine.js';
import type { Namespace } from './plan-leaf.js';

const SESSIONS_MAX = 10_000;
/** Ids of sessions that their clients ended, so that they do not begin again unseen. */
const RELEASED_MAX = 10_000;
const IDLE_MS = 2 * 60 * 60_000;

export interface ClientSessionsOptions {
  readonly engine: ConnectEngine;
  readonly namespace: () => Namespace;
  readonly idleMs?: number;
  readonly onReleased: (session: ClientSession) => void;
}

export class ClientSessions {
  private readonly sessions: LRUCache<string, ClientSession>;
  private readonly released = new LRUCache<string, true>({ max: RELEASED_MAX });

  constructor(private readonly options: ClientSessionsOptions) {
    this.sessions = new LRUCache({
      max: SESSIONS_MAX,
      ttl: options.idleMs ?? IDLE_MS,
      updateAgeOnGet: true,
      ttlAutopurge: false,
      dispose: (session) => {
        session.release(options.engine);
        options.onReleased(session);
      },
    });
  }

  get size(): number {
    return this.sessions.size;
  }

  /** Made when it is not there; undefined: its client has ended it. */
  open(user: string, id: string): ClientSession | undefined {
    const key = keyOf(user, id);
    const known = this.sessions.get(key);
    if (known !== undefined) return known;
    if (this.released.has(key)) return undefined;
    this.sessions.purgeStale();
    const session = new ClientSession(user, id, this.options.namespace());
    this.sessions.set(key, session);
    return session;
  }

  /** It is in use, though its client asks nothing. */
  touch(session: ClientSession): void {
    this.sessions.get(keyOf(session.user, session.id));
  }

  /** Ends it with all that is in it; `again`: the client may begin it anew. */
  release(user: string, id: string, again: boolean): void {
    const key = keyOf(user, id);
    this.sessions.delete(key);
    if (!again) this.released.set(key, true);
  }

  close(): void {
    this.sessions.clear();
  }
}

const keyOf = (user: string, id: string): string => JSON.stringify([user, id]);
