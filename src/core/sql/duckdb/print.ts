/**
 * A secured plan as DuckDB SQL: the shared shape of `plan-sql/plan-printer.ts` with DuckDB's expressions,
 * leaves and grouping. A table can only come from `source`.
 *
 * CTEs are left to DuckDB's default (computed once when used more than once): Spark promises neither, and as
 * a fence for hidden rows a CTE is worth nothing either way (DESIGN section 4).
 */
import type { ObjectId } from '../../catalog/catalog.js';
import type { Aggregate, Column, LeafId, Plan, ProjectItem, Sample, Secured } from '../../plan/plan.js';
import { outputColumns } from '../../plan/traverse.js';
import type { DataType } from '../../plan/types.js';
import { type Block, columnName, renderBlock } from '../plan-sql/block.js';
import { type Dialect, PlanPrinter } from '../plan-sql/plan-printer.js';
import { ExpressionPrinter } from './expression.js';
import { quoteIdentifier } from './identifier.js';
import { recursion } from './recursion.js';
import { duckDbType } from './types.js';
import { unnest } from './unnest.js';

const PERCENT_DIGITS = 12;

export interface LeafOptions {
  /** The FROM item that reads a table's raw columns (catalogue names). Given by the engine. */
  source(table: ObjectId, columns: readonly string[], leaf: LeafId): string;
  /** Temporary tables that hold the output of secured leaves already: they are read instead. */
  readonly copies?: ReadonlyMap<LeafId, string>;
}

export interface PrintOptions extends LeafOptions {
  /** What the client sees, in order: becomes the select list, as `c<id>`. */
  readonly output: readonly Column[];
}

/** The statement as one SELECT whose columns are `c<id>` in the order of `output`. */
export const printDuckDb = (plan: Plan, options: PrintOptions): string =>
  new PlanPrinter((query) => dialect(query, options)).statement(plan, options.output);

/**
 * The secured shape of one leaf as a SELECT of its own: what stands in every statement that uses it, what a
 * temporary copy is made of, and what the second judge looks for. `Project(masks) <- Filter(rules) <- raw`,
 * always in this one shape: the innermost SELECT names raw columns and nothing else, so no name of a file's
 * column can be mistaken for one of ours. The casts hold a file to its catalogue type; they are no-ops where
 * it agrees.
 */
export function printLeaf(leaf: Secured, options: LeafOptions): string {
  const copy = options.copies?.get(leaf.leaf);
  const columns = outputColumns(leaf);
  if (copy !== undefined) return renderBlock({ from: quoteIdentifier(copy), columns });
  const raw = leaf.raw.map(
    (c) => `CAST(${quoteIdentifier(c.source)} AS ${duckDbType(c.type)}) AS ${columnName(c.id)}`,
  );
  const names = leaf.raw.map((c) => c.source);
  const source = options.source(leaf.table, names, leaf.leaf);
  const printer = new PlanPrinter((query) => dialect(query, options));
  return renderBlock({
    from: `(SELECT ${raw.length === 0 ? 'true AS c0' : raw.join(', ')} FROM ${source}) AS raw${leaf.leaf}`,
    ...(leaf.filter === undefined ? {} : { where: [printer.expressions.condition(leaf.filter)] }),
    items: printer.items(leaf.items),
    columns,
  });
}

const dialect = (query: (plan: Plan) => string, options: LeafOptions): Dialect => ({
  expressions: new ExpressionPrinter(query),
  leaf: (leaf) => printLeaf(leaf, options),
  range: ({ start, end, step }) =>
    `range(${[start, end, step].map((n) => `CAST(${n} AS BIGINT)`).join(', ')})`,
  semiJoin: 'SEMI JOIN',
  antiJoin: 'ANTI JOIN',
  normalized,
  aggregate,
  unnest,
  sample,
  recursion,
});

/** Spark groups by 0.0 what is -0.0; DuckDB groups them together too but keeps whichever came first. */
const normalized = (sql: string, type: DataType): string =>
  type.kind === 'float' || type.kind === 'double' ? `(${sql} + CAST('0' AS ${duckDbType(type)}))` : sql;

function sample({ percent, seed }: Sample, relation: string, alias: string): string {
  const again = seed === undefined ? '' : ` REPEATABLE (${seed})`;
  return `${relation} AS ${alias} TABLESAMPLE bernoulli(${percent.toFixed(PERCENT_DIGITS)} PERCENT)${again}`;
}

function aggregate(plan: Aggregate, printer: PlanPrinter): Block {
  const open = printer.unordered(printer.block(plan.input));
  // Keys are grouped by their alias; an input column of that name (a key passed through) would be meant
  // instead, which is the same.
  const names = plan.keys.map((key) => columnName(key.column.id));
  const keys = plan.keys.map(
    ({ expr }, i) => `${normalized(printer.expressions.print(expr), expr.type)} AS ${names[i]}`,
  );
  const results = plan.aggregates.map(
    (item) => `${result(plan, item, printer)} AS ${columnName(item.column.id)}`,
  );
  const items = [...keys, ...results];
  const block = { ...open, items, columns: outputColumns(plan) };
  if (plan.groupingSets === undefined) {
    if (names.length > 0) return { ...block, groupBy: names.join(', ') };
    // One group of everything stays an aggregation even when no aggregate is asked for.
    return items.length === 0 ? { ...block, items: ['count(*) AS c0'] } : block;
  }
  const sets = plan.groupingSets.map((set) => `(${set.map((i) => names[i]).join(', ')})`);
  // Spark's grand total of no rows is no row; DuckDB's is one.
  const having = plan.groupingSets.some((set) => set.length === 0) ? { having: 'count(*) > 0' } : {};
  return { ...block, groupBy: `GROUPING SETS (${sets.join(', ')})`, ...having };
}

function result(plan: Aggregate, { expr }: ProjectItem, printer: PlanPrinter): string {
  if (expr.kind !== 'grouping') return printer.expressions.print(expr);
  const keys = expr.keys.map((i) => plan.keys[i]).filter((key) => key !== undefined);
  const names = keys.map((key) => columnName(key.column.id)).join(', ');
  return `CAST(grouping(${names}) AS ${duckDbType(expr.type)})`;
}
