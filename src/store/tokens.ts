/**
 * Bearer tokens in Postgres. A copy of recently used ones is kept while changes are being told to us, and
 * forgotten the moment one is told; while the listener is away every use reads the table.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { GovernanceError } from '../core/errors.js';
import type { AttributeValue } from '../core/policy/decision.js';
import type { Database } from './database.js';
import { Listener } from './listener.js';

export const TOKEN_CHANNEL = 'sluice_token';
const CACHED_MAX = 10_000;
const CACHED_MS = 60_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface StoredToken {
  readonly id: string;
  readonly principal: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

/** A token that is good now, with whom it speaks for. */
export interface LiveToken {
  readonly token: StoredToken;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

interface Row extends StoredToken, Omit<LiveToken, 'token'> {
  readonly hash: Buffer;
  readonly active: boolean;
}

export const hashToken = (secret: string): Buffer => createHash('sha256').update(secret, 'utf8').digest();

const COLUMNS = `t.id, t.principal, t.name, t.scopes, t.created_at AS "createdAt", t.expires_at AS "expiresAt",
  t.revoked_at AS "revokedAt"`;

function liveToken(row: Row, now: Date): LiveToken | undefined {
  if (!row.active || row.revokedAt !== null) return undefined;
  if (row.expiresAt !== null && row.expiresAt <= now) return undefined;
  const { hash, active, roles, groups, attributes, ...token } = row;
  return { token, roles, groups, attributes };
}

export class TokenRepository {
  private readonly cached = new LRUCache<string, Row>({ max: CACHED_MAX, ttl: CACHED_MS });
  private readonly listener: Listener;
  /** Counts what we were told: a row read before a change was told must not be kept after it. */
  private changes = 0;

  constructor(
    private readonly database: Database,
    url: string,
  ) {
    this.listener = new Listener({
      url,
      channels: [TOKEN_CHANNEL],
      onNotify: (_channel, id) => this.forget(id),
      onReconnect: () => this.forget(''),
      onLost: () => this.forget(''),
    });
  }

  start(): Promise<void> {
    return this.listener.start();
  }

  stop(): Promise<void> {
    return this.listener.stop();
  }

  /**
   * The token with this id if the secret is right and it is neither expired, revoked nor its principal
   * inactive.
   */
  async authenticate(id: string, secret: string, now: Date): Promise<LiveToken | undefined> {
    if (!UUID.test(id)) return undefined;
    const row = this.cached.get(id) ?? (await this.read(id));
    const right = timingSafeEqual(hashToken(secret), row?.hash ?? NO_HASH);
    return row !== undefined && right ? liveToken(row, now) : undefined;
  }

  /** The same for one whose secret was shown before. */
  async stillLive(id: string, now: Date): Promise<LiveToken | undefined> {
    const row = this.cached.get(id) ?? (await this.read(id));
    return row && liveToken(row, now);
  }

  async create(token: {
    readonly id: string;
    readonly principal: string;
    readonly secret: string;
    readonly name: string;
    readonly scopes: readonly string[];
    readonly expiresAt: Date | null;
  }): Promise<StoredToken> {
    return this.database.transaction(async (client) => {
      const made = await client.query<StoredToken>(
        `INSERT INTO token AS t (id, principal, hash, name, scopes, expires_at)
         SELECT $1, "user", $3, $4, $5, $6 FROM principal WHERE "user" = $2 RETURNING ${COLUMNS}`,
        [token.id, token.principal, hashToken(token.secret), token.name, [...token.scopes], token.expiresAt],
      );
      if (made.rows[0] === undefined) throw new GovernanceError('NOT_FOUND', 'There is no such principal.');
      return made.rows[0];
    });
  }

  /** Newest first; of one principal, or of all. */
  async list(
    principal: string | undefined,
    after: string | undefined,
    limit: number,
  ): Promise<StoredToken[]> {
    const found = await this.database.query<StoredToken>(
      `SELECT ${COLUMNS} FROM token t
        WHERE ($1::text IS NULL OR t.principal = $1)
          AND ($2::uuid IS NULL OR (t.created_at, t.id) < (SELECT created_at, id FROM token WHERE id = $2))
        ORDER BY t.created_at DESC, t.id DESC LIMIT $3`,
      [principal ?? null, after ?? null, limit],
    );
    return found.rows;
  }

  async find(id: string): Promise<StoredToken | undefined> {
    if (!UUID.test(id)) return undefined;
    const found = await this.database.query<StoredToken>(`SELECT ${COLUMNS} FROM token t WHERE t.id = $1`, [
      id,
    ]);
    return found.rows[0];
  }

  /**
   * In force everywhere when it resolves: no intent under this token commits any more. False: there is none.
   */
  async revoke(id: string): Promise<boolean> {
    if (!UUID.test(id)) return false;
    const revoked = await this.database.transaction((client) =>
      client.query('UPDATE token SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE id = $1', [
        id,
      ]),
    );
    this.forget(id);
    return revoked.rowCount === 1;
  }

  private async read(id: string): Promise<Row | undefined> {
    const changesBefore = this.changes;
    const found = await this.database.query<Row>(
      `SELECT ${COLUMNS}, t.hash, p.active, p.roles, p.groups, p.attributes
         FROM token t JOIN principal p ON p."user" = t.principal WHERE t.id = $1`,
      [id],
      'sluice-token',
    );
    const row = found.rows[0];
    if (row !== undefined && this.listener.connected && this.changes === changesBefore)
      this.cached.set(id, row);
    return row;
  }

  /** Empty: whatever may have changed. */
  private forget(id: string): void {
    this.changes += 1;
    if (id === '') this.cached.clear();
    else this.cached.delete(id);
  }
}

/** Compared against when there is no such token, so that both take the same path. */
const NO_HASH = Buffer.alloc(32);
