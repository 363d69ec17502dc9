/** The log as reports read it: one moment of the database, up to its last checkpoint, in pieces of bounded size. */
import pg from 'pg';
import type { RegisteredKey } from '../core/reports/keys.js';
import type { LogBatch } from '../core/reports/log-reading.js';
import type { StoredKey } from './audit-reader.js';

/** A batch has up to 200 events. */
const BATCHES_PER_STEP = 50;
const CONNECT_TIMEOUT_MS = 5_000;
/** Of one query; the whole reading takes as long as the log is. */
const QUERY_TIMEOUT_MS = 60_000;

export interface LogCheckpoint {
  readonly size: number;
  readonly kid: string;
  readonly note: string;
  readonly jws: string;
}

export interface ReportLog {
  /** Undefined: nothing is signed yet. */
  readonly checkpoint: LogCheckpoint | undefined;
  readonly keys: readonly (StoredKey & RegisteredKey)[];
  /** Personal parts that are still there, of events below the checkpoint. */
  personalKept(): Promise<number>;
  batches(): AsyncGenerator<LogBatch>;
}

/** `work` sees one moment of the log, however long it takes. */
export async function withReportLog<T>(url: string, work: (log: ReportLog) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'sluice-report',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const found = await client.query<LogCheckpoint>(
      'SELECT size::float8 AS size, kid, note, jws FROM audit_checkpoint ORDER BY size DESC LIMIT 1',
    );
    const checkpoint = found.rows[0];
    const size = checkpoint?.size ?? 0;
    const keys = await client.query<StoredKey & RegisteredKey>(KEYS);
    return await work({
      checkpoint,
      keys: keys.rows,
      personalKept: async () =>
        (await client.query<{ kept: number }>(PERSONAL_KEPT, [size])).rows[0]?.kept ?? 0,
      batches: () => batchesOf(client, size),
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function* batchesOf(client: pg.Client, size: number): AsyncGenerator<LogBatch> {
  for (let from = 0; from < size; from += BATCHES_PER_STEP) {
    const range = [from, Math.min(size, from + BATCHES_PER_STEP)];
    const batches = await client.query<{ position: number; body: string }>(BATCHES, range);
    const events = await client.query<{ position: number; body: string }>(EVENTS, range);
    const byPosition = new Map<number, string[]>();
    for (const { position, body } of events.rows) {
      const known = byPosition.get(position);
      if (known === undefined) byPosition.set(position, [body]);
      else known.push(body);
    }
    for (const { position, body } of batches.rows)
      yield { text: body, events: byPosition.get(position) ?? [] };
  }
}

const KEYS = `
  SELECT k.kid, k.vkey, k.jwk, k.from_size::float8 AS "fromSize", e.until_size::float8 AS "untilSize",
         to_char(k.added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "addedAt",
         (SELECT count(*) FROM audit_checkpoint c WHERE c.kid = k.kid)::float8 AS checkpoints
    FROM audit_key k LEFT JOIN audit_key_end e USING (kid) ORDER BY k.added_at, k.kid`;
const PERSONAL_KEPT = `
  SELECT coalesce(sum(kept), 0)::float8 AS kept FROM audit_leaf l JOIN audit_batch b USING (shard, batch)
   CROSS JOIN LATERAL (SELECT count(*) AS kept FROM audit_private p
     WHERE p.shard = b.shard AND p.seq >= b.first_seq AND p.seq < b.first_seq + b.count OFFSET 0) AS counted
   WHERE l.position < $1`;
const BATCHES = `
  SELECT l.position::float8 AS position, b.body FROM audit_leaf l JOIN audit_batch b USING (shard, batch)
   WHERE l.position >= $1 AND l.position < $2 ORDER BY l.position`;
const EVENTS = `
  SELECT l.position::float8 AS position, e.body FROM audit_leaf l JOIN audit_batch b USING (shard, batch)
    JOIN audit_event e ON e.shard = b.shard AND e.seq >= b.first_seq AND e.seq < b.first_seq + b.count
   WHERE l.position >= $1 AND l.position < $2 ORDER BY l.position, e.seq`;
