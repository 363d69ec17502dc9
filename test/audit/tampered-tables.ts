/** The log's tables in the hands of somebody who owns them and switches the triggers off. */
import type pg from 'pg';

const TABLES = [
  'audit_event',
  'audit_private',
  'audit_batch',
  'audit_leaf',
  'audit_node',
  'audit_pending',
  'audit_search',
  // In an order in which they can be emptied.
  'audit_cosignature',
  'audit_checkpoint',
  'audit_key_end',
  'audit_key',
];
/** Their numbers come from Postgres. */
const NUMBERED = new Set(['audit_pending']);
const TRIGGERED = TABLES.filter((table) => !['audit_pending', 'audit_search'].includes(table));

export async function tamper(owner: pg.Pool, ...statements: readonly string[]): Promise<void> {
  const client = await owner.connect();
  try {
    await client.query('BEGIN');
    for (const table of TRIGGERED) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    for (const statement of statements) await client.query(statement);
    for (const table of TRIGGERED) await client.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

export const emptied: readonly string[] = TABLES.map((table) => `DELETE FROM ${table}`);

/** The log as it was once `size` batches were signed. */
export const rolledBackTo = (size: number): readonly string[] => [
  `DELETE FROM audit_cosignature WHERE size > ${size}`,
  `DELETE FROM audit_checkpoint WHERE size > ${size}`,
  `DELETE FROM audit_leaf WHERE position >= ${size}`,
  `DELETE FROM audit_node WHERE (index + 1) << level > ${size}`,
  `DELETE FROM audit_search WHERE id / 1024 >= ${size}`,
];

/** As it was before, and again afterwards. */
export async function whileTampered(
  owner: pg.Pool,
  statements: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  await tamper(
    owner,
    ...TABLES.map((table) => `CREATE TABLE kept_${table} AS TABLE ${table}`),
    ...statements,
  );
  try {
    await work();
  } finally {
    await tamper(
      owner,
      ...emptied,
      ...TABLES.toReversed().map(
        (table) =>
          `INSERT INTO ${table} ${NUMBERED.has(table) ? 'OVERRIDING SYSTEM VALUE' : ''} SELECT * FROM kept_${table}`,
      ),
      ...TABLES.map((table) => `DROP TABLE kept_${table}`),
    );
  }
}
