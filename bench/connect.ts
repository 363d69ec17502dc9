/**
 * The Spark Connect door against the same Spark server without it: an unmodified PySpark client asks both the same masked
 * queries in turns (bench/connect.py). With one policy, and with ten thousand on the table.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { clientPython } from '../scripts/spark-client-venv.mjs';
import { CLIENT_VERSION } from '../test/support/connect-programs.js';
import { runtimeOf, type SparkRuntime, startSpark } from '../test/support/spark-server.js';
import { type BenchLake, COLUMNS, OWN_COUNTRIES, openBenchLake, PEOPLE } from './bench-lake.js';
import type { Figure } from './figure.js';

const TINY_ROUNDS = 100;
const LARGE_ROUNDS = 10;
/** Five million rows are more than a server of one process holds by default. */
const DRIVER_MEMORY = '4GiB';
/** Each step has a limit of its own in connect.py. */
const PROGRAM_TIMEOUT_MS = 1_800_000;
const MIB = 2 ** 20;
const MANY = 10_000;
const TINY_AIM = 1.25;
const LARGE_AIM = 1.05;
const MANY_AIM = 1.05;
const MEMORY_AIM_MIB = 300;

interface Turns {
  readonly directMs: number;
  readonly governedMs: number;
  readonly ratio: number;
  readonly pairedRatio: number;
}

interface Measured {
  readonly tiny: Turns;
  readonly large?: Turns;
  readonly memory?: { readonly beforeBytes: number; readonly peakBytes: number };
}

export async function connectBench(main: string): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-spark-'));
  const child = startSpark(folder, ['--local'], { SLUICE_SPARK_DRIVER_MEMORY: DRIVER_MEMORY });
  try {
    const spark = await runtimeOf(folder, child);
    const settings = { SLUICE_SPARK_URL: spark.connect, SLUICE_SPARK_SHUFFLE_PARTITIONS: '4' };
    const few = await measured(main, spark, settings, 0);
    const many = await measured(main, spark, settings, MANY);
    return [...figures(few), manyFigure(few, many)];
  } finally {
    // Nobody waits for it as it is: this process would end here, and with it every figure and every error.
    child.ref();
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measured(
  main: string,
  spark: SparkRuntime,
  settings: Readonly<Record<string, string>>,
  morePolicies: number,
): Promise<Measured> {
  const lake = await openBenchLake(main, settings, morePolicies);
  try {
    const title = morePolicies === 0 ? 'connect' : `connect, ${morePolicies} policies`;
    const rounds = { tiny: TINY_ROUNDS, large: morePolicies === 0 ? LARGE_ROUNDS : 0 };
    return await run(lake, spark, rounds, (line) => process.stderr.write(`${title}: ${line}\n`));
  } finally {
    await lake.close();
  }
}

/** Nothing here may block: the gateway's output is read by this process, and it waits where nobody reads. */
async function run(
  { gateway, file }: BenchLake,
  spark: SparkRuntime,
  rounds: object,
  tell: (line: string) => void,
): Promise<Measured> {
  const python = clientPython(CLIENT_VERSION);
  if (python === undefined) throw new Error('node scripts/spark-client-venv.mjs installs the PySpark client');
  const child = spawn(python, [join(import.meta.dirname, 'connect.py')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: PROGRAM_TIMEOUT_MS,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      // PySpark sends a token over plain text to this spelling of the host only.
      GOVERNED: `sc://localhost:${gateway.connectPort}/;token=${gateway.tokens.analyst}`,
      DIRECT: spark.connect.replace('127.0.0.1', 'localhost'),
      BY_HAND: `CREATE TEMPORARY VIEW people AS ${byHand(file)}`,
      ROWS: String(PEOPLE),
      ROUNDS: JSON.stringify(rounds),
      GATEWAY_PID: String(gateway.pid),
    },
  });
  const ended = once(child, 'close');
  let found = {};
  let last = 'it starts';
  for await (const line of createInterface({ input: child.stdout })) {
    tell(line);
    const { at, ...figures } = JSON.parse(line) as { readonly at?: string };
    last = at ?? last;
    found = { ...found, ...figures };
  }
  const [code, signal] = await ended;
  if (code !== 0) {
    const known = Object.keys(found).join(', ') || 'nothing';
    throw new Error(`bench/connect.py ended with ${code ?? signal} at: ${last}. Known by then: ${known}`);
  }
  return found as Measured;
}

const byHand = (file: string): string => `
  SELECT ${COLUMNS.map((name) => MASKS[name] ?? name).join(', ')} FROM parquet.\`${file}\`
  WHERE ${OWN_COUNTRIES}`;

const MASKS: Readonly<Record<string, string>> = {
  email: `CASE WHEN email LIKE '_%@%' THEN concat(left(email, 1), '***', substr(email, instr(email, '@'))) ELSE '***' END AS email`,
  phone: `concat(repeat('x', greatest(length(phone) - 2, 0)), right(phone, 2)) AS phone`,
};

function figures({ tiny, large, memory }: Measured): readonly Figure[] {
  if (large === undefined || memory === undefined) throw new Error('the large query was not measured');
  return [
    {
      name: 'tiny collect through the door, to Spark itself',
      value: tiny.ratio,
      unit: 'x',
      aim: TINY_AIM,
      detail: detail(tiny),
    },
    {
      name: '1M x 7 toArrow through the door, to Spark itself',
      value: large.ratio,
      unit: 'x',
      aim: LARGE_AIM,
      detail: detail(large),
    },
    {
      name: 'memory of the gateway while 5M rows pass',
      value: memory.peakBytes / MIB,
      unit: 'MiB',
      aim: MEMORY_AIM_MIB,
      detail: `${(memory.beforeBytes / MIB).toFixed(0)} MiB before`,
    },
  ];
}

const manyFigure = (few: Measured, many: Measured): Figure => ({
  name: `tiny collect, ${MANY} policies on the table to one`,
  value: many.tiny.ratio / few.tiny.ratio,
  unit: 'x',
  aim: MANY_AIM,
  detail: detail(many.tiny),
});

const detail = ({ governedMs, directMs, pairedRatio }: Turns): string =>
  `${governedMs.toFixed(1)} to ${directMs.toFixed(1)} ms; median of pairs ${pairedRatio.toFixed(3)}x`;
