/**
 * Makes a Python environment that reads and writes the formats of results by other hands, in the user's cache, once:
 * DuckDB of the version that the gateway has, and Apache Arrow. Prints the path of its python last.
 */
import { fileURLToPath } from 'node:url';
import { PythonVenv } from './python-venv.mjs';

const DUCKDB = '1.5.6';
const PYARROW = '26.0.1';
const venv = new PythonVenv(`formats-venv-${DUCKDB}`, 'duckdb, pyarrow.parquet');

/** The python of the environment, if it is there and whole. */
export const formatsPython = () => venv.python();

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(
    `${venv.ensure([`duckdb==${DUCKDB}`, `pyarrow==${PYARROW}`], 'it reads what the gateway writes')}\n`,
  );
