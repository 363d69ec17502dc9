/** How far behind the copies of the log are, and the log itself: for metrics, alerts and whoever asks. */
import type { Database } from './database.js';

export interface CopyStatus {
  readonly name: string;
  readonly kind: 'sink' | 'anchor';
  /** Of the oldest that is not there yet; 0: everything is. */
  readonly lagSeconds: number;
  /** Batches of the log that are not there yet, about. */
  readonly batchesBehind: number;
  /** Of an anchor: why it and this log are not one history. */
  readonly diverged: string | null;
}

export interface AuditStatus {
  /** Since the oldest event that no checkpoint covers was recorded; 0: all are covered. */
  readonly unsignedSeconds: number;
  readonly copies: readonly CopyStatus[];
}

/** `sinks` and `anchors`: those that are in use; one that was taken out lags for ever. */
export async function auditStatus(
  database: Database,
  now: Date,
  sinks: readonly string[],
  anchors: readonly string[],
): Promise<AuditStatus> {
  const unsigned = await database.query<{ seconds: number }>(UNSIGNED, [now]);
  const copies = await database.query<CopyStatus>(COPIES, [now, sinks, anchors]);
  return { unsignedSeconds: unsigned.rows[0]?.seconds ?? 0, copies: copies.rows };
}

const seconds = (moment: string): string =>
  `coalesce(greatest(extract(epoch FROM $1::timestamptz - (${moment})), 0), 0)::float8`;

const UNSIGNED = `
  SELECT ${seconds(`SELECT (b.body::jsonb ->> 'at')::timestamptz
    FROM audit_pending p JOIN audit_batch b USING (shard, batch) ORDER BY p.id LIMIT 1`)} AS seconds`;

const EVENTS_PER_BATCH = 1_024;
const COPIES = `
  SELECT name, 'sink' AS kind,
         ${seconds('SELECT at FROM audit_search WHERE id > cursor ORDER BY id LIMIT 1')} AS "lagSeconds",
         greatest(coalesce((SELECT max(id) FROM audit_search), -1) / ${EVENTS_PER_BATCH} - cursor / ${EVENTS_PER_BATCH},
           0)::float8 AS "batchesBehind", NULL AS diverged
    FROM audit_sink WHERE name = ANY ($2::text[])
  UNION ALL
  SELECT name, 'anchor',
         ${seconds('SELECT at FROM audit_checkpoint c WHERE c.size > a.size ORDER BY c.size LIMIT 1')},
         greatest(coalesce((SELECT max(size) FROM audit_checkpoint), 0) - a.size, 0)::float8, diverged
    FROM audit_anchor a WHERE name = ANY ($3::text[]) ORDER BY kind, name`;
