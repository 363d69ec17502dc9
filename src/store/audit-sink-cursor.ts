/** How far a sink has come, kept in Postgres by whoever has its turn. */
import type { AuditTurn } from './audit-turn.js';

export interface SinkRow {
  /** Number of the last event that is with the receiver; -1: none yet. */
  readonly cursor: number;
  /** It is new, or goes elsewhere or carries other things than before. */
  readonly isChanged: boolean;
}

/** `settings` says where it goes and what it carries, without secrets. A new one begins after `after`. */
export async function openSinkCursor(
  turn: AuditTurn,
  name: string,
  settings: string,
  fromNow: boolean,
): Promise<SinkRow> {
  const added = await turn.query<{ cursor: number }>(
    `INSERT INTO audit_sink (name, settings, cursor)
     SELECT $1, $2, CASE WHEN $3 THEN (SELECT coalesce(max(id), -1) FROM audit_search) ELSE -1 END
     ON CONFLICT (name) DO NOTHING RETURNING cursor::float8 AS cursor`,
    [name, '', fromNow],
  );
  const found = await turn.query<{ cursor: number; settings: string }>(
    'SELECT cursor::float8 AS cursor, settings FROM audit_sink WHERE name = $1',
    [name],
  );
  const cursor = found[0]?.cursor ?? added[0]?.cursor ?? -1;
  return { cursor, isChanged: found[0]?.settings !== settings };
}

/** After the change is on record. */
export async function noteSinkSettings(turn: AuditTurn, name: string, settings: string): Promise<void> {
  await turn.query('UPDATE audit_sink SET settings = $2 WHERE name = $1', [name, settings]);
}

export async function moveSinkCursor(turn: AuditTurn, name: string, from: number, to: number): Promise<void> {
  const moved = await turn.query(
    `UPDATE audit_sink SET cursor = $3, delivered_at = clock_timestamp()
      WHERE name = $1 AND cursor = $2 RETURNING name`,
    [name, from, to],
  );
  if (moved.length !== 1) throw new Error('the cursor of the sink was moved by another');
}
