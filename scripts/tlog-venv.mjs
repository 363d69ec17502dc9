/**
 * Makes a Python environment with aics-tlog, a reader of C2SP transparency logs by other people, in the user's
 * cache, once: the audit log's mathematics is not to be marked by itself. Needs Python 3.11 with pip. Says
 * what it does; prints the path of its python last.
 */
import { fileURLToPath } from 'node:url';
import { PythonVenv } from './python-venv.mjs';

const VERSION = '0.2.1';
const venv = new PythonVenv(`tlog-venv-${VERSION}`, 'aics_tlog');

/** The python of the environment, if it is there and whole. */
export const tlogPython = () => venv.python();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // It asks for 3.12; what is used of it here runs on 3.11, which is what many machines have.
  const options = ['--ignore-requires-python'];
  const why = "it checks the audit log's mathematics";
  process.stdout.write(`${venv.ensure([`aics-tlog==${VERSION}`], why, options)}\n`);
}
