import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables that came about by writing: what they are, and which files are the table now. */
export class ManagedTables1763900000005 implements MigrationInterface {
  name = 'ManagedTables1763900000005';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE managed_file, managed_version, managed_table');
    await runner.query('DROP FUNCTION tell_table_change');
  }
}

const STATEMENTS = [
  `CREATE TABLE managed_table (
     object text PRIMARY KEY,
     format text NOT NULL CHECK (format IN ('parquet', 'delta')),
     -- Files are added to a table of the lake: its own files are not in here.
     lake boolean NOT NULL,
     -- [{name, type}], types as Spark SQL.
     columns jsonb NOT NULL CHECK (jsonb_typeof(columns) = 'array'),
     -- Delta: the folder in the warehouse; its log is the list of files.
     folder uuid CHECK ((format = 'delta') = (folder IS NOT NULL)),
     owner text NOT NULL,
     comment text,
     version bigint NOT NULL DEFAULT 1,
     -- The statement that committed last.
     statement_id text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     changed_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  // A file of a folder of the warehouse; name '' is the whole folder.
  `CREATE TABLE managed_file (
     folder uuid NOT NULL,
     name text NOT NULL,
     object text NOT NULL,
     rows bigint NOT NULL CHECK (rows >= 0),
     bytes bigint NOT NULL CHECK (bytes >= 0),
     added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     -- No longer of the table; on the disk until no reader can have it.
     removed_at timestamptz,
     PRIMARY KEY (folder, name))`,
  // Versions of a Delta log that may be read. One that was taken back is in the log, not in here.
  `CREATE TABLE managed_version (
     folder uuid NOT NULL,
     log_version bigint NOT NULL CHECK (log_version >= 0),
     committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (folder, log_version))`,
  'CREATE INDEX managed_file_live ON managed_file (object) WHERE removed_at IS NULL',
  'CREATE INDEX managed_file_removed ON managed_file (removed_at) WHERE removed_at IS NOT NULL',
  `CREATE FUNCTION tell_table_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN PERFORM pg_notify('sluice_tables', ''); RETURN NULL; END $$`,
  `CREATE TRIGGER managed_table_change AFTER INSERT OR UPDATE OR DELETE ON managed_table
     FOR EACH STATEMENT EXECUTE FUNCTION tell_table_change()`,
];
