/**
 * Takes personal parts out of the log for good. The event that says so is in the tree before anything is
 * deleted, so no view of the log has a part missing without its reason.
 */
import type { EventPlace } from '../core/audit/event.js';
import { eventId } from '../core/audit/event.js';
import type { Recorder } from '../gateway/recorder.js';
import type { Checkpointer } from './audit-checkpointer.js';
import type { Database } from './database.js';

/** Named by one event; more make several events. */
const ERASED_PER_EVENT_MAX = 500;

export class AuditErasure {
  constructor(
    private readonly database: Database,
    private readonly recorder: Pick<Recorder, 'record'>,
    private readonly checkpointer: Pick<Checkpointer, 'catchUp'>,
  ) {}

  /** Erases what there is of these; returns how many that were. Again with the same is no harm. */
  async erase(places: readonly EventPlace[], reason: string, at: Date): Promise<number> {
    const kept = await this.database.query<EventPlace>(
      `SELECT shard, seq::float8 AS seq FROM audit_private
         JOIN unnest($1::text[], $2::bigint[]) AS wanted (shard, seq) USING (shard, seq)`,
      [places.map(({ shard }) => shard), places.map(({ seq }) => seq)],
    );
    for (let from = 0; from < kept.rows.length; from += ERASED_PER_EVENT_MAX) {
      const events = kept.rows.slice(from, from + ERASED_PER_EVENT_MAX).map(eventId);
      await this.recorder.record({ kind: 'audit.erased', at: at.toISOString(), fields: { events, reason } });
    }
    await this.checkpointer.catchUp();
    await this.database.transaction((client) =>
      client.query(
        `DELETE FROM audit_private p USING unnest($1::text[], $2::bigint[]) AS e (shard, seq)
          WHERE p.shard = e.shard AND p.seq = e.seq`,
        [kept.rows.map(({ shard }) => shard), kept.rows.map(({ seq }) => seq)],
      ),
    );
    return kept.rows.length;
  }
}
