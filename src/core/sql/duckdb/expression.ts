/**
 * Bound expressions as DuckDB SQL. Every text this gives can stand as an operand as it is. Functions come
 * from the function table, so a call without an entry cannot be printed.
 */
import { GovernanceError } from '../../errors.js';
import { isOrdered } from '../../plan/coercion.js';
import type {
  AggregateCall,
  Bound,
  Column,
  Expr,
  ExprKind,
  InSubqueryExpr,
  Plan,
  SortKey,
  WindowCall,
} from '../../plan/plan.js';
import { outputColumns } from '../../plan/traverse.js';
import { type DataType, typeName } from '../../plan/types.js';
import type { FunctionSpec } from '../functions/spec.js';
import { functionTable } from '../functions/table.js';
import { columnName } from '../plan-sql/block.js';
import { applyModifiers, argumentMark } from './call-modifiers.js';
import { renderCast } from './cast.js';
import { printLiteral } from './literal.js';
import { duckDbType } from './types.js';

/** A printed statement longer than this is refused: renderings may repeat their arguments. */
const SQL_LENGTH_MAX_CHARACTERS = 4_000_000;

type Printers = { readonly [K in ExprKind]: (expr: Extract<Expr, { kind: K }>) => string };

export class ExpressionPrinter {
  readonly #query: (plan: Plan) => string;
  readonly #printers: Printers;

  /** `query` prints the plan of a subquery as a whole SELECT. */
  constructor(query: (plan: Plan) => string) {
    this.#query = query;
    this.#printers = {
      literal: printLiteral,
      column: (e) => columnName(e.id),
      'lambda-variable': (e) => columnName(e.id),
      call: (e) => {
        if (e.fn === 'not' && e.args[0] !== undefined && holdsInSubquery(e.args[0]))
          return this.#negated(e.args[0]);
        const spec = specOf(e.fn, 'scalar');
        const args = e.args.map((arg) => this.print(arg));
        return `(${spec.duckdb({ args, types: e.args.map((a) => a.type), nodes: e.args, type: e.type })})`;
      },
      'aggregate-call': (e) => this.#aggregate(e),
      'window-call': (e) => this.#window(e),
      case: (e) => {
        const branches = e.branches.map((b) => `WHEN ${this.print(b.when)} THEN ${this.print(b.then)}`);
        const otherwise = e.otherwise === undefined ? '' : ` ELSE ${this.print(e.otherwise)}`;
        return `(CASE ${branches.join(' ')}${otherwise} END)`;
      },
      cast: (e) => operand(renderCast(this.print(e.operand), e.operand.type, e.type, e.try)),
      'in-list': (e) => {
        const items = e.items.map((item) => this.print(item)).join(', ');
        return `(${this.print(e.operand)} ${e.negated ? 'NOT IN' : 'IN'} (${items}))`;
      },
      'scalar-subquery': (e) => `(${this.#query(e.plan)})`,
      exists: (e) => `(${e.negated ? 'NOT EXISTS' : 'EXISTS'} (${this.#query(e.plan)}))`,
      // Spark's IN over a subquery is never NULL: unknown is false, for NOT IN too.
      'in-subquery': (e) => this.#inSubquery(e, true),
      grouping: () => {
        throw new Error('grouping() outside an aggregate');
      },
      lambda: (e) => `lambda ${e.parameters.map((p) => columnName(p.id)).join(', ')}: ${this.print(e.body)}`,
    };
  }

  print(expr: Expr): string {
    const sql = (this.#printers[expr.kind] as (e: Expr) => string)(expr);
    if (sql.length > SQL_LENGTH_MAX_CHARACTERS) {
      throw new GovernanceError(
        'STATEMENT_TOO_COMPLEX',
        'The statement is too complex for the embedded engine.',
        { remedy: 'Split nested expressions, for example with a common table expression.' },
      );
    }
    return sql;
  }

  sortKey(key: SortKey): string {
    if (!isOrdered(key.expr.type)) throw unsorted(key.expr.type);
    return `${this.print(key.expr)} ${key.descending ? 'DESC' : 'ASC'} NULLS ${key.nulls === 'first' ? 'FIRST' : 'LAST'}`;
  }

  #sortKeys(keys: readonly SortKey[]): string {
    return keys.map((key) => this.sortKey(key)).join(', ');
  }

  #aggregate(e: AggregateCall): string {
    const [first] = e.args;
    // DuckDB's plain aggregates take no IGNORE NULLS; leaving the NULLs out is the same.
    const conditions = [
      ...(e.filter === undefined ? [] : [this.print(e.filter)]),
      ...(e.ignoreNulls && first !== undefined ? [`${this.print(first)} IS NOT NULL`] : []),
    ];
    return this.#modified(specOf(e.fn, 'aggregate'), e, {
      distinct: e.distinct,
      ignoreNulls: false,
      ...(e.orderBy.length === 0 ? {} : { orderBy: this.#sortKeys(e.orderBy) }),
      ...(conditions.length === 0 ? {} : { filter: conditions.join(' AND ') }),
    });
  }

  #window(e: WindowCall): string {
    const partition =
      e.partitionBy.length === 0 ? '' : `PARTITION BY ${e.partitionBy.map((p) => this.print(p)).join(', ')}`;
    const order = e.orderBy.length === 0 ? '' : `ORDER BY ${this.#sortKeys(e.orderBy)}`;
    const frame =
      e.frame === undefined
        ? ''
        : `${e.frame.unit === 'rows' ? 'ROWS' : 'RANGE'} BETWEEN ${this.#bound(e.frame.start)} AND ${this.#bound(e.frame.end)}`;
    return this.#modified(specOf(e.fn, 'aggregate', 'window'), e, {
      distinct: e.distinct,
      ignoreNulls: e.ignoreNulls,
      ...(e.filter === undefined ? {} : { filter: this.print(e.filter) }),
      over: ` OVER (${[partition, order, frame].filter((part) => part !== '').join(' ')})`,
    });
  }

  #modified(
    spec: FunctionSpec,
    e: AggregateCall | WindowCall,
    modifiers: Parameters<typeof applyModifiers>[2],
  ): string {
    const types = e.args.map((arg) => arg.type);
    const marks = e.args.map((_, i) => argumentMark(i));
    const args = e.args.map((arg) => this.print(arg));
    const rendered =
      e.fn === 'count' && args.length > 1
        ? applyModifiers(`count(${argumentMark(0)})`, [wholeTuple(args)], modifiers)
        : applyModifiers(spec.duckdb({ args: marks, types, nodes: e.args, type: e.type }), args, modifiers);
    // Spark's result type: sum(int) is HUGEINT in DuckDB and a BIGINT that raises in Spark. No-op where the
    // types agree.
    return `CAST(${rendered} AS ${duckDbType(e.type)})`;
  }

  #bound(bound: Bound): string {
    switch (bound.kind) {
      case 'preceding':
        return `${printLiteral(bound.offset)} PRECEDING`;
      case 'following':
        return `${printLiteral(bound.offset)} FOLLOWING`;
      default:
        return bound.kind.replace('-', ' ').toUpperCase();
    }
  }

  /**
   * IN over a subquery, `known`: with false where it is unknown; otherwise NULL or false there, whichever is
   * quicker.
   */
  #inSubquery(e: InSubqueryExpr, known: boolean): string {
    const operands = e.operands.map((operandExpr) => this.print(operandExpr));
    const query = this.#query(e.plan);
    const columns = outputColumns(e.plan);
    const certain = !e.operands.some((o) => o.nullable) && !columns.some((c) => c.nullable);
    const rowUnsure = operands.length > 1 && e.negated && !certain;
    if (rowUnsure) return notInRows(operands, columns, query);
    const tested = operands.length === 1 ? operands[0] : `(${operands.join(', ')})`;
    const test = `(${tested} ${e.negated ? 'NOT IN' : 'IN'} (${query}))`;
    return known && !certain ? `coalesce(${test}, false)` : test;
  }

  /**
   * Where NULL and false are the same (WHERE, ON): an IN that is unknown may stay so, which lets DuckDB make
   * a semi join of it.
   */
  condition(expr: Expr): string {
    if (expr.kind === 'in-subquery') return this.#inSubquery(expr, false);
    if (expr.kind === 'call' && (expr.fn === 'and' || expr.fn === 'or') && expr.args.length === 2) {
      const [a, b] = expr.args.map((arg) => this.condition(arg));
      return `(${a} ${expr.fn.toUpperCase()} ${b})`;
    }
    return this.print(expr);
  }

  /**
   * NOT over IN is NOT IN, and goes inside AND and OR to find it, as Spark does before it decides what
   * unknown means.
   */
  #negated(expr: Expr): string {
    if (expr.kind === 'in-subquery') return this.print({ ...expr, negated: !expr.negated });
    if (expr.kind === 'call' && expr.fn === 'not' && expr.args[0] !== undefined)
      return this.print(expr.args[0]);
    if (expr.kind === 'call' && (expr.fn === 'and' || expr.fn === 'or') && expr.args.length === 2) {
      const [a, b] = expr.args.map((arg) => this.#negated(arg));
      return `(${a} ${expr.fn === 'and' ? 'OR' : 'AND'} ${b})`;
    }
    return `(NOT ${this.print(expr)})`;
  }
}

/**
 * NOT IN over several columns compares them one by one with three-valued AND; DuckDB's row comparison is
 * unknown as soon as one part is. The best match decides: a sure or an unknown one means false, as it does in
 * Spark.
 */
function notInRows(operands: readonly string[], columns: readonly Column[], query: string): string {
  const match = operands.map((o, i) => `${o} = ${columnName(columns[i]?.id ?? 0)}`).join(' AND ');
  return `(NOT EXISTS (SELECT true FROM (${query}) WHERE coalesce(${match}, true)))`;
}

/** Its NULLs inside would come last, and in Spark they come first. */
const unsorted = (type: DataType): GovernanceError =>
  new GovernanceError('FEATURE_NOT_ALLOWED', `The embedded engine does not sort by ${typeName(type)}.`, {
    remedy: 'Sort by the parts, or run the statement with engine "spark".',
  });

/** Spark counts a tuple only when no part of it is NULL. */
const wholeTuple = (args: readonly string[]): string =>
  `CASE WHEN ${args.map((arg) => `${arg} IS NULL`).join(' OR ')} THEN NULL ELSE row(${args.join(', ')}) END`;

const holdsInSubquery = (expr: Expr): boolean =>
  expr.kind === 'in-subquery' ||
  (expr.kind === 'call' && ['and', 'or', 'not'].includes(expr.fn) && expr.args.some(holdsInSubquery));

const operand = (sql: string): string => (/^(?:[cv]\d+|TRY_CAST\(|CAST\()/.test(sql) ? sql : `(${sql})`);

function specOf(fn: string, ...kinds: readonly FunctionSpec['kind'][]): FunctionSpec {
  const spec = functionTable.lookup(fn);
  if (spec === undefined || !kinds.includes(spec.kind)) {
    throw new GovernanceError(
      'FUNCTION_NOT_ALLOWED',
      `The function ${fn} is not in the function table in this place.`,
    );
  }
  return spec;
}
