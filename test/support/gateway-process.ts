/** A real gateway process, as `npm start` runs it, on free ports of this machine and a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './sources.js';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 25_000;
const POLL_MS = 20;

/** As `npm test` has built it. */
export const BUILT_MAIN = join(ROOT, 'dist', 'src', 'main.js');

export interface GatewayProcess {
  readonly url: string;
  readonly adminUrl: string;
  /** Of Spark Connect; null when that door is shut. */
  readonly connectPort: number | null;
  readonly pid: number;
  readonly dataDir: string;
  /** By demo user; empty without the demo. */
  readonly tokens: Readonly<Record<string, string>>;
  /** As `user`; every other option is fetch's. */
  fetch(path: string, user: string, init?: RequestInit): Promise<Response>;
  /** What it has printed, logs included. */
  output(): string;
  /** SIGTERM, and SIGKILL when that takes too long; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** In its tracks (kill -9). The data folder stays. */
  kill(): Promise<void>;
}

/**
 * `main`: the compiled src/main.js. `env` goes over what is set here; a data folder that is given there is
 * kept.
 */
export async function startGatewayProcess(
  main: string,
  env: Readonly<Record<string, string>>,
): Promise<GatewayProcess> {
  const given = env.SLUICE_DATA_DIR;
  const dataDir = given ?? mkdtempSync(join(tmpdir(), 'sluice-gateway-'));
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      UV_THREADPOOL_SIZE: '8',
      MALLOC_ARENA_MAX: '2',
      SLUICE_DATA_DIR: dataDir,
      SLUICE_HTTP_PORT: '0',
      SLUICE_CONNECT_PORT: '0',
      SLUICE_ADMIN_PORT: '0',
      SLUICE_LOG_LEVEL: 'warn',
      ...env,
    },
    // The channel closes when this process is gone, however it went: the gateway then stops.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += String(text)));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    const code = await exited;
    clearTimeout(late);
    if (given === undefined) rmSync(dataDir, { recursive: true, force: true });
    return code;
  };
  try {
    const { http, connect, admin } = await runtimeOf(child, dataDir, () => output);
    const url = `http://127.0.0.1:${http}`;
    const tokens = tokensOf(dataDir);
    return {
      url,
      adminUrl: `http://127.0.0.1:${admin}`,
      connectPort: connect,
      pid: child.pid ?? 0,
      dataDir,
      tokens,
      fetch: (path, user, init = {}) =>
        fetch(`${url}${path}`, {
          ...init,
          headers: {
            authorization: `Bearer ${tokens[user]}`,
            'content-type': 'application/json',
            ...init.headers,
          },
        }),
      output: () => output,
      stop,
      kill: async () => {
        child.kill('SIGKILL');
        await exited;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Of this process: a killed one leaves its file behind. */
async function runtimeOf(
  child: ChildProcess,
  dataDir: string,
  output: () => string,
): Promise<{ readonly http: number; readonly connect: number | null; readonly admin: number }> {
  const file = join(dataDir, 'runtime.json');
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const runtime = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    if (runtime.pid === child.pid) return runtime;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(output());
    await sleep(POLL_MS);
  }
}

function tokensOf(dataDir: string): Readonly<Record<string, string>> {
  const file = join(dataDir, 'demo-credentials.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
