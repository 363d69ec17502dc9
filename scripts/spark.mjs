/**
 * `npm run spark [-- --local]`: Spark on this machine, from the PySpark wheel in an environment of its own: a standalone
 * master, its workers and a Connect server. Writes where they are into the data folder, where the gateway finds it;
 * stops all of it on SIGINT and SIGTERM.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { checkNode, ensureBuilt, ensureInstalled, ROOT, whenParentIsGone } from './prepare.mjs';
import { deltaConf, ensureDelta } from './spark-delta.mjs';
import {
  endLeftovers,
  freePort,
  HOST,
  hasWorkers,
  isFree,
  listens,
  SparkProcesses,
  secret,
  sparkConf,
  sparkHome,
} from './spark-processes.mjs';
import { ensureSpark, PYSPARK_VERSION } from './spark-venv.mjs';

const HELP = `npm run spark [-- --local] [-- --code]

  --local   one process that does everything, instead of a master and workers: quicker to start
  --code    a server for code of callers, SLUICE_SPARK_CODE_URL: in a data folder of its own; docs/how-to/code.md
  --help    show this

Settings are environment variables: docs/reference/settings.md, "Spark on this machine".`;
const START_MS_MAX = 180_000;
/** A worker that ends is started again, for as long as that seems to be of use. */
const RESTARTS_MAX = 10;

const { local, code } = readOptions();
checkNode();
ensureInstalled();
ensureBuilt();
const home = sparkHome(ensureSpark());
const delta = code ? undefined : ensureDelta(home);
const built = (path) => import(pathToFileURL(join(ROOT, 'dist', 'src', path)).href);
const { loadConfig, ConfigError } = await built('config.js');
const { progressOn } = await built('lake/progress.js');
const config = readConfig();
const dataDir = resolve(config.dataDir);
const folder = join(dataDir, 'spark');
const runtimeFile = join(dataDir, 'spark.json');
const progress = progressOn(process.stderr);

let ending;
let processes;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(0));
whenParentIsGone(() => end(0));

try {
  await start();
} catch (error) {
  await end(1, error.message);
}

async function start() {
  const timer = setTimeout(() => end(1, 'Spark did not start in time'), START_MS_MAX);
  endLeftovers(folder);
  const ports = {
    connect: config.sparkPort === 0 ? await freePort() : config.sparkPort,
    ui: await freePort(),
    master: await freePort(),
    masterUi: await freePort(),
  };
  if (!(await isFree(ports.connect)))
    throw new Error(`port ${ports.connect} is taken: SLUICE_SPARK_PORT chooses another, 0 any free one`);
  const master = local ? 'local[*]' : `spark://${HOST}:${ports.master}`;
  const token = secret();
  const conf = {
    ...sparkConf(config, { folder, connectPort: ports.connect, uiPort: ports.ui, master }),
    // A process that has run one's code is not there for the rows of another.
    ...(code ? { 'spark.python.worker.reuse': false } : deltaConf(delta)),
  };
  processes = new SparkProcesses({ home, folder, conf, token });
  progress.start('Starting Spark', local ? 1 : 3);
  if (!local) await startCluster(ports, master);
  processes.startConnect((problem) => end(1, problem));
  await listens(ports.connect, () => ending !== undefined);
  clearTimeout(timer);
  if (ending !== undefined) return;
  progress.advance(1, 'Connect server');
  progress.stop();
  writeRuntime({
    connect: `sc://${HOST}:${ports.connect}/;token=${token}`,
    ui: `http://${HOST}:${ports.ui}`,
    ...(local ? {} : { master: `http://${HOST}:${ports.masterUi}` }),
    pid: process.pid,
  });
  process.stdout.write(
    `Spark ${PYSPARK_VERSION} runs: Connect on port ${ports.connect}, its page on http://${HOST}:${ports.ui}.\n` +
      `A gateway with the data folder ${dataDir} finds it: engine "spark". Ctrl-C stops it.\n`,
  );
}

async function startCluster(ports, master) {
  const aborted = () => ending !== undefined;
  const onEnd = (problem) => end(1, problem);
  processes.start(
    'master',
    [
      'org.apache.spark.deploy.master.Master',
      '--host',
      HOST,
      '--port',
      String(ports.master),
      '--webui-port',
      String(ports.masterUi),
    ],
    {},
    onEnd,
  );
  await listens(ports.master, aborted);
  progress.advance(1, 'master');
  for (let i = 1; i <= config.sparkWorkers && !aborted(); i += 1) await startWorker(`worker-${i}`, master, 0);
  await hasWorkers(`http://${HOST}:${ports.masterUi}`, config.sparkWorkers, aborted);
  progress.advance(1, `${config.sparkWorkers} workers`);
}

/** Without it the others go on: Spark computes again what it had. */
async function startWorker(name, master, restarts) {
  const args = [
    'org.apache.spark.deploy.worker.Worker',
    '--host',
    HOST,
    '--webui-port',
    String(await freePort()),
    '--cores',
    String(config.sparkWorkerCores),
    '--memory',
    `${Math.floor(config.sparkWorkerMemory / 2 ** 20)}m`,
    '--work-dir',
    join(folder, 'work'),
    master,
  ];
  processes.start(restarts === 0 ? name : `${name}.${restarts}`, args, {}, (problem) => {
    if (ending !== undefined) return;
    if (restarts >= RESTARTS_MAX) end(1, problem);
    else {
      process.stderr.write(`sluice: ${problem}. It is started again.\n`);
      startWorker(name, master, restarts + 1).catch((error) => end(1, error.message));
    }
  });
}

/** Whole or not there; only its owner may read it. */
function writeRuntime(runtime) {
  mkdirSync(dataDir, { recursive: true });
  const part = `${runtimeFile}.${process.pid}`;
  writeFileSync(part, `${JSON.stringify(runtime)}\n`, { mode: 0o600 });
  renameSync(part, runtimeFile);
}

function end(code, problem) {
  ending ??= (async () => {
    progress.stop();
    rmSync(runtimeFile, { force: true });
    await processes?.stop();
    if (problem !== undefined) process.stderr.write(`sluice: ${problem}.\n`);
    process.exit(code);
  })();
  return ending;
}

function readOptions() {
  try {
    const flag = { type: 'boolean' };
    const { values } = parseArgs({ options: { local: flag, code: flag, help: flag } });
    if (values.help !== true) return { local: values.local === true, code: values.code === true };
    process.stdout.write(`${HELP}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`sluice: ${error.message}\n\n${HELP}\n`);
    process.exit(2);
  }
}

function readConfig() {
  try {
    return loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.problems.map((problem) => `sluice: ${problem}`).join('\n')}\n`);
    process.exit(1);
  }
}
