import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;

/** Ends the shared Spark server, if any spec has started it. */
export default async function teardown() {
  const file = join(process.env.SHARED_SPARK_DIR ?? '', 'launcher.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8'));
  signal(pid, 'SIGTERM');
  while (signal(pid, 0)) await sleep(POLL_MS);
}

function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
