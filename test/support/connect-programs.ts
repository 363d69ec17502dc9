/**
 * Python programs with an unmodified PySpark client, run against a gateway: each `def test_...` of a file below
 * test/spark-connect/programs is a test.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientPython } from '../../scripts/spark-client-venv.mjs';
import { ROOT } from './sources.js';
import { sparkIsHere } from './spark-server.js';

export const CLIENT_VERSION = '4.2';
const PROGRAMS = join(ROOT, 'test', 'spark-connect', 'programs');
const PROGRAM_TIMEOUT_MS = 240_000;

export interface ProgramTest {
  readonly name: string;
  readonly ok: boolean;
  readonly error?: string;
}

/** Names of the tests in a program. */
export const testsIn = (program: string): readonly string[] =>
  [...readFileSync(join(PROGRAMS, `${program}.py`), 'utf8').matchAll(/^def (test_\w+)\(/gm)].map(
    ([, name = '']) => name,
  );

/** Is all there that a spec of the door needs? Where it is not, one line says so; in CI it must be. */
export function doorIsHere(version = CLIENT_VERSION): boolean {
  if (!sparkIsHere()) return false;
  if (clientPython(version) !== undefined) return true;
  if (process.env.CI) throw new Error(`no PySpark client ${version} in CI`);
  process.stderr.write(
    `The door is not tried with PySpark ${version}: node scripts/spark-client-venv.mjs ${version} installs it.\n`,
  );
  return false;
}

/** Runs a program; its tests in order. `env` tells it where gateway and server are. */
export async function runProgram(
  program: string,
  env: Readonly<Record<string, string>>,
  version = CLIENT_VERSION,
  timeoutMs = PROGRAM_TIMEOUT_MS,
): Promise<readonly ProgramTest[]> {
  const lines = await programLines(program, env, version, timeoutMs);
  return lines
    .filter((line) => line.startsWith('{"test":'))
    .map((line) => {
      const { test, error } = JSON.parse(line) as { readonly test: string; readonly error: string | null };
      return { name: test, ok: error === null, ...(error === null ? {} : { error }) };
    });
}

/** Lines that a program printed, those of its tests among them. */
export function programLines(
  program: string,
  env: Readonly<Record<string, string>>,
  version = CLIENT_VERSION,
  timeoutMs = PROGRAM_TIMEOUT_MS,
): Promise<readonly string[]> {
  const python = clientPython(version);
  if (python === undefined) throw new Error(`there is no PySpark client ${version}`);
  const child = spawn(python, [join(PROGRAMS, 'run.py'), program], {
    cwd: PROGRAMS,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PYTHONDONTWRITEBYTECODE: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (text) => (out += String(text)));
  child.stderr.on('data', (text) => (errors += String(text)));
  return new Promise((resolve, reject) => {
    child.once('exit', () => {
      const lines = out.split('\n');
      if (lines.some((line) => line.startsWith('{"test":'))) resolve(lines);
      else reject(new Error(`${program} told nothing:\n${errors.slice(-4_000)}`));
    });
  });
}
