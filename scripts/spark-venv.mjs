/**
 * Makes a Python environment with PySpark of the version that golden answers come from, in the user's cache,
 * once: about 450 MB. Needs Python 3 with pip, and Java 17 to run. Says what it does; prints the path of its
 * python last.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PythonVenv } from './python-venv.mjs';

export const PYSPARK_VERSION = '4.2.0';

const venv = new PythonVenv(`spark-venv-${PYSPARK_VERSION}`, 'pyspark');

/** The python of the environment, if it is there and whole. */
export const sparkPython = () => venv.python();

/** The python of an environment that runs; ends the process with advice when that cannot be had. */
export function ensureSpark() {
  const python = venv.ensure(
    [`pyspark==${PYSPARK_VERSION}`],
    'golden answers are checked against real Spark',
  );
  if (spawnSync('java', ['-version']).status === 0) return python;
  process.stderr.write('sluice: Spark needs Java 17 or newer on the PATH.\n');
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${ensureSpark()}\n`);
