/**
 * The register of statements: who submitted what when, and how it ended. Each running gateway holds an
 * advisory lock for as long as its connection lives; statements of a gateway whose lock is free are what a
 * crash left, and become failed.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { type ErrorCode, GovernanceError } from '../core/errors.js';
import type { Database } from './database.js';
import type { StatementState } from './entities/statement.entity.js';

/** Class of our advisory locks, so that they meet nobody else's. */
const LOCK_CLASS = 7_758_442;
const LOCK_ID_BYTES = 4;
/** Told of statements that are to end, whichever gateway runs them. */
const CANCEL_CHANNEL = 'sluice_cancel';
const CRASHED: ErrorCode = 'INTERNAL';

export interface RegisteredStatement {
  readonly id: string;
  readonly principal: string;
  readonly state: StatementState;
  readonly submittedAt: Date;
  readonly finishedAt: Date | null;
  readonly code: string | null;
  readonly header: Readonly<Record<string, unknown>>;
}

export interface StatementPage {
  readonly items: readonly RegisteredStatement[];
  /** Null: that was the last page. */
  readonly nextCursor: string | null;
}

/** Where a page ended: a moment in microseconds and an id, so that it outlives the statement it was made of. */
const CURSOR = /^(\d{1,18})\.([0-9A-Za-z-]{1,100})$/;
const COLUMNS =
  'id, principal, state, submitted_at AS "submittedAt", finished_at AS "finishedAt", code, header';

const CLOSE = `
  UPDATE statement SET finished_at = clock_timestamp(),
      state = CASE ended.outcome ->> 'state' WHEN 'succeeded' THEN 'expired'
        ELSE coalesce(ended.outcome ->> 'state', 'failed') END,
      code = CASE WHEN ended.outcome IS NULL THEN $2 ELSE ended.outcome ->> 'code' END
    FROM (SELECT open.id, (SELECT body::jsonb FROM audit_event
              WHERE statement_id = open.id AND kind = 'statement.outcome' LIMIT 1) AS outcome
            FROM statement AS open WHERE open.gateway = $1 AND open.state IN ('queued', 'running')) AS ended
   WHERE statement.id = ended.id AND (SELECT pg_try_advisory_xact_lock($3, $1::int))`;

export class StatementRegister {
  private readonly gateway = randomBytes(LOCK_ID_BYTES).readInt32BE();
  private presence: pg.Client | undefined;
  private stopped = false;
  private cancelAsked: (id: string) => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly url: string,
  ) {}

  /**
   * Says that this gateway is there, and closes what dead ones left. Returns how many statements that were.
   */
  async start(): Promise<number> {
    await this.holdPresence();
    return this.closeAbandoned();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.presence?.end().catch(() => undefined);
  }

  /** As they are now, also those that were not there; of one that has ended nothing changes. */
  async put(statements: readonly RegisteredStatement[]): Promise<void> {
    const of = <K extends keyof RegisteredStatement>(key: K) => statements.map((one) => one[key]);
    await this.database.query(
      `INSERT INTO statement (id, principal, state, gateway, submitted_at, finished_at, code, header)
       SELECT id, principal, state, $1, submitted_at, finished_at, code, header::jsonb
         FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[])
           AS put (id, principal, state, submitted_at, finished_at, code, header)
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, finished_at = excluded.finished_at, code = excluded.code
         WHERE statement.state IN ('queued', 'running')`,
      [
        this.gateway,
        of('id'),
        of('principal'),
        of('state'),
        of('submittedAt'),
        of('finishedAt'),
        of('code'),
        of('header').map((header) => JSON.stringify(header)),
      ],
      'sluice-put',
    );
  }

  /** Of those that succeeded: their results are kept no longer. */
  async expire(ids: readonly string[]): Promise<void> {
    await this.database.query(
      `UPDATE statement SET state = 'expired' WHERE id = ANY ($1) AND state = 'succeeded'`,
      [ids],
      'sluice-expire',
    );
  }

  async find(id: string): Promise<RegisteredStatement | undefined> {
    const found = await this.database.query<RegisteredStatement>(
      `SELECT ${COLUMNS} FROM statement WHERE id = $1`,
      [id],
      'sluice-find',
    );
    return found.rows[0];
  }

  /** Newest first, of one principal or of all, from where `cursor` ended. */
  async list(
    principal: string | undefined,
    cursor: string | undefined,
    limit: number,
  ): Promise<StatementPage> {
    const [, micros = null, id = null] = cursor === undefined ? [] : (CURSOR.exec(cursor) ?? notOurs());
    const found = await this.database.query<RegisteredStatement & { readonly cursor: string }>(
      `SELECT ${COLUMNS}, (extract(epoch FROM submitted_at) * 1000000)::bigint || '.' || id AS cursor
         FROM statement WHERE ${principal === undefined ? '$1::text IS NULL' : 'principal = $1'} AND ($2::bigint IS NULL
           OR (submitted_at, id) < (timestamptz 'epoch' + $2 * interval '1 microsecond', $3))
        ORDER BY submitted_at DESC, id DESC LIMIT $4`,
      [principal ?? null, micros, id, limit + 1],
    );
    const rows = found.rows.slice(0, limit);
    const nextCursor = found.rows.length > limit ? (rows.at(-1)?.cursor ?? null) : null;
    return { items: rows.map(({ cursor: _, ...row }) => row), nextCursor };
  }

  async remove(id: string): Promise<void> {
    await this.database.query('DELETE FROM statement WHERE id = $1', [id]);
  }

  /** Whichever gateway runs it. Nobody tells whether one heard: asking again does no harm. */
  async askCancel(id: string): Promise<void> {
    await this.database.query('SELECT pg_notify($1, $2)', [CANCEL_CHANNEL, id]);
  }

  onCancelAsked(cancel: (id: string) => void): void {
    this.cancelAsked = cancel;
  }

  /**
   * Closes what gateways that are gone had in hand: as its outcome on record says, else as failed. Results
   * that they held are gone with them.
   */
  async closeAbandoned(): Promise<number> {
    const open = await this.database.query<{ gateway: number }>(
      `SELECT DISTINCT gateway::int AS gateway FROM statement WHERE state IN ('queued', 'running') AND gateway <> $1`,
      [this.gateway],
    );
    let closed = 0;
    for (const { gateway } of open.rows) {
      const ended = await this.database.query(CLOSE, [gateway, CRASHED, LOCK_CLASS]);
      closed += ended.rowCount ?? 0;
    }
    return closed;
  }

  /**
   * A connection that breaks is taken up again; until then another gateway may take us for dead, which only
   * costs a state.
   */
  private async holdPresence(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'sluice-presence',
      keepAlive: true,
    });
    client.on('error', () => {
      if (this.presence !== client || this.stopped) return;
      this.presence = undefined;
      this.retryPresence();
    });
    client.on('notification', ({ payload = '' }) => this.cancelAsked(payload));
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1, $2)', [LOCK_CLASS, this.gateway]);
    await client.query(`LISTEN ${CANCEL_CHANNEL}`);
    this.presence = client;
  }

  private retryPresence(): void {
    setTimeout(() => {
      if (!this.stopped) this.holdPresence().catch(() => this.retryPresence());
    }, PRESENCE_PAUSE_MS).unref();
  }
}

const PRESENCE_PAUSE_MS = 1_000;

const notOurs = (): never => {
  throw new GovernanceError('BAD_REQUEST', 'cursor: is not one of ours.', {
    remedy: 'Send nextCursor as the page before gave it.',
  });
};
