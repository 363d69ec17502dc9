/**
 * Delta Lake for the Spark of this machine, in the user's cache, once: about 14 MB. Spark itself fetches it by name; what
 * Spark has already is left out, as two versions of one library are none.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './python-venv.mjs';

export const DELTA_PACKAGE = 'io.delta:delta-spark_4.2_2.13:4.4.0';
/** The larger ones of what Spark has; of the others only those of these names are used. */
const OF_SPARK = ['org.apache.hadoop:hadoop-client-api', 'org.apache.hadoop:hadoop-client-runtime'];
const OWN = /^io\.(?:delta|unitycatalog)_.*\.jar$/;
const FETCH_MS_MAX = 300_000;
const ERROR_CHARS_MAX = 400;

const home = () => join(cacheDir(), `delta-${DELTA_PACKAGE.split(':')[2]}`);

/** What Spark reads at its start to know Delta tables. No session can undo it. */
export const deltaConf = (jars) =>
  jars.length === 0
    ? {}
    : {
        'spark.driver.extraClassPath': jars.join(':'),
        'spark.executor.extraClassPath': jars.join(':'),
        'spark.sql.extensions': 'io.delta.sql.DeltaSparkSessionExtension',
        'spark.sql.catalog.spark_catalog': 'org.apache.spark.sql.delta.catalog.DeltaCatalog',
        // Logs are read in so many tasks, each time that a table is looked at: 50 are for logs of a million files.
        'spark.databricks.delta.snapshotPartitions': 2,
      };

/** The files of Delta; none, with one line said, where they cannot be had: all but Delta tables works without. */
export function ensureDelta(sparkHome) {
  if (!existsSync(join(home(), 'whole'))) fetchDelta(sparkHome);
  const folder = join(home(), 'jars');
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => OWN.test(name))
        .sort()
        .map((name) => join(folder, name))
    : [];
}

function fetchDelta(sparkHome) {
  process.stderr.write(
    `Fetching ${DELTA_PACKAGE} into ${home()}: tables in which rows can be changed need it.\n`,
  );
  const part = `${home()}.part-${process.pid}`;
  mkdirSync(part, { recursive: true });
  // Told to print its version, Spark does nothing but fetch.
  const { status, stderr } = spawnSync(
    join(sparkHome, 'bin', 'spark-submit'),
    [
      '--conf',
      `spark.jars.ivy=${part}`,
      '--packages',
      DELTA_PACKAGE,
      '--exclude-packages',
      OF_SPARK.join(','),
      '--class',
      'org.apache.spark.deploy.SparkSubmit',
      'spark-internal',
      '--version',
    ],
    { encoding: 'utf8', timeout: FETCH_MS_MAX, env: { ...process.env, SPARK_HOME: sparkHome } },
  );
  if (status !== 0) {
    rmSync(part, { recursive: true, force: true });
    process.stderr.write(
      `sluice: it could not be fetched, so Spark starts without it. ${lastLine(stderr)}\n`,
    );
    return;
  }
  rmSync(join(part, 'cache'), { recursive: true, force: true });
  for (const name of readdirSync(join(part, 'jars'))) if (!OWN.test(name)) rmSync(join(part, 'jars', name));
  writeFileSync(join(part, 'whole'), '');
  rmSync(home(), { recursive: true, force: true });
  renameSync(part, home());
}

const lastLine = (text) => (text ?? '').trim().split('\n').at(-1)?.slice(0, ERROR_CHARS_MAX) ?? '';
