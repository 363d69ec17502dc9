/**
 * One gateway per data folder. The lock is a file that names its holder by pid and start time; it is taken by
 * link(2), which either makes the whole file or fails, and a lock whose holder is gone is moved away first.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processStartTime } from './process-identity.js';

export const LOCK_FILE = 'gateway.lock';
const ATTEMPTS_MAX = 10;

interface Holder {
  readonly pid: number;
  readonly startTime: string;
}

/** The folder is in use. The message is for the person at the terminal. */
export class DataDirInUseError extends Error {
  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(
      `SLUICE_DATA_DIR ${dataDir} is in use by another gateway (pid ${pid}). Stop it, or give this one a folder of its own.`,
    );
    this.name = 'DataDirInUseError';
  }
}

export interface DataDirLock {
  release(): void;
}

/** Makes the folder when it is missing, and holds it until `release`. */
export function lockDataDir(dataDir: string, pid: number = process.pid): DataDirLock {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, LOCK_FILE);
  const mine = `${path}.${pid}`;
  const content = JSON.stringify({ pid, startTime: processStartTime(pid) ?? '' } satisfies Holder);
  writeFileSync(mine, content, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      if (tryLink(mine, path)) return { release: () => releaseIfMine(path, content) };
      const found = readText(path);
      if (found === undefined) continue;
      const holder = parseHolder(found);
      if (holder !== undefined && isRunning(holder)) throw new DataDirInUseError(dataDir, holder.pid);
      moveAway(path, `${mine}.stale`, found);
    }
    throw new Error(`SLUICE_DATA_DIR ${dataDir} could not be locked: other gateways keep taking it.`);
  } finally {
    rmSync(mine, { force: true });
  }
}

const isRunning = (holder: Holder): boolean => processStartTime(holder.pid) === holder.startTime;

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the dead lock we judged; when another gateway replaced it in between, its lock is put back. */
function moveAway(path: string, aside: string, judged: string): void {
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readText(aside) !== judged) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function releaseIfMine(path: string, content: string): void {
  if (readText(path) === content) rmSync(path, { force: true });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, startTime } = value as Partial<Holder>;
    return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : undefined;
  } catch {
    return undefined;
  }
}
