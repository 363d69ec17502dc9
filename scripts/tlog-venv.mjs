/**
 * Makes a Python environment with aics-tlog, a reader of C2SP transparency logs by other people, in the user's
 * cache, once: the audit log's mathematics is not to be marked by itself. Needs Python 3.11 with pip. Says
 * what it does; prints the path of its python last.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir } from './spark-venv.mjs';

const VERSION = '0.2.1';
const home = () => join(cacheDir(), `tlog-venv-${VERSION}`);

/** The python of the environment, if it is there and whole. */
export function tlogPython() {
  const python = join(home(), 'bin', 'python');
  const installed = existsSync(python) && spawnSync(python, ['-c', 'import aics_tlog']).status === 0;
  return installed ? python : undefined;
}

function make() {
  process.stderr.write(
    `Installing aics-tlog ${VERSION} into ${home()}: it checks the audit log's mathematics.\n`,
  );
  mkdirSync(cacheDir(), { recursive: true });
  if (existsSync(home())) {
    const old = `${home()}.old-${process.pid}`;
    renameSync(home(), old);
    rmSync(old, { recursive: true, force: true });
  }
  run('python3', ['-m', 'venv', home()]);
  // It asks for 3.12; what is used of it here runs on 3.11, which is what many machines have.
  run(join(home(), 'bin', 'pip'), [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--ignore-requires-python',
    `aics-tlog==${VERSION}`,
  ]);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  process.stderr.write(`sluice: ${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}.\n`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (tlogPython() === undefined) make();
  process.stdout.write(`${tlogPython() ?? ''}\n`);
}
