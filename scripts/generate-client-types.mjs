/**
 * `npm run generate:clients`: the types of clients/typescript from what the gateway of this checkout says of itself.
 * Starts one on free ports over a small sample in a folder that is thrown away, and stops it again.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBuilt, ensureInstalled, ROOT } from './prepare.mjs';

const START_MS_MAX = 90_000;
const POLL_MS = 100;

ensureInstalled();
ensureBuilt();
const folder = mkdtempSync(join(tmpdir(), 'sluice-generate-'));
const gateway = spawn(process.execPath, [join(ROOT, 'dist', 'src', 'main.js')], {
  env: {
    PATH: process.env.PATH,
    SLUICE_DATA_DIR: folder,
    SLUICE_HTTP_PORT: '0',
    SLUICE_CONNECT_PORT: '0',
    SLUICE_ADMIN_PORT: '0',
    SLUICE_DEMO: 'true',
    SLUICE_DEMO_SCALE: '0.001',
  },
  // The channel closes when this process is gone, however it went: the gateway then stops.
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
const exited = new Promise((resolve) => gateway.once('exit', resolve));
try {
  const url = `http://127.0.0.1:${await portOf(join(folder, 'runtime.json'))}`;
  const generate = join(ROOT, 'clients', 'typescript', 'scripts', 'generate.mjs');
  process.exitCode = spawnSync(process.execPath, [generate, url], { stdio: 'inherit' }).status ?? 1;
} finally {
  gateway.kill('SIGTERM');
  await exited;
  rmSync(folder, { recursive: true, force: true });
}

async function portOf(runtime) {
  const deadline = Date.now() + START_MS_MAX;
  while (!existsSync(runtime)) {
    if (gateway.exitCode !== null || Date.now() > deadline) throw new Error('the gateway did not start');
    await sleep(POLL_MS);
  }
  return JSON.parse(readFileSync(runtime, 'utf8')).http;
}
