/** Commits of written tables: one version after another, tags with the rows, nothing under policies that have changed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startTestPostgres, type TestPostgres } from '../../test/support/postgres.js';
import { GovernanceError } from '../core/errors.js';
import { INT, STRING, struct } from '../core/plan/types.js';
import type { CommitOutcome, TableCommit } from '../gateway/table-commits.js';
import { Database } from './database.js';
import { type ManagedTable, ManagedTables } from './managed-tables.js';
import { Warehouse } from './warehouse.js';

const START_TIMEOUT_MS = 60_000;
const TABLE = 'work.ana.t';
const COLUMNS = [
  { name: 'a', type: INT },
  { name: 'B c', type: struct([{ name: 'x y', type: STRING }]) },
];
let postgres: TestPostgres;
let owner: pg.Pool;
let database: Database;
let tables: ManagedTables;
let folder: string;
let changes = 0;
const onChange = async (): Promise<void> => {
  changes += 1;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-tables-'));
  postgres = await startTestPostgres();
  owner = new pg.Pool({ connectionString: postgres.ownerUrl, max: 1 });
  owner.on('error', () => undefined);
  database = new Database({ url: postgres.appUrl, connectionsMax: 4, applicationName: 'spec' });
  const warehouse = await Warehouse.open(join(folder, 'warehouse'));
  tables = new ManagedTables({ database, warehouse, onChange });
}, START_TIMEOUT_MS);
beforeEach(() => owner.query('TRUNCATE managed_table, managed_file, managed_version, object_metadata'));
afterAll(async () => {
  await database?.close();
  await owner?.end();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}, START_TIMEOUT_MS);

async function commit(change: Partial<TableCommit> = {}): Promise<CommitOutcome> {
  const made = await tables.begin();
  writeFileSync(join(made.path, 'part-0.parquet'), 'x');
  return tables.commit({
    folder: made,
    statementId: made.id,
    target: TABLE,
    mode: 'append',
    format: 'parquet',
    columns: COLUMNS,
    seenVersion: 0,
    lake: false,
    owner: 'ana',
    tags: [],
    files: [{ name: 'part-0.parquet', rows: 1, bytes: 1 }],
    policyVersion: 0,
    ...change,
  });
}
const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof GovernanceError ? error.code : `${error}`),
  );
const table = async (): Promise<ManagedTable | undefined> => (await tables.all())[0];

describe('a commit', () => {
  it('makes a table once, with its columns, its owner and its files', async () => {
    const before = changes;
    expect(await commit({ mode: 'create' })).toEqual({ kind: 'committed', version: 1 });
    expect(await table()).toMatchObject({
      object: TABLE,
      columns: COLUMNS,
      owner: 'user:ana',
      version: 1,
      lake: false,
    });
    expect((await table())?.files).toHaveLength(1);
    expect(changes).toBe(before + 1);
    expect(await code(commit({ mode: 'create' }))).toBe('TABLE_OR_VIEW_ALREADY_EXISTS');
    expect((await table())?.files).toHaveLength(1);
  });

  it('adds to whatever is there, but only to the same table', async () => {
    await commit({ mode: 'create' });
    const both = await Promise.all([commit({ seenVersion: 1 }), commit({ seenVersion: 1 })]);
    expect(both.map((outcome) => outcome.kind)).toEqual(['committed', 'committed']);
    expect(await table()).toMatchObject({ version: 3, files: { length: 3 } });
    expect(await code(commit({ columns: COLUMNS.slice(0, 1), seenVersion: 3 }))).toBe('WRITE_CONFLICT');
    expect(await code(commit({ target: 'work.ana.gone' }))).toBe('WRITE_CONFLICT');
  });

  it('replaces only the version that was seen', async () => {
    await commit({ mode: 'create' });
    for (const mode of ['overwrite', 'replace'] as const) {
      const { version = 0 } = (await table()) ?? {};
      expect(await commit({ mode, seenVersion: version })).toEqual({
        kind: 'committed',
        version: version + 1,
      });
      expect(await code(commit({ mode, seenVersion: version }))).toBe('WRITE_CONFLICT');
      expect(await table()).toMatchObject({ version: version + 1, files: { length: 1 } });
    }
    const drop = (seenVersion: number) =>
      tables.drop({ statementId: 's', target: TABLE, seenVersion, policyVersion: 0 });
    expect(await code(drop(1))).toBe('WRITE_CONFLICT');
    expect(await drop(3)).toMatchObject({ kind: 'committed' });
    expect(await tables.all()).toEqual([]);
  });

  it('changes nothing under other policies than it was decided under', async () => {
    expect(await commit({ mode: 'create', policyVersion: 7 })).toEqual({ kind: 'policy-changed' });
    expect(await tables.all()).toEqual([]);
  });

  it('refuses files that are not there as they were said to be', async () => {
    const files = [{ name: 'part-0.parquet', rows: 1, bytes: 2 }];
    await expect(commit({ mode: 'create', files })).rejects.toThrow(/size/);
    await expect(commit({ mode: 'create', files: [{ name: '../x', rows: 1, bytes: 1 }] })).rejects.toThrow(
      /warehouse/,
    );
    expect(await tables.all()).toEqual([]);
  });

  it('brings tags along, those too that were set in the meantime', async () => {
    await owner.query(
      `INSERT INTO object_metadata (object, "column", tags, updated_by) VALUES ('s.a.t', 'mail', '{pii.email}', 'x'), ('s.a.t', '', '{secret}', 'x')`,
    );
    const from = [{ object: 's.a.t', column: 'Mail' }];
    await commit({ mode: 'create', tags: [{ column: 'A', tags: ['own'], from }] });
    expect((await table())?.tags.get('a')).toEqual(['own', 'pii.email', 'secret']);
    await commit({ seenVersion: 1, tags: [{ column: 'a', tags: ['more'], from: [] }] });
    expect((await table())?.tags.get('a')).toEqual(['more', 'own', 'pii.email', 'secret']);
  });

  it('adds files to a table of the lake, and never drops it', async () => {
    await commit({ lake: true });
    await commit({ lake: true, seenVersion: 1 });
    expect(await table()).toMatchObject({ lake: true, version: 2, files: { length: 2 } });
    expect(await code(commit({ lake: false, mode: 'overwrite', seenVersion: 2 }))).toBe('WRITE_CONFLICT');
    expect(
      await code(tables.drop({ statementId: 's', target: TABLE, seenVersion: 2, policyVersion: 0 })),
    ).toBe('WRITE_CONFLICT');
  });

  it('shows the versions of a Delta log that were committed, forwards only', async () => {
    const delta = { format: 'delta', files: [] } as const;
    await commit({ ...delta, mode: 'create', logVersion: 0 });
    const { folder: _, ...inPlace } = { ...delta, folder: undefined };
    const made = (logVersion: number, seenVersion: number) =>
      tables.commit({
        ...inPlace,
        statementId: 's',
        target: TABLE,
        mode: 'append',
        columns: COLUMNS,
        seenVersion,
        lake: false,
        owner: 'ana',
        tags: [],
        policyVersion: 0,
        logVersion,
      });
    await made(2, 1);
    expect((await table())?.delta?.versions.map(({ logVersion }) => logVersion)).toEqual([0, 2]);
    expect(await code(made(1, 2))).toBe('WRITE_CONFLICT');
  });

  const delta = { format: 'delta', files: [] } as const;

  it('lets one at a time at the log of a table', async () => {
    await commit({ ...delta, mode: 'create', logVersion: 0 });
    const state = await tables.whileWritingLog(TABLE, async (held) => {
      expect(await code(tables.whileWritingLog(TABLE, async () => undefined))).toBe('WRITE_CONFLICT');
      await held.held();
      return held;
    });
    expect(state).toMatchObject({ version: 1, logVersion: 0 });
    // Whose connection is lost has lost the log, and is told so before it shows anything.
    let told = '';
    const lost = tables.whileWritingLog(TABLE, async (held) => {
      await owner.query("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
      told = await code(held.held());
    });
    await lost.catch(() => undefined);
    expect(told).not.toBe('none');
    expect(await code(tables.whileWritingLog(TABLE, async () => undefined))).toBe('none');
  });

  it('takes no batch of a stream into a table that was made again', async () => {
    await commit({ ...delta, mode: 'create', logVersion: 0 });
    const { folder: logFolder } = await tables.whileWritingLog(TABLE, async (held) => held);
    const batch = (logVersion: number) =>
      code(commit({ ...delta, folder: undefined, logVersion, logFolder } as Partial<TableCommit>));
    expect(await batch(1)).toBe('none');
    await tables.drop({ statementId: 's', target: TABLE, seenVersion: 2, policyVersion: 0 });
    expect(await batch(2)).toBe('WRITE_CONFLICT');
    await commit({ ...delta, mode: 'create', logVersion: 0 });
    expect(await batch(2)).toBe('WRITE_CONFLICT');
    expect((await table())?.version).toBe(1);
  });
});
