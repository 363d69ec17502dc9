import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Copies of the audit log elsewhere (sinks, anchors), and alerts on what is in it. */
export class AuditCopies1763900000007 implements MigrationInterface {
  name = 'AuditCopies1763900000007';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...COPIES, ...ALERTS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE audit_alert, audit_alert_rule, audit_alert_cursor, audit_cosignature, audit_anchor, audit_sink',
    );
  }
}

const COPIES = [
  // How far each sink has come: everything up to this event is with its receiver.
  `CREATE TABLE audit_sink (
     name text PRIMARY KEY,
     settings text NOT NULL,
     cursor bigint NOT NULL,
     delivered_at timestamptz)`,
  `CREATE TABLE audit_anchor (
     name text PRIMARY KEY,
     settings text NOT NULL,
     size bigint NOT NULL,
     anchored_at timestamptz)`,
  // What witnesses put under checkpoints.
  `CREATE TABLE audit_cosignature (
     size bigint NOT NULL REFERENCES audit_checkpoint (size),
     witness text NOT NULL,
     line text NOT NULL,
     PRIMARY KEY (size, witness))`,
  `CREATE TRIGGER audit_cosignature_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_cosignature
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
];

const ALERTS = [
  `CREATE TABLE audit_alert_rule (
     name text PRIMARY KEY,
     body jsonb NOT NULL,
     version int NOT NULL DEFAULT 1,
     updated_by text NOT NULL,
     updated_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  // Up to which event rules have been held against the log. One row.
  `CREATE TABLE audit_alert_cursor (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     cursor bigint NOT NULL)`,
  'INSERT INTO audit_alert_cursor (cursor) VALUES (-1)',
  // Once per rule, subject and window. An alert is due until its event is in the log.
  `CREATE TABLE audit_alert (
     id text PRIMARY KEY,
     rule text NOT NULL,
     subject text NOT NULL,
     window_start timestamptz NOT NULL,
     fired_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     fields jsonb NOT NULL,
     recorded boolean NOT NULL DEFAULT false,
     UNIQUE (rule, subject, window_start))`,
  'CREATE INDEX audit_alert_due ON audit_alert (id) WHERE NOT recorded',
  'CREATE INDEX audit_alert_fired ON audit_alert (fired_at DESC, id DESC)',
  `INSERT INTO audit_alert_rule (name, body, updated_by)
   SELECT r ->> 'name', r, 'sluice' FROM jsonb_array_elements('[
     {"name": "many-denials", "when": {"kind": "denials", "count": 20}, "window": "10m", "severity": "medium"},
     {"name": "bulk-export", "when": {"kind": "export", "rows": 10000000}, "window": "1h", "severity": "high"},
     {"name": "decoy-touched", "when": {"kind": "touched", "on": ["tag:decoy"]}, "window": "10m", "severity": "critical"},
     {"name": "break-glass", "when": {"kind": "event", "event": "break-glass.opened"}, "window": "1h", "severity": "critical"},
     {"name": "audit-lag", "when": {"kind": "lag", "seconds": 300}, "window": "1h", "severity": "high"},
     {"name": "verification-failed", "when": {"kind": "verification"}, "window": "1h", "severity": "critical"}
   ]'::jsonb) r`,
];
