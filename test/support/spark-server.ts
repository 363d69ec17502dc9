/**
 * One Spark Connect server for all specs of a run, started when the first needs it (test/support/jest-teardown.mjs stops
 * it); and servers of a spec's own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './sources.js';
import { sparkPython } from './spark-sql-tests.js';

export const SPARK_TIMEOUT_MS = 240_000;
const POLL_MS = 100;
const SCRIPT = join(ROOT, 'scripts', 'spark.mjs');

/** As scripts/spark.mjs writes it. */
export interface SparkRuntime {
  readonly connect: string;
  readonly ui: string;
  readonly master?: string;
  readonly pid: number;
}

/** False, with one line said, where Spark is not installed; in CI it must be. */
export const sparkIsHere = (): boolean => sparkPython() !== undefined;

export async function sharedSpark(): Promise<SparkRuntime> {
  const folder = process.env.SHARED_SPARK_DIR ?? '';
  try {
    mkdirSync(join(folder, 'starting'));
  } catch {
    return runtimeOf(folder);
  }
  const child = startSpark(folder, ['--local']);
  writeFileSync(join(folder, 'launcher.pid'), String(child.pid));
  return runtimeOf(folder, child);
}

/** `npm run spark` with a data folder of the spec's own and any free port. */
export function startSpark(
  dataDir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const log = openSync(join(dataDir, 'spark.log'), 'a');
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    cwd: ROOT,
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      SLUICE_DATA_DIR: dataDir,
      SLUICE_SPARK_PORT: '0',
      SLUICE_SPARK_SHUFFLE_PARTITIONS: '4',
      // It stops when this process is gone.
      npm_lifecycle_event: 'test',
      ...(process.env.SLUICE_CACHE_DIR === undefined
        ? {}
        : { SLUICE_CACHE_DIR: process.env.SLUICE_CACHE_DIR }),
      ...env,
    },
  });
  child.unref();
  return child;
}

export async function runtimeOf(dataDir: string, child?: ChildProcess): Promise<SparkRuntime> {
  const file = join(dataDir, 'spark.json');
  const deadline = Date.now() + SPARK_TIMEOUT_MS;
  while (!existsSync(file)) {
    if (Date.now() > deadline || (child !== undefined && child.exitCode !== null))
      throw new Error(`Spark did not start: ${readFileSync(join(dataDir, 'spark.log'), 'utf8')}`);
    await sleep(POLL_MS);
  }
  return JSON.parse(readFileSync(file, 'utf8')) as SparkRuntime;
}
