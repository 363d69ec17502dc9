/** Alert rules as people keep them. */
import { type AlertRule, alertRule } from '../core/audit/alert-rule.js';
import { GovernanceError } from '../core/errors.js';
import type { Database } from './database.js';

export interface StoredAlertRule {
  readonly name: string;
  readonly version: number;
  readonly updatedBy: string;
  readonly updatedAt: Date;
  /** Absent: made by a newer Sluice, or damaged; it is left alone. */
  readonly rule?: AlertRule;
}

interface Row {
  readonly name: string;
  readonly body: unknown;
  readonly version: number;
  readonly updatedBy: string;
  readonly updatedAt: Date;
}

const COLUMNS = 'name, body, version, updated_by AS "updatedBy", updated_at AS "updatedAt"';

export class AlertRules {
  constructor(private readonly database: Database) {}

  async all(): Promise<readonly StoredAlertRule[]> {
    const found = await this.database.query<Row>(`SELECT ${COLUMNS} FROM audit_alert_rule ORDER BY name`);
    return found.rows.map(storedOf);
  }

  async find(name: string): Promise<StoredAlertRule> {
    const found = await this.database.query<Row>(`SELECT ${COLUMNS} FROM audit_alert_rule WHERE name = $1`, [
      name,
    ]);
    if (found.rows[0] === undefined) throw noSuchRule();
    return storedOf(found.rows[0]);
  }

  /** `version`: the one that was changed; absent: whatever is there, or nothing. */
  async put(rule: AlertRule, updatedBy: string, version: number | undefined): Promise<StoredAlertRule> {
    const written = await this.database.transaction((client) =>
      client.query<Row>(
        `INSERT INTO audit_alert_rule AS r (name, body, updated_by)
         SELECT $1, $2, $3 WHERE $4::int IS NULL OR EXISTS (SELECT FROM audit_alert_rule WHERE name = $1)
         ON CONFLICT (name) DO UPDATE SET body = excluded.body, updated_by = excluded.updated_by,
            updated_at = clock_timestamp(), version = r.version + 1
          WHERE $4::int IS NULL OR r.version = $4
         RETURNING ${COLUMNS}`,
        [rule.name, JSON.stringify(rule), updatedBy, version ?? null],
      ),
    );
    if (written.rows[0] === undefined) throw changed();
    return storedOf(written.rows[0]);
  }

  async remove(name: string, version: number | undefined): Promise<void> {
    await this.find(name);
    const removed = await this.database.transaction((client) =>
      client.query('DELETE FROM audit_alert_rule WHERE name = $1 AND ($2::int IS NULL OR version = $2)', [
        name,
        version ?? null,
      ]),
    );
    if (removed.rowCount !== 1) throw changed();
  }
}

function storedOf({ body, ...row }: Row): StoredAlertRule {
  const read = alertRule.safeParse(body);
  return read.success ? { ...row, rule: read.data } : row;
}

const noSuchRule = (): GovernanceError => new GovernanceError('NOT_FOUND', 'There is no such alert rule.');
const changed = (): GovernanceError =>
  new GovernanceError('PRECONDITION_FAILED', 'The rule changed since it was read.', {
    remedy: 'Read it again and send its ETag.',
  });
