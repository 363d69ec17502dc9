/**
 * TPC-H or TPC-DS data as Parquet in the user's cache, once per scale: tests and benchmarks run their queries over it.
 * Needs Python 3 with pip, for the generator `tpcgen-cli` in a private environment (18 MB). Says what it does;
 * prints the folder last.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir } from './python-venv.mjs';

const GENERATOR_VERSION = '4.0.0';
const BENCHMARKS = ['tpch', 'tpcds'];
const SCALE = /^\d+(\.\d+)?$/;
const INSTALL_TIMEOUT_MS = 300_000;

const say = (text) => process.stderr.write(`sluice: ${text}\n`);

/** The generator, installed if need be. It is a binary, so its environment may be moved. */
function generator() {
  const home = join(cacheDir(), `tpcgen-venv-${GENERATOR_VERSION}`);
  once(home, (scratch) => {
    say(
      `installing tpcgen-cli ${GENERATOR_VERSION} into ${home}: it makes the data of TPC-H and TPC-DS that tests run over.`,
    );
    run('python3', ['-m', 'venv', scratch]);
    const options = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
    run(join(scratch, 'bin', 'pip'), ['install', ...options, `tpcgen-cli==${GENERATOR_VERSION}`]);
  });
  return join(home, 'bin', 'tpcgen-cli');
}

/** The folder of one scale. */
function tpcData(benchmark, scale) {
  const folder = join(cacheDir(), `${benchmark}-${GENERATOR_VERSION}-sf${scale}`);
  once(folder, (scratch) => {
    const command = generator();
    say(`making data of ${benchmark} at scale ${scale} in ${folder}.`);
    run(command, [benchmark, 'parquet', '--scale-factor', scale, '--output-dir', scratch, '--quiet']);
  });
  return folder;
}

/** Made beside its place and moved there: a folder that exists is complete, whoever else makes it meanwhile. */
function once(folder, make) {
  if (existsSync(folder)) return;
  mkdirSync(cacheDir(), { recursive: true });
  const scratch = mkdtempSync(`${folder}-`);
  try {
    make(scratch);
    renameSync(scratch, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    stdio: ['ignore', 2, 2],
    timeout: INSTALL_TIMEOUT_MS,
  });
  if (status === 0) return;
  throw new Error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , benchmark = 'tpch', scale = '0.01'] = process.argv;
  if (!BENCHMARKS.includes(benchmark) || !SCALE.test(scale)) {
    say('node scripts/tpc-data.mjs [tpch|tpcds] [SCALE]: a scale is a number such as 0.01 or 1.');
    process.exit(2);
  }
  try {
    process.stdout.write(`${tpcData(benchmark, scale)}\n`);
  } catch (error) {
    say(error.message);
    process.exit(1);
  }
}
