/** All benchmarks, or those whose names are given; one table at the end. Aims that are missed do not fail the run. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { version as duckDbVersion } from '@duckdb/node-api';
import { progressOn } from '../src/lake/progress.js';
import { auditBench } from './audit.js';
import { openBenchLake } from './bench-lake.js';
import { BUSY_ROUNDS, busyBench } from './busy.js';
import { cacheBench } from './cache.js';
import { connectBench } from './connect.js';
import { decisionBench } from './decision.js';
import { type Figure, table } from './figure.js';
import { FORMAT_ROUNDS, formatsBench } from './formats.js';
import { lineageBench } from './lineage.js';
import { parseBench } from './parse.js';

import { TINY_ROUNDS, tinyBench } from './tiny.js';

const NAMES = [
  'tiny',
  'busy',
  'formats',
  'decision',
  'parse',
  'audit',
  'lineage',
  'connect',
  'cache',
] as const;
const GIB = 2 ** 30;
const STEPS = 10;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !NAMES.includes(name as never));
if (unknown.length > 0) {
  process.stderr.write(`npm run bench [-- NAME...]: ${unknown.join(', ')} is none of ${NAMES.join(', ')}.\n`);
  process.exit(2);
}
const runs = (name: (typeof NAMES)[number]): boolean => wanted.length === 0 || wanted.includes(name);
const main = join(import.meta.dirname, '..', 'src', 'main.js');
const progress = progressOn(process.stderr);

process.stdout.write(`${machine()}\n`);
const figures: Figure[] = [];
if (runs('parse')) figures.push(...parseBench());
if (runs('audit')) figures.push(...(await auditBench()));
if (runs('lineage')) figures.push(...(await lineageBench()));
if (runs('decision')) figures.push(...(await decisionBench()));
if (runs('connect')) figures.push(...(await connectBench(main)));
if (runs('tiny') || runs('busy') || runs('formats')) figures.push(...(await overHttp()));
if (runs('cache')) figures.push(...(await cacheBench(main)));
process.stdout.write(`\n${table(figures)}\n`);

async function overHttp(): Promise<readonly Figure[]> {
  const lake = await openBenchLake(main);
  try {
    const found: Figure[] = [];
    if (runs('tiny')) found.push(...(await inRounds('Tiny queries', TINY_ROUNDS, (r) => tinyBench(lake, r))));
    if (runs('busy')) found.push(...(await inRounds('Many clients', BUSY_ROUNDS, (r) => busyBench(lake, r))));
    if (runs('formats'))
      found.push(...(await inRounds('A million rows', FORMAT_ROUNDS, (r) => formatsBench(lake, r))));
    return found;
  } finally {
    await lake.close();
  }
}

/** The progress of many rounds in a few steps: a line each would be too many where there is no terminal. */
async function inRounds<T>(
  title: string,
  rounds: number,
  work: (onRound: () => void) => Promise<T>,
): Promise<T> {
  const every = Math.max(1, Math.floor(rounds / STEPS));
  let done = 0;
  progress.start(title, rounds);
  try {
    return await work(() => {
      done += 1;
      if (done % every === 0) progress.advance(every, `${done} of ${rounds}`);
    });
  } finally {
    progress.stop();
  }
}

function machine(): string {
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  return [
    `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${(totalmem() / GIB).toFixed(0)} GiB, load ${load}`,
    `${process.platform} ${process.arch}, Node ${process.versions.node}, DuckDB ${duckDbVersion()}`,
  ].join('\n');
}
