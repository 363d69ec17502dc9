/**
 * The folder of the embedded Postgres: where it is, made once with passwords nobody knows. It is made aside
 * and renamed, so a start that was cut off leaves nothing half-made.
 */
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Account, canReach } from './account.js';
import type { Binaries } from './binaries.js';

/** Used only when root starts a gateway below a folder that no other account may enter. */
export const SYSTEM_DIR = '/var/lib/sluice';
export const SUPERUSER = 'postgres';
const PASSWORD_BYTES = 32;
const INITDB_TIMEOUT_MS = 120_000;

export interface Credentials {
  readonly superuser: string;
  readonly owner: string;
  readonly app: string;
}

export interface Cluster {
  readonly dir: string;
  readonly credentials: Credentials;
}

/** What is remembered in the data folder, readable by us only. */
interface Remembered {
  readonly dir: string;
  readonly credentials: Credentials;
}

const run = promisify(execFile);

/** The cluster of this data folder, made now when there is none. */
export async function openCluster(
  dataDir: string,
  account: Account | undefined,
  binaries: Binaries,
  systemDir = SYSTEM_DIR,
): Promise<Cluster> {
  const home = resolve(dataDir, 'postgres');
  mkdirSync(home, { recursive: true });
  const memory = join(home, 'cluster.json');
  if (existsSync(memory)) {
    const remembered = JSON.parse(readFileSync(memory, 'utf8')) as Remembered;
    const dir = resolve(home, remembered.dir);
    if (existsSync(join(dir, 'PG_VERSION'))) return { dir, credentials: remembered.credentials };
    throw new Error(
      `The database of ${dataDir} is gone from ${dir}. Restore it, or remove ${home} to start empty.`,
    );
  }
  const reachable = canReach(account, join(home, 'cluster'));
  const credentials = newCredentials();
  const dir = reachable ? join(home, 'cluster') : join(systemDir, randomUUID());
  rmSync(dir, { recursive: true, force: true });
  await makeCluster(dir, credentials, account, binaries);
  // The rename of this file is the moment at which the cluster exists.
  const remembered: Remembered = { dir: reachable ? 'cluster' : dir, credentials };
  writeFileSync(`${memory}.new`, JSON.stringify(remembered), { mode: 0o600 });
  renameSync(`${memory}.new`, memory);
  return { dir, credentials };
}

const newPassword = (): string => randomBytes(PASSWORD_BYTES).toString('base64url');
const newCredentials = (): Credentials => ({
  superuser: newPassword(),
  owner: newPassword(),
  app: newPassword(),
});

async function makeCluster(
  dir: string,
  credentials: Credentials,
  account: Account | undefined,
  binaries: Binaries,
): Promise<void> {
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o700);
  const passwordFile = `${dir}.password`;
  writeFileSync(passwordFile, credentials.superuser, { mode: 0o600 });
  if (account !== undefined) {
    chownSync(dir, account.uid, account.gid);
    chownSync(passwordFile, account.uid, account.gid);
  }
  try {
    await run(
      binaries.initdb,
      [
        `--pgdata=${dir}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
        '--no-instructions',
      ],
      { cwd: '/', env: serverEnvironment(), timeout: INITDB_TIMEOUT_MS, ...identityOf(account) },
    );
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    const { stderr } = error as { stderr?: string };
    throw new Error(`The embedded Postgres could not be set up in ${dir}: ${(stderr ?? '').trim()}`, {
      cause: error,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Spawn options for running as the account. */
export const identityOf = (account: Account | undefined): { uid?: number; gid?: number } =>
  account === undefined ? {} : { uid: account.uid, gid: account.gid };

/** Nothing of our own environment: no secrets, no PG* variables that would change what the server does. */
export const serverEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
});
