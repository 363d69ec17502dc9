/** Alerts that fired: counted over the log, kept once per window, due until they are in the log themselves. */
import { alertId, type Firing, windowStart } from '../core/audit/alert-rule.js';
import type { AuditTurn } from './audit-turn.js';
import type { Database } from './database.js';

export interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly subject: string;
  readonly windowStart: Date;
  readonly firedAt: Date;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly recorded: boolean;
}

const COLUMNS = 'id, rule, subject, window_start AS "windowStart", fired_at AS "firedAt", fields, recorded';

/** Newest first, those before the one of this cursor. */
export async function alerts(
  database: Database,
  before: { readonly at: Date; readonly id: string } | undefined,
  limit: number,
): Promise<readonly Alert[]> {
  const found = await database.query<Alert>(
    `SELECT ${COLUMNS} FROM audit_alert
      WHERE $1::timestamptz IS NULL OR (date_trunc('milliseconds', fired_at), id) < ($1, $2)
      ORDER BY date_trunc('milliseconds', fired_at) DESC, id DESC LIMIT $3`,
    [before?.at ?? null, before?.id ?? '', limit],
  );
  return found.rows;
}

export async function alertCursor(turn: AuditTurn): Promise<number> {
  const found = await turn.query<{ cursor: number }>(
    'SELECT cursor::float8 AS cursor FROM audit_alert_cursor',
  );
  return found[0]?.cursor ?? -1;
}

/** Both or neither: events are behind us when what they fired is kept. */
export async function keepFirings(
  turn: AuditTurn,
  firings: readonly Firing[],
  cursor: number,
): Promise<void> {
  const rows = firings.map(({ rule, subject, at, detail }) => {
    const start = windowStart(rule, at);
    const fields = { condition: rule.when.kind, severity: rule.severity, ...detail };
    return { id: alertId(rule.name, subject, start), rule: rule.name, subject, start, fields };
  });
  await turn.query(
    `WITH kept AS (
       INSERT INTO audit_alert (id, rule, subject, window_start, fields)
       SELECT r ->> 'id', r ->> 'rule', r ->> 'subject', (r ->> 'start')::timestamptz, r -> 'fields'
         FROM jsonb_array_elements($1::jsonb) r
       ON CONFLICT DO NOTHING)
     UPDATE audit_alert_cursor SET cursor = greatest(cursor, $2)`,
    [JSON.stringify(rows), cursor],
  );
}

/** Fired, and not in the log yet. */
export function dueAlerts(turn: AuditTurn, limit: number): Promise<readonly Alert[]> {
  return turn.query<Alert>(
    `SELECT ${COLUMNS} FROM audit_alert WHERE NOT recorded ORDER BY fired_at, id LIMIT $1`,
    [limit],
  );
}

/** A gateway that died between the two has recorded it already. */
export async function isInLog(turn: AuditTurn, id: string): Promise<boolean> {
  const found = await turn.query(
    `SELECT FROM audit_event WHERE kind = 'alert.fired' AND body::jsonb ->> 'alertId' = $1 LIMIT 1`,
    [id],
  );
  return found.length > 0;
}

export async function noteRecorded(turn: AuditTurn, id: string): Promise<void> {
  await turn.query('UPDATE audit_alert SET recorded = true WHERE id = $1', [id]);
}

/** Of these moments, those at which the actor had been refused so often within the time before. */
export async function manyDenials(
  turn: AuditTurn,
  moments: readonly { readonly actor: string; readonly at: Date; readonly number: number }[],
  count: number,
  windowMs: number,
): Promise<ReadonlySet<number>> {
  const found = await turn.query<{ number: number }>(
    `SELECT m.number::float8 AS number
       FROM unnest($1::text[], $2::timestamptz[], $3::bigint[]) AS m (actor, at, number)
      WHERE (SELECT count(*) FROM (
               SELECT FROM audit_search s
                WHERE s.actor = m.actor AND s.decision = 'deny' AND s.id <= m.number
                  AND s.at > m.at - $5 * interval '1 millisecond' AND s.at <= m.at
                ORDER BY s.id DESC LIMIT $4) AS so_many) >= $4`,
    [
      moments.map(({ actor }) => actor),
      moments.map(({ at }) => at),
      moments.map(({ number }) => number),
      count,
      windowMs,
    ],
  );
  return new Set(found.map(({ number }) => number));
}

/** What was handed to somebody by statements that began within the time before. */
export async function handedOut(
  turn: AuditTurn,
  actor: string,
  at: Date,
  windowMs: number,
): Promise<{ readonly rows: number; readonly bytes: number }> {
  const found = await turn.query<{ rows: number; bytes: number }>(
    `SELECT coalesce(sum((j ->> 'rowCount')::numeric), 0)::float8 AS rows,
            coalesce(sum((j ->> 'bytes')::numeric), 0)::float8 AS bytes
       FROM audit_search i
       JOIN audit_event o ON o.statement_id = i.statement_id AND o.kind = 'statement.outcome'
      CROSS JOIN LATERAL (SELECT o.body::jsonb AS j) AS said
      WHERE i.actor = $1 AND i.kind = 'statement.intent'
        AND i.at > $2::timestamptz - $3 * interval '1 millisecond' AND i.at <= $2`,
    [actor, at, windowMs],
  );
  return found[0] ?? { rows: 0, bytes: 0 };
}
