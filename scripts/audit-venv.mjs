/**
 * Makes a Python environment with what the copies of the audit log are tried against, in the user's cache, once:
 * the published OCSF schema, moto as an S3 bucket with object lock, and aics-witness, which cosigns checkpoints.
 * All by other people. Needs Python 3.11 with pip. Says what it does; prints the path of its python last.
 */
import { fileURLToPath } from 'node:url';
import { PythonVenv } from './python-venv.mjs';

const VERSION = '1';
const PACKAGES = [
  'ocsf-json-schema==1.2.0',
  'jsonschema==4.26.0',
  'moto[server]==5.2.5',
  'aics-witness==0.1.0',
  'aics-tlog==0.2.1',
];
const venv = new PythonVenv(
  `audit-venv-${VERSION}`,
  'ocsf_json_schema, jsonschema, moto.server, aics_witness',
);

/** The python of the environment, if it is there and whole. */
export const auditPython = () => venv.python();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // One of them asks for 3.12; what is used of it here runs on 3.11, which is what many machines have.
  const options = ['--ignore-requires-python'];
  process.stdout.write(
    `${venv.ensure(PACKAGES, 'copies of the audit log are tried against them', options)}\n`,
  );
}
