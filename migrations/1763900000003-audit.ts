import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The audit log. What earlier versions recorded stays where it is, in evidence_event and evidence_private:
 * evidence is never moved.
 */
export class Audit1763900000003 implements MigrationInterface {
  name = 'Audit1763900000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...LOG, ...TREE, ...SEARCH, ...APPEND_ONLY.map(appendOnly)])
      await runner.query(statement);
    // Personal parts can be erased, never changed.
    await runner.query(
      `CREATE TRIGGER audit_private_erase_only BEFORE UPDATE OR TRUNCATE ON audit_private
         FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE audit_search, audit_pending, audit_private, ${APPEND_ONLY.join(', ')}`);
  }
}

const APPEND_ONLY = [
  'audit_log',
  'audit_event',
  'audit_batch',
  'audit_leaf',
  'audit_node',
  'audit_checkpoint',
  'audit_key',
  'audit_key_end',
];

const appendOnly = (table: string): string =>
  `CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`;

const LOG = [
  // One log per database; its name is in every checkpoint.
  `CREATE TABLE audit_log (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     origin text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  `INSERT INTO audit_log (origin) VALUES ('sluice/' || gen_random_uuid())`,
  // Texts are kept byte for byte, never as jsonb: hashes are over them.
  `CREATE TABLE audit_event (
     shard text NOT NULL,
     seq bigint NOT NULL CHECK (seq >= 0),
     kind text NOT NULL,
     statement_id text,
     body text NOT NULL,
     PRIMARY KEY (shard, seq))`,
  'CREATE INDEX audit_event_statement ON audit_event (statement_id) WHERE statement_id IS NOT NULL',
  // What is not about a statement is rare, and looked for by its kind.
  `CREATE INDEX audit_event_kind ON audit_event (kind) WHERE kind NOT LIKE 'statement.%'`,
  `CREATE TABLE audit_private (
     shard text NOT NULL,
     seq bigint NOT NULL,
     salt text NOT NULL,
     body text NOT NULL,
     PRIMARY KEY (shard, seq))`,
  `CREATE TABLE audit_batch (
     shard text NOT NULL,
     batch int NOT NULL CHECK (batch >= 0),
     first_seq bigint NOT NULL,
     count int NOT NULL CHECK (count > 0),
     body text NOT NULL,
     PRIMARY KEY (shard, batch),
     UNIQUE (shard, first_seq))`,
];

const TREE = [
  // Batches that are not in the tree yet, in the order they came.
  `CREATE TABLE audit_pending (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     shard text NOT NULL,
     batch int NOT NULL)`,
  `CREATE TABLE audit_leaf (
     position bigint PRIMARY KEY CHECK (position >= 0),
     shard text NOT NULL,
     batch int NOT NULL,
     UNIQUE (shard, batch))`,
  // Roots of complete subtrees: level 0 is a batch, so every proof is a few rows.
  `CREATE TABLE audit_node (
     level smallint NOT NULL,
     index bigint NOT NULL,
     hash text NOT NULL,
     PRIMARY KEY (level, index))`,
  `CREATE TABLE audit_checkpoint (
     size bigint PRIMARY KEY,
     previous_size bigint NOT NULL,
     kid text NOT NULL,
     note text NOT NULL,
     jws text NOT NULL,
     at timestamptz NOT NULL)`,
  `CREATE TABLE audit_key (
     kid text PRIMARY KEY,
     vkey text NOT NULL,
     jwk text NOT NULL,
     from_size bigint NOT NULL,
     added_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  `CREATE TABLE audit_key_end (
     kid text PRIMARY KEY REFERENCES audit_key (kid),
     until_size bigint NOT NULL)`,
];

/** Made from the log, and could be made again: not evidence. */
const SEARCH = [
  `CREATE TABLE audit_search (
     id bigint PRIMARY KEY,
     shard text NOT NULL,
     seq bigint NOT NULL,
     at timestamptz NOT NULL,
     kind text NOT NULL,
     statement_id text,
     actor text,
     decision text,
     purpose text,
     objects text[] NOT NULL,
     columns text[] NOT NULL)`,
  'CREATE INDEX audit_search_actor ON audit_search (actor, id)',
  'CREATE INDEX audit_search_kind ON audit_search (kind, id)',
  'CREATE INDEX audit_search_at ON audit_search (at)',
  'CREATE INDEX audit_search_statement ON audit_search (statement_id)',
  'CREATE INDEX audit_search_objects ON audit_search USING gin (objects)',
  'CREATE INDEX audit_search_columns ON audit_search USING gin (columns)',
];
