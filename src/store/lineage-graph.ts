/**
 * Lineage in Postgres: what statements made of which columns, kept once per shape of statement, and the graph that
 * follows from it.
 */
import { foldName } from '../core/catalog/catalog.js';
import type { Flow } from '../core/lineage/flow.js';
import type { LineageInput } from '../core/lineage/lineage.js';
import { jobName, type LineageRun, resultName } from '../core/lineage/open-lineage.js';
import type { Database } from './database.js';

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
export const GRAPH_DEPTH_MAX = 20;

export class LineageGraphStore {
  constructor(private readonly database: Database) {}

  /** Adds runs; the edges of a job that is known are those of its newest run. Times are ISO 8601. */
  async add(runs: readonly { readonly run: LineageRun; readonly at: string }[]): Promise<void> {
    const newest = new Map(runs.map((entry) => [jobName(entry.run), entry]));
    const counts = new Map<string, number>();
    for (const { run } of runs) counts.set(jobName(run), (counts.get(jobName(run)) ?? 0) + 1);
    const jobs = [...newest].map(([job, { run, at }]) => ({
      job,
      target: resultName(run),
      shape: run.shape,
      runs: counts.get(job) ?? 1,
      approximate: run.lineage.approximate,
      at,
    }));
    const edges = [...newest.values()].flatMap(({ run }) => edgesOf(run));
    await this.database.transaction(async (client) => {
      await client.query(JOBS, [JSON.stringify(jobs)]);
      await client.query('DELETE FROM lineage_edge WHERE job = ANY ($1::text[])', [[...newest.keys()]]);
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
    const found = await this.database.query<LineageEdge>(REACH[direction], [
      object,
      column === undefined ? null : foldName(column),
      depth,
      GRAPH_EDGES_MAX + 1,
    ]);
    const edges = found.rows.slice(0, GRAPH_EDGES_MAX);
    const jobs = await this.database.query<LineageJob>(
      `SELECT job, target, shape, runs::float8 AS runs, approximate,
              to_char(last_seen AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "lastSeen"
         FROM lineage_job WHERE job = ANY ($1::text[]) ORDER BY job`,
      [[...new Set(edges.map((edge) => edge.job))]],
    );
    return { edges, jobs: jobs.rows, truncated: found.rows.length > GRAPH_EDGES_MAX };
  }
}

function edgesOf(run: LineageRun): readonly LineageEdge[] {
  const common = { job: jobName(run), target: resultName(run) };
  const of = (targetColumn: string, inputs: readonly LineageInput[]): LineageEdge[] =>
    inputs.flatMap(({ table, column, flows }) =>
      flows.map((flow) => ({
        ...common,
        ...flow,
        targetColumn: foldName(targetColumn),
        source: table,
        sourceColumn: foldName(column),
      })),
    );
  const { outputs, dataset } = run.lineage;
  return [...of('', dataset), ...outputs.flatMap(({ name, inputs }) => of(name, inputs))];
}

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

/** Steps along edges from `near` to `far`; an edge to a whole target goes on from each of its columns. */
const walk = (near: 'source' | 'target', far: 'source' | 'target'): string => `
  WITH RECURSIVE reached (object, col, depth) AS (
    SELECT $1::text, $2::text, 0
    UNION
    SELECT e.${far}, nullif(e.${far}_column, ''), r.depth + 1
      FROM reached r JOIN lineage_edge e ON e.${near} = r.object
       AND (r.col IS NULL OR e.${near}_column = r.col OR e.${near}_column = '')
     WHERE r.depth < $3::int
  ),
  shortest AS (SELECT object, col, min(depth) AS depth FROM reached GROUP BY object, col)
  SELECT DISTINCT e.job, e.target, e.target_column AS "targetColumn", e.source,
         e.source_column AS "sourceColumn", e.type, e.subtype, e.masking, e.policy
    FROM shortest r JOIN lineage_edge e ON e.${near} = r.object
     AND (r.col IS NULL OR e.${near}_column = r.col OR e.${near}_column = '')
   WHERE r.depth < $3::int
   ORDER BY e.source, "sourceColumn", e.target, "targetColumn", e.subtype, e.job
   LIMIT $4::int`;

const REACH: Readonly<Record<Direction, string>> = {
  downstream: walk('source', 'target'),
  upstream: walk('target', 'source'),
};
