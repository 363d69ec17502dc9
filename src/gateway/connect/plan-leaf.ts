/**
 * What a leaf of a DataFrame plan means: a bound query. A named table is `TABLE name`, SQL is itself; both take the same
 * way through bind, decide and rewrite as a statement over REST.
 */
import type { ColumnMeta, ObjectId, TableMeta } from '../../core/catalog/catalog.js';
import { type PlanMessage, relationCase } from '../../core/plan/connect/message.js';
import type { StreamOptions } from '../../core/plan/connect/stream-read.js';
import type { TimeTravel } from '../../core/plan/connect/time-travel.js';
import type { BoundQuery, Scan } from '../../core/plan/plan.js';
import { mapPlan } from '../../core/plan/traverse.js';
import type { BoundWrite } from '../../core/plan/write.js';
import type { Query } from '../../core/sql/ast.js';

export const START = { line: 1, column: 1 } as const;

/**
 * Marks of the gateway on a message; a copy of it keeps them, the wire never sees them. Where names in a leaf are looked
 * up: a view means what it meant when it was made.
 */
export const NAMES_FROM = Symbol('names from');
/** The columns of a relation, as of one policy version. */
export const COLUMNS_SEEN = Symbol('columns seen');

export interface Namespace {
  readonly catalog: string;
  readonly schema: string;
}

export interface ColumnsSeen {
  readonly columns: readonly ColumnMeta[];
  readonly policyVersion: number;
}

export interface Marks {
  readonly [NAMES_FROM]?: Namespace;
  readonly [COLUMNS_SEEN]?: ColumnsSeen;
}

export const marked = (message: PlanMessage, marks: Marks): PlanMessage => ({ ...message, ...marks });

export const marksOf = (message: PlanMessage): Marks => message as Marks;

export interface BoundLeaf {
  readonly bound: BoundQuery;
  /** A named table is known by its name above. */
  readonly alias?: { readonly name: string; readonly qualifier: readonly string[] };
  /** What its rows are written to; only the root of a plan may write. */
  readonly write?: BoundWrite;
  /** Relations of the same plan that the SQL names. */
  readonly named: readonly NamedLeaf[];
  /** It is read as a stream, so much at once. */
  readonly stream?: StreamOptions;
}

export interface NamedLeaf {
  /** Its place among the tables of the bound query. */
  readonly table: TableMeta;
  /** As the plan has it. */
  readonly key: string;
}

/** `SELECT * FROM a.b.c` as a tree. */
export function tableQuery(parts: readonly string[], asOf: TimeTravel | undefined): Query {
  const name = parts.map((part) => ({ name: part, quoted: true, at: START }));
  const table = {
    kind: 'table' as const,
    name,
    at: START,
    ...(asOf === undefined ? {} : { asOf: { ...asOf, at: START } }),
  };
  const select = {
    kind: 'select' as const,
    hints: [],
    distinct: false,
    items: [{ kind: 'star' as const, target: [], except: [], at: START }],
    from: [table],
    windows: [],
    at: START,
  };
  return { kind: 'query', with: [], body: select, orderBy: [], at: START };
}

/** A relation of the plan as a table of one statement: no policy speaks of it, it is secured already. */
export const relationTable = (number: number, columns: readonly ColumnMeta[]): TableMeta => ({
  id: `relation..r${number}`,
  catalog: 'relation',
  schema: '',
  table: `r${number}`,
  // Its own names may be anything: in SQL of ours its columns go by their place.
  columns: columns.map((column, i) => ({ ...column, name: placeName(i) })),
  tags: [],
  source: { format: 'parquet', files: [], partitions: [] },
  version: '',
});

const placeName = (place: number): string => `p${place + 1}`;

/** The query with the columns of such tables by their place. */
export function columnsByPlace(bound: BoundQuery, tables: ReadonlySet<ObjectId>): BoundQuery {
  const byPlace = (scan: Scan): Scan => ({
    ...scan,
    columns: scan.columns.map((column, i) => ({ ...column, source: placeName(i) })),
  });
  return {
    ...bound,
    plan: mapPlan(bound.plan, {
      plan: (node) => (node.kind === 'scan' && tables.has(node.table) ? byPlace(node) : node),
    }),
    leaves: bound.leaves.map((leaf) => (tables.has(leaf.table) ? byPlace(leaf) : leaf)),
  };
}

/** The SQL that a plan is, alone or with the relations that it names. */
export function sqlRoot(plan: PlanMessage): PlanMessage | undefined {
  const { case: kind, value } = relationCase(plan);
  if (kind === 'sql') return plan;
  const root = kind === 'withRelations' ? (value.root as PlanMessage) : undefined;
  return root !== undefined && relationCase(root).case === 'sql' ? root : undefined;
}
