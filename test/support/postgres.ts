/** A real, migrated Postgres for one spec file: embedded, in a folder of its own, gone afterwards. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { APP_ROLE, type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/embedded-postgres.js';
import { migrate } from '../../src/store/migrate.js';

const POLL_MS = 10;

export interface TestPostgres {
  /** As the gateway: may not change the schema or evidence. */
  readonly appUrl: string;
  readonly ownerUrl: string;
  /**
   * Ends the server in its tracks (kill -9) and waits until it was started again on the same data, under the
   * same URLs.
   */
  crashAndRestart(): Promise<void>;
  /** Stops the server; `restart` brings it back. */
  halt(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestPostgres(): Promise<TestPostgres> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-test-pg-'));
  chmodSync(dataDir, 0o755);
  let server: EmbeddedPostgres = await startEmbeddedPostgres(dataDir);
  await migrate(server.ownerUrl, APP_ROLE);
  const { appUrl, ownerUrl } = server;
  const restart = async (): Promise<void> => {
    server = await startEmbeddedPostgres(dataDir);
  };
  return {
    appUrl,
    ownerUrl,
    restart,
    halt: () => server.stop(),
    crashAndRestart: async () => {
      const { pid } = server;
      process.kill(pid, 'SIGKILL');
      while (server.pid === pid) await sleep(POLL_MS);
    },
    stop: async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
