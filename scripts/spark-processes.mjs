/**
 * Spark's own processes on this machine, from the wheel: each a group of its own, so that what it starts ends with it.
 * Everything listens on loopback and asks for a secret of this start.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const HOST = '127.0.0.1';
const MEBIBYTE = 2 ** 20;
/** Of the master and of a worker, which only pass messages on. */
const DAEMON_MEMORY = '256m';
const POLL_MS = 200;
const STOP_MS = 8_000;
const SECRET_BYTES = 32;
const SCHEMA_BYTES = 16;

const mebibytes = (bytes) => `${Math.floor(bytes / MEBIBYTE)}m`;
export const secret = () => randomBytes(SECRET_BYTES).toString('hex');

/** A port that is free now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Resolves to false when the port is taken. */
export function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}

/** What Spark reads at its start, by `spark-defaults.conf`: settings of ours in Spark's words. */
export function sparkConf(config, { folder, connectPort, uiPort, master }) {
  return {
    'spark.master': master,
    'spark.app.name': 'sluice',
    'spark.authenticate': true,
    'spark.authenticate.secret': secret(),
    // It takes jobs from whoever asks.
    'spark.master.rest.enabled': false,
    'spark.driver.host': HOST,
    'spark.driver.bindAddress': HOST,
    'spark.driver.memory': mebibytes(config.sparkDriverMemory),
    'spark.executor.memory': mebibytes(config.sparkWorkerMemory),
    'spark.executor.cores': config.sparkWorkerCores,
    'spark.dynamicAllocation.enabled': config.sparkDynamicAllocation,
    // The first one stays, so that a statement does not wait for a process to begin.
    'spark.dynamicAllocation.minExecutors': 1,
    'spark.speculation': config.sparkSpeculation,
    'spark.locality.wait': `${config.sparkLocalityWaitMs}ms`,
    'spark.sql.adaptive.enabled': config.sparkAdaptive,
    'spark.sql.shuffle.partitions': config.sparkShufflePartitions,
    'spark.sql.catalogImplementation': 'in-memory',
    // Views of all sessions lie here; a name that nobody can guess is one more thing to know.
    'spark.sql.globalTempDatabase': `lake_${randomBytes(SCHEMA_BYTES).toString('hex')}`,
    'spark.sql.warehouse.dir': join(folder, 'warehouse'),
    'spark.local.dir': join(folder, 'local'),
    'spark.connect.grpc.binding.address': HOST,
    'spark.connect.grpc.binding.port': connectPort,
    // What a gateway that was killed has left running ends within a minute.
    'spark.connect.execute.reattachable.senderMaxStreamDuration': '15s',
    'spark.connect.execute.manager.detachedTimeout': '20s',
    'spark.connect.execute.manager.maintenanceInterval': '10s',
    'spark.ui.port': uiPort,
    'spark.ui.killEnabled': false,
    'spark.ui.showConsoleProgress': false,
    'spark.port.maxRetries': 0,
    'spark.log.level': 'WARN',
  };
}

export class SparkProcesses {
  #started = [];

  constructor({ home, folder, conf, token }) {
    this.home = home;
    this.folder = folder;
    this.confDir = join(folder, 'conf');
    this.logs = join(folder, 'logs');
    this.token = token;
    this.driverMemory = conf['spark.driver.memory'];
    for (const path of [this.confDir, this.logs, join(folder, 'local')])
      mkdirSync(path, { recursive: true, mode: 0o700 });
    const file = join(this.confDir, 'spark-defaults.conf');
    const lines = Object.entries(conf).map(([key, value]) => `${key} ${value}\n`);
    writeFileSync(file, lines.join(''), { mode: 0o600 });
    chmodSync(file, 0o600);
  }

  /** `onEnd` is told when it ends although nobody stopped it. */
  start(name, args, env, onEnd) {
    const log = openSync(join(this.logs, `${name}.log`), 'w', 0o600);
    const child = spawn(join(this.home, 'bin', 'spark-class'), args, {
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        SPARK_HOME: this.home,
        SPARK_CONF_DIR: this.confDir,
        SPARK_LOCAL_IP: HOST,
        SPARK_LOCAL_HOSTNAME: HOST,
        SPARK_DAEMON_MEMORY: DAEMON_MEMORY,
        ...env,
      },
    });
    const started = { name, child, ended: new Promise((resolve) => child.once('exit', resolve)) };
    this.#started.push(started);
    child.once('error', (error) => onEnd(`${name} could not be started (${error.message})`));
    child.once('exit', () => {
      if (!this.#started.includes(started)) return;
      // What it started goes with it.
      signalGroup(child.pid, 'SIGKILL');
      this.#started = this.#started.filter((each) => each !== started);
      this.#note();
      onEnd(`${name} has ended; ${join(this.logs, `${name}.log`)} says why`);
    });
    this.#note();
  }

  #note() {
    writeFileSync(pidsFile(this.folder), JSON.stringify(this.#started.map((each) => each.child.pid)));
  }

  startConnect(onEnd) {
    this.start(
      'connect',
      [
        'org.apache.spark.deploy.SparkSubmit',
        '--class',
        'org.apache.spark.sql.connect.service.SparkConnectServer',
        'spark-internal',
      ],
      // Not in the settings: those are shown on Spark's own pages.
      { SPARK_CONNECT_AUTHENTICATE_TOKEN: this.token, SPARK_DAEMON_MEMORY: this.driverMemory },
      onEnd,
    );
  }

  /** The last one first: the driver lets its executors go while their workers are there. */
  async stop() {
    const running = this.#started.splice(0).reverse();
    for (const { child, ended } of running) {
      signalGroup(child.pid, 'SIGTERM');
      await Promise.race([ended, sleep(STOP_MS)]);
    }
    for (const { child } of running) signalGroup(child.pid, 'SIGKILL');
    rmSync(pidsFile(this.folder), { force: true });
    for (const part of ['conf', 'local', 'work', 'warehouse', 'artifacts'])
      rmSync(join(this.folder, part), { recursive: true, force: true });
  }
}

const pidsFile = (folder) => join(folder, 'pids.json');

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

/** Ends what a killed run left behind: only what is told to be ours by the folder in its command line. */
export function endLeftovers(folder) {
  if (!existsSync(pidsFile(folder))) return;
  for (const pid of JSON.parse(readFileSync(pidsFile(folder), 'utf8'))) {
    const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    if (stdout.includes(join(folder, 'conf'))) signalGroup(pid, 'SIGKILL');
  }
  rmSync(pidsFile(folder), { force: true });
}

/** Waits until something listens. `aborted` ends the wait. */
export async function listens(port, aborted) {
  while (!aborted()) {
    const there = await new Promise((resolve) => {
      const socket = connect({ host: HOST, port });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (there) return;
    await sleep(POLL_MS);
  }
}

/** Waits until the master knows so many workers. */
export async function hasWorkers(masterUi, count, aborted) {
  while (!aborted()) {
    // A master that has just begun answers with a page in HTML: it is asked again.
    const state = await fetch(`${masterUi}/json/`)
      .then((answer) => answer.json())
      .catch(() => ({}));
    if (state.aliveworkers === count) return;
    await sleep(POLL_MS);
  }
}

/** Where the wheel has Spark. */
export function sparkHome(python) {
  const { stdout } = spawnSync(python, ['-c', 'import pyspark; print(pyspark.__file__)'], {
    encoding: 'utf8',
  });
  return dirname(stdout.trim());
}
