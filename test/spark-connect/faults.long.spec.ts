/** Processes that are killed below, beside and above the door, on a cluster with two workers; sessions that stay for ever. */
import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConnectDoor, openConnectDoor } from '../support/connect-door.js';
import { doorIsHere, type ProgramTest, runProgram, testsIn } from '../support/connect-programs.js';
import { runtimeOf, SPARK_TIMEOUT_MS, type SparkRuntime, startSpark } from '../support/spark-server.js';
import { stagesRun } from '../support/spark-stages.js';

const LONG_MS = 2 * SPARK_TIMEOUT_MS;
const ORPHAN_MS_MAX = 60_000;
/** A client may come back within a minute; then its statement is stopped. */
const VANISHED_MS_MAX = 75_000;
const IDLE_BYTES_MAX = 200 * 2 ** 20;

if (doorIsHere())
  describe('the door, when something ends', () => {
    const marks = mkdtempSync(join(tmpdir(), 'sluice-marks-'));
    let door: ConnectDoor;
    let cluster: ChildProcess;
    let spark: SparkRuntime;

    const start = async (args: readonly string[]): Promise<void> => {
      const { dataDir } = door.gateway;
      cluster = startSpark(dataDir, args, { SLUICE_SPARK_WORKER_MEMORY: '768MiB' });
      spark = await runtimeOf(dataDir, cluster);
    };
    /** Waits for what a program says; if it ends before that, for why. */
    const seen = async (mark: string, told: Promise<unknown>): Promise<void> => {
      const ended = told.then((results) => {
        if (!existsSync(join(marks, mark))) throw new Error(`no ${mark}: ${JSON.stringify(results)}`);
      });
      const said = async (): Promise<void> => {
        while (!existsSync(join(marks, mark))) await sleep(50);
      };
      await Promise.race([said(), ended]);
    };
    const say = (mark: string): void => writeFileSync(join(marks, mark), '');
    const program = (
      name: string,
      env: Readonly<Record<string, string>> = {},
    ): Promise<readonly ProgramTest[]> =>
      runProgram(name, { ...door.env, MARKS: marks, ...env }, '4.2', LONG_MS);
    /** Processes of this cluster, by a word in their command lines. */
    const processes = (word: string): readonly number[] =>
      execFileSync('ps', ['-eo', 'pid=,command='], { encoding: 'utf8', maxBuffer: 2 ** 26 })
        .split('\n')
        .filter((line) => line.includes(join(door.gateway.dataDir, 'spark')) && line.includes(word))
        .filter((line) => !line.includes(' -eo '))
        .map((line) => Number.parseInt(line, 10));
    const kill = (word: string): void => {
      const [pid] = processes(word);
      if (pid === undefined) throw new Error(`there is no ${word}`);
      process.kill(pid, 'SIGKILL');
    };
    /** A program that runs a statement without end; it is cut off when `vanish` is said. */
    const endless = async (name: string): Promise<() => Promise<void>> => {
      const env = { ONLY: 'test_a_statement_without_end', BEGUN: `${name}-begun`, VANISH: `${name}-vanish` };
      const cutOff = program('hold', env).catch(() => undefined);
      await seen(env.BEGUN, cutOff);
      await stagesRun(spark, true);
      return async () => {
        say(env.VANISH);
        await cutOff;
      };
    };

    beforeAll(async () => {
      door = await openConnectDoor({ SLUICE_SPARK_URL: '' });
      await start([]);
    }, LONG_MS);
    afterAll(async () => {
      cluster?.kill('SIGTERM');
      await door?.close();
      rmSync(marks, { recursive: true, force: true });
    }, LONG_MS);

    it(
      'a worker: the answer is right; the Connect server: an error that may be tried again, and found again',
      async () => {
        const faults = program('faults');
        await seen('kill-worker', faults);
        await stagesRun(spark, true);
        await sleep(1_000);
        expect(processes('CoarseGrainedExecutorBackend')).toHaveLength(2);
        kill('deploy.worker.Worker');
        say('worker-is-killed');
        await seen('kill-connect', faults);
        await stagesRun(spark, true);
        expect(processes('deploy.worker.Worker')).toHaveLength(2);
        kill('SparkConnectServer');
        while (cluster.exitCode === null) await sleep(50);
        say('connect-is-killed');
        await seen('start-again', faults);
        await start([]);
        say('is-back');
        expect(await faults).toEqual(testsIn('faults').map((name) => ({ name, ok: true })));
      },
      LONG_MS,
    );

    it(
      'a client: what it ran ends, on the cluster too',
      async () => {
        const vanish = await endless('client');
        await vanish();
        expect(await stagesRun(spark, false)).toBeLessThan(VANISHED_MS_MAX);
      },
      LONG_MS,
    );

    it(
      'nothing, with 200 sessions idle: they are held, and others served',
      async () => {
        const before = residentBytes(door.gateway.pid);
        const idle = program('hold', { ONLY: 'test_many_sessions_that_are_idle' });
        await seen('all-idle', idle);
        expect(residentBytes(door.gateway.pid) - before).toBeLessThan(IDLE_BYTES_MAX);
        say('idle-seen');
        expect(await idle).toEqual([{ name: 'test_many_sessions_that_are_idle', ok: true }]);
      },
      LONG_MS,
    );

    it(
      'the gateway, in the middle of a statement: no orphan is left after a minute',
      async () => {
        const vanish = await endless('gateway');
        await door.gateway.kill();
        expect(await stagesRun(spark, false)).toBeLessThan(ORPHAN_MS_MAX);
        await vanish();
      },
      LONG_MS,
    );
  });

const residentBytes = (pid: number): number =>
  1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
