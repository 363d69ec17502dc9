/** The process: signals, exit codes, what is left behind. Doors are fakes; everything else is real. */

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Compiled, compileSources } from '../test/support/compiled.js';
import { processIsAlive } from './store/process-identity.js';

const TIMEOUT_MS = 60_000;
const STOP_MAX_MS = 20_000;
const NOT_ROOT = 65_534;
let compiled: Compiled;
let root: string;
const children: ChildProcess[] = [];

interface Run {
  readonly child: ChildProcess;
  readonly dataDir: string;
  readonly exited: Promise<number | string>;
  output(): string;
}

const run = (dataDir: string, env: Record<string, string> = {}, uid?: number): Run => {
  const child = spawn(process.execPath, [join(compiled.dir, 'main.mjs')], {
    cwd: compiled.dir,
    env: { PATH: process.env.PATH, SLUICE_DATA_DIR: dataDir, SLUICE_ADMIN_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text) => (output += String(text)));
  const exited = new Promise<number | string>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal ?? '')),
  );
  return { child, dataDir, exited, output: () => output };
};
const up = async (gateway: Run): Promise<{ admin: number; pid: number }> => {
  const file = join(gateway.dataDir, 'runtime.json');
  const deadline = Date.now() + TIMEOUT_MS / 2;
  for (;;) {
    const runtime = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    if (runtime.pid === gateway.child.pid) return runtime;
    if (gateway.child.exitCode !== null || Date.now() > deadline) throw new Error(gateway.output());
    await sleep(20);
  }
};
const postgresPid = (dataDir: string): number =>
  Number(readFileSync(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'sluice-run-spec-'));
  chmodSync(root, 0o777);
  compiled = await compileSources();
  chmodSync(compiled.dir, 0o755);
  const doors = `async () => {
    if (process.env.THROW_LATER) setTimeout(() => { throw new Error('nobody caught this'); }, 50);
    return { http: null, connect: null, stop: async () => undefined };
  }`;
  writeFileSync(
    join(compiled.dir, 'main.mjs'),
    `import { runGateway } from './src/run-gateway.js';\nawait runGateway(${doors});\n`,
  );
}, TIMEOUT_MS);
afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  await sleep(200);
  rmSync(root, { recursive: true, force: true });
  compiled.remove();
});

describe('the gateway process', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const)(
    'stops in order on %s: exit code 0, no process and no lock left',
    async (how) => {
      const gateway = run(join(root, how));
      await up(gateway);
      const server = postgresPid(gateway.dataDir);
      expect(processIsAlive(server)).toBe(true);
      const asked = Date.now();
      if (how === 'disconnect') gateway.child.disconnect();
      else {
        gateway.child.kill(how);
        gateway.child.kill(how);
      }
      expect(await gateway.exited).toBe(0);
      expect(Date.now() - asked).toBeLessThan(STOP_MAX_MS);
      expect(processIsAlive(server)).toBe(false);
      expect(existsSync(join(gateway.dataDir, 'runtime.json'))).toBe(false);
      expect(existsSync(join(gateway.dataDir, 'gateway.lock'))).toBe(false);
    },
    TIMEOUT_MS,
  );

  it(
    'refuses a second start on the same folder, and starts again after kill -9',
    async () => {
      const dataDir = join(root, 'killed');
      const first = run(dataDir);
      const { pid } = await up(first);
      const second = run(dataDir);
      expect(await second.exited).toBe(1);
      expect(second.output()).toMatch(new RegExp(`sluice: SLUICE_DATA_DIR .*killed is in use .*pid ${pid}`));
      first.child.kill('SIGKILL');
      expect(await first.exited).toBe('SIGKILL');
      const third = run(dataDir);
      const { admin } = await up(third);
      expect((await fetch(`http://127.0.0.1:${admin}/health/ready`)).status).toBe(200);
      third.child.kill('SIGTERM');
      expect(await third.exited).toBe(0);
    },
    TIMEOUT_MS,
  );

  it('does not start with an unknown setting, and says which', async () => {
    const gateway = run(join(root, 'unknown'), { SLUICE_HTPP_PORT: '1', SLUICE_DEMO: 'maybe' });
    expect(await gateway.exited).toBe(1);
    expect(gateway.output()).toMatch(/SLUICE_HTPP_PORT is not a setting; did you mean SLUICE_HTTP_PORT\?/);
    expect(gateway.output()).toMatch(/SLUICE_DEMO must be true or false/);
    expect(existsSync(gateway.dataDir)).toBe(false);
  });

  it(
    'stops with an exit code when something was not caught',
    async () => {
      const gateway = run(join(root, 'crash'), { THROW_LATER: '1' });
      expect(await gateway.exited).toBe(1);
      expect(gateway.output()).toMatch(/"event":"background-failed"/);
      expect(existsSync(join(gateway.dataDir, 'gateway.lock'))).toBe(false);
    },
    TIMEOUT_MS,
  );

  it(
    'runs as an ordinary user too',
    async () => {
      const dataDir = join(root, 'ordinary');
      mkdirSync(dataDir);
      chmodSync(dataDir, 0o777);
      const asRoot = process.getuid?.() === 0;
      const gateway = run(dataDir, {}, asRoot ? NOT_ROOT : undefined);
      await up(gateway);
      gateway.child.kill('SIGTERM');
      expect(await gateway.exited).toBe(0);
    },
    TIMEOUT_MS,
  );
});
