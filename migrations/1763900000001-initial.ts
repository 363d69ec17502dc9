import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Principals, tokens, evidence, the statement register, idempotency keys, table metadata. */
export class Initial1763900000001 implements MigrationInterface {
  name = 'Initial1763900000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...IDENTITY, ...EVIDENCE, ...REGISTER]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE object_metadata, idempotency_key, statement, evidence_private, evidence_event, policy_version, token, principal',
    );
    await runner.query(
      'DROP FUNCTION refuse_change, tell_token_change, tell_principal_change, tell_metadata_change',
    );
  }
}

const IDENTITY = [
  `CREATE TABLE principal (
     "user" text PRIMARY KEY CHECK ("user" <> ''),
     roles text[] NOT NULL DEFAULT '{}',
     groups text[] NOT NULL DEFAULT '{}',
     attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
     active boolean NOT NULL DEFAULT true,
     managed_by text NOT NULL CHECK (managed_by IN ('demo', 'api')),
     created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     version int NOT NULL DEFAULT 1)`,
  `CREATE TABLE token (
     id uuid PRIMARY KEY,
     principal text NOT NULL REFERENCES principal ("user") ON DELETE CASCADE,
     hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
     name text NOT NULL,
     scopes text[] NOT NULL DEFAULT '{}',
     created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     expires_at timestamptz,
     revoked_at timestamptz)`,
  'CREATE INDEX token_principal ON token (principal)',
  // Told in the transaction of the change: every gateway forgets the token when it commits.
  `CREATE FUNCTION tell_token_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN PERFORM pg_notify('sluice_token', OLD.id::text); RETURN NULL; END $$`,
  `CREATE TRIGGER token_change AFTER UPDATE OR DELETE ON token
     FOR EACH ROW EXECUTE FUNCTION tell_token_change()`,
  `CREATE FUNCTION tell_principal_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN PERFORM pg_notify('sluice_token', ''); RETURN NULL; END $$`,
  `CREATE TRIGGER principal_change AFTER UPDATE OR DELETE ON principal
     FOR EACH STATEMENT EXECUTE FUNCTION tell_principal_change()`,
];

const EVIDENCE = [
  // One row. Whoever changes policies raises it in the same transaction; recording an intent reads it under a
  // share lock.
  `CREATE TABLE policy_version (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     version bigint NOT NULL DEFAULT 0)`,
  'INSERT INTO policy_version DEFAULT VALUES',
  `CREATE TABLE evidence_event (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     statement_id text NOT NULL,
     kind text NOT NULL CHECK (kind IN ('intent', 'denied', 'outcome')),
     header text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  'CREATE INDEX evidence_event_statement ON evidence_event (statement_id)',
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN RAISE EXCEPTION 'evidence is append-only' USING ERRCODE = '42501'; END $$`,
  `CREATE TRIGGER evidence_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_event
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  `CREATE TABLE evidence_private (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     statement_id text NOT NULL,
     "user" text NOT NULL,
     via text NOT NULL,
     address text,
     user_agent text,
     literals text NOT NULL,
     justification text,
     created_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  'CREATE INDEX evidence_private_statement ON evidence_private (statement_id)',
  'CREATE INDEX evidence_private_user ON evidence_private ("user")',
];

const REGISTER = [
  `CREATE TABLE statement (
     id text PRIMARY KEY,
     principal text NOT NULL,
     state text NOT NULL CHECK (state IN
       ('queued', 'running', 'succeeded', 'failed', 'canceled', 'timed_out', 'expired')),
     gateway bigint NOT NULL,
     submitted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     finished_at timestamptz,
     code text,
     header jsonb NOT NULL DEFAULT '{}')`,
  'CREATE INDEX statement_mine ON statement (principal, submitted_at DESC, id DESC)',
  `CREATE INDEX statement_open ON statement (gateway) WHERE state IN ('queued', 'running')`,
  `CREATE TABLE idempotency_key (
     principal text NOT NULL,
     key text NOT NULL,
     body_hash bytea NOT NULL,
     statement_id text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (principal, key))`,
  'CREATE INDEX idempotency_key_age ON idempotency_key (created_at)',
  `CREATE TABLE object_metadata (
     object text NOT NULL,
     "column" text NOT NULL DEFAULT '',
     owner text,
     tags text[] NOT NULL DEFAULT '{}',
     updated_by text NOT NULL,
     updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     version int NOT NULL DEFAULT 1,
     PRIMARY KEY (object, "column"))`,
  `CREATE FUNCTION tell_metadata_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN PERFORM pg_notify('sluice_metadata', ''); RETURN NULL; END $$`,
  `CREATE TRIGGER object_metadata_change AFTER INSERT OR UPDATE OR DELETE ON object_metadata
     FOR EACH STATEMENT EXECUTE FUNCTION tell_metadata_change()`,
];
