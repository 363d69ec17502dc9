/**
 * Bound expressions as Spark SQL. The bound plan has Spark's own meaning, so a call is printed as the call it
 * was; what bind made explicit (casts, frames, NULLS order) stays explicit. Every text can stand as an
 * operand.
 */
import { GovernanceError } from '../../errors.js';
import type {
  AggregateCall,
  Bound,
  ColumnId,
  Expr,
  ExprKind,
  Plan,
  SortKey,
  WindowCall,
} from '../../plan/plan.js';
import type { FunctionSpec, RenderCall } from '../functions/spec.js';
import { type FunctionTable, functionTable } from '../functions/table.js';
import { columnName } from '../plan-sql/block.js';
import { printIdentifier, printString, printType } from '../print-literal.js';
import { printSparkLiteral } from './literal.js';

type Printers = { readonly [K in ExprKind]: (expr: Extract<Expr, { kind: K }>) => string };

/** What is not told as `a <symbol> b` or as a plain call. */
const OPERATORS: Readonly<Record<string, (call: RenderCall) => string>> = {
  and: ({ args }) => `${args[0]} AND ${args[1]}`,
  or: ({ args }) => `${args[0]} OR ${args[1]}`,
  not: ({ args }) => `NOT ${args[0]}`,
  div: ({ args }) => `${args[0]} DIV ${args[1]}`,
  negative: ({ args }) => `- ${args[0]}`,
  positive: ({ args }) => `+ ${args[0]}`,
  '~': ({ args }) => `~ ${args[0]}`,
  like: (call) => like('LIKE', call),
  ilike: (call) => like('ILIKE', call),
  rlike: ({ args }) => `${args[0]} RLIKE ${args[1]}`,
  is_null: ({ args }) => `${args[0]} IS NULL`,
  is_not_null: ({ args }) => `${args[0]} IS NOT NULL`,
  is_true: ({ args }) => `${args[0]} IS TRUE`,
  is_false: ({ args }) => `${args[0]} IS FALSE`,
  timestampadd: (call) => withUnit('timestampadd', call),
  timestampdiff: (call) => withUnit('timestampdiff', call),
  element_at: (call) => elementAt('element_at', call),
  try_element_at: (call) => elementAt('try_element_at', call),
  get_item: ({ args }) => `${args[0]}[${args[1]}]`,
  get_field: ({ args, nodes }) => {
    const name = nodes[1];
    if (name?.kind !== 'literal' || typeof name.value !== 'string') throw new Error('a field has no name');
    return `${args[0]}.${printIdentifier({ name: name.value })}`;
  },
};

/** The unit is a word, not a text. */
function withUnit(name: string, { args, nodes: [unit] }: RenderCall): string {
  if (unit?.kind !== 'literal' || !/^[a-z]+$/i.test(String(unit.value))) throw new Error('a unit is a word');
  return `${name}(${[unit.value, ...args.slice(1)].join(', ')})`;
}

/** Bind counts elements with BIGINT, Spark with INT. */
function elementAt(name: string, { args: [from, key], types: [type] }: RenderCall): string {
  return `${name}(${from}, ${type?.kind === 'array' ? `CAST(${key} AS INT)` : key})`;
}

/** The escape character has to be a plain literal, not an expression that gives it. */
function like(operator: string, { args: [text, pattern], nodes }: RenderCall): string {
  const character = nodes[2];
  if (character === undefined) return `${text} ${operator} ${pattern}`;
  if (character.kind !== 'literal') throw new Error('ESCAPE takes a literal');
  return `${text} ${operator} ${pattern} ESCAPE ${printString(String(character.value))}`;
}

export class SparkExpressionPrinter {
  readonly #printers: Printers;

  /** `column`: what a column is called where the expression will stand. */
  constructor(
    query: (plan: Plan) => string,
    column: (id: ColumnId) => string = columnName,
    private readonly functions: Pick<FunctionTable, 'lookup'> = functionTable,
  ) {
    const all = (list: readonly Expr[]): string => list.map((e) => this.print(e)).join(', ');
    this.#printers = {
      literal: printSparkLiteral,
      column: (e) => column(e.id),
      'lambda-variable': (e) => columnName(e.id),
      call: (e) => this.#call(e),
      'aggregate-call': (e) => `${this.#aggregate(e)}${e.ignoreNulls ? ' IGNORE NULLS' : ''}`,
      'window-call': (e) => this.#window(e),
      case: (e) => {
        const branches = e.branches.map((b) => `WHEN ${this.print(b.when)} THEN ${this.print(b.then)}`);
        const otherwise = e.otherwise === undefined ? '' : ` ELSE ${this.print(e.otherwise)}`;
        return `(CASE ${branches.join(' ')}${otherwise} END)`;
      },
      cast: (e) => `${e.try ? 'TRY_CAST' : 'CAST'}(${this.print(e.operand)} AS ${printType(e.type)})`,
      'in-list': (e) => `(${this.print(e.operand)} ${e.negated ? 'NOT IN' : 'IN'} (${all(e.items)}))`,
      'scalar-subquery': (e) => `(${query(e.plan)})`,
      exists: (e) => `(${e.negated ? 'NOT EXISTS' : 'EXISTS'} (${query(e.plan)}))`,
      'in-subquery': (e) => {
        const tested = e.operands.length === 1 ? all(e.operands) : `(${all(e.operands)})`;
        return `(${tested} ${e.negated ? 'NOT IN' : 'IN'} (${query(e.plan)}))`;
      },
      grouping: () => {
        throw new Error('grouping() outside an aggregate');
      },
      lambda: (e) => {
        const names = e.parameters.map((p) => columnName(p.id));
        return `${names.length === 1 ? names[0] : `(${names.join(', ')})`} -> ${this.print(e.body)}`;
      },
    };
  }

  print(expr: Expr): string {
    return (this.#printers[expr.kind] as (e: Expr) => string)(expr);
  }

  condition(expr: Expr): string {
    return this.print(expr);
  }

  sortKey(key: SortKey): string {
    return `${this.print(key.expr)} ${key.descending ? 'DESC' : 'ASC'} NULLS ${key.nulls === 'first' ? 'FIRST' : 'LAST'}`;
  }

  #call(e: Extract<Expr, { kind: 'call' }>): string {
    const spec = this.#specOf(e.fn);
    const args = e.args.map((arg) => this.print(arg));
    const call = { args, types: e.args.map((arg) => arg.type), nodes: e.args, type: e.type };
    if (spec.spark !== undefined) return `(${spec.spark(call)})`;
    const operator = Object.hasOwn(OPERATORS, spec.name) ? OPERATORS[spec.name] : undefined;
    if (operator !== undefined) return `(${operator(call)})`;
    if (spec.operator === true && args.length === 2) return `(${args[0]} ${spec.name} ${args[1]})`;
    return `${spec.name}(${args.join(', ')})`;
  }

  #aggregate(e: AggregateCall | WindowCall): string {
    const spec = this.#specOf(e.fn);
    const args = e.args.map((arg) => this.print(arg)).join(', ');
    const all = spec.name === 'count' && args === '' ? '*' : args;
    const keys = e.kind === 'aggregate-call' ? e.orderBy : [];
    if (keys.length > 0 && spec.name !== 'listagg') throw refused(`an ordered ${spec.name}`);
    const order =
      keys.length === 0 ? '' : ` WITHIN GROUP (ORDER BY ${keys.map((key) => this.sortKey(key)).join(', ')})`;
    const filter = e.filter === undefined ? '' : ` FILTER (WHERE ${this.print(e.filter)})`;
    return `${spec.name}(${e.distinct ? 'DISTINCT ' : ''}${all})${order}${filter}`;
  }

  #window(e: WindowCall): string {
    const keys = e.orderBy.map((key) => this.sortKey(key)).join(', ');
    const parts = [
      e.partitionBy.length === 0 ? '' : `PARTITION BY ${e.partitionBy.map((p) => this.print(p)).join(', ')}`,
      keys === '' ? '' : `ORDER BY ${keys}`,
      e.frame === undefined
        ? ''
        : `${e.frame.unit.toUpperCase()} BETWEEN ${this.#bound(e.frame.start)} AND ${this.#bound(e.frame.end)}`,
    ].filter((part) => part !== '');
    return `${this.#aggregate(e)}${e.ignoreNulls ? ' IGNORE NULLS' : ''} OVER (${parts.join(' ')})`;
  }

  #specOf(fn: string): FunctionSpec {
    const spec = this.functions.lookup(fn);
    if (spec === undefined) {
      throw new GovernanceError('FUNCTION_NOT_ALLOWED', `The function ${fn} is not in the function table.`);
    }
    if (spec.internal === true && spec.spark === undefined) throw maskRefused();
    return spec;
  }

  #bound(bound: Bound): string {
    if (bound.kind === 'preceding' || bound.kind === 'following') {
      return `${printSparkLiteral(bound.offset)} ${bound.kind.toUpperCase()}`;
    }
    return bound.kind.replace('-', ' ').toUpperCase();
  }
}

/** Whatever a plan of Spark holds is in its log, its event log and its pages. */
const maskRefused = (): GovernanceError =>
  new GovernanceError(
    'MASK_NEEDS_DUCKDB',
    'A column is masked by a keyed hash, which Spark cannot compute without the key in its plans.',
    {
      remedy:
        'Run the statement with engine "duckdb", or name other columns: a DataFrame reads all of its table.',
      sqlState: '0A000',
    },
  );

const refused = (what: string): GovernanceError =>
  new GovernanceError('FEATURE_NOT_ALLOWED', `Spark cannot be told ${what} in SQL.`, {
    remedy: 'Run the statement with engine "duckdb".',
  });
