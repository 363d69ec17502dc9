/**
 * Changes of policies as events, whichever way they came: API, files, or another gateway. Made from the
 * append-only history, so none is lost in a crash, and each is recorded once.
 */
import { createHash } from 'node:crypto';
import type { AuditEvent } from '../core/audit/event.js';
import { canonicalJson } from '../core/crypto/canonical-json.js';
import type { Recorder } from '../gateway/recorder.js';
import type { Database } from './database.js';

/** Any number that nothing else in the database locks. */
const TRAIL_LOCK = 7_758_442_303;
const CHANGES_MAX = 200;

interface Change {
  readonly policyVersion: number;
  readonly name: string;
  readonly version: number;
  readonly change: string;
  readonly source: string;
  readonly body: unknown;
  readonly changedBy: string;
  readonly changedAt: Date;
}

export class PolicyTrail {
  /** Version up to which everything is known to be on record. */
  private followed = -1;

  constructor(
    private readonly database: Database,
    private readonly recorder: Pick<Recorder, 'record'>,
  ) {}

  /** Records what is not on record yet. */
  async follow(): Promise<void> {
    const now = await this.database.query<{ version: number }>(
      'SELECT version::float8 AS version FROM policy_version',
      [],
      'sluice-policy-trail',
    );
    const version = now.rows[0]?.version ?? 0;
    while (this.followed < version) this.followed = await this.recordNext(version);
  }

  /** Returns the version that is now on record. One gateway at a time, so that nothing is recorded twice. */
  private recordNext(version: number): Promise<number> {
    return this.database.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [TRAIL_LOCK]);
      const recorded = await client.query<{ name: string; policyVersion: number }>(
        `SELECT body::jsonb ->> 'name' AS name, (body::jsonb -> 'policyVersion')::float8 AS "policyVersion"
           FROM audit_event WHERE kind = 'policy.changed'
          ORDER BY (body::jsonb -> 'policyVersion')::bigint DESC, (body::jsonb ->> 'name') COLLATE "C" DESC LIMIT 1`,
      );
      const last = recorded.rows[0];
      const { rows } = await client.query<Change>(
        `SELECT policy_version::float8 AS "policyVersion", name, version, change, source, body,
                changed_by AS "changedBy", changed_at AS "changedAt"
           FROM policy_history WHERE (policy_version, name COLLATE "C") > ($1, $2)
          ORDER BY policy_version, name COLLATE "C" LIMIT $3`,
        [last?.policyVersion ?? 0, last?.name ?? '', CHANGES_MAX],
      );
      // In order, one after another: where this stops, the next one goes on.
      for (const change of rows) await this.recorder.record(changeEvent(change));
      return rows.length < CHANGES_MAX ? version : this.followed;
    });
  }
}

const changeEvent = (change: Change): AuditEvent => ({
  kind: 'policy.changed',
  at: change.changedAt.toISOString(),
  fields: {
    policyVersion: change.policyVersion,
    name: change.name,
    version: change.version,
    change: change.change,
    source: change.source,
    ...(change.body === null
      ? {}
      : { documentHash: createHash('sha256').update(canonicalJson(change.body)).digest('hex') }),
  },
  personal: { user: change.changedBy },
});
