/**
 * Lineage in Postgres: what statements made of which columns, kept once per shape of statement, and the graph that
 * follows from it.
 */
import { createHash } from 'node:crypto';
import { foldName } from '../core/catalog/catalog.js';
import type { Flow } from '../core/lineage/flow.js';
import type { LineageInput } from '../core/lineage/lineage.js';
import { jobName, type LineageRun, targetName } from '../core/lineage/open-lineage.js';
import type { Database } from './database.js';
import { columnsReached, edgesReached, type GraphColumn, type Reached } from './lineage-walk.js';

export interface LineageEdge extends Flow {
  readonly source: string;
  readonly sourceColumn: string;
  readonly target: string;
  /** Empty: every column of the target. */
  readonly targetColumn: string;
  readonly job: string;
}
export interface LineageJob {
  readonly job: string;
  readonly target: string;
  readonly shape: string;
  readonly runs: number;
  readonly lastSeen: string;
  /** More may be named than there is: names did not say what comes from where. */
  readonly approximate: boolean;
}
export interface LineageGraph {
  readonly edges: readonly LineageEdge[];
  readonly jobs: readonly LineageJob[];
  readonly truncated: boolean;
}
export type Direction = 'upstream' | 'downstream';

export const GRAPH_EDGES_MAX = 5_000;
export const GRAPH_COLUMNS_MAX = 10_000;
export const GRAPH_DEPTH_MAX = 20;
/** Of a name in the graph; what is longer is cut, and known by its hash. */
const COLUMN_BYTES_MAX = 200;
const OBJECT_BYTES_MAX = 600;
const HASH_CHARS = 16;

export class LineageGraphStore {
  constructor(private readonly database: Database) {}

  /**
   * Adds runs; the edges of a job that is known are those of its newest run that could name its columns. Times are ISO
   * 8601.
   */
  async add(runs: readonly { readonly run: LineageRun; readonly at: string }[]): Promise<void> {
    const newest = new Map<string, (typeof runs)[number]>();
    for (const entry of runs) {
      const job = jobName(entry.run);
      if (entry.run.named || newest.get(job)?.run.named !== true) newest.set(job, entry);
    }
    const counts = new Map<string, number>();
    for (const { run } of runs) counts.set(jobName(run), (counts.get(jobName(run)) ?? 0) + 1);
    const told = [...newest].map(([job, { run, at }]) => ({
      job,
      target: objectName(targetName(run)),
      shape: run.shape,
      runs: counts.get(job) ?? 1,
      approximate: run.lineage.approximate,
      at,
    }));
    const unnamed = [...newest].flatMap(([job, { run }]) => (run.named ? [] : [job]));
    await this.database.transaction(async (client) => {
      const known = await client.query<Pick<LineageJob, 'job' | 'approximate'>>(KNOWN, [unnamed]);
      const kept = new Map(known.rows.map(({ job, approximate }) => [job, approximate]));
      const jobs = told.map((entry) => ({
        ...entry,
        approximate: kept.get(entry.job) ?? entry.approximate,
      }));
      const changed = [...newest].filter(([job]) => !kept.has(job));
      const edges = changed.flatMap(([, { run }]) => edgesOf(run));
      await client.query(JOBS, [JSON.stringify(jobs)]);
      await client.query('DELETE FROM lineage_edge WHERE job = ANY ($1::text[])', [
        changed.map(([job]) => job),
      ]);
      await client.query(EDGES, [JSON.stringify(edges)]);
    });
  }

  /** What is reachable from a table, or from one of its columns, in `depth` steps at most. */
  async reach(
    direction: Direction,
    object: string,
    column: string | undefined,
    depth: number,
  ): Promise<LineageGraph> {
    const { edges, truncated } = await edgesReached(
      this.database,
      direction,
      startOf(object, column),
      depth,
      GRAPH_EDGES_MAX,
    );
    const jobs = await this.database.query<LineageJob>(
      `SELECT job, target, shape, runs::float8 AS runs, approximate,
              to_char(last_seen AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "lastSeen"
         FROM lineage_job WHERE job = ANY ($1::text[]) ORDER BY job`,
      [[...new Set(edges.map((edge) => edge.job))]],
    );
    return { edges, jobs: jobs.rows, truncated };
  }

  /** The columns that come from one, or that one comes from, in `depth` steps at most. */
  columns(direction: Direction, object: string, column: string | undefined, depth: number): Promise<Reached> {
    return columnsReached(this.database, direction, startOf(object, column), depth, GRAPH_COLUMNS_MAX);
  }
}

const startOf = (object: string, column: string | undefined): GraphColumn => ({
  object: objectName(object),
  column: column === undefined ? null : columnName(column),
});

/** A name as the graph has it: an index takes no more. Spark makes names out of whole expressions. */
function graphName(name: string, bytesMax: number): string {
  if (Buffer.byteLength(name) <= bytesMax) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_CHARS);
  // Bytes of a character that was cut in two are not kept.
  const start = Buffer.from(name)
    .subarray(0, bytesMax - HASH_CHARS - 1)
    .toString()
    .replace(/\uFFFD+$/, '');
  return `${start}#${hash}`;
}
const columnName = (name: string): string => graphName(foldName(name), COLUMN_BYTES_MAX);
const objectName = (name: string): string => graphName(name, OBJECT_BYTES_MAX);

function edgesOf(run: LineageRun): readonly LineageEdge[] {
  const common = { job: jobName(run), target: objectName(targetName(run)) };
  const of = (targetColumn: string, inputs: readonly LineageInput[]): LineageEdge[] =>
    inputs.flatMap(({ table, column, flows }) =>
      flows.map((flow) => ({
        ...common,
        ...flow,
        targetColumn: columnName(targetColumn),
        source: objectName(table),
        sourceColumn: columnName(column),
      })),
    );
  const { outputs, dataset } = run.lineage;
  return [...of('', dataset), ...outputs.flatMap(({ name, inputs }) => of(name, inputs))];
}

const KNOWN = 'SELECT job, approximate FROM lineage_job WHERE job = ANY ($1::text[])';

const JOBS = `
  INSERT INTO lineage_job AS j (job, target, shape, runs, approximate, first_seen, last_seen)
  SELECT job, target, shape, runs, approximate, at, at
    FROM jsonb_to_recordset($1::jsonb) AS x (job text, target text, shape text, runs bigint, approximate boolean,
         at timestamptz)
   ORDER BY job
  ON CONFLICT (job) DO UPDATE SET runs = j.runs + excluded.runs, approximate = excluded.approximate,
     last_seen = greatest(j.last_seen, excluded.last_seen)`;

const EDGES = `
  INSERT INTO lineage_edge (job, target, target_column, source, source_column, type, subtype, masking, policy)
  SELECT job, target, "targetColumn", source, "sourceColumn", type, subtype, masking, policy
    FROM jsonb_to_recordset($1::jsonb) AS x (job text, target text, "targetColumn" text, source text,
         "sourceColumn" text, type text, subtype text, masking boolean, policy boolean)
  ON CONFLICT DO NOTHING`;
