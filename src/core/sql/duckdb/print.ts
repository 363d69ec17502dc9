/**
 * A secured plan as DuckDB SQL. Every column is `c<id>`, unique in the statement, so nothing has to be qualified and a correlated
 * reference is just a name; every FROM item of ours is `s<n>`, every CTE `t<id>`. No name of the user's is printed, and a table can
 * only come from `source`. A raw `scan` is refused.
 *
 * CTEs are left to DuckDB's default (computed once when used more than once): Spark promises neither, and as a fence for hidden
 * rows a CTE is worth nothing either way (DESIGN section 4).
 */
import type { ObjectId } from '../../catalog/catalog.js';
import type {
  Aggregate,
  Column,
  Expr,
  Join,
  LeafId,
  Plan,
  PlanKind,
  Project,
  ProjectItem,
  Secured,
  SetOperationPlan,
  Sort,
} from '../../plan/plan.js';
import { outputColumns, walkExpr } from '../../plan/traverse.js';
import type { DataType } from '../../plan/types.js';
import { type Block, columnName, isBare, isOpen, renderBlock } from './block.js';
import { ExpressionPrinter } from './expression.js';
import { quoteIdentifier } from './identifier.js';
import { duckDbType } from './types.js';

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
export function printDuckDb(plan: Plan, options: PrintOptions): string {
  const printer = new PlanPrinter(options);
  const block = printer.block(plan);
  const same =
    block.columns.length === options.output.length &&
    block.columns.every((column, i) => column.id === options.output[i]?.id);
  if (same) return renderBlock(block);
  const items = options.output.map((column) => columnName(column.id));
  return renderBlock({ ...printer.nested(block), items, columns: options.output });
}

/** The secured shape of one leaf as a SELECT of its own: what a temporary copy is made of, and what the second judge looks for. */
export const printLeaf = (leaf: Secured, options: LeafOptions): string =>
  new PlanPrinter(options).leafQuery(leaf);

type Blocks = { readonly [K in PlanKind]: (plan: Extract<Plan, { kind: K }>) => Block };

const JOINS = {
  inner: 'JOIN',
  cross: 'CROSS JOIN',
  left: 'LEFT JOIN',
  right: 'RIGHT JOIN',
  full: 'FULL JOIN',
  'left-semi': 'SEMI JOIN',
  'left-anti': 'ANTI JOIN',
} as const;

class PlanPrinter {
  readonly #options: LeafOptions;
  readonly #expressions: ExpressionPrinter;
  readonly #blocks: Blocks;
  #aliases = 0;

  constructor(options: LeafOptions) {
    this.#options = options;
    this.#expressions = new ExpressionPrinter((plan) => renderBlock(this.block(plan)));
    this.#blocks = {
      scan: (p) => {
        throw new Error(`leaf ${p.leaf} was not secured: a raw scan is never printed`);
      },
      // Printed on its own, so that the text is the same wherever the leaf stands: the second judge looks for exactly it.
      secured: (p) => ({ from: this.#aliased(`(${printLeaf(p, options)})`), columns: outputColumns(p) }),
      'one-row': () => ({ columns: [] }),
      values: (p) => {
        const rows = p.rows.map((row) => `(${row.map((expr) => this.#expr(expr)).join(', ')})`);
        return { from: this.#aliased(`(VALUES ${rows.join(', ')})`, p.columns), columns: p.columns };
      },
      range: (p) => {
        const bounds = [p.start, p.end, p.step].map((n) => `CAST(${n} AS BIGINT)`).join(', ');
        return { from: this.#aliased(`range(${bounds})`, [p.column]), columns: [p.column] };
      },
      project: (p) => this.#project(p),
      filter: (p) => {
        const block = this.block(p.input);
        const open = isOpen(block) ? block : this.nested(block);
        return { ...open, where: [...(open.where ?? []), this.#expressions.condition(p.condition)] };
      },
      join: (p) => this.#join(p),
      aggregate: (p) => this.#aggregate(p),
      window: (p) => {
        const open = this.#unordered(this.block(p.input));
        const passed = open.columns.map((column) => columnName(column.id));
        return { ...open, items: [...passed, ...this.#items(p.items)], columns: outputColumns(p) };
      },
      distinct: (p) => {
        const inner = this.nested(this.block(p.input));
        return { ...inner, distinct: true, items: inner.columns.map(normalized) };
      },
      'set-operation': (p) => this.#setOperation(p),
      sort: (p) => this.#sort(p),
      limit: (p) => {
        const block = this.block(p.input);
        const free = block.limit === undefined && block.offset === undefined ? block : this.nested(block);
        return {
          ...free,
          ...(p.limit === undefined ? {} : { limit: p.limit }),
          ...(p.offset === undefined ? {} : { offset: p.offset }),
        };
      },
      with: (p) => {
        const ctes = p.ctes.map((cte) => `t${cte.id} AS (${renderBlock(this.block(cte.plan))})`);
        const block = this.block(p.input);
        return { ...block, ctes: [...ctes, ...(block.ctes ?? [])] };
      },
      'cte-ref': (p) => {
        const items = p.columns.map((c) => `${columnName(c.source)} AS ${columnName(c.id)}`);
        return { from: this.#aliased(`(SELECT ${items.join(', ')} FROM t${p.cte})`), columns: p.columns };
      },
    };
  }

  block(plan: Plan): Block {
    return (this.#blocks[plan.kind] as (p: Plan) => Block)(plan);
  }

  /**
   * `Project(masks) <- Filter(rules) <- raw`, always in this one shape: the innermost SELECT names raw columns and nothing else, so
   * no name of a file's column can be mistaken for one of ours. The casts hold a file to its catalogue type; they are no-ops where
   * it agrees.
   */
  leafQuery(leaf: Secured): string {
    const copy = this.#options.copies?.get(leaf.leaf);
    const columns = outputColumns(leaf);
    if (copy !== undefined) return renderBlock({ from: quoteIdentifier(copy), columns });
    const raw = leaf.raw.map(
      (c) => `CAST(${quoteIdentifier(c.source)} AS ${duckDbType(c.type)}) AS ${columnName(c.id)}`,
    );
    const source = this.#options.source(
      leaf.table,
      leaf.raw.map((c) => c.source),
      leaf.leaf,
    );
    return renderBlock({
      from: `(SELECT ${raw.length === 0 ? 'true AS c0' : raw.join(', ')} FROM ${source}) AS raw${leaf.leaf}`,
      ...(leaf.filter === undefined ? {} : { where: [this.#expressions.condition(leaf.filter)] }),
      items: this.#items(leaf.items),
      columns,
    });
  }

  /** The block as a subquery. Its order is asked for again outside where its keys can be seen there. */
  nested(block: Block): Block {
    if (isBare(block)) return block;
    const order = block.order?.every(({ key }) => isOver(key.expr, block.columns)) ? block.order : undefined;
    const { order: _, ...unordered } = block;
    const limited = block.limit !== undefined || block.offset !== undefined;
    const inner = order !== undefined && !limited ? unordered : block;
    return {
      from: this.#aliased(`(${renderBlock(inner)})`),
      columns: block.columns,
      ...(order === undefined ? {} : { order }),
    };
  }

  /** As `nested`, but the order is not needed outside. */
  #unordered(block: Block): Block {
    const { order: _, ...open } = isOpen(block) && block.order === undefined ? block : this.nested(block);
    return open;
  }

  #aliased(relation: string, columns?: readonly Column[]): string {
    this.#aliases += 1;
    const names =
      columns === undefined ? '' : `(${columns.map((column) => columnName(column.id)).join(', ')})`;
    return `${relation} AS s${this.#aliases}${names}`;
  }

  #expr(expr: Expr): string {
    return this.#expressions.print(expr);
  }

  #items(items: readonly ProjectItem[]): readonly string[] {
    return items.map((item) => `${this.#expr(item.expr)} AS ${columnName(item.column.id)}`);
  }

  #project(plan: Project): Block {
    const block = this.block(plan.input);
    const columns = outputColumns(plan);
    // Over a LIMIT only what cannot raise stays in the same SELECT: DuckDB may compute it for rows beyond the limit.
    const plain = plan.items.every(({ expr }) => expr.kind === 'column' || expr.kind === 'literal');
    const fits = block.items === undefined && (isOpen(block) || plain);
    return { ...(fits ? block : this.nested(block)), items: this.#items(plan.items), columns };
  }

  #sort(plan: Sort): Block {
    const block = this.block(plan.input);
    // Keys over a select list are only sure to be found when they are its columns.
    const simple = plan.keys.every(({ expr }) => expr.kind === 'column');
    const limited = block.limit !== undefined || block.offset !== undefined;
    const fits = !limited && block.order === undefined && (block.items === undefined || simple);
    const open = fits ? block : this.nested(block);
    return { ...open, order: plan.keys.map((key) => ({ key, sql: this.#expressions.sortKey(key) })) };
  }

  #join(plan: Join): Block {
    const left = this.#joinSide(this.block(plan.left), true);
    const right = this.#joinSide(this.block(plan.right), false, plan.lateral);
    if (plan.lateral && plan.type !== 'inner' && plan.type !== 'cross' && plan.type !== 'left') {
      throw new Error(`a lateral join cannot be ${plan.type}`);
    }
    const cross = plan.type === 'cross' || (plan.type === 'inner' && plan.on === undefined);
    const on = plan.on === undefined ? 'true' : this.#expressions.condition(plan.on);
    const word = cross ? JOINS.cross : JOINS[plan.type];
    const lateral = plan.lateral ? 'LATERAL ' : '';
    const where = cross && plan.on !== undefined ? { where: [on] } : {};
    return {
      from: `${left} ${word} ${lateral}${right}${cross ? '' : ` ON ${on}`}`,
      joined: true,
      columns: outputColumns(plan),
      ...where,
    };
  }

  #joinSide(block: Block, left: boolean, lateral = false): string {
    if (isBare(block) && !lateral && (left || !block.joined)) return block.from ?? '';
    return this.#aliased(`(${renderBlock(block)})`);
  }

  #aggregate(plan: Aggregate): Block {
    const open = this.#unordered(this.block(plan.input));
    // Keys are grouped by their alias; an input column of that name (a key passed through) would be meant instead, which is the same.
    const keyNames = plan.keys.map((key) => columnName(key.column.id));
    const keys = plan.keys.map(
      (key, i) => `${normalizedSql(this.#expr(key.expr), key.expr.type)} AS ${keyNames[i]}`,
    );
    const results = plan.aggregates.map(
      (item) => `${this.#result(plan, item)} AS ${columnName(item.column.id)}`,
    );
    const block = { ...open, items: [...keys, ...results], columns: outputColumns(plan) };
    if (plan.groupingSets === undefined) {
      return keyNames.length === 0
        ? { ...block, ...this.#oneRow(block) }
        : { ...block, groupBy: keyNames.join(', ') };
    }
    const sets = plan.groupingSets.map((set) => `(${set.map((i) => keyNames[i]).join(', ')})`);
    // Spark's grand total of no rows is no row; DuckDB's is one.
    const having = plan.groupingSets.some((set) => set.length === 0) ? { having: 'count(*) > 0' } : {};
    return { ...block, groupBy: `GROUPING SETS (${sets.join(', ')})`, ...having };
  }

  /** One group of everything must stay an aggregation even when no aggregate is asked for. */
  #oneRow(block: Block): Partial<Block> {
    return block.items?.length === 0 ? { items: ['count(*) AS c0'] } : {};
  }

  #result(plan: Aggregate, item: ProjectItem): string {
    if (item.expr.kind !== 'grouping') return this.#expr(item.expr);
    const keys = item.expr.keys.map((i) => plan.keys[i]).filter((key) => key !== undefined);
    const names = keys.map((key) => columnName(key.column.id)).join(', ');
    return `CAST(grouping(${names}) AS ${duckDbType(item.expr.type)})`;
  }

  #setOperation(plan: SetOperationPlan): Block {
    const keeps = plan.operator === 'union' && plan.all;
    const side = (input: Plan): string => {
      const block = this.block(input);
      if (keeps || !block.columns.some((column) => isFloating(column.type))) return renderBlock(block);
      return renderBlock({ ...this.nested(block), items: block.columns.map(normalized) });
    };
    const operator = `${plan.operator.toUpperCase()}${plan.all ? ' ALL' : ''}`;
    const both = `((${side(plan.left)}) ${operator} (${side(plan.right)}))`;
    return { from: this.#aliased(both, plan.columns), columns: plan.columns };
  }
}

const isFloating = (type: DataType): boolean => type.kind === 'float' || type.kind === 'double';

/** Spark groups by 0.0 what is -0.0; DuckDB groups them together too but keeps whichever came first. */
const normalizedSql = (sql: string, type: DataType): string =>
  isFloating(type) ? `(${sql} + CAST('0' AS ${duckDbType(type)}))` : sql;

const normalized = (column: Column): string =>
  `${normalizedSql(columnName(column.id), column.type)} AS ${columnName(column.id)}`;

/** Does the expression use nothing but these columns, and no subquery? */
function isOver(expr: Expr, columns: readonly Column[]): boolean {
  const ids = new Set(columns.map((column) => column.id));
  let fits = true;
  walkExpr(expr, {
    expr: (e) => {
      if ((e.kind === 'column' && !ids.has(e.id)) || 'plan' in e) fits = false;
    },
  });
  return fits;
}
