/**
 * 64 clients over HTTP and three PySpark programs for 20 minutes (SLUICE_SOAK_MINUTES): no answer but the one that is due, and
 * afterwards the gateway holds no more memory and no more files than after it was warm.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConnectDoor, openConnectDoor } from './support/connect-door.js';
import { CLIENT_VERSION, doorIsHere, runProgram } from './support/connect-programs.js';
import { median, type Reading, rise } from './support/flat.js';
import { engineOf, restOf, within } from './support/rest-client.js';
import { SoakClients } from './support/soak-clients.js';
import { SPARK_TIMEOUT_MS } from './support/spark-server.js';

const MINUTE_MS = 60_000;
const SOAK_MS = Number(process.env.SLUICE_SOAK_MINUTES ?? 20) * MINUTE_MS;
const CLIENTS = 64;
const PYSPARK_USERS = ['analyst', 'steward', 'admin'];
const READ_EVERY_MS = 5_000;
/** The first part is not looked at: caches fill, code is compiled. */
const WARM_PART = 0.3;
/** Of what is held in the middle, over the time that is looked at. */
const RSS_RISE_MAX = 0.1;
const FILES_RISE_MAX = 12;
const IDLE_MS = 60_000;
const CLIENT_LATE_MS = 3 * MINUTE_MS;

const residentBytes = (pid: number): number =>
  1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** A law of the judge itself: what leaks a little is seen below what comes and goes. */
describe('a rise', () => {
  const noisy = (leak: number): readonly Reading[] =>
    Array.from({ length: 120 }, (_, i) => ({
      atMs: i * READ_EVERY_MS,
      value: 400 + leak * i + (i % 7 === 0 ? 200 : 0) + ((i * 7919) % 31),
    }));
  it('is found below noise, and only where there is one', () => {
    expect(Math.abs(rise(noisy(0)))).toBeLessThan(15);
    expect(rise(noisy(0.5))).toBeGreaterThan(45);
    expect(rise(noisy(-0.5))).toBeLessThan(-45);
  });
});

if (doorIsHere())
  describe(`${CLIENTS} clients`, () => {
    let door: ConnectDoor;
    beforeAll(async () => {
      // Results are forgotten after a minute: what is kept for clients is no leak. A busy machine is to be slow, not to refuse.
      door = await openConnectDoor({
        SLUICE_RESULT_TTL: '1m',
        SLUICE_EVIDENCE_TIMEOUT: '30s',
        SLUICE_DUCKDB_MEMORY: String(256 * 2 ** 20),
      });
    }, 2 * SPARK_TIMEOUT_MS);
    afterAll(() => door?.close(), SPARK_TIMEOUT_MS);

    it(
      `for ${SOAK_MS / MINUTE_MS} minutes get what is due, and leave nothing behind`,
      async () => {
        const rest = restOf(door.gateway);
        const { pid } = door.gateway;
        const clients = new SoakClients(rest);
        const memory: Reading[] = [];
        const heap: Reading[] = [];
        const files: Reading[] = [];
        const began = Date.now();
        const http = clients.run(CLIENTS);
        const spark = PYSPARK_USERS.map((user) =>
          runProgram(
            'soak',
            { ...door.env, SLUICE_HTTP: rest.gateway.url, SOAK_S: String(SOAK_MS / 1_000), SOAK_USER: user },
            CLIENT_VERSION,
            SOAK_MS + CLIENT_LATE_MS,
          ),
        );
        while (Date.now() - began < SOAK_MS) {
          await sleep(READ_EVERY_MS);
          const atMs = Date.now() - began;
          if (atMs < SOAK_MS * WARM_PART) continue;
          memory.push({ atMs, value: residentBytes(pid) });
          files.push({ atMs, value: openFiles(pid) });
          const metrics = await (await fetch(`${door.gateway.adminUrl}/metrics`)).text();
          heap.push({ atMs, value: Number(/^sluice_nodejs_heap_size_used_bytes (\S+)/m.exec(metrics)?.[1]) });
        }
        clients.stop();
        await http;
        const programs = (await Promise.all(spark)).flat();
        const figures = {
          done: Object.fromEntries(clients.done),
          askedAgain: Object.fromEntries(clients.again),
          residentMiB: Math.round(median(memory) / 2 ** 20),
          residentRiseMiB: Math.round(rise(memory) / 2 ** 20),
          heapMiB: Math.round(median(heap) / 2 ** 20),
          heapRiseMiB: Math.round(rise(heap) / 2 ** 20),
          files: median(files),
          filesRise: Math.round(rise(files)),
        };
        process.stderr.write(`soak: ${JSON.stringify(figures)}\n`);
        expect(clients.errors).toEqual([]);
        expect(programs.filter((program) => !program.ok)).toEqual([]);
        expect(Object.keys(figures.done).length).toBe(10);
        expect(rise(memory) / median(memory)).toBeLessThan(RSS_RISE_MAX);
        expect(rise(files)).toBeLessThan(FILES_RISE_MAX);
        const idle = async (): Promise<boolean> => {
          const { running, queued } = await engineOf(rest);
          return running + queued === 0;
        };
        expect(await within(IDLE_MS, idle)).toBe(true);
      },
      SOAK_MS + 3 * CLIENT_LATE_MS,
    );
  });
