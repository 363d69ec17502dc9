import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Policy documents with their history. Their version counter is made by the initial migration. */
export class Policies1763900000002 implements MigrationInterface {
  name = 'Policies1763900000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE policy_history, policy_document');
    await runner.query('DROP FUNCTION tell_policy_change');
  }
}

const STATEMENTS = [
  `CREATE TABLE policy_document (
     name text PRIMARY KEY,
     version int NOT NULL CHECK (version > 0),
     source text NOT NULL CHECK (source IN ('file', 'api')),
     body jsonb NOT NULL,
     updated_by text NOT NULL,
     updated_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  `CREATE TABLE policy_history (
     policy_version bigint NOT NULL,
     name text NOT NULL,
     version int NOT NULL,
     change text NOT NULL CHECK (change IN ('created', 'replaced', 'removed')),
     source text NOT NULL,
     body jsonb,
     changed_by text NOT NULL,
     changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (policy_version, name))`,
  `CREATE TRIGGER policy_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_history
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  // Told in the transaction of the change: every gateway reads the documents again when it commits.
  `CREATE FUNCTION tell_policy_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN PERFORM pg_notify('sluice_policy', NEW.version::text); RETURN NULL; END $$`,
  `CREATE TRIGGER policy_version_change AFTER UPDATE ON policy_version
     FOR EACH ROW EXECUTE FUNCTION tell_policy_change()`,
];
