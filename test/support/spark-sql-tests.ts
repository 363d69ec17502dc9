/**
 * The SQL texts that Spark tests itself with (TPC-H, TPC-DS and sql-tests), taken at test time from the Maven
 * artefact of its tests and kept in the user's cache; none of them is in this repository.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

export const SPARK_VERSION = '4.2.0';
const MAVEN_TIMEOUT_MS = 300_000;
const ARTEFACT = `org.apache.spark:spark-sql_2.13:${SPARK_VERSION}:jar:tests`;
const WANTED = /^(tpch|tpcds|tpcds-v2\.7\.0|sql-tests\/inputs)\/.*\.sql$/;

/** Where Sluice keeps what tests fetch, outside the checkout. */
export const userCache = (): string =>
  process.env.SLUICE_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice');

/** The python of the environment that `scripts/spark-venv.mjs` makes; undefined, with one line said, where there is none. */
export function sparkPython(): string | undefined {
  const python = join(userCache(), `spark-venv-${SPARK_VERSION}`, 'bin', 'python');
  if (existsSync(python)) return python;
  const problem = `there is no Spark at ${python} (node scripts/spark-venv.mjs makes it).`;
  if (process.env.CI) throw new Error(problem);
  process.stderr.write(`sluice: nothing is compared with real Spark: ${problem}\n`);
  return undefined;
}

export interface SparkSqlTests {
  /** 22 queries. */
  readonly tpch: readonly SqlText[];
  /** 99 queries, some in two parts. */
  readonly tpcds: readonly SqlText[];
  readonly tpcdsModified: readonly SqlText[];
  /** Statements of sql-tests/inputs, split. */
  readonly inputs: readonly SqlText[];
}
export interface SqlText {
  readonly file: string;
  readonly sql: string;
}

/** Undefined, with one line said, where Maven is absent; in CI that is a failure. */
export function sparkSqlTests(): SparkSqlTests | undefined {
  const folder = join(userCache(), `spark-sql-tests-${SPARK_VERSION}`);
  if (!existsSync(folder)) {
    const problem = fetchInto(folder);
    if (problem !== undefined) {
      if (process.env.CI) throw new Error(problem);
      process.stderr.write(`sluice: Spark's own SQL texts are not checked: ${problem}\n`);
      return undefined;
    }
  }
  return {
    tpch: texts(folder, 'tpch'),
    tpcds: texts(folder, 'tpcds'),
    tpcdsModified: texts(folder, 'tpcds-v2.7.0'),
    inputs: texts(folder, 'sql-tests').flatMap(({ file, sql }) =>
      statementsOf(sql).map((one) => ({ file, sql: one })),
    ),
  };
}

const texts = (folder: string, sub: string): readonly SqlText[] =>
  readdirSync(join(folder, sub), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ file: `${sub}/${file}`, sql: readFileSync(join(folder, sub, file), 'utf8') }));

/**
 * As Spark's own runner splits them: comment lines away, then at each semicolon that has no backslash before
 * it.
 */
const statementsOf = (file: string): readonly string[] =>
  file
    .split('\n')
    .filter((line) => !line.trim().startsWith('--'))
    .join('\n')
    .split(/(?<=[^\\]);/)
    .map((sql) => sql.trim())
    .filter((sql) => sql !== '');

/** What went wrong, or undefined. */
function fetchInto(folder: string): string | undefined {
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-spark-sql-'));
  try {
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:copy';
    const made = spawnSync('mvn', ['-q', goal, `-Dartifact=${ARTEFACT}`, `-DoutputDirectory=${scratch}`], {
      cwd: scratch,
      encoding: 'utf8',
      timeout: MAVEN_TIMEOUT_MS,
    });
    if (made.error !== undefined) return `mvn cannot be run (${made.error.message}).`;
    const jar = readdirSync(scratch).find((name) => name.endsWith('.jar'));
    if (made.status !== 0 || jar === undefined) return `mvn did not bring ${ARTEFACT}.`;
    const unpacked = join(scratch, 'unpacked');
    unpack(readFileSync(join(scratch, jar)), unpacked);
    mkdirSync(dirname(folder), { recursive: true });
    moveFolder(unpacked, folder);
    return undefined;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * By way of a sibling, because the scratch folder may be on another disk; a folder that exists is complete.
 */
function moveFolder(from: string, to: string): void {
  const sibling = mkdtempSync(`${to}-`);
  for (const file of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.sql')) continue;
    mkdirSync(dirname(join(sibling, file)), { recursive: true });
    writeFileSync(join(sibling, file), readFileSync(join(from, file)));
  }
  try {
    renameSync(sibling, to);
  } catch (error) {
    // Another spec was quicker.
    rmSync(sibling, { recursive: true, force: true });
    if (!existsSync(to)) throw error;
  }
}

const END_OF_DIRECTORY = 0x06054b50;
const ENTRY_HEADER_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;

/** The wanted files of a jar, by its central directory (a jar of this size needs no zip64). */
function unpack(jar: Buffer, folder: string): void {
  let end = jar.length - 22;
  while (jar.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1;
  let at = jar.readUInt32LE(end + 16);
  for (let entries = jar.readUInt16LE(end + 10); entries > 0; entries -= 1) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) =>
      jar.readUInt16LE(at + field),
    ) as [number, number, number];
    const name = jar.toString('utf8', at + ENTRY_HEADER_BYTES, at + ENTRY_HEADER_BYTES + nameLength);
    if (WANTED.test(name) && !name.includes('..')) {
      const local = jar.readUInt32LE(at + 42);
      const start = local + LOCAL_HEADER_BYTES + jar.readUInt16LE(local + 26) + jar.readUInt16LE(local + 28);
      const packed = jar.subarray(start, start + jar.readUInt32LE(at + 20));
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), jar.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed));
    }
    at += ENTRY_HEADER_BYTES + nameLength + extraLength + commentLength;
  }
}
