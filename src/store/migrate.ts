/**
 * Brings a database up to date as its owner, then says what the gateway's own role may do. One gateway at a
 * time; the others wait.
 */
import pg from 'pg';
import { createDataSource } from './data-source.js';

/** Any number that nothing else in the database locks. */
const MIGRATION_LOCK = 7_758_442_301;

/** What the gateway may do with a table, where that is less than reading and writing rows. */
const RESTRICTED: Readonly<Record<string, string>> = {
  evidence_event: 'SELECT, INSERT',
  evidence_private: 'SELECT, INSERT',
  audit_log: 'SELECT',
  audit_event: 'SELECT, INSERT',
  audit_private: 'SELECT, INSERT, DELETE',
  audit_batch: 'SELECT, INSERT',
  audit_leaf: 'SELECT, INSERT',
  audit_node: 'SELECT, INSERT',
  audit_checkpoint: 'SELECT, INSERT',
  audit_key: 'SELECT, INSERT',
  audit_key_end: 'SELECT, INSERT',
  audit_cosignature: 'SELECT, INSERT',
  migrations: 'SELECT',
};

/** Returns the names of the migrations that were run. */
export async function migrate(ownerUrl: string, appRole: string | undefined): Promise<readonly string[]> {
  const lock = new pg.Client({ connectionString: ownerUrl, application_name: 'sluice-migrate' });
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const dataSource = createDataSource(ownerUrl, 1);
    await dataSource.initialize();
    try {
      const run = await dataSource.runMigrations();
      await grantTo(lock, appRole);
      return run.map((migration) => migration.name);
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await lock.end();
  }
}

/** The role of a database URL, as Postgres will see it. */
export async function roleOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query<{ role: string }>('SELECT current_user AS role');
    return found.rows[0]!.role;
  } finally {
    await client.end();
  }
}

async function grantTo(owner: pg.Client, appRole: string | undefined): Promise<void> {
  const me = await owner.query<{ role: string }>('SELECT current_user AS role');
  if (appRole === undefined || me.rows[0]?.role === appRole) return;
  const role = owner.escapeIdentifier(appRole);
  const tables = await owner.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c
       WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
         AND pg_has_role(current_user, c.relowner, 'USAGE')`,
  );
  const schema = owner.escapeIdentifier(await schemaOf(owner));
  await owner.query('BEGIN');
  await owner.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
  await owner.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`);
  for (const { name } of tables.rows) {
    const table = owner.escapeIdentifier(name);
    await owner.query(`REVOKE ALL ON ${table} FROM ${role}`);
    await owner.query(`GRANT ${RESTRICTED[name] ?? 'SELECT, INSERT, UPDATE, DELETE'} ON ${table} TO ${role}`);
  }
  await owner.query('COMMIT');
}

async function schemaOf(client: pg.Client): Promise<string> {
  const found = await client.query<{ schema: string }>('SELECT current_schema() AS schema');
  return found.rows[0]!.schema;
}
