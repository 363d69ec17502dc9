/**
 * A recorder that falls back on the local disk when Postgres is away, as far as it was told to: `outcomes`
 * lets what runs already be answered; `all` lets statements begin, decided under the last policies that this
 * gateway knew, which is less than exact revocation and has to be chosen by name.
 */
import type { AuditEvent } from '../core/audit/event.js';
import { GovernanceError } from '../core/errors.js';
import type {
  DeniedRecord,
  IntentOutcome,
  IntentRecord,
  OutcomeRecord,
  Recorder,
  Versions,
} from '../gateway/recorder.js';
import { deniedEvent, intentEvent, outcomeEvent } from './audit-events.js';
import type { Database } from './database.js';
import type { EvidenceRecorder } from './evidence-recorder.js';
import type { EvidenceSpool } from './evidence-spool.js';

export type SpoolMode = 'outcomes' | 'all';

const DRAIN_MS = 500;

export class SpoolingRecorder implements Recorder {
  private timer: NodeJS.Timeout | undefined;
  private draining: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly direct: EvidenceRecorder,
    private readonly spool: EvidenceSpool,
    private readonly mode: SpoolMode,
    private readonly database: Database,
  ) {
    this.drainLater();
  }

  get waiting(): number {
    return this.direct.waiting + this.spool.size;
  }

  readonly pseudonymOf = (user: string): string => this.direct.pseudonymOf(user);

  async intent(record: IntentRecord, versions: Versions): Promise<IntentOutcome> {
    try {
      return await this.direct.intent(record, versions);
    } catch (error) {
      if (this.mode !== 'all' || !isAway(error)) throw error;
      await this.spool.add(intentEvent(record, this.pseudonymOf));
      return 'recorded';
    }
  }

  outcome(record: OutcomeRecord): Promise<void> {
    return this.record(outcomeEvent(record));
  }

  denied(record: DeniedRecord): Promise<void> {
    return this.record(deniedEvent(record, this.pseudonymOf));
  }

  async record(event: AuditEvent): Promise<void> {
    // Behind what waits already: an outcome must not come to the log before its intent.
    if (this.spool.size > 0) return this.spool.add(event);
    try {
      await this.direct.record(event);
    } catch (error) {
      if (!isAway(error)) throw error;
      await this.spool.add(event);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.draining;
    await this.spool.close();
    await this.direct.close();
  }

  private drainLater(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.draining = this.drain().finally(() => this.drainLater());
    }, DRAIN_MS);
    this.timer.unref();
  }

  /** Into the same chain, one after another. Postgres still away: later again. */
  private async drain(): Promise<void> {
    const count = this.spool.size;
    if (count === 0) return;
    try {
      await this.spool.drain(async (event) => {
        if (!(await this.isThere(event))) await this.direct.record(event);
      });
      const at = new Date().toISOString();
      await this.direct.record({ kind: 'spool.drained', at, fields: { count } });
    } catch (error) {
      if (!isAway(error)) throw error;
    }
  }

  /** A write that seemed to fail may have been committed, and a crash may have come before it was forgotten. */
  private async isThere({ kind, fields }: AuditEvent): Promise<boolean> {
    const known = (column: string, id: string) =>
      this.database.query(`SELECT FROM audit_event WHERE ${column} = $1 AND kind = $2 LIMIT 1`, [id, kind]);
    if ('statementId' in fields) return (await known('statement_id', fields.statementId)).rowCount === 1;
    if ('requestId' in fields)
      return (await known(`body::jsonb ->> 'requestId'`, fields.requestId)).rowCount === 1;
    return false;
  }
}

const isAway = (error: unknown): boolean =>
  error instanceof GovernanceError && error.code === 'EVIDENCE_UNAVAILABLE';
