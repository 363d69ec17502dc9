/** Small governed queries of many clients at once over HTTP, against the same masked queries on as many connections here. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { type BenchLake, PEOPLE } from './bench-lake.js';
import type { Figure } from './figure.js';
import { alternate, requireCount } from './measure.js';

const CLIENTS = [16, 64] as const;
const ROUNDS = 4;
const WARM_UP = 1;
const QUERIES = 640;
export const BUSY_ROUNDS = CLIENTS.length * (ROUNDS + WARM_UP);
const THROUGHPUT_AIM = 0.5;
/** Far from a divisor of the number of people: every query looks somewhere else. */
const STEP = 7919;

export async function busyBench(lake: BenchLake, onRound: () => void): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const clients of CLIENTS) figures.push(await withClients(lake, clients, onRound));
  return figures;
}

async function withClients(lake: BenchLake, clients: number, onRound: () => void): Promise<Figure> {
  const connections = await Promise.all(Array.from({ length: clients }, () => lake.connect()));
  try {
    const { baselineMs, subjectMs } = await alternate(
      ROUNDS,
      WARM_UP,
      (round) => all(connections, (connection, query) => inProcess(lake, connection, idOf(round, query))),
      (round) => all(connections, (_, query) => governed(lake, idOf(round, query))),
      onRound,
    );
    const aSecond = (ms: number): string => ((QUERIES / ms) * 1000).toFixed(0);
    return {
      name: `tiny governed queries of ${clients} clients, throughput of DuckDB in process`,
      value: baselineMs / subjectMs,
      unit: 'x',
      aim: THROUGHPUT_AIM,
      atLeast: true,
      detail: `${aSecond(subjectMs)} to ${aSecond(baselineMs)} queries a second`,
    };
  } finally {
    for (const connection of connections) connection.closeSync();
  }
}

const idOf = (round: number, query: number): number =>
  (((round + WARM_UP) * QUERIES + query) * STEP) % PEOPLE;

/** Each client takes the next query as soon as it has the answer to its last one. */
async function all(
  connections: readonly DuckDBConnection[],
  ask: (connection: DuckDBConnection, query: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (next < QUERIES) await ask(connection, next++);
    }),
  );
}

async function inProcess(lake: BenchLake, connection: DuckDBConnection, id: number): Promise<void> {
  const sql = `SELECT id, email, phone FROM ${lake.maskedPeople} WHERE id = ${id}`;
  requireCount('rows of DuckDB', (await connection.runAndReadAll(sql)).currentRowCount, 1);
}

async function governed({ gateway }: BenchLake, id: number): Promise<void> {
  const response = await gateway.fetch('/v1/statements', 'analyst', {
    method: 'POST',
    body: JSON.stringify({ statement: `SELECT id, email, phone FROM people WHERE id = ${id}` }),
  });
  const answer = await response.json();
  requireCount('rows of the gateway', answer.manifest?.rowCount ?? Number.NaN, 1);
}
