/** A real gateway process over a lake, as `npm start` runs it, on free ports and in a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 20;

export interface GatewayProcess {
  readonly url: string;
  /** By demo user. */
  readonly tokens: Readonly<Record<string, string>>;
  /** As `user`; every other option is fetch's. */
  fetch(path: string, user: string, init?: RequestInit): Promise<Response>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** `main`: the compiled src/main.js. `env` goes over what is set here. */
export async function startGatewayProcess(
  main: string,
  env: Readonly<Record<string, string>>,
): Promise<GatewayProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-gateway-'));
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      UV_THREADPOOL_SIZE: '8',
      SLUICE_DATA_DIR: dataDir,
      SLUICE_HTTP_PORT: '0',
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
    const code = await exited;
    rmSync(dataDir, { recursive: true, force: true });
    return code;
  };
  try {
    const { http } = await runtimeOf(child, dataDir, () => output);
    const url = `http://127.0.0.1:${http}`;
    const tokens = JSON.parse(readFileSync(join(dataDir, 'demo-credentials.json'), 'utf8'));
    return {
      url,
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
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function runtimeOf(
  child: ChildProcess,
  dataDir: string,
  output: () => string,
): Promise<{ readonly http: number }> {
  const file = join(dataDir, 'runtime.json');
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!existsSync(file)) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(output());
    await sleep(POLL_MS);
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}
