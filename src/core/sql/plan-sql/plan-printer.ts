/**
 * A secured plan as SQL, in what DuckDB and Spark have in common. Every column is `c<id>`, unique in the
 * statement, so nothing has to be qualified and a correlated reference is just a name; every FROM item of
 * ours is `s<n>`, every CTE `t<id>`. No name of the user's is printed. A raw `scan` is refused.
 */
import type {
  Aggregate,
  Column,
  Expr,
  Join,
  Plan,
  PlanKind,
  Project,
  ProjectItem,
  Range,
  Recursion,
  Sample,
  Secured,
  SetOperationPlan,
  Sort,
  SortKey,
  Unnest,
  With,
} from '../../plan/plan.js';
import { outputColumns, walkExpr } from '../../plan/traverse.js';
import type { DataType } from '../../plan/types.js';
import { type Block, columnName, isBare, isOpen, renderBlock } from './block.js';

/** What an engine says differently. */
export interface Dialect {
  readonly expressions: {
    print(expr: Expr): string;
    /** A condition: NULL and false are the same. */
    condition(expr: Expr): string;
    sortKey(key: SortKey): string;
  };
  /** The secured shape of a leaf as a whole query. Does not depend on where the leaf stands. */
  leaf(leaf: Secured): string;
  /** FROM item of a range, without alias. */
  range(range: Range): string;
  readonly semiJoin: string;
  readonly antiJoin: string;
  /** A value as DISTINCT and set operations compare and keep it. */
  normalized(sql: string, type: DataType): string;
  aggregate(plan: Aggregate, printer: PlanPrinter): Block;
  unnest(plan: Unnest, printer: PlanPrinter): Block;
  /** What stands behind the name of a CTE that refers to itself. */
  recursion(plan: Recursion, printer: PlanPrinter): string;
  /** Some rows of a FROM item, under an alias. */
  sample(plan: Sample, relation: string, alias: string): string;
}

type Blocks = { readonly [K in PlanKind]: (plan: Extract<Plan, { kind: K }>) => Block };

const JOINS = {
  inner: 'JOIN',
  cross: 'CROSS JOIN',
  left: 'LEFT JOIN',
  right: 'RIGHT JOIN',
  full: 'FULL JOIN',
} as const;

export class PlanPrinter {
  readonly #dialect: Dialect;
  readonly #blocks: Blocks;
  #aliases = 0;

  /** `dialect` is given a way to print the plan of a subquery. */
  constructor(dialect: (query: (plan: Plan) => string) => Dialect) {
    this.#dialect = dialect((plan) => renderBlock(this.block(plan)));
    this.#blocks = {
      scan: (p) => {
        throw new Error(`leaf ${p.leaf} was not secured: a raw scan is never printed`);
      },
      secured: (p) => ({ from: this.aliased(`(${this.#dialect.leaf(p)})`), columns: outputColumns(p) }),
      'one-row': () => ({ columns: [] }),
      values: (p) => {
        const rows = p.rows.map((row) => `(${row.map((expr) => this.#expr(expr)).join(', ')})`);
        return { from: this.aliased(`(VALUES ${rows.join(', ')})`, p.columns), columns: p.columns };
      },
      range: (p) => ({
        from: this.aliased(this.#dialect.range(p), [p.column]),
        columns: [p.column],
      }),
      project: (p) => this.#project(p),
      filter: (p) => {
        const block = this.block(p.input);
        const open = isOpen(block) ? block : this.nested(block);
        return { ...open, where: [...(open.where ?? []), this.#dialect.expressions.condition(p.condition)] };
      },
      join: (p) => this.#join(p),
      aggregate: (p) => this.#dialect.aggregate(p, this),
      window: (p) => {
        const open = this.unordered(this.block(p.input));
        const passed = open.columns.map((column) => columnName(column.id));
        return { ...open, items: [...passed, ...this.items(p.items)], columns: outputColumns(p) };
      },
      unnest: (p) => this.#dialect.unnest(p, this),
      sample: (p) => {
        const input = this.unordered(this.block(p.input));
        const whole = renderBlock({
          ...input,
          items: input.items ?? input.columns.map((c) => columnName(c.id)),
        });
        return { from: this.#dialect.sample(p, `(${whole})`, this.alias()), columns: input.columns };
      },
      distinct: (p) => {
        const inner = this.nested(this.block(p.input));
        return { ...inner, distinct: true, items: inner.columns.map((column) => this.#normalized(column)) };
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
      with: (p) => this.#with(p),
      recursion: () => {
        throw new Error('a recursion stands in WITH');
      },
      'cte-ref': (p) => {
        const items = p.columns.map((c) => `${columnName(c.source)} AS ${columnName(c.id)}`);
        return { from: this.aliased(`(SELECT ${items.join(', ')} FROM t${p.cte})`), columns: p.columns };
      },
    };
  }

  /** The whole statement: its select list is `output`, in that order. */
  statement(plan: Plan, output: readonly Column[]): string {
    const block = this.block(plan);
    const same =
      block.columns.length === output.length &&
      block.columns.every((column, i) => column.id === output[i]?.id);
    if (same) return renderBlock(block);
    const items = output.map((column) => columnName(column.id));
    return renderBlock({ ...this.nested(block), items, columns: output });
  }

  get expressions(): Dialect['expressions'] {
    return this.#dialect.expressions;
  }

  block(plan: Plan): Block {
    return (this.#blocks[plan.kind] as (p: Plan) => Block)(plan);
  }

  /** The block as a subquery. Its order is asked for again outside where its keys can be seen there. */
  nested(block: Block): Block {
    if (isBare(block)) return block;
    const order = block.order?.every(({ key }) => isOver(key.expr, block.columns)) ? block.order : undefined;
    const { order: _, ...unordered } = block;
    const limited = block.limit !== undefined || block.offset !== undefined;
    const inner = order !== undefined && !limited ? unordered : block;
    return {
      from: this.aliased(`(${renderBlock(inner)})`),
      columns: block.columns,
      ...(order === undefined ? {} : { order }),
    };
  }

  /** As `nested`, but the order is not needed outside. */
  unordered(block: Block): Block {
    const { order: _, ...open } = isOpen(block) && block.order === undefined ? block : this.nested(block);
    return open;
  }

  alias(): string {
    this.#aliases += 1;
    return `s${this.#aliases}`;
  }

  /** The relation under an alias of its own. */
  aliased(relation: string, columns?: readonly Column[]): string {
    const names =
      columns === undefined ? '' : `(${columns.map((column) => columnName(column.id)).join(', ')})`;
    return `${relation} AS ${this.alias()}${names}`;
  }

  #normalized(column: Column): string {
    const name = columnName(column.id);
    return `${this.#dialect.normalized(name, column.type)} AS ${name}`;
  }

  #expr(expr: Expr): string {
    return this.#dialect.expressions.print(expr);
  }

  items(items: readonly ProjectItem[]): readonly string[] {
    return items.map((item) => `${this.#expr(item.expr)} AS ${columnName(item.column.id)}`);
  }

  #project(plan: Project): Block {
    const block = this.block(plan.input);
    const columns = outputColumns(plan);
    // Over a LIMIT only what cannot raise stays in the same SELECT: DuckDB may compute it for rows beyond the
    // limit.
    const plain = plan.items.every(({ expr }) => expr.kind === 'column' || expr.kind === 'literal');
    const fits = block.items === undefined && (isOpen(block) || plain);
    return { ...(fits ? block : this.nested(block)), items: this.items(plan.items), columns };
  }

  #sort(plan: Sort): Block {
    const block = this.block(plan.input);
    // Keys over a select list are only sure to be found when they are its columns.
    const simple = plan.keys.every(({ expr }) => expr.kind === 'column');
    const limited = block.limit !== undefined || block.offset !== undefined;
    const fits = !limited && block.order === undefined && (block.items === undefined || simple);
    const open = fits ? block : this.nested(block);
    return { ...open, order: plan.keys.map((key) => ({ key, sql: this.#dialect.expressions.sortKey(key) })) };
  }

  #join(plan: Join): Block {
    const left = this.#joinSide(this.block(plan.left), true);
    const right = this.#joinSide(this.block(plan.right), false, plan.lateral);
    if (plan.lateral && plan.type !== 'inner' && plan.type !== 'cross' && plan.type !== 'left') {
      throw new Error(`a lateral join cannot be ${plan.type}`);
    }
    const cross = plan.type === 'cross' || (plan.type === 'inner' && plan.on === undefined);
    const on = plan.on === undefined ? 'true' : this.#dialect.expressions.condition(plan.on);
    const word = cross ? JOINS.cross : this.#joinWord(plan.type);
    const lateral = plan.lateral ? 'LATERAL ' : '';
    const where = cross && plan.on !== undefined ? { where: [on] } : {};
    return {
      from: `${left} ${word} ${lateral}${right}${cross ? '' : ` ON ${on}`}`,
      joined: true,
      columns: outputColumns(plan),
      ...where,
    };
  }

  #with(p: With): Block {
    const ctes = p.ctes.map(({ id, plan }) =>
      plan.kind === 'recursion'
        ? `t${id}${this.#dialect.recursion(plan, this)}`
        : `t${id} AS (${renderBlock(this.block(plan))})`,
    );
    const block = this.block(p.input);
    const recursive = block.recursive === true || p.ctes.some(({ plan }) => plan.kind === 'recursion');
    return { ...block, ctes: [...ctes, ...(block.ctes ?? [])], ...(recursive ? { recursive } : {}) };
  }

  #joinWord(type: Join['type']): string {
    if (type === 'left-semi') return this.#dialect.semiJoin;
    return type === 'left-anti' ? this.#dialect.antiJoin : JOINS[type];
  }

  #joinSide(block: Block, left: boolean, lateral = false): string {
    if (isBare(block) && !lateral && (left || !block.joined)) return block.from ?? '';
    return this.aliased(`(${renderBlock(block)})`);
  }

  #setOperation(plan: SetOperationPlan): Block {
    const keeps = plan.operator === 'union' && plan.all;
    const side = (input: Plan): string => {
      const block = this.block(input);
      const changes = block.columns.some((c) => this.#dialect.normalized('', c.type) !== '');
      if (keeps || !changes) return renderBlock(block);
      return renderBlock({
        ...this.nested(block),
        items: block.columns.map((column) => this.#normalized(column)),
      });
    };
    const operator = `${plan.operator.toUpperCase()}${plan.all ? ' ALL' : ''}`;
    const both = `((${side(plan.left)}) ${operator} (${side(plan.right)}))`;
    return { from: this.aliased(both, plan.columns), columns: plan.columns };
  }
}

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
