/** A million rows of eight columns as CSV and NDJSON over HTTP, against DuckDB's COPY of the same masked query. */
import { createReadStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type BenchLake, COLUMNS, PEOPLE } from './bench-lake.js';
import type { Figure } from './figure.js';
import { alternate, requireCount } from './measure.js';

const ROUNDS = 5;
const WARM_UP = 1;
const SPEED_AIM = 0.6;
const NEWLINE = 10;

interface Format {
  readonly name: string;
  readonly accept: string;
  readonly copy: string;
  readonly headerLines: number;
}
const FORMATS: readonly Format[] = [
  { name: 'CSV', accept: 'text/csv', copy: 'FORMAT csv, HEADER', headerLines: 1 },
  { name: 'NDJSON', accept: 'application/x-ndjson', copy: 'FORMAT json', headerLines: 0 },
];
export const STREAM_ROUNDS = FORMATS.length * (ROUNDS + WARM_UP);

export async function streamBench(lake: BenchLake, onRound: () => void): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const format of FORMATS) figures.push(await formatBench(lake, format, onRound));
  return figures;
}

async function formatBench(lake: BenchLake, format: Format, onRound: () => void): Promise<Figure> {
  const columns = COLUMNS.join(', ');
  const file = join(lake.scratch, 'copy');
  const lines = PEOPLE + format.headerLines;
  const { baselineMs, subjectMs } = await alternate(
    ROUNDS,
    WARM_UP,
    async () => {
      const copied = await lake.duckdb.run(
        `COPY (SELECT ${columns} FROM ${lake.maskedPeople}) TO '${file}' (${format.copy})`,
      );
      requireCount('rows of COPY', copied.rowsChanged, PEOPLE);
    },
    async () => {
      const response = await lake.gateway.fetch('/v1/statements', 'analyst', {
        method: 'POST',
        headers: { accept: format.accept },
        body: JSON.stringify({ statement: `SELECT ${columns} FROM people` }),
      });
      requireCount('status of the stream', response.status, 200);
      requireCount('lines of the stream', await lineCount(response.body as never), lines);
    },
    onRound,
  );
  requireCount('lines of COPY', await lineCount(createReadStream(file)), lines);
  rmSync(file);
  return {
    name: `${format.name} of 1M x ${COLUMNS.length}, speed of COPY`,
    value: baselineMs / subjectMs,
    unit: 'x',
    aim: SPEED_AIM,
    atLeast: true,
    detail: `${subjectMs.toFixed(0)} to ${baselineMs.toFixed(0)} ms`,
  };
}

async function lineCount(stream: Readable): Promise<number> {
  let lines = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
  }
  return lines;
}
