/**
 * Python programs with an unmodified PySpark client, run against a gateway: each `def test_...` of a file below
 * test/spark-connect/programs is a test.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientPython } from '../../scripts/spark-client-venv.mjs';
import { ROOT } from './sources.js';
import { SPARK_TIMEOUT_MS, sparkIsHere } from './spark-server.js';

export const CLIENT_VERSION = '4.2';
const PROGRAMS = join(ROOT, 'test', 'spark-connect', 'programs');
/** A program that hangs says where, before the test that waits for it gives up. */
const TOLD_MS = 10_000;

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

/**
 * Runs a program; its tests in order. `env` tells it where gateway and server are, `timeoutMs` is how long the caller can
 * wait.
 */
export async function runProgram(
  program: string,
  env: Readonly<Record<string, string>>,
  version = CLIENT_VERSION,
  timeoutMs = SPARK_TIMEOUT_MS,
): Promise<readonly ProgramTest[]> {
  const { lines, errors } = await programOutput(program, env, version, timeoutMs);
  const told = lines
    .filter((line) => line.startsWith('{"test":'))
    .map((line) => {
      const { test, error } = JSON.parse(line) as { readonly test: string; readonly error: string | null };
      return { name: test, ok: error === null, ...(error === null ? {} : { error }) };
    });
  const only = (env.ONLY ?? '').split(',').filter((name) => name !== '');
  const missing = (only.length > 0 ? only : testsIn(program)).filter(
    (name) => !told.some((test) => test.name === name),
  );
  return [...told, ...missing.map((name) => ({ name, ok: false, error: `it was not reached:\n${errors}` }))];
}

/** Lines that a program printed, those of its tests among them. */
export const programLines = async (
  program: string,
  env: Readonly<Record<string, string>>,
  version = CLIENT_VERSION,
  timeoutMs = SPARK_TIMEOUT_MS,
): Promise<readonly string[]> => (await programOutput(program, env, version, timeoutMs)).lines;

interface Output {
  readonly lines: readonly string[];
  readonly errors: string;
}

function programOutput(
  program: string,
  env: Readonly<Record<string, string>>,
  version: string,
  timeoutMs: number,
): Promise<Output> {
  const python = clientPython(version);
  if (python === undefined) throw new Error(`there is no PySpark client ${version}`);
  const child = spawn(python, [join(PROGRAMS, 'run.py'), program], {
    cwd: PROGRAMS,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PYTHONDONTWRITEBYTECODE: '1',
      TIME_LIMIT_S: String((timeoutMs - TOLD_MS) / 1000),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (text) => (out += String(text)));
  child.stderr.on('data', (text) => (errors += String(text)));
  return new Promise((resolve, reject) => {
    child.once('close', () => {
      const lines = out.split('\n');
      if (lines.some((line) => line.startsWith('{"test":'))) resolve({ lines, errors: errors.slice(-4_000) });
      else reject(new Error(`${program} told nothing:\n${errors.slice(-4_000)}`));
    });
  });
}
