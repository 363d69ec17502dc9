/**
 * Makes Python environments with an unmodified PySpark client of each version that the Spark Connect door is
 * tested with, in the user's cache, once. `node scripts/spark-client-venv.mjs [VERSION...]`: all of them, or
 * these; says what it does and prints the path of each python.
 */
import { fileURLToPath } from 'node:url';
import { PythonVenv } from './python-venv.mjs';

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

const venvOf = (version) => new PythonVenv(`spark-client-${version}`, 'pyspark, grpc, pandas, pyarrow');

/** The python of the environment, if it is there and whole. */
export const clientPython = (version) => venvOf(version).python();

function ensure(version) {
  const packages = CLIENTS[version];
  if (packages === undefined) {
    process.stderr.write(
      `sluice: there is no client ${version}; known: ${Object.keys(CLIENTS).join(', ')}.\n`,
    );
    process.exit(2);
  }
  return venvOf(version).ensure([...packages, ...COMMON], 'the Spark Connect door is tried with it');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const versions = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(CLIENTS);
  for (const version of versions) process.stdout.write(`${ensure(version)}\n`);
}
