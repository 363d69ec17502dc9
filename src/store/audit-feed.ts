/** The log in its order for whoever takes it elsewhere, in pieces of bounded size. */

import { eventId } from '../core/audit/event.js';
import type { SiemEvent } from '../core/audit/siem/siem-event.js';
import { parseRecord } from '../core/crypto/canonical-json.js';
import type { AuditTurn } from './audit-turn.js';
import { PrivateParts } from './private-parts.js';

const BYTES_MAX = 4 * 2 ** 20;

interface Row {
  readonly number: number;
  readonly shard: string;
  readonly seq: number;
  readonly body: string;
  readonly personal: string | null;
  readonly intent: string | null;
}

/** At most `limit` events after number `after`; one at least where there are any. */
export async function eventsAfter(
  turn: AuditTurn,
  after: number,
  limit: number,
  parts: PrivateParts = new PrivateParts([]),
): Promise<readonly SiemEvent[]> {
  const rows = await turn.query<Row>(EVENTS, [after, limit, BYTES_MAX]);
  return rows.map((row) => {
    const personal = parseRecord(parts.text(row.personal) ?? '');
    const intent = row.intent === null ? undefined : parseRecord(row.intent);
    return {
      number: row.number,
      eventId: eventId(row),
      record: parseRecord(row.body) ?? {},
      ...(personal === undefined ? {} : { personal }),
      ...(intent === undefined ? {} : { intent }),
    };
  });
}

const EVENTS = `
  SELECT number, shard, seq, body, personal, intent FROM (
    SELECT s.id::float8 AS number, s.shard, s.seq::float8 AS seq, e.body, p.body AS personal, i.body AS intent,
           row_number() OVER by_id AS n,
           sum(octet_length(e.body) + coalesce(octet_length(p.body), 0) + coalesce(octet_length(i.body), 0))
             OVER by_id AS bytes
      FROM (SELECT id, shard, seq FROM audit_search WHERE id > $1 ORDER BY id LIMIT $2) AS s
      JOIN audit_event e USING (shard, seq)
      LEFT JOIN audit_private p USING (shard, seq)
      LEFT JOIN LATERAL (SELECT body FROM audit_event b
          WHERE b.statement_id = e.statement_id AND b.kind = 'statement.intent' LIMIT 1) AS i
        ON e.kind = 'statement.outcome'
    WINDOW by_id AS (ORDER BY s.id)) AS sized
   WHERE n = 1 OR bytes <= $3 ORDER BY number`;
