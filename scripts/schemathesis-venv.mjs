/**
 * Makes a Python environment with schemathesis, which holds a running gateway to its own description, in the
 * user's cache, once. Needs Python 3.10 with pip. Says what it does; prints the path of its python last.
 */
import { fileURLToPath } from 'node:url';
import { PythonVenv } from './python-venv.mjs';

const VERSION = '4.32.5';
const venv = new PythonVenv(`schemathesis-venv-${VERSION}`, 'schemathesis');

/** The python of the environment, if it is there and whole. */
export const schemathesisPython = () => venv.python();

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(
    `${venv.ensure([`schemathesis==${VERSION}`], 'it holds the gateway to its OpenAPI description')}\n`,
  );
