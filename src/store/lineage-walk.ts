/**
 * Walks through the lineage graph, a step at a time: what was reached is not gone through again, so a walk costs what it
 * reaches, however many ways lead there.
 */
import type { Database } from './database.js';
import type { Direction, LineageEdge } from './lineage-graph.js';

/** A column, or every column of an object. */
export interface GraphColumn {
  readonly object: string;
  readonly column: string | null;
}

/** How surely a column is made of another: the strongest of all ways to it. */
export type Strength = 'direct' | 'masked' | 'indirect';
const STRENGTHS: readonly Strength[] = ['indirect', 'masked', 'direct'];

export interface ReachedColumn extends GraphColumn {
  /** Steps at least. */
  readonly depth: number;
  readonly strength: Strength;
}
export interface Reached {
  readonly columns: readonly ReachedColumn[];
  readonly truncated: boolean;
}

const keyOf = ({ object, column }: GraphColumn): string => `${object}\0${column ?? ''}`;

/** The edges that a walk of `depth` steps goes along, `edgesMax` at most. */
export async function edgesReached(
  database: Database,
  direction: Direction,
  start: GraphColumn,
  depth: number,
  edgesMax: number,
): Promise<{ readonly edges: readonly LineageEdge[]; readonly truncated: boolean }> {
  const seen = new Set([keyOf(start)]);
  const edges = new Map<string, LineageEdge>();
  let frontier: readonly GraphColumn[] = [start];
  for (let step = 0; step < depth && frontier.length > 0; step += 1) {
    const found = await database.query<LineageEdge>(EDGES[direction], [...asArrays(frontier), edgesMax + 1]);
    const next: GraphColumn[] = [];
    for (const edge of found.rows) {
      edges.set(JSON.stringify(edge), edge);
      const far = farEnd(edge, direction);
      if (seen.has(keyOf(far))) continue;
      seen.add(keyOf(far));
      next.push(far);
    }
    if (edges.size > edgesMax || found.rows.length > edgesMax) {
      return { edges: [...edges.values()].slice(0, edgesMax), truncated: true };
    }
    frontier = next;
  }
  return { edges: [...edges.values()], truncated: false };
}

/** The columns that a walk of `depth` steps comes to, nearest first, `columnsMax` at most. */
export async function columnsReached(
  database: Database,
  direction: Direction,
  start: GraphColumn,
  depth: number,
  columnsMax: number,
): Promise<Reached> {
  const best = new Map<string, ReachedColumn>();
  let frontier: readonly (GraphColumn & { readonly strength: Strength })[] = [
    { ...start, strength: 'direct' },
  ];
  for (let step = 1; step <= depth && frontier.length > 0; step += 1) {
    const strengths = frontier.map(({ strength }) => STRENGTHS.indexOf(strength));
    const found = await database.query<GraphColumn & { readonly strength: number }>(COLUMNS[direction], [
      ...asArrays(frontier),
      strengths,
    ]);
    const next: ReachedColumn[] = [];
    for (const { object, column, strength } of found.rows) {
      const known = best.get(keyOf({ object, column }));
      // Worth going on from again only when it is a surer way than the one before.
      if (known !== undefined && STRENGTHS.indexOf(known.strength) >= strength) continue;
      const reached = {
        object,
        column,
        depth: known?.depth ?? step,
        strength: STRENGTHS[strength] ?? 'indirect',
      };
      best.set(keyOf(reached), reached);
      next.push(reached);
    }
    best.delete(keyOf(start));
    if (best.size > columnsMax) return { columns: [...best.values()].slice(0, columnsMax), truncated: true };
    frontier = next;
  }
  return { columns: [...best.values()], truncated: false };
}

const asArrays = (
  frontier: readonly GraphColumn[],
): readonly [readonly string[], readonly (string | null)[]] => [
  frontier.map(({ object }) => object),
  frontier.map(({ column }) => column),
];

const farEnd = (edge: LineageEdge, direction: Direction): GraphColumn =>
  direction === 'downstream'
    ? { object: edge.target, column: edge.targetColumn === '' ? null : edge.targetColumn }
    : { object: edge.source, column: edge.sourceColumn };

/**
 * Edges at the near end of a frontier; an edge to a whole target ends at each of its columns. Each branch is one look into
 * the index: together in one condition they would read all edges of an object for each of its columns.
 */
function edgesAt(near: 'source' | 'target', columns: string): string {
  const edges = (condition: string): string =>
    `SELECT ${columns} FROM lineage_edge WHERE ${near} = f.object AND ${condition}`;
  const branches = [edges(`${near}_column = f.col`), edges('f.col IS NULL')];
  if (near === 'target') branches.push(edges("f.col IS NOT NULL AND target_column = ''"));
  return `CROSS JOIN LATERAL (${branches.join(' UNION ALL ')}) e`;
}

const edgesFrom = (near: 'source' | 'target'): string => `
  SELECT DISTINCT e.job, e.target, e.target_column AS "targetColumn", e.source,
         e.source_column AS "sourceColumn", e.type, e.subtype, e.masking, e.policy
    FROM unnest($1::text[], $2::text[]) AS f (object, col) ${edgesAt(near, '*')}
   ORDER BY e.source, "sourceColumn", e.target, "targetColumn", e.subtype, e.job
   LIMIT $3::int`;

const EDGES: Readonly<Record<Direction, string>> = {
  downstream: edgesFrom('source'),
  upstream: edgesFrom('target'),
};

/** 0 indirect, 1 masked, 2 direct: a way is as sure as its least sure step. */
const columnsFrom = (near: 'source' | 'target', far: 'source' | 'target'): string => `
  SELECT e.${far} AS object, nullif(e.${far}_column, '') AS column,
         max(least(f.strength, CASE WHEN e.type = 'INDIRECT' THEN 0 WHEN e.masking THEN 1 ELSE 2 END)) AS strength
    FROM unnest($1::text[], $2::text[], $3::int[]) AS f (object, col, strength)
         ${edgesAt(near, `${far}, ${far}_column, type, masking`)}
   GROUP BY e.${far}, e.${far}_column
   ORDER BY 1, 2`;

const COLUMNS: Readonly<Record<Direction, string>> = {
  downstream: columnsFrom('source', 'target'),
  upstream: columnsFrom('target', 'source'),
};
