/**
 * Postgres without set-up: a real server process from the binaries that npm brought, kept in the data folder,
 * reached over a Unix socket only. The gateway itself connects as a role that owns nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { serverAccount } from './embedded/account.js';
import { usableBinaries } from './embedded/binaries.js';
import { type Cluster, openCluster, SUPERUSER, SYSTEM_DIR } from './embedded/cluster.js';
import { type ServerProcess, SOCKET_PORT, startServer } from './embedded/server.js';

export const DATABASE = 'sluice';
export const OWNER_ROLE = 'sluice_owner';
export const APP_ROLE = 'sluice_app';
const READY_TIMEOUT_MS = 60_000;
const READY_PAUSE_MS = 25;
const RESTART_PAUSE_MS = 1_000;
/** "The database system is starting up", and the same while it recovers or shuts down. */
const NOT_READY = new Set(['57P03', 'ECONNREFUSED', 'ENOENT', 'ECONNRESET']);

export interface EmbeddedPostgres {
  /** As the role that may use the tables, not change or own them. */
  readonly appUrl: string;
  /** As the role that owns the database: migrations. */
  readonly ownerUrl: string;
  /** Of the server that runs now: one that crashed is started again. */
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Starts Postgres on the data folder, makes cluster, database and roles where missing, and keeps it running
 * until `stop`.
 */
export async function startEmbeddedPostgres(
  dataDir: string,
  onCrash: () => void = () => undefined,
): Promise<EmbeddedPostgres> {
  const account = serverAccount();
  const binaries = usableBinaries(account, SYSTEM_DIR);
  const cluster = await openCluster(dataDir, account, binaries);
  const first = await startServer(cluster.dir, account, binaries);
  const { socketDir } = first;
  const url = (role: string, password: string, database = DATABASE): string =>
    `postgres://${role}:${password}@localhost:${SOCKET_PORT}/${database}?host=${encodeURIComponent(socketDir)}`;
  try {
    await whenReady(url(SUPERUSER, cluster.credentials.superuser, 'postgres'), (client) =>
      makeRoles(client, cluster),
    );
  } catch (error) {
    await first.stop();
    throw error;
  }
  const supervisor = new Supervisor(
    first,
    () => startServer(cluster.dir, account, binaries, socketDir),
    onCrash,
  );
  return {
    appUrl: url(APP_ROLE, cluster.credentials.app),
    ownerUrl: url(OWNER_ROLE, cluster.credentials.owner),
    get pid() {
      return supervisor.pid;
    },
    stop: () => supervisor.stop(),
  };
}

/** Starts the server again when it ends without being asked to. */
class Supervisor {
  private stopping = false;
  private readonly watching: Promise<void>;

  constructor(
    private server: ServerProcess,
    private readonly start: () => Promise<ServerProcess>,
    private readonly onCrash: () => void,
  ) {
    this.watching = this.watch();
  }

  get pid(): number {
    return this.server.pid;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.server.stop();
    await this.watching;
  }

  private async watch(): Promise<void> {
    for (;;) {
      await this.server.exited;
      if (this.stopping) return;
      this.onCrash();
      await this.startAgain();
    }
  }

  private async startAgain(): Promise<void> {
    while (!this.stopping) {
      try {
        this.server = await this.start();
        // Asked to stop while it was coming up: `stop` saw only the one that was gone.
        if (this.stopping) await this.server.stop();
        return;
      } catch {
        await sleep(RESTART_PAUSE_MS);
      }
    }
  }
}

async function whenReady(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await work(client);
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === undefined || !NOT_READY.has(code) || Date.now() > deadline) throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
    await sleep(READY_PAUSE_MS);
  }
}

/** Idempotent: a start that was cut off between two of these goes on here. */
async function makeRoles(client: pg.Client, { credentials }: Cluster): Promise<void> {
  for (const [role, password] of [
    [OWNER_ROLE, credentials.owner],
    [APP_ROLE, credentials.app],
  ] as const) {
    const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
    if (found.rowCount === 0) {
      await client.query(`CREATE ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
    }
  }
  const database = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
  if (database.rowCount === 0) {
    await client.query(`CREATE DATABASE ${DATABASE} OWNER ${OWNER_ROLE}`);
    await client.query(`REVOKE ALL ON DATABASE ${DATABASE} FROM PUBLIC`);
  }
  await client.query(`GRANT CONNECT ON DATABASE ${DATABASE} TO ${APP_ROLE}`);
}
