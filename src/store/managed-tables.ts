/**
 * Written tables in Postgres. A commit is one transaction: it looks at the policies and at the table's version, puts the
 * files into the list, and the tags with them. Nobody sees a part of it.
 */
import { basename } from 'node:path';
import type pg from 'pg';
import { foldName, type ObjectId, type TableVersion } from '../core/catalog/catalog.js';
import { GovernanceError } from '../core/errors.js';
import type { TargetColumn } from '../core/plan/write.js';
import { parseDataType } from '../core/sql/parse.js';
import { printType } from '../core/sql/print-literal.js';
import type {
  ColumnTags,
  CommitOutcome,
  LogState,
  TableCommit,
  TableCommits,
  TableDrop,
  WriteFolder,
} from '../gateway/table-commits.js';
import type { Database } from './database.js';
import type { Warehouse } from './warehouse.js';

export const TABLES_CHANNEL = 'sluice_tables';
/** A list longer than this makes every statement slow. */
export const FILES_PER_TABLE_MAX = 10_000;
export const MANAGED_TABLES_MAX = 20_000;
/** Versions of a Delta table that can be read; older ones can not. */
export const TABLE_VERSIONS_MAX = 1_000;

/** Writes of Delta tables at once: each holds a connection. */
const LOGS_HELD_MAX = 3;
/** Any number that nothing else in the database locks, with a hash of the table's name. */
const LOG_LOCK = 775_844;

/** A written table as it is now. */
export interface ManagedTable {
  readonly object: ObjectId;
  readonly format: 'parquet' | 'delta';
  readonly lake: boolean;
  readonly columns: readonly TargetColumn[];
  /** Absolute. */
  readonly files: readonly string[];
  readonly delta?: { readonly folder: string; readonly versions: readonly TableVersion[] };
  readonly owner: string;
  readonly version: number;
  /** By folded column name; empty: the table itself. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
}

interface TableRow {
  readonly object: string;
  readonly format: 'parquet' | 'delta';
  readonly lake: boolean;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly folder: string | null;
  readonly owner: string;
  readonly version: string;
  readonly files: readonly { readonly folder: string; readonly name: string }[];
  readonly versions: readonly TableVersion[];
  readonly metadata: readonly {
    readonly column: string;
    readonly owner: string | null;
    readonly tags: readonly string[];
  }[];
}

export interface ManagedTablesOptions {
  readonly database: Database;
  readonly warehouse: Warehouse;
  /** Resolves when this gateway's catalogue shows what was committed. */
  readonly onChange: () => Promise<void>;
}

export class ManagedTables implements TableCommits {
  private logsHeld = 0;

  constructor(private readonly options: ManagedTablesOptions) {}

  begin(): Promise<WriteFolder> {
    return this.options.warehouse.newFolder();
  }

  abandon(folder: WriteFolder): Promise<void> {
    return this.options.warehouse.remove(folder.id);
  }

  async commit(commit: TableCommit): Promise<CommitOutcome> {
    if (commit.folder !== undefined) await this.options.warehouse.seal(commit.folder, commit.files);
    return this.inTransaction(commit, async (client) => {
      const version = await putTable(client, commit);
      if (commit.mode !== 'append') await removeFiles(client, commit.target);
      await addFiles(client, commit);
      await addLogVersion(client, commit);
      await putTags(client, commit);
      return version;
    });
  }

  drop(drop: TableDrop): Promise<CommitOutcome> {
    return this.inTransaction(drop, async (client) => {
      const dropped = await client.query<{ folder: string | null; version: string }>(
        'DELETE FROM managed_table WHERE object = $1 AND version = $2 AND NOT lake RETURNING folder, version',
        [drop.target, drop.seenVersion],
      );
      const [row] = dropped.rows;
      if (row === undefined) throw conflict(drop.target);
      await removeFiles(client, drop.target);
      if (row.folder !== null) await removeFolder(client, drop.target, row.folder);
      await client.query('DELETE FROM object_metadata WHERE object = $1', [drop.target]);
      return Number(row.version);
    });
  }

  /** Held by the transaction: a gateway that dies lets go of it. */
  async whileWritingLog<T>(target: ObjectId, work: (state: LogState) => Promise<T>): Promise<T> {
    if (this.logsHeld >= LOGS_HELD_MAX) throw tooManyLogs();
    this.logsHeld += 1;
    try {
      return await this.options.database.transaction(async (client) => {
        const found = await client.query<{ mine: boolean; folder: string; version: string; log: string }>(
          `SELECT pg_try_advisory_xact_lock($2::int, hashtext(t.object)) AS mine, t.folder, t.version,
                  (SELECT max(v.log_version) FROM managed_version v WHERE v.folder = t.folder) AS log
             FROM managed_table t WHERE t.object = $1 AND t.folder IS NOT NULL`,
          [target, LOG_LOCK],
        );
        const [row] = found.rows;
        if (row?.mine !== true) throw conflict(target);
        return work({
          folder: this.options.warehouse.pathOf(row.folder),
          version: Number(row.version),
          logVersion: Number(row.log),
          held: async () => void (await client.query('SELECT 1')),
        });
      });
    } finally {
      this.logsHeld -= 1;
    }
  }

  /** Every table, with its files and tags as of one moment. */
  async all(): Promise<readonly ManagedTable[]> {
    const found = await this.options.database.query<TableRow>(
      ALL,
      [MANAGED_TABLES_MAX, TABLE_VERSIONS_MAX],
      'sluice-tables',
    );
    return found.rows.map((row) => this.tableOf(row));
  }

  private tableOf(row: TableRow): ManagedTable {
    const { warehouse } = this.options;
    const set = row.metadata.find(({ column }) => column === '');
    return {
      object: row.object,
      format: row.format,
      lake: row.lake,
      columns: row.columns.map(({ name, type }) => ({ name, type: parseDataType(type) })),
      files: row.files.map(({ folder, name }) => warehouse.pathOf(folder, name)),
      owner: set?.owner ?? row.owner,
      version: Number(row.version),
      tags: new Map(row.metadata.map(({ column, tags }) => [column, tags])),
      ...(row.folder === null
        ? {}
        : { delta: { folder: warehouse.pathOf(row.folder), versions: row.versions } }),
    };
  }

  /** The policies that were decided under must still be those in force, until the commit. */
  private async inTransaction(
    { policyVersion, statementId }: Pick<TableCommit, 'policyVersion' | 'statementId'>,
    work: (client: pg.ClientBase) => Promise<number>,
  ): Promise<CommitOutcome> {
    let outcome: CommitOutcome;
    try {
      outcome = await this.options.database.transaction(async (client): Promise<CommitOutcome> => {
        const policies = await client.query<{ version: string }>(
          'SELECT version FROM policy_version FOR SHARE',
        );
        if (Number(policies.rows[0]?.version) !== policyVersion) return { kind: 'policy-changed' };
        return { kind: 'committed', version: await work(client) };
      });
    } catch (error) {
      // The answer to COMMIT may have been lost, not the commit.
      const committed = isAway(error)
        ? await this.committedBy(statementId).catch(() => undefined)
        : undefined;
      if (committed === undefined) throw error;
      outcome = { kind: 'committed', version: committed };
    }
    if (outcome.kind === 'committed') await this.options.onChange();
    return outcome;
  }

  private async committedBy(statementId: string): Promise<number | undefined> {
    const found = await this.options.database.query<{ version: string }>(
      'SELECT version FROM managed_table WHERE statement_id = $1',
      [statementId],
    );
    const [row] = found.rows;
    return row === undefined ? undefined : Number(row.version);
  }
}

const isAway = (error: unknown): boolean =>
  error instanceof GovernanceError && error.code === 'EVIDENCE_UNAVAILABLE';

const columnsText = (columns: readonly TargetColumn[]): string =>
  JSON.stringify(columns.map(({ name, type }) => ({ name, type: printType(type) })));

/** The row of the table; gives its new version. */
async function putTable(client: pg.ClientBase, commit: TableCommit): Promise<number> {
  const columns = columnsText(commit.columns);
  const { target, format, lake, owner, comment, seenVersion, statementId, mode, folder } = commit;
  const deltaFolder = format === 'delta' ? (folder?.id ?? null) : null;
  const logId = commit.logFolder === undefined ? undefined : basename(commit.logFolder);
  // A table of the lake gets its row with the first files that are added to it.
  if (mode === 'create' || (lake && seenVersion === 0)) {
    const made = await client.query<{ version: string }>(
      `INSERT INTO managed_table (object, format, lake, columns, folder, owner, comment, statement_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (object) DO NOTHING RETURNING version`,
      [target, format, lake, columns, deltaFolder, `user:${owner}`, comment ?? null, statementId],
    );
    if (made.rows[0] !== undefined) return Number(made.rows[0].version);
    if (!lake) throw alreadyThere(target);
  }
  if (mode === 'replace') return replaceTable(client, commit, columns, deltaFolder);
  const changed = await client.query<{ version: string }>(
    `UPDATE managed_table SET version = version + 1, changed_at = clock_timestamp(), statement_id = $2
      WHERE object = $1 AND lake = $3 AND format = $4 AND ($5 OR columns = $6::jsonb) AND ($7::bigint IS NULL OR version = $7)
        AND ($8::uuid IS NULL OR folder = $8)
     RETURNING version`,
    [
      target,
      statementId,
      lake,
      format,
      lake,
      columns,
      mode === 'overwrite' ? seenVersion : null,
      logId ?? null,
    ],
  );
  if (changed.rows[0] === undefined) throw conflict(target);
  return Number(changed.rows[0].version);
}

async function replaceTable(
  client: pg.ClientBase,
  { target, statementId, seenVersion, format, comment }: TableCommit,
  columns: string,
  deltaFolder: string | null,
): Promise<number> {
  const before = await client.query<{ folder: string | null; version: string }>(
    'SELECT folder, version FROM managed_table WHERE object = $1 AND NOT lake FOR UPDATE',
    [target],
  );
  const [old] = before.rows;
  if (old === undefined || Number(old.version) !== seenVersion) throw conflict(target);
  if (old.folder !== null && old.folder !== deltaFolder) await removeFolder(client, target, old.folder);
  await client.query(
    `UPDATE managed_table SET version = version + 1, changed_at = clock_timestamp(), statement_id = $2, format = $3,
            columns = $4, folder = $5, comment = $6 WHERE object = $1`,
    [target, statementId, format, columns, deltaFolder, comment ?? null],
  );
  return seenVersion + 1;
}

const removeFiles = (client: pg.ClientBase, object: ObjectId) =>
  client.query(
    'UPDATE managed_file SET removed_at = clock_timestamp() WHERE object = $1 AND removed_at IS NULL',
    [object],
  );

const removeFolder = (client: pg.ClientBase, object: ObjectId, folder: string) =>
  client.query(
    `INSERT INTO managed_file (folder, name, object, rows, bytes, removed_at)
     VALUES ($1, '', $2, 0, 0, clock_timestamp()) ON CONFLICT DO NOTHING`,
    [folder, object],
  );

async function addFiles(client: pg.ClientBase, { target, folder, files }: TableCommit): Promise<void> {
  if (folder === undefined || files.length === 0) return;
  await client.query(
    `INSERT INTO managed_file (folder, name, object, rows, bytes)
     SELECT $1, name, $2, rows, bytes FROM unnest($3::text[], $4::bigint[], $5::bigint[]) AS f (name, rows, bytes)`,
    [folder.id, target, files.map((f) => f.name), files.map((f) => f.rows), files.map((f) => f.bytes)],
  );
  const live = await client.query<{ count: string }>(
    'SELECT count(*) AS count FROM managed_file WHERE object = $1 AND removed_at IS NULL',
    [target],
  );
  if (Number(live.rows[0]?.count) <= FILES_PER_TABLE_MAX) return;
  throw new GovernanceError(
    'TABLE_NOT_WRITABLE',
    `The table would have more than ${FILES_PER_TABLE_MAX} files.`,
    {
      remedy: 'INSERT OVERWRITE it with a SELECT of itself: that makes few files of many.',
    },
  );
}

/** Readers never go back to an earlier version of the log. */
async function addLogVersion(
  client: pg.ClientBase,
  { target, format, logVersion }: TableCommit,
): Promise<void> {
  if (format !== 'delta') return;
  const added = await client.query(
    `INSERT INTO managed_version (folder, log_version)
     SELECT t.folder, $2 FROM managed_table t WHERE t.object = $1
        AND NOT EXISTS (SELECT FROM managed_version v WHERE v.folder = t.folder AND v.log_version >= $2)
     RETURNING log_version`,
    [target, logVersion],
  );
  if (added.rows.length !== 1) throw conflict(target);
}

/** Tags only ever come to a column here; whoever manages the catalogue takes them away. */
async function putTags(client: pg.ClientBase, { target, tags, owner }: TableCommit): Promise<void> {
  const sources = tags.flatMap(({ from }) => from);
  const found = await client.query<{ object: string; column: string; tags: readonly string[] }>(
    `SELECT m.object, m."column", m.tags FROM object_metadata m
       JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS s (object, col)) s
         ON m.object = s.object AND m."column" IN (s.col, '') FOR SHARE OF m`,
    [sources.map(({ object }) => object), sources.map(({ column }) => foldName(column))],
  );
  for (const column of tags) {
    const all = allTags(column, found.rows);
    if (all.length === 0) continue;
    await client.query(
      `INSERT INTO object_metadata AS m (object, "column", tags, updated_by) VALUES ($1, $2, $3, $4)
       ON CONFLICT (object, "column") DO UPDATE SET updated_by = excluded.updated_by, version = m.version + 1,
          updated_at = clock_timestamp(),
          tags = (SELECT array_agg(DISTINCT t ORDER BY t) FROM unnest(m.tags || excluded.tags) AS t)
        WHERE NOT m.tags @> excluded.tags`,
      [target, foldName(column.column), all, owner],
    );
  }
}

function allTags(
  { tags, from }: ColumnTags,
  rows: readonly { readonly object: string; readonly column: string; readonly tags: readonly string[] }[],
): readonly string[] {
  const travelling = rows.filter((row) =>
    from.some(
      (source) =>
        source.object === row.object && (row.column === '' || row.column === foldName(source.column)),
    ),
  );
  return [...new Set([...tags, ...travelling.flatMap((row) => row.tags)])].sort();
}

const conflict = (object: ObjectId): GovernanceError =>
  new GovernanceError('WRITE_CONFLICT', `${object} was changed by somebody else in the meantime.`, {
    retryable: true,
    remedy: 'Run the statement again: it will see the table as it is now.',
    sqlState: '40001',
  });

const tooManyLogs = (): GovernanceError =>
  new GovernanceError('QUEUE_FULL', 'Too many Delta tables are being written.', {
    retryable: true,
    retryAfterSeconds: 2,
    remedy: 'Try again in a moment.',
    sqlState: '53000',
  });

const alreadyThere = (object: ObjectId): GovernanceError =>
  new GovernanceError('TABLE_OR_VIEW_ALREADY_EXISTS', `There is a table ${object} already.`, {
    remedy: 'Use CREATE OR REPLACE TABLE, INSERT INTO, or another name.',
    sqlState: '42P07',
  });

const ALL = `
  SELECT t.object, t.format, t.lake, t.columns, t.folder, t.owner, t.version,
         coalesce((SELECT jsonb_agg(jsonb_build_object('folder', f.folder, 'name', f.name) ORDER BY f.added_at, f.folder, f.name)
                     FROM managed_file f WHERE f.object = t.object AND f.removed_at IS NULL), '[]') AS files,
         coalesce((SELECT jsonb_agg(jsonb_build_object('logVersion', v.log_version, 'committedAt',
                            to_char(v.committed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) ORDER BY v.log_version)
                     FROM (SELECT log_version, committed_at FROM managed_version WHERE folder = t.folder
                            ORDER BY log_version DESC LIMIT $2) v), '[]') AS versions,
         coalesce((SELECT jsonb_agg(jsonb_build_object('column', m."column", 'owner', m.owner, 'tags', m.tags))
                     FROM object_metadata m WHERE m.object = t.object), '[]') AS metadata
    FROM managed_table t ORDER BY t.object LIMIT $1`;
