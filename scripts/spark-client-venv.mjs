/**
 * Makes Python environments with an unmodified PySpark client of each version that the Spark Connect door is
 * tested with, in the user's cache, once. `node scripts/spark-client-venv.mjs [VERSION...]`: all of them, or
 * these; says what it does and prints the path of each python.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir } from './spark-venv.mjs';

/** The newest of each line first. 4.3 has no client of its own: its full package is used as one. */
export const CLIENTS = {
  4.2: ['pyspark-client==4.2.0'],
  4.1: ['pyspark-client==4.1.3'],
  '4.0': ['pyspark-client==4.0.4'],
  4.3: [
    'pyspark==4.3.0',
    'grpcio>=1.76',
    'grpcio-status>=1.76',
    'googleapis-common-protos>=1.71',
    'zstandard',
  ],
};
/** What PySpark's own releases were tested with; pandas 3 changed what `toPandas` gives. */
const COMMON = ['pandas>=2.2,<3', 'pyarrow>=18', 'numpy>=1.22'];

const home = (version) => join(cacheDir(), `spark-client-${version}`);

/** The python of the environment, if it is there and whole. */
export function clientPython(version) {
  const python = join(home(version), 'bin', 'python');
  const whole = existsSync(python) && existsSync(join(home(version), '.complete'));
  return whole ? python : undefined;
}

function make(version) {
  const packages = CLIENTS[version];
  if (packages === undefined) {
    process.stderr.write(
      `sluice: there is no client ${version}; known: ${Object.keys(CLIENTS).join(', ')}.\n`,
    );
    process.exit(2);
  }
  process.stderr.write(`Installing ${packages[0]} into ${home(version)}.\n`);
  mkdirSync(cacheDir(), { recursive: true });
  if (existsSync(home(version))) {
    const old = `${home(version)}.old-${process.pid}`;
    renameSync(home(version), old);
    rmSync(old, { recursive: true, force: true });
  }
  run('python3', ['-m', 'venv', home(version)]);
  run(join(home(version), 'bin', 'pip'), [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    ...packages,
    ...COMMON,
  ]);
  mkdirSync(join(home(version), '.complete'));
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  process.stderr.write(`sluice: ${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}.\n`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const versions = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(CLIENTS);
  for (const version of versions) {
    if (clientPython(version) === undefined) make(version);
    process.stdout.write(`${clientPython(version)}\n`);
  }
}
