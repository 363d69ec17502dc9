import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The columns that the policies of a table of the lake were written for. */
export class TableSchemas1763900000030 implements MigrationInterface {
  name = 'TableSchemas1763900000030';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE table_schema (
      object text PRIMARY KEY,
      -- [{name, type, nullable}], types as Spark SQL.
      columns jsonb NOT NULL CHECK (jsonb_typeof(columns) = 'array'),
      -- Empty: they were there when the table was first seen.
      accepted_by text NOT NULL DEFAULT '',
      accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      -- The drift that is on record.
      reported text NOT NULL DEFAULT '')`);
    await runner.query(`CREATE TRIGGER table_schema_change AFTER UPDATE OF columns ON table_schema
      FOR EACH STATEMENT EXECUTE FUNCTION tell_metadata_change()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE table_schema');
  }
}
