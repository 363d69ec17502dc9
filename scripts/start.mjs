/**
 * `npm start [-- --lake DIR]`: installs and builds what is missing, then runs the gateway and passes signals
 * on to it.
 */
import { spawn } from 'node:child_process';
import { availableParallelism, constants } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkNode, ensureBuilt, ensureInstalled, ROOT, whenParentIsGone } from './prepare.mjs';

const HELP = `npm start [-- --lake DIR]

  --lake DIR   serve the Parquet, CSV and JSON files below DIR as catalog \`lake\`
  --help       show this

All settings are environment variables: docs/reference/settings.md.`;
const THREADS_MIN = 8;
/** Each thread's own heap keeps what it has freed: with glibc's eight for each core, 30 MiB more. */
const ARENAS_MAX = '2';

const options = readOptions();
checkNode();
ensureInstalled();
ensureBuilt();

const child = spawn(process.execPath, [join(ROOT, 'dist', 'src', 'main.js')], {
  cwd: ROOT,
  // The channel closes when this process is gone, however it went: the gateway then stops.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env: environment(),
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
whenParentIsGone(() => child.kill('SIGTERM'));
child.on('error', (error) => {
  process.stderr.write(`sluice: the gateway could not be started (${error.message}).\n`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));

function readOptions() {
  try {
    const { values } = parseArgs({ options: { lake: { type: 'string' }, help: { type: 'boolean' } } });
    if (values.help !== true) return values;
    process.stdout.write(`${HELP}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`sluice: ${error.message}\n\n${HELP}\n`);
    process.exit(2);
  }
}

function environment() {
  const env = {
    MALLOC_ARENA_MAX: ARENAS_MAX,
    UV_THREADPOOL_SIZE: String(Math.max(THREADS_MIN, availableParallelism() * 2)),
    ...process.env,
  };
  if (options.lake !== undefined)
    env.SLUICE_LAKE = resolve(process.env.INIT_CWD ?? process.cwd(), options.lake);
  // At a terminal the box is what one wants to see.
  if (process.stderr.isTTY && !env.SLUICE_LOG_LEVEL) env.SLUICE_LOG_LEVEL = 'warn';
  return env;
}
