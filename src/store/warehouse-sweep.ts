/** Removes files that no table has any more, and what writes that never came to a commit left behind. */
import type { Database } from './database.js';
import type { Warehouse } from './warehouse.js';

const FILES_PER_SWEEP_MAX = 1_000;
/** Any number that nothing else in the database locks. */
const SWEEP_LOCK = 7_758_442_302;

export interface SweepOptions {
  readonly database: Database;
  readonly warehouse: Warehouse;
  /** Longer than any reader of a removed file. */
  readonly removedKeptMs: number;
  /** Longer than any write. */
  readonly writeMsMax: number;
  readonly clock: () => Date;
}

/** One gateway at a time; the others have nothing to do. */
export async function sweepWarehouse(options: SweepOptions): Promise<void> {
  const { database, warehouse, removedKeptMs, writeMsMax, clock } = options;
  await database.transaction(async (client) => {
    const mine = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
      SWEEP_LOCK,
    ]);
    if (mine.rows[0]?.mine !== true) return;
    const removed = await client.query<{ folder: string; name: string }>(
      `SELECT folder, name FROM managed_file WHERE removed_at < clock_timestamp() - $1 * interval '1 millisecond'
        ORDER BY removed_at LIMIT $2`,
      [removedKeptMs, FILES_PER_SWEEP_MAX],
    );
    for (const { folder, name } of removed.rows) await warehouse.removeFile(folder, name);
    const folders = removed.rows.filter(({ name }) => name === '').map(({ folder }) => folder);
    await client.query('DELETE FROM managed_version WHERE folder = ANY ($1::uuid[])', [folders]);
    await client.query(
      'DELETE FROM managed_file f USING unnest($1::uuid[], $2::text[]) AS r (folder, name) WHERE f.folder = r.folder AND f.name = r.name',
      [removed.rows.map((row) => row.folder), removed.rows.map((row) => row.name)],
    );
    const old = await warehouse.foldersBefore(clock().getTime() - writeMsMax);
    const known = await client.query<{ folder: string }>(
      `SELECT folder FROM managed_file WHERE folder = ANY ($1::uuid[])
       UNION SELECT folder FROM managed_table WHERE folder = ANY ($1::uuid[])`,
      [old],
    );
    const kept = new Set(known.rows.map((row) => row.folder));
    for (const folder of old) if (!kept.has(folder)) await warehouse.remove(folder);
  });
}
