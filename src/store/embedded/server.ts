/**
 * The server process: started as our child so that it ends with us, a leftover of an earlier gateway stopped
 * first. Whoever comes after kill -9 finds the WAL and lets Postgres recover from it; fsync stays on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIsAlive, processWorkingDir } from '../process-identity.js';
import type { Account } from './account.js';
import type { Binaries } from './binaries.js';
import { identityOf, serverEnvironment } from './cluster.js';

const SOCKET_PATH_BYTES_MAX = 100;
const LOG_BYTES_MAX = 8 * 2 ** 20;
const STOP_FAST_TIMEOUT_MS = 4_000;
const STOP_IMMEDIATE_TIMEOUT_MS = 2_000;
const START_TIMEOUT_MS = 60_000;
const RETRY_PAUSE_MS = 200;
const POLL_MS = 20;
/** Messages of a server that found traces of one that is still going away. */
const STILL_GOING = /lock file|shared memory block|is another p/i;

/** File name part of the socket; with `listen_addresses` empty no network port is opened. */
export const SOCKET_PORT = 5432;

export interface ServerProcess {
  readonly socketDir: string;
  readonly pid: number;
  /** Resolves when the process is gone, whoever stopped it. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  port: String(SOCKET_PORT),
  unix_socket_permissions: '0700',
  max_connections: '60',
  shared_buffers: '32MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  // Statements and details would carry values into the log.
  log_statement: 'none',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_min_messages: 'warning',
  log_timezone: 'UTC',
};

/**
 * Starts the server on `dir`; resolves once the process runs (it may still be recovering: connect with
 * patience). A server that takes the place of one that crashed is given its `socketDir`, so that its URLs
 * stay good.
 */
export async function startServer(
  dir: string,
  account: Account | undefined,
  binaries: Binaries,
  socketDir = socketDirFor(dir, account),
): Promise<ServerProcess> {
  await stopLeftover(dir);
  const logFile = `${dir}.log`;
  if (existsSync(logFile) && statSync(logFile).size > LOG_BYTES_MAX) rmSync(logFile);
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const logStart = existsSync(logFile) ? statSync(logFile).size : 0;
    const child = launch(dir, socketDir, logFile, account, binaries);
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.once('error', () => undefined);
    if (await socketAppears(child, socketDir, deadline)) {
      const stop = async (): Promise<void> => {
        await stopProcess(child.pid!, exited);
        if (socketDir !== dir) rmSync(socketDir, { recursive: true, force: true });
      };
      return { socketDir, pid: child.pid!, exited, stop };
    }
    const said = readFileSync(logFile, 'utf8').slice(logStart).trim();
    if (!STILL_GOING.test(said) || Date.now() > deadline) {
      if (child.exitCode === null && child.pid !== undefined) await stopProcess(child.pid, exited);
      throw new Error(
        `The embedded Postgres did not start (${logFile}): ${said.split('\n').slice(-3).join(' ')}`,
      );
    }
    await sleep(RETRY_PAUSE_MS);
  }
}

function launch(
  dir: string,
  socketDir: string,
  logFile: string,
  account: Account | undefined,
  binaries: Binaries,
): ChildProcess {
  const settings = Object.entries({ ...SETTINGS, unix_socket_directories: socketDir });
  const args = ['-D', dir, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const command = [...dieWithParent(), binaries.postgres, ...args];
  const log = openSync(logFile, 'a', 0o600);
  try {
    return spawn(command[0]!, command.slice(1), {
      cwd: '/',
      env: serverEnvironment(),
      stdio: ['ignore', log, log],
      // A group of its own: Ctrl-C at the terminal reaches the gateway, which then stops the server last.
      detached: true,
      ...identityOf(account),
    });
  } finally {
    closeSync(log);
  }
}

/** Linux can tie the server's life to ours; elsewhere the next start stops what is left. */
function dieWithParent(): readonly string[] {
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'INT', '--'];
}

function socketDirFor(dir: string, account: Account | undefined): string {
  const inside = join(dir, `.s.PGSQL.${SOCKET_PORT}.lock`);
  if (Buffer.byteLength(inside) <= SOCKET_PATH_BYTES_MAX) return dir;
  const preferred = join(tmpdir(), 'sluice-pg-');
  const made = mkdtempSync(
    Buffer.byteLength(preferred) <= SOCKET_PATH_BYTES_MAX / 2 ? preferred : '/tmp/sluice-pg-',
  );
  if (account !== undefined) chownSync(made, account.uid, account.gid);
  return made;
}

async function socketAppears(child: ChildProcess, socketDir: string, deadline: number): Promise<boolean> {
  const socket = join(socketDir, `.s.PGSQL.${SOCKET_PORT}`);
  const lock = `${socket}.lock`;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return false;
    if (existsSync(socket) && lockIsOf(lock, child.pid)) return true;
    await sleep(POLL_MS);
  }
  return false;
}

/**
 * A socket file may be left over from a killed server; its lock file names the pid of the one that listens.
 */
function lockIsOf(lock: string, pid: number): boolean {
  try {
    return Number(readFileSync(lock, 'utf8').split('\n')[0]) === pid;
  } catch {
    return false;
  }
}

/** Ends the server that an earlier gateway left running on this folder, and only that one. */
async function stopLeftover(dir: string): Promise<void> {
  const pidFile = join(dir, 'postmaster.pid');
  const pid = leftoverPid(pidFile);
  if (pid === undefined) return;
  const workingDir = processWorkingDir(pid);
  const isOurs = processIsAlive(pid) && (workingDir === undefined || workingDir === dir);
  if (isOurs) await stopProcess(pid, waitForEnd(pid));
  // A pid that another process got would make Postgres refuse; we know that no server is left.
  rmSync(pidFile, { force: true });
}

function leftoverPid(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
    return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * SIGINT is Postgres' fast shutdown (checkpoint, clean), SIGQUIT its immediate one (recovery at the next
 * start).
 */
async function stopProcess(pid: number, ended: Promise<void>): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGINT', STOP_FAST_TIMEOUT_MS],
    ['SIGQUIT', STOP_IMMEDIATE_TIMEOUT_MS],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const timer = new AbortController();
    const timedOut = sleep(waitMs, false, { signal: timer.signal }).catch(() => true);
    const done = await Promise.race([ended.then(() => true), timedOut]);
    timer.abort();
    if (done) return;
  }
}

async function waitForEnd(pid: number): Promise<void> {
  while (processIsAlive(pid)) await sleep(POLL_MS);
}
