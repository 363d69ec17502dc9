import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Column lineage: which column of which target came from which column, and through what. */
export class Lineage1763900000004 implements MigrationInterface {
  name = 'Lineage1763900000004';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE lineage_edge, lineage_job');
  }
}

const STATEMENTS = [
  // A job is a statement's shape; its target is the result named after it, or the table it writes.
  `CREATE TABLE lineage_job (
     job text PRIMARY KEY,
     target text NOT NULL,
     shape text NOT NULL,
     runs bigint NOT NULL,
     first_seen timestamptz NOT NULL,
     last_seen timestamptz NOT NULL)`,
  `CREATE TABLE lineage_edge (
     job text NOT NULL REFERENCES lineage_job ON DELETE CASCADE,
     target text NOT NULL,
     -- Empty: true of every column of the target.
     target_column text NOT NULL,
     source text NOT NULL,
     source_column text NOT NULL,
     type text NOT NULL CHECK (type IN ('DIRECT', 'INDIRECT')),
     subtype text NOT NULL,
     masking boolean NOT NULL,
     policy boolean NOT NULL,
     PRIMARY KEY (job, target_column, source, source_column, subtype, masking, policy))`,
  'CREATE INDEX lineage_edge_source ON lineage_edge (source, source_column)',
  'CREATE INDEX lineage_edge_target ON lineage_edge (target, target_column)',
];
