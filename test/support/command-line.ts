/** `npx sluice` as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './sources.js';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CommandLine {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** `input`: what standard input holds; none: it is empty. */
export function startSluice(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
): CommandLine {
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'sluice.mjs'), ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  // A command that does not read ends before it has taken this.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }));
  });
  return { child, ended };
}
