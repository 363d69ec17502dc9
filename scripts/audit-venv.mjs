/**
 * Makes a Python environment with what the copies of the audit log are tried against, in the user's cache, once:
 * the published OCSF schema, moto as an S3 bucket with object lock, and aics-witness, which cosigns checkpoints.
 * All by other people. Needs Python 3.11 with pip. Says what it does; prints the path of its python last.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir } from './spark-venv.mjs';

const VERSION = '1';
const PACKAGES = [
  'ocsf-json-schema==1.2.0',
  'jsonschema==4.26.0',
  'moto[server]==5.2.5',
  'aics-witness==0.1.0',
  'aics-tlog==0.2.1',
];
const home = () => join(cacheDir(), `audit-venv-${VERSION}`);

/** The python of the environment, if it is there and whole. */
export function auditPython() {
  const python = join(home(), 'bin', 'python');
  const installed =
    existsSync(python) &&
    spawnSync(python, ['-c', 'import ocsf_json_schema, jsonschema, moto.server, aics_witness']).status === 0;
  return installed ? python : undefined;
}

function make() {
  process.stderr.write(
    `Installing ${PACKAGES.join(', ')} into ${home()}: copies of the audit log are tried against them.\n`,
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
    ...PACKAGES,
  ]);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  process.stderr.write(`sluice: ${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}.\n`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (auditPython() === undefined) make();
  process.stdout.write(`${auditPython() ?? ''}\n`);
}
