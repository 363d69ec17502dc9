/** `npm run spark`: a master, two workers, a Connect server; what it is to a gateway, and what is left when it stops. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GovernanceError } from '../../src/core/errors.js';
import { openRunDirectory } from '../../src/engines/output/run-directory.js';
import { LOCAL_CLUSTER_FILE, SparkSlot } from '../../src/engines/spark/spark-slot.js';
import { EngineLake, runOptions } from '../support/engine-lake.js';
import {
  runtimeOf,
  SPARK_TIMEOUT_MS,
  type SparkRuntime,
  sparkIsHere,
  startSpark,
} from '../support/spark-server.js';
import { turnsOf } from '../support/turns.js';

const TIMEOUT_MS = 120_000;
/** A few seconds' work over eight tasks. */
const WORK = 'SELECT count(*) FROM range(1000000) a CROSS JOIN range(300) b WHERE (a.id * b.id) % 7 = 3';

let folder: string;
let lake: EngineLake;
let slot: SparkSlot;
let cluster: ChildProcess;
let runtime: SparkRuntime;

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode === null
    ? new Promise((resolve) => child.once('exit', resolve))
    : Promise.resolve(child.exitCode);

/** Processes of this cluster: their command lines name its folder, or its driver's address. */
function processes(pattern = ''): readonly number[] {
  const listed = execFileSync('ps', ['-eo', 'pid=,command='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return listed
    .split('\n')
    .filter(
      (line) => line.includes(join(folder, 'spark')) && line.includes(pattern) && !line.includes(' -eo '),
    )
    .map((line) => Number.parseInt(line, 10));
}

async function rows(sql: string): Promise<string> {
  const engine = slot.current();
  if (engine === undefined) throw new Error('there is no Spark');
  const result = await engine.rows(
    await engine.prepare(lake.statement(sql)),
    runOptions({ timeoutMs: TIMEOUT_MS }),
  );
  let json = '';
  for await (const batch of result.batches()) json += batch.json;
  return json;
}

if (sparkIsHere()) {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-cluster-'));
    lake = await EngineLake.open({ 'a.parquet': 'SELECT 41 AS id UNION ALL SELECT 42' });
    slot = new SparkSlot({
      runDirectory: await openRunDirectory(join(folder, 'run')),
      converter: { parquet: async () => Promise.reject(new Error('nobody asks for files here')) },
      turns: () => turnsOf(2),
      localClusterFile: join(folder, LOCAL_CLUSTER_FILE),
    });
    expect(slot.current()).toBeUndefined();
    cluster = startSpark(folder, [], { SLUICE_SPARK_WORKER_MEMORY: '768MiB' });
    runtime = await runtimeOf(folder, cluster);
  }, SPARK_TIMEOUT_MS);
  afterAll(async () => {
    await slot.close();
    cluster.kill('SIGTERM');
    await ended(cluster);
    await lake.close();
    rmSync(folder, { recursive: true, force: true });
  }, TIMEOUT_MS);

  describe('the cluster', () => {
    it(
      'is found by a gateway of the same folder, and answers',
      async () => {
        expect(await rows('SELECT max(id) FROM a')).toBe('[42]');
      },
      SPARK_TIMEOUT_MS,
    );

    it(
      'shows two workers',
      async () => {
        while (slot.status()[0]?.cluster === undefined) await sleep(100);
        expect(slot.status()[0]).toMatchObject({ trust: 'named', cluster: { workers: 2 } });
      },
      TIMEOUT_MS,
    );

    it('keeps its secrets to its owner', () => {
      expect(statSync(join(folder, LOCAL_CLUSTER_FILE)).mode & 0o077).toBe(0);
      expect(statSync(join(folder, 'spark', 'conf', 'spark-defaults.conf')).mode & 0o077).toBe(0);
      const token = /token=(\w+)/.exec(runtime.connect)?.[1] ?? '';
      const listed = execFileSync('ps', ['-eo', 'command='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
      expect(token.length).toBeGreaterThan(32);
      expect(listed.includes(token)).toBe(false);
    });

    it('listens on loopback only', async () => {
      const outside = Object.values(networkInterfaces())
        .flat()
        .find((address) => address?.family === 'IPv4' && !address.internal)?.address;
      if (outside === undefined) return;
      const ports = [runtime.connect, runtime.ui, runtime.master ?? ''].map((url) =>
        Number(/:(\d+)/.exec(url)?.[1]),
      );
      for (const port of ports) expect(await connects(outside, port)).toBe(false);
    });

    it(
      'gives the right answer when an executor dies in the middle',
      async () => {
        const expected = await rows(WORK);
        const running = rows(WORK);
        await sleep(1_500);
        const [executor] = processes('CoarseGrainedExecutorBackend');
        expect(executor).toBeGreaterThan(0);
        process.kill(executor ?? 0, 'SIGKILL');
        expect(await running).toBe(expected);
      },
      SPARK_TIMEOUT_MS,
    );

    it(
      'that loses its Connect server is a retryable error, ends whole, and is found when it is back',
      async () => {
        const running = rows('SELECT count(*) FROM range(10000000) a CROSS JOIN range(10000000) b').catch(
          (error: unknown) => error,
        );
        await sleep(2_000);
        for (const pid of processes('SparkConnectServer')) process.kill(pid, 'SIGKILL');
        const error = await running;
        expect(error).toBeInstanceOf(GovernanceError);
        expect(error).toMatchObject({ code: 'ENGINE_UNAVAILABLE', details: { retryable: true } });
        expect(await ended(cluster)).toBe(1);
        expect(readFileSync(join(folder, 'spark.log'), 'utf8')).toMatch(/connect has ended/);
        expect(processes()).toEqual([]);
        expect(slot.current()).toBeUndefined();

        cluster = startSpark(folder, ['--local']);
        await runtimeOf(folder, cluster);
        expect(await rows('SELECT min(id) FROM a')).toBe('[41]');
      },
      SPARK_TIMEOUT_MS,
    );

    it(
      'leaves no process and no file behind when it is told to stop',
      async () => {
        cluster.kill('SIGINT');
        expect(await ended(cluster)).toBe(0);
        expect(processes()).toEqual([]);
        expect(existsSync(join(folder, LOCAL_CLUSTER_FILE))).toBe(false);
        expect(existsSync(join(folder, 'spark', 'conf'))).toBe(false);
      },
      TIMEOUT_MS,
    );
  });
}

const connects = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 2_000 });
    const end = (there: boolean) => {
      socket.destroy();
      resolve(there);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
