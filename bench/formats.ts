/**
 * A million rows of eight columns in every format over HTTP, against what the engine alone takes for the same masked query:
 * DuckDB's COPY, and PyPI's duckdb of the same version writing Arrow. What spooling costs, and ten million rows in little memory.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { version as duckDbVersion } from '@duckdb/node-api';
import { formatsPython } from '../scripts/formats-venv.mjs';
import { type BenchLake, COLUMNS, PEOPLE } from './bench-lake.js';
import { download, peakMemoryMiB } from './download.js';
import type { Figure } from './figure.js';
import { alternate, median, requireCount } from './measure.js';

const ROUNDS = 3;
const WARM_UP = 1;
const ARROW = 'application/vnd.apache.arrow.stream';
const PARQUET = 'application/vnd.apache.parquet';
const QUESTION = `SELECT ${COLUMNS.join(', ')} FROM people`;
/** It may raise over rows that a rule hides, so nothing of it leaves before it has ended. */
const SPOOLED = `SELECT CAST(id AS INT) AS id, ${COLUMNS.slice(1).join(', ')} FROM people`;
const TIMES = 10;
const LARGE = `${QUESTION} CROSS JOIN (SELECT id AS n FROM range(${TIMES}))`;
const SPOOL_AIM = 1.5;
/** Beside what a tenth of the rows takes. */
const FLAT_AIM_MIB = 128;

const COPIES = [
  { name: 'CSV', accept: 'text/csv', copy: 'FORMAT csv, HEADER', aim: 0.7 },
  { name: 'NDJSON', accept: 'application/x-ndjson', copy: 'FORMAT json', aim: 0.7 },
  { name: 'Parquet', accept: PARQUET, copy: 'FORMAT parquet', aim: 0.8 },
] as const;

export const FORMAT_ROUNDS = (COPIES.length + 3) * (ROUNDS + WARM_UP) + 2;

export async function formatsBench(lake: BenchLake, onRound: () => void): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const format of COPIES) figures.push(await againstCopy(lake, format, onRound));
  figures.push(await againstPython(lake, onRound));
  for (const [name, accept] of [
    ['CSV', 'text/csv'],
    ['Arrow', ARROW],
  ] as const) {
    figures.push(await spooled(lake, name, accept, onRound));
  }
  for (const [name, accept] of [
    ['Arrow', ARROW],
    ['Parquet', PARQUET],
  ] as const) {
    figures.push(...(await flat(lake, name, accept)));
    onRound();
  }
  return figures;
}

async function rowsOver(lake: BenchLake, accept: string, statement: string, rows: number): Promise<void> {
  requireCount('rows over HTTP', (await download(lake.gateway, accept, statement)).rows, rows);
}

async function againstCopy(
  lake: BenchLake,
  { name, accept, copy, aim }: (typeof COPIES)[number],
  onRound: () => void,
): Promise<Figure> {
  const file = join(lake.scratch, 'copy');
  const { baselineMs, subjectMs } = await alternate(
    ROUNDS,
    WARM_UP,
    async () => {
      const { rowsChanged } = await lake.duckdb.run(
        `COPY (SELECT ${COLUMNS.join(', ')} FROM ${lake.maskedPeople}) TO '${file}' (${copy})`,
      );
      requireCount('rows of COPY', rowsChanged, PEOPLE);
    },
    () => rowsOver(lake, accept, QUESTION, PEOPLE),
    onRound,
  );
  rmSync(file);
  return {
    name: `${name} of 1M x ${COLUMNS.length}, speed of COPY`,
    value: baselineMs / subjectMs,
    unit: 'x',
    aim,
    atLeast: true,
    detail: `${subjectMs.toFixed(0)} to ${baselineMs.toFixed(0)} ms`,
  };
}

async function againstPython(lake: BenchLake, onRound: () => void): Promise<Figure> {
  const python = new PythonDuckDb();
  const file = join(lake.scratch, 'arrow');
  const sql = `SELECT ${COLUMNS.join(', ')} FROM ${lake.maskedPeople}`;
  const [alone, over, chunks]: [number[], number[], number[]] = [[], [], []];
  try {
    for (let round = -WARM_UP; round < ROUNDS; round += 1) {
      const { rows, ms } = await python.ask(sql, file);
      requireCount('rows of Python', rows, PEOPLE);
      const made = await timed(() => chunksOnly(lake, sql));
      const sent = await timed(() => rowsOver(lake, ARROW, QUESTION, PEOPLE));
      onRound();
      if (round < 0) continue;
      alone.push(ms);
      chunks.push(made);
      over.push(sent);
    }
  } finally {
    await python.stop();
    rmSync(file, { force: true });
  }
  const [aloneMs, overMs, chunksMs] = [median(alone), median(over), median(chunks)];
  return {
    name: `Arrow of 1M x ${COLUMNS.length}, speed of PyPI duckdb`,
    value: aloneMs / overMs,
    unit: 'x',
    aim: 0.25,
    atLeast: true,
    detail:
      `${overMs.toFixed(0)} to ${aloneMs.toFixed(0)} ms; of these DuckDB's chunks in Node ${chunksMs.toFixed(0)} ms, ` +
      `Arrow of them, digest and HTTP ${Math.max(0, overMs - chunksMs).toFixed(0)} ms`,
  };
}

/** The rows as Node gets them, and nothing done with them. */
async function chunksOnly(lake: BenchLake, sql: string): Promise<void> {
  const result = await lake.duckdb.stream(sql);
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    rows += chunk.rowCount;
  }
  requireCount('rows of chunks', rows, PEOPLE);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function spooled(lake: BenchLake, name: string, accept: string, onRound: () => void): Promise<Figure> {
  const { baselineMs, subjectMs } = await alternate(
    ROUNDS,
    WARM_UP,
    () => rowsOver(lake, accept, QUESTION, PEOPLE),
    () => rowsOver(lake, accept, SPOOLED, PEOPLE),
    onRound,
  );
  return {
    name: `${name} of a spooled statement, times one that streams`,
    value: subjectMs / baselineMs,
    unit: 'x',
    aim: SPOOL_AIM,
    detail: `${subjectMs.toFixed(0)} to ${baselineMs.toFixed(0)} ms`,
  };
}

async function flat(lake: BenchLake, name: string, accept: string): Promise<readonly Figure[]> {
  const { pid } = lake.gateway;
  const small = await peakMemoryMiB(pid, () => rowsOver(lake, accept, QUESTION, PEOPLE));
  const large = await peakMemoryMiB(pid, () => rowsOver(lake, accept, LARGE, PEOPLE * TIMES));
  if (small === undefined || large === undefined) return [];
  return [
    {
      name: `${name} of 10M rows, memory beyond 1M rows`,
      value: Math.max(0, large - small),
      unit: 'MiB',
      aim: FLAT_AIM_MIB,
      detail: `peak ${large.toFixed(0)} to ${small.toFixed(0)} MiB`,
    },
  ];
}

/** One process for all rounds, so that its start is not measured. */
class PythonDuckDb {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: AsyncIterator<string>;

  constructor() {
    const python = formatsPython();
    if (python === undefined) throw new Error('node scripts/formats-venv.mjs installs the duckdb of PyPI');
    this.child = spawn(python, [join(import.meta.dirname, 'formats.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
  }

  async ask(sql: string, file: string): Promise<{ readonly rows: number; readonly ms: number }> {
    this.child.stdin.write(`${JSON.stringify({ sql, file })}\n`);
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error('Python ended');
    const answer = JSON.parse(value);
    if (!duckDbVersion().endsWith(answer.version))
      throw new Error(`DuckDB ${answer.version} is not ${duckDbVersion()}`);
    return answer;
  }

  async stop(): Promise<void> {
    this.child.stdin.end();
    await once(this.child, 'exit');
  }
}
