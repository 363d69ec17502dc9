/**
 * Who a process is, beyond its number: numbers are used again, so a lock that names only a pid is fooled
 * after a crash.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Fields of /proc/<pid>/stat after the command name, of which the 20th is the start time in ticks since boot.
 */
const STAT_START_TIME_INDEX = 19;

/**
 * When the process started, in whatever form this machine tells it; undefined when there is no such process.
 */
export function processStartTime(pid: number): string | undefined {
  if (existsSync('/proc/self/stat')) return startTimeOfProc(pid);
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return started === '' ? undefined : started;
  } catch {
    return undefined;
  }
}

function startTimeOfProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie is dead: it holds nothing, it only waits for its parent to look.
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${fields[STAT_START_TIME_INDEX]}`;
  } catch {
    return undefined;
  }
}

/** The folder a process works in, where the machine tells. */
export function processWorkingDir(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

export const processIsAlive = (pid: number): boolean => processStartTime(pid) !== undefined;
