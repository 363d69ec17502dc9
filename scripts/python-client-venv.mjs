/**
 * Makes a Python environment with what the Python client can be used with (Arrow, pandas, Polars), and what holds
 * it to its types and builds it, in the user's cache, once. The client itself is not in it: it is tried as it
 * is in the checkout, and as it is built. Needs Python 3.10 with pip. Says what it does; prints the path of its
 * python last.
 */
import { fileURLToPath } from 'node:url';
import { PythonVenv } from './python-venv.mjs';

const VERSION = '1';
const PACKAGES = [
  'urllib3==2.8.0',
  'pyarrow==26.0.1',
  'pandas==2.3.3',
  'polars==2.1.0',
  'mypy==2.4.1',
  'hatchling==1.33.0',
  'build==1.6.1',
];
const venv = new PythonVenv(
  `python-client-venv-${VERSION}`,
  'urllib3, pyarrow, pandas, polars, mypy, hatchling, build',
);

/** The python of the environment, if it is there and whole. */
export const clientPython = () => venv.python();

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(`${venv.ensure(PACKAGES, 'the Python client is tried with them')}\n`);
