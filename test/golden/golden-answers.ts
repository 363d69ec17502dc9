/** What DuckDB gives for a statement, held to what real Spark gave. Golden answers: test/oracles/spark-golden.mjs. */
import { readFileSync } from 'node:fs';
import { GovernanceError } from '../../src/core/errors.js';
import { type DataType, typeName } from '../../src/core/plan/types.js';
import { expectedLeaves } from '../../src/engines/duckdb/second-check/leaf.js';
import { secondCheck } from '../../src/engines/duckdb/second-check.js';
import { bind, type PlanLake, secure } from '../support/duckdb-plans.js';
import { type Canonical, fromEngine, fromGolden } from '../support/engine-values.js';
import { ROOT } from '../support/sources.js';

export interface SparkAnswer {
  readonly types?: readonly string[];
  readonly rows?: readonly (readonly Canonical[])[];
  readonly error?: string;
}

type Rows = readonly (readonly Canonical[])[];

export const goldenAnswers = (name: 'functions' | 'spark-plans'): Readonly<Record<string, SparkAnswer>> =>
  (
    JSON.parse(readFileSync(`${ROOT}/test/golden/${name}.golden.json`, 'utf8')) as {
      readonly answers: Readonly<Record<string, SparkAnswer>>;
    }
  ).answers;

export interface Comparison {
  /** Does the order of rows count? */
  readonly ordered?: boolean;
  /** Doubles may differ by this much of their size. */
  readonly tolerance?: number;
}

/** Differences between DuckDB's answer and Spark's, as a sentence; undefined: none. */
export async function difference(
  lake: PlanLake,
  sql: string,
  spark: SparkAnswer | undefined,
  { ordered = false, tolerance = 0 }: Comparison = {},
): Promise<string | undefined> {
  if (spark === undefined) return `${sql}: no golden answer`;
  const { types, rows } = await answer(lake, sql);
  if (spark.rows === undefined) {
    if (typeof rows === 'string') return undefined;
    return `${sql}: Spark raises ${spark.error}, we give ${JSON.stringify(rows)}`;
  }
  if (typeof rows === 'string') return `${sql}: Spark gives ${JSON.stringify(spark.rows)}, we ${rows}`;
  const names = types.map(typeName);
  if (JSON.stringify(names) !== JSON.stringify(spark.types))
    return `${sql}: types ${names} instead of ${spark.types}`;
  const wanted = spark.rows.map((row) =>
    row.map((value, i) => fromGolden(value, types[i] ?? { kind: 'void' })),
  );
  const [a, b] = ordered ? [rows, wanted] : [sorted(rows), sorted(wanted)];
  return sameRows(a, b, types, tolerance)
    ? undefined
    : `${sql}: ${JSON.stringify(a)} instead of ${JSON.stringify(b)}`;
}

/** What DuckDB gives, past the second judge; an error of the engine or a refusal of ours as a text. */
async function answer(
  lake: PlanLake,
  sql: string,
): Promise<{ readonly types: readonly DataType[]; readonly rows: Rows | string }> {
  try {
    const bound = bind(sql);
    const text = lake.print(bound);
    await secondCheck(lake, text, expectedLeaves(secure(bound), { source: lake.source }));
    const types = bound.output.map((column) => column.type);
    try {
      const reader = await lake.connection.runAndReadAll(text);
      return { types, rows: reader.getRows().map((row) => row.map(fromEngine)) };
    } catch (error) {
      return { types, rows: `raises: ${String(error).split('\n')[0]}` };
    }
  } catch (error) {
    if (!(error instanceof GovernanceError)) throw error;
    return { types: [], rows: `refuse: ${error.code}: ${error.message} ${String(error.cause)}` };
  }
}

const sorted = (rows: Rows): Rows =>
  rows
    .map((row) => ({ row, text: JSON.stringify(row) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ row }) => row);

function sameRows(a: Rows, b: Rows, types: readonly DataType[], tolerance: number): boolean {
  if (tolerance === 0) return JSON.stringify(a) === JSON.stringify(b);
  const same = (x: Canonical | undefined, y: Canonical | undefined, type: DataType | undefined): boolean =>
    JSON.stringify(x) === JSON.stringify(y) ||
    (type?.kind === 'double' && Math.abs(Number(x) - Number(y)) <= tolerance * Math.abs(Number(y)));
  return a.length === b.length && a.every((row, i) => row.every((x, j) => same(x, b[i]?.[j], types[j])));
}
