import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { serverAccount } from './embedded/account.js';
import { usableBinaries } from './embedded/binaries.js';
import { SYSTEM_DIR } from './embedded/cluster.js';
import { startServer } from './embedded/server.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.js';
import { processIsAlive } from './process-identity.js';

const STARTS_TIMEOUT_MS = 60_000;
const folders: string[] = [];
const running: EmbeddedPostgres[] = [];

const folder = (mode = 0o755): string => {
  const made = mkdtempSync(join(tmpdir(), 'sluice-pg-spec-'));
  chmodSync(made, mode);
  folders.push(made);
  return made;
};
const start = async (dataDir: string): Promise<EmbeddedPostgres> => {
  const postgres = await startEmbeddedPostgres(dataDir);
  running.push(postgres);
  return postgres;
};
const query = async (url: string, text: string): Promise<pg.QueryResult> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
};

afterAll(async () => {
  for (const postgres of running) await postgres.stop();
  for (const path of folders) {
    const memory = join(path, 'postgres', 'cluster.json');
    const { dir } = existsSync(memory)
      ? (JSON.parse(readFileSync(memory, 'utf8')) as { dir: string })
      : { dir: '' };
    if (dir.startsWith('/')) rmSync(dir, { recursive: true, force: true });
    rmSync(path, { recursive: true, force: true });
  }
});

describe('embedded Postgres', () => {
  it(
    'is started again after kill -9, under the same URLs, with all that was committed; ends without a trace',
    async () => {
      const postgres = await start(folder());
      await query(postgres.ownerUrl, 'CREATE TABLE kept (n int)');
      await query(postgres.ownerUrl, 'INSERT INTO kept SELECT generate_series(1, 1000)');
      const killed = postgres.pid;
      process.kill(killed, 'SIGKILL');
      const count = (): Promise<unknown> =>
        query(postgres.ownerUrl, 'SELECT count(*)::int AS n FROM kept').then(
          (found) => found.rows[0].n,
          () => undefined,
        );
      const deadline = Date.now() + STARTS_TIMEOUT_MS / 2;
      while ((await count()) !== 1000 && Date.now() < deadline) await sleep(20);
      expect(await count()).toBe(1000);
      expect(postgres.pid).not.toBe(killed);
      await postgres.stop();
      expect(processIsAlive(postgres.pid)).toBe(false);
    },
    STARTS_TIMEOUT_MS,
  );

  it(
    'takes the place of a server that an earlier gateway left running',
    async () => {
      const dataDir = folder();
      const first = await start(dataDir);
      await query(first.ownerUrl, 'CREATE TABLE kept (n int)');
      await first.stop();
      const account = serverAccount();
      const left = await startServer(
        join(dataDir, 'postgres', 'cluster'),
        account,
        usableBinaries(account, SYSTEM_DIR),
      );
      expect(processIsAlive(left.pid)).toBe(true);
      const second = await start(dataDir);
      expect(processIsAlive(left.pid)).toBe(false);
      expect((await query(second.ownerUrl, 'SELECT * FROM kept')).rowCount).toBe(0);
      await second.stop();
    },
    STARTS_TIMEOUT_MS,
  );

  it(
    'is not fooled by a stale pid file that names someone else',
    async () => {
      const dataDir = folder();
      const first = await start(dataDir);
      await first.stop();
      const pidFile = join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
      writeFileSync(pidFile, `${process.pid}\n${join(dataDir, 'postgres', 'cluster')}\n`);
      const second = await start(dataDir);
      expect((await query(second.appUrl, 'SELECT 1')).rowCount).toBe(1);
      await second.stop();
    },
    STARTS_TIMEOUT_MS,
  );

  it(
    'runs from a data folder that only its owner may enter, over a socket only, with fsync on',
    async () => {
      const dataDir = join(folder(0o700), 'a-long-name-'.repeat(10), 'data');
      const postgres = await start(dataDir);
      const settings = await query(
        postgres.appUrl,
        `SELECT current_setting('listen_addresses') AS listens, current_setting('fsync') AS fsync, current_user AS me,
           (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super`,
      );
      expect(settings.rows).toEqual([{ listens: '', fsync: 'on', me: 'sluice_app', super: false }]);
      expect(statSync(join(dataDir, 'postgres', 'cluster.json')).mode & 0o077).toBe(0);
      await expect(query(postgres.appUrl, 'CREATE TABLE mine (n int)')).rejects.toThrow(/permission denied/);
      await postgres.stop();
      const memory = JSON.parse(readFileSync(join(dataDir, 'postgres', 'cluster.json'), 'utf8')) as {
        dir: string;
      };
      if (memory.dir.startsWith('/')) rmSync(memory.dir, { recursive: true, force: true });
    },
    STARTS_TIMEOUT_MS,
  );
});
