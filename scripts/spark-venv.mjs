/**
 * Makes a Python environment with PySpark of the version that golden answers come from, in the user's cache,
 * once: about 450 MB. Needs Python 3 with pip, and Java 17 to run. Says what it does; prints the path of its
 * python last.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PYSPARK_VERSION = '4.2.0';

export const cacheDir = () =>
  process.env.SLUICE_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice');
const home = () => join(cacheDir(), `spark-venv-${PYSPARK_VERSION}`);

/** The python of the environment, if it is there and whole. */
export function sparkPython() {
  const python = join(home(), 'bin', 'python');
  const installed = existsSync(python) && spawnSync(python, ['-c', 'import pyspark']).status === 0;
  return installed ? python : undefined;
}

function make() {
  process.stderr.write(
    `Installing PySpark ${PYSPARK_VERSION} into ${home()}: golden answers are checked against real Spark.\n`,
  );
  mkdirSync(cacheDir(), { recursive: true });
  // Beside its place and renamed would break a venv, whose scripts hold their path: so from nothing, in
  // place.
  if (existsSync(home())) {
    const old = `${home()}.old-${process.pid}`;
    renameSync(home(), old);
    rmSync(old, { recursive: true, force: true });
  }
  run('python3', ['-m', 'venv', home()]);
  run(join(home(), 'bin', 'pip'), [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    `pyspark==${PYSPARK_VERSION}`,
  ]);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  process.stderr.write(`sluice: ${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}.\n`);
  process.exit(1);
}

/** The python of an environment that runs; ends the process with advice when that cannot be had. */
export function ensureSpark() {
  if (sparkPython() === undefined) make();
  if (spawnSync('java', ['-version']).status !== 0) {
    process.stderr.write('sluice: Spark needs Java 17 or newer on the PATH.\n');
    process.exit(1);
  }
  return sparkPython() ?? '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${ensureSpark()}\n`);
