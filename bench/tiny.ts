/** One small governed query after the other over HTTP, against the same masked query in this process. */
import type { BenchLake } from './bench-lake.js';
import { PEOPLE } from './bench-lake.js';
import type { Figure } from './figure.js';
import { alternate, median, requireCount } from './measure.js';

const ROUNDS = 300;
const WARM_UP = 60;
export const TINY_ROUNDS = ROUNDS + WARM_UP;
const RATIO_AIM = 2;
/** Far from a divisor of the number of people: every round looks somewhere else. */
const STEP = 7919;

export async function tinyBench(lake: BenchLake, onRound: () => void): Promise<readonly Figure[]> {
  const stages = new Map<string, number[]>();
  const idOf = (round: number): number => ((round + WARM_UP) * STEP) % PEOPLE;
  const answers = new Map<number, string>();
  const { baselineMs, subjectMs } = await alternate(
    ROUNDS,
    WARM_UP,
    async (round) => {
      const reader = await lake.duckdb.runAndReadAll(
        `SELECT id, email, phone FROM ${lake.maskedPeople} WHERE id = ${idOf(round)}`,
      );
      answers.set(round, JSON.stringify(reader.getRowsJson()));
    },
    async (round) => {
      const response = await lake.gateway.fetch('/v1/statements', 'analyst', {
        method: 'POST',
        body: JSON.stringify({ statement: `SELECT id, email, phone FROM people WHERE id = ${idOf(round)}` }),
      });
      const answer = await response.json();
      requireCount('rows of the gateway', answer.manifest?.rowCount ?? Number.NaN, 1);
      // DuckDB's JSON has 64-bit numbers as text.
      const rows = answer.result.rows.map(([id, ...rest]: readonly unknown[]) => [String(id), ...rest]);
      if (JSON.stringify(rows) !== answers.get(round)) throw new Error('the gateway gives other rows');
      if (round >= 0) note(stages, response.headers.get('server-timing') ?? '');
    },
    onRound,
  );
  const parts = [...stages].map(([stage, times]) => `${stage} ${median(times).toFixed(2)}`);
  return [
    {
      name: 'tiny governed query, to DuckDB in process',
      value: subjectMs / baselineMs,
      unit: 'x',
      aim: RATIO_AIM,
      detail: `${subjectMs.toFixed(2)} to ${baselineMs.toFixed(2)} ms; ms by stage: ${parts.join(', ')}`,
    },
  ];
}

function note(stages: Map<string, number[]>, header: string): void {
  for (const [, stage, ms] of header.matchAll(/(\w+);dur=([\d.]+)/g)) {
    if (stage === undefined) continue;
    stages.set(stage, [...(stages.get(stage) ?? []), Number(ms)]);
  }
}
