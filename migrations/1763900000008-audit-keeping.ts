import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What anchors found, personal parts under keys and for a time, and the end of two tables that nothing writes to. */
export class AuditKeeping1763900000008 implements MigrationInterface {
  name = 'AuditKeeping1763900000008';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
    // Evidence of the first versions is never thrown away; where there is none, neither are its tables needed.
    for (const table of ['evidence_event', 'evidence_private'])
      await runner.query(
        `DO $$ BEGIN IF NOT EXISTS (SELECT FROM ${table}) THEN DROP TABLE ${table}; END IF; END $$`,
      );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_retention');
    await runner.query('DROP INDEX audit_checkpoint_at');
    await runner.query('ALTER TABLE audit_private DROP COLUMN kid');
    await runner.query('ALTER TABLE audit_anchor DROP COLUMN diverged');
  }
}

const STATEMENTS = [
  // Why the anchor and this log are not one history; null: they are.
  'ALTER TABLE audit_anchor ADD COLUMN diverged text',
  // The key that salt and text are sealed with, both of them in body; null: they are as they are.
  'ALTER TABLE audit_private ADD COLUMN kid text',
  // Up to which event personal parts were looked at for having had their time. One row.
  `CREATE TABLE audit_retention (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     cursor bigint NOT NULL)`,
  'INSERT INTO audit_retention (cursor) VALUES (-1)',
  'CREATE INDEX audit_checkpoint_at ON audit_checkpoint (at)',
];
