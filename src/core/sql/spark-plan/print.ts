/**
 * A secured plan as Spark SQL with generated identifiers only: what is printed for DuckDB, in Spark's words.
 * A table can only come from `source`.
 */
import type { ObjectId } from '../../catalog/catalog.js';
import type { Aggregate, Column, LeafId, Plan, ProjectItem, Sample, Secured } from '../../plan/plan.js';
import { outputColumns } from '../../plan/traverse.js';
import type { FunctionTable } from '../functions/table.js';
import { type Block, columnName, renderBlock } from '../plan-sql/block.js';
import { type Dialect, PlanPrinter } from '../plan-sql/plan-printer.js';
import { printIdentifier, printType } from '../print-literal.js';
import { SparkExpressionPrinter } from './expression.js';
import { recursion } from './recursion.js';
import { unnest } from './unnest.js';

const PERCENT_DIGITS = 12;

export interface SparkPrintOptions {
  /** The FROM item that reads a table's raw columns (catalogue names). Given by the engine. */
  source(table: ObjectId, columns: readonly string[], leaf: LeafId): string;
  /** What the source calls a column of the catalogue. */
  column(table: ObjectId, name: string): string;
  /** What the client sees, in order: becomes the select list, as `c<id>`. */
  readonly output: readonly Column[];
  /**
   * Something in the statement may raise: no optimiser may bring it below a row rule, where it would meet the rows that
   * the rule hides.
   */
  readonly fenced: boolean;
  /** Absent: the function table. */
  readonly functions?: Pick<FunctionTable, 'lookup'>;
}

/** The statement as one SELECT whose columns are `c<id>` in the order of `output`. */
export const printSpark = (plan: Plan, options: SparkPrintOptions): string =>
  new PlanPrinter((query) => dialect(query, options)).statement(plan, options.output);

const dialect = (query: (plan: Plan) => string, options: SparkPrintOptions): Dialect => ({
  expressions: new SparkExpressionPrinter(query, columnName, options.functions),
  leaf: (leaf) => printLeaf(leaf, options),
  range: ({ start, end, step }) => `range(${start}L, ${end}L, ${step}L)`,
  semiJoin: 'LEFT SEMI JOIN',
  antiJoin: 'LEFT ANTI JOIN',
  normalized: (sql) => sql,
  aggregate,
  unnest,
  sample,
  recursion,
});

function sample({ percent, seed }: Sample, relation: string, alias: string): string {
  const again = seed === undefined ? '' : ` REPEATABLE (${seed})`;
  return `${relation} TABLESAMPLE (${percent.toFixed(PERCENT_DIGITS)} PERCENT)${again} AS ${alias}`;
}

/**
 * True for every row, but not deterministic: no condition is brought below it or merged with it. It stands outside of the
 * row rule, on its own: a rule with a subquery becomes a join, and what stood beside it would be left below.
 */
const FENCE = 'spark_partition_id() >= 0';

/** The same shape as on DuckDB: raw names stand in the innermost SELECT and nowhere else. */
function printLeaf(leaf: Secured, options: SparkPrintOptions): string {
  const printer = new PlanPrinter((query) => dialect(query, options));
  const raw = leaf.raw.map(
    (c) =>
      `CAST(${printIdentifier({ name: options.column(leaf.table, c.source) })} AS ${printType(c.type)}) AS ${columnName(c.id)}`,
  );
  const names = leaf.raw.map((c) => c.source);
  const source = options.source(leaf.table, names, leaf.leaf);
  const table = `(SELECT ${raw.length === 0 ? 'true AS c0' : raw.join(', ')} FROM ${source}) AS raw${leaf.leaf}`;
  const output = { items: printer.items(leaf.items), columns: outputColumns(leaf) };
  if (leaf.filter === undefined) return renderBlock({ from: table, ...output });
  const rule = printer.expressions.condition(leaf.filter);
  if (!options.fenced) return renderBlock({ from: table, where: [rule], ...output });
  return renderBlock({
    from: `(SELECT * FROM ${table} WHERE ${rule}) AS fence${leaf.leaf}`,
    where: [FENCE],
    ...output,
  });
}

/** Keys are computed one level below, so that `grouping(c5)` and GROUPING SETS name plain columns. */
function aggregate(plan: Aggregate, printer: PlanPrinter): Block {
  const input = printer.unordered(printer.block(plan.input));
  const passed = input.columns.map((column) => columnName(column.id));
  const added = plan.keys.filter(({ column }) => !passed.includes(columnName(column.id)));
  const keyed = printer.nested({
    ...input,
    items: [...passed, ...printer.items(added)],
    columns: [...input.columns, ...added.map(({ column }) => column)],
  });
  const names = plan.keys.map((key) => columnName(key.column.id));
  const results = plan.aggregates.map(
    (item) => `${result(plan, item, printer)} AS ${columnName(item.column.id)}`,
  );
  const block = { ...keyed, items: [...names, ...results], columns: outputColumns(plan) };
  if (plan.groupingSets !== undefined) {
    const sets = plan.groupingSets.map((set) => `(${set.map((i) => names[i]).join(', ')})`);
    return { ...block, groupBy: `GROUPING SETS (${sets.join(', ')})` };
  }
  return names.length === 0 ? block : { ...block, groupBy: names.join(', ') };
}

function result(plan: Aggregate, { expr }: ProjectItem, printer: PlanPrinter): string {
  if (expr.kind !== 'grouping') return printer.expressions.print(expr);
  const names = expr.keys.map((i) => plan.keys[i]).filter((key) => key !== undefined);
  return `${expr.fn}(${names.map((key) => columnName(key.column.id)).join(', ')})`;
}
