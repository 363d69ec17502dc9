/**
 * Random syntax trees, of every node that the parser can make: the law `parse(print(tree)) == tree` is tried
 * over them. A seed and a budget of nodes make one tree, so that a failing case shrinks by its budget.
 */
import type { DataType } from '../../src/core/plan/types.js';
import type {
  BinaryOperator,
  CommonTable,
  Expression,
  FrameBound,
  FunctionCall,
  GroupingElement,
  Identifier,
  LiteralValue,
  Query,
  QueryBody,
  Relation,
  RelationAlias,
  SortItem,
  Star,
  Statement,
  WindowSpec,
} from '../../src/core/sql/ast.js';

const at = { line: 1, column: 1 };
const PLAIN = [
  'a',
  'b',
  'c',
  'select',
  'from',
  'x y',
  'identifier',
  'values',
  'table',
  'interval',
  'trim',
  'é',
  '1a',
];
const HOSTILE = [
  '`',
  "'",
  '"',
  '\\',
  '--',
  '/*',
  '*/',
  ';',
  '\n',
  '\r',
  '%',
  '_',
  '\\%',
  '$',
  '{',
  '}',
  ' ',
  '\u0001',
  '\u2028',
  '😀',
];
const OPERATORS = '= <=> <> < <= > >= | ^ & + - || * / % div << >> >>> or and'.split(' ') as BinaryOperator[];
const INT_BITS = 31;
const LONG_BITS = 63;

/**
 * `IN ((SELECT ...))` is a list of one scalar subquery, so the query of IN is never merely in parentheses.
 */
function unwrapped(query: Query): Query {
  const { body, limit, offset } = query;
  const bare = query.with.length + query.orderBy.length === 0 && limit === undefined && offset === undefined;
  return bare && body.kind === 'nested-query' ? unwrapped(body.query) : query;
}

export class RandomTree {
  constructor(
    private state: number,
    private budget: number,
  ) {}

  /** mulberry32 */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
  private below(n: number): number {
    return Math.floor(this.next() * n);
  }
  private flag(): boolean {
    return this.next() < 0.5;
  }
  private pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
  private some<T>(least: number, most: number, make: () => T): readonly T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }
  private maybe<K extends string, T>(key: K, make: () => T): { readonly [P in K]?: T } {
    return (this.next() < 0.3 ? { [key]: make() } : {}) as { readonly [P in K]?: T };
  }
  private spend(): boolean {
    this.budget -= 1;
    return this.budget > 0;
  }

  text(): string {
    return this.some(0, 4, () => this.pick([...PLAIN, ...HOSTILE])).join('');
  }
  private named(name: string, quoted = true): Identifier {
    return { name, quoted, at };
  }
  private identifier = (): Identifier => this.named(this.flag() ? this.pick(PLAIN) : this.text() || 'x');
  private name = (): readonly Identifier[] => this.some(1, 3, this.identifier);
  /** Nothing that looks like a path. */
  private tableName = (): readonly Identifier[] => this.some(1, 3, () => this.named(this.pick(PLAIN)));
  private digits(n: number): string {
    return `${1 + this.below(9)}${this.some(0, n - 1, () => this.below(10)).join('')}`;
  }
  private whole(bits: number): string {
    const extremes = [0n, -(2n ** BigInt(bits)), 2n ** BigInt(bits) - 1n].map(String);
    return this.flag() ? this.pick(extremes) : `${this.pick(['', '-'])}${this.digits(9)}`;
  }

  private literal(): LiteralValue {
    const sign = this.pick(['', '-']);
    return this.pick<() => LiteralValue>([
      () => ({ type: 'null' }),
      () => ({ type: 'boolean', value: this.flag() }),
      () => ({ type: 'string', value: this.text() }),
      () => ({ type: 'number', as: 'int', text: this.whole(INT_BITS) }),
      () => ({ type: 'number', as: 'bigint', text: this.whole(LONG_BITS) }),
      () => ({ type: 'number', as: 'tinyint', text: String(this.below(256) - 128) }),
      () => ({ type: 'number', as: 'smallint', text: String(this.below(65_536) - 32_768) }),
      () => ({ type: 'number', as: 'decimal', text: `${sign}${this.digits(20)}.${this.digits(18)}` }),
      () => ({ type: 'number', as: 'decimal', text: sign + this.digits(38) }),
      () => ({
        type: 'number',
        as: 'double',
        text: `${sign}${this.digits(3)}e${this.pick(['', '-'])}${this.digits(2)}`,
      }),
      () => ({ type: 'number', as: 'double', text: `${sign}${this.digits(5)}.${this.digits(5)}` }),
      () => ({ type: 'number', as: 'float', text: sign + this.digits(9) }),
      () => ({ type: 'binary', hex: this.some(0, 4, () => this.digits(2).padStart(2, '0')).join('') }),
      () => ({ type: this.pick(['date', 'timestamp', 'timestamp_ntz'] as const), text: this.text() }),
      () => this.interval(),
    ])();
  }

  private interval(): LiteralValue {
    const sign = this.pick(['', '-']);
    if (this.flag()) {
      const [from, to, unit] = this.pick([
        ['year', 'year', 12],
        ['year', 'month', 1],
        ['month', 'month', 1],
      ] as const);
      return {
        type: 'interval',
        family: 'year-month',
        from,
        to,
        amount: String(BigInt(sign + this.digits(6)) * BigInt(unit)),
      };
    }
    const units = [
      ['day', 86_400_000_000n],
      ['hour', 3_600_000_000n],
      ['minute', 60_000_000n],
      ['second', 1n],
    ] as const;
    const i = this.below(units.length);
    const [from, to] = [units[i]!, units[i + this.below(units.length - i)]!];
    const amount = String((BigInt(sign + this.digits(16)) / to[1]) * to[1]);
    return { type: 'interval', family: 'day-time', from: from[0], to: to[0], amount };
  }

  private type(depth = 0): DataType {
    const atomic: readonly DataType[] = [
      { kind: 'int' },
      { kind: 'timestamp_ntz' },
      { kind: 'decimal', precision: 10, scale: 2 },
      { kind: 'interval', family: 'day-time', from: 'day', to: 'second' },
    ];
    if (depth > 2 || this.flag()) return this.pick(atomic);
    return this.pick<() => DataType>([
      () => ({ kind: 'array', element: this.type(depth + 1) }),
      () => ({ kind: 'map', key: this.type(depth + 1), value: this.type(depth + 1) }),
      () => ({
        kind: 'struct',
        fields: this.some(0, 2, () => ({ name: this.identifier().name, type: this.type(depth + 1) })),
      }),
    ])();
  }

  expression = (): Expression => {
    if (!this.spend() || this.next() < 0.25) return this.leaf();
    return this.pick<() => Expression>([
      this.operator,
      this.operator,
      this.predicate,
      this.compound,
      this.call,
    ])();
  };
  private expressions = (): readonly Expression[] => this.some(1, 3, this.expression);

  /** A row of VALUES that holds a row alone is that row. */
  private row = (): readonly Expression[] => {
    const items = this.expressions();
    return items.length === 1 && items[0]?.kind === 'row' ? items[0].items : items;
  };

  private leaf(): Expression {
    return this.pick<() => Expression>([
      () => ({ kind: 'literal', value: this.literal(), at }),
      () => ({ kind: 'column', name: this.name(), at }),
      () => ({ kind: 'parameter', name: this.pick(['p', 'select', 'n1']), at }),
      () => this.bare('current_date'),
    ])();
  }
  private bare = (name: string): Expression => ({
    kind: 'call',
    name: [this.named(name, false)],
    args: [],
    bare: true,
    distinct: false,
    at,
  });

  private operator = (): Expression =>
    this.next() < 0.3
      ? {
          kind: 'unary',
          operator: this.pick(['-', '+', '~', 'not'] as const),
          operand: this.expression(),
          at,
        }
      : {
          kind: 'binary',
          operator: this.pick(OPERATORS),
          left: this.expression(),
          right: this.expression(),
          at,
        };

  private predicate = (): Expression => {
    const operand = this.expression();
    const negated = this.flag();
    return this.pick<() => Expression>([
      () => ({ kind: 'between', operand, low: this.expression(), high: this.expression(), negated, at }),
      () => ({ kind: 'in-list', operand, items: this.expressions(), negated, at }),
      () => ({ kind: 'in-subquery', operand, query: unwrapped(this.query()), negated, at }),
      () => ({ kind: 'exists', query: this.query(), at }),
      () => ({
        kind: 'like',
        operator: this.pick(['like', 'ilike'] as const),
        operand,
        pattern: this.expression(),
        negated,
        at,
        ...this.maybe('escape', () => this.pick(["'", '\\', '/'])),
      }),
      () => ({ kind: 'like', operator: 'rlike', operand, pattern: this.expression(), negated, at }),
      () => ({
        kind: 'is',
        test: this.pick(['null', 'true', 'false', 'unknown'] as const),
        operand,
        negated,
        at,
      }),
      () => ({ kind: 'is', test: 'distinct-from', operand, other: this.expression(), negated, at }),
    ])();
  };

  private compound = (): Expression =>
    this.pick<() => Expression>([
      () => ({ kind: 'scalar-subquery', query: this.query(), at }),
      () => ({
        kind: 'case',
        branches: this.some(1, 2, () => ({ when: this.expression(), then: this.expression() })),
        at,
        ...this.maybe('operand', this.expression),
        ...this.maybe('otherwise', this.expression),
      }),
      () => ({ kind: 'cast', operand: this.expression(), type: this.type(), try: this.flag(), at }),
      () => ({ kind: 'subscript', operand: this.expression(), index: this.expression(), at }),
      () => ({ kind: 'field', operand: this.expression(), field: this.identifier(), at }),
      () => ({ kind: 'row', items: [this.expression(), ...this.expressions()], at }),
    ])();

  private call = (): Expression => {
    const simple = ['f', 'count', 'trim', 'rtrim', 'struct', 'extract', 'position', 'substring'];
    const name = this.flag() ? [this.named(this.pick(simple), false)] : this.name();
    const base: FunctionCall = {
      kind: 'call',
      name,
      args: this.some(0, 3, this.expression),
      distinct: false,
      at,
    };
    return this.pick<() => Expression>([
      () => base,
      () => ({ ...base, args: [], star: this.star() }),
      () => ({ ...base, name: [this.named('count', false)], args: this.expressions(), distinct: true }),
      () => ({
        ...base,
        ...this.maybe('orderBy', this.sortItems),
        ...this.maybe('filter', this.expression),
        ...this.maybe('nulls', () => this.pick(['ignore', 'respect'] as const)),
        over: this.flag() ? this.window() : { kind: 'window-name', name: this.identifier() },
      }),
      () => ({
        ...base,
        args: [
          this.expression(),
          { kind: 'lambda', parameters: this.some(1, 2, this.identifier), body: this.expression(), at },
        ],
      }),
      () => ({
        ...base,
        name: [this.named(this.pick(['timestampadd', 'timestampdiff']), false)],
        args: [
          { kind: 'literal', value: { type: 'string', value: 'DAY' }, at },
          this.expression(),
          this.expression(),
        ],
      }),
    ])();
  };

  private star = (): Star => ({
    kind: 'star',
    target: this.some(0, 2, this.identifier),
    except: this.some(0, 2, this.name),
    at,
  });
  private sortItems = (): readonly SortItem[] =>
    this.some(1, 2, () => ({
      expression: this.expression(),
      descending: this.flag(),
      at,
      ...this.maybe('nulls', () => this.pick(['first', 'last'] as const)),
    }));

  private window = (): WindowSpec => ({
    kind: 'window-spec',
    partitionBy: this.some(0, 2, this.expression),
    orderBy: this.flag() ? this.sortItems() : [],
    at,
    ...this.maybe('frame', () => ({
      unit: this.pick(['rows', 'range'] as const),
      start: this.bound(),
      end: this.bound(),
    })),
  });
  private bound = (): FrameBound =>
    this.flag()
      ? { kind: this.pick(['unbounded-preceding', 'current-row', 'unbounded-following'] as const) }
      : { kind: this.pick(['preceding', 'following'] as const), offset: this.expression() };

  query = (): Query => ({
    kind: 'query',
    with: this.next() < 0.2 ? this.commonTables() : [],
    body: this.body(),
    orderBy: this.next() < 0.3 ? this.sortItems() : [],
    at,
    ...this.maybe('limit', this.expression),
    ...this.maybe('offset', this.expression),
  });
  private commonTables(): readonly CommonTable[] {
    return this.some(1, 2, () => this.some(0, 2, this.identifier)).map((columns, i) => ({
      name: this.named(`${this.identifier().name}${i}`),
      columns,
      query: this.query(),
      at,
    }));
  }

  private body(): QueryBody {
    if (!this.spend() || this.next() < 0.7) return this.operand();
    const operator = this.pick(['union', 'except', 'intersect'] as const);
    // INTERSECT binds tighter: what binds looser stands beside it only in parentheses.
    const left = operator === 'intersect' ? this.operand() : this.body();
    return { kind: 'set-operation', operator, all: this.flag(), left, right: this.operand(), at };
  }

  private operand(): QueryBody {
    if (!this.spend()) return { kind: 'table-body', name: this.tableName(), at };
    const kind = this.below(8);
    if (kind === 0) return { kind: 'values', rows: this.some(1, 2, this.row), at };
    if (kind === 1) return { kind: 'nested-query', query: this.query(), at };
    return {
      kind: 'select',
      hints: [],
      distinct: this.flag(),
      items: this.some(1, 3, () =>
        this.next() < 0.2
          ? this.star()
          : {
              kind: 'expression-item' as const,
              expression: this.expression(),
              at,
              ...this.maybe('alias', this.identifier),
            },
      ),
      from: this.from(),
      windows: this.some(0, 1, () => ({ name: this.identifier(), spec: this.window(), at })),
      at,
      ...this.maybe('where', this.expression),
      ...this.maybe('groupBy', () => ({ elements: this.grouping(), at })),
      ...this.maybe('having', this.expression),
    };
  }

  private grouping(): readonly GroupingElement[] {
    const sets = (): readonly (readonly Expression[])[] => this.some(1, 2, this.expressions);
    const rolled = (): GroupingElement => ({ kind: this.pick(['rollup', 'cube'] as const), sets: sets() });
    if (this.next() < 0.2) {
      const declared = this.some(1, 2, () => [
        { kind: 'set' as const, expressions: this.some(0, 2, this.expression) },
      ]);
      return [{ kind: 'grouping-sets', sets: declared.flat(), keys: this.expressions() }];
    }
    return this.some(1, 2, () =>
      this.pick<() => GroupingElement>([
        () => ({ kind: 'expression-group', expression: this.expression() }),
        rolled,
        () => ({
          kind: 'grouping-sets',
          sets: [{ kind: 'set', expressions: this.some(0, 2, this.expression) }, rolled()],
        }),
      ])(),
    );
  }

  private from(): readonly Relation[] {
    return this.flag() ? this.some(0, 2, () => this.primary(true)) : [this.join()];
  }
  private alias(): { readonly alias?: RelationAlias } {
    return this.maybe('alias', () => ({
      name: this.identifier(),
      columns: this.some(0, 2, this.identifier),
    }));
  }
  /** VALUES has an alias: without one, a comma behind it would begin its next row. */
  private primary(lateral: boolean): Relation {
    if (!this.spend()) return { kind: 'table', name: this.tableName(), at, ...this.alias() };
    return this.pick<() => Relation>([
      () => ({ kind: 'table', name: this.tableName(), at, ...this.alias() }),
      () => ({
        kind: 'values-relation',
        rows: this.some(1, 2, this.row),
        at,
        alias: { name: this.identifier(), columns: [] },
      }),
      () => ({ kind: 'subquery', query: this.query(), lateral: lateral && this.flag(), at, ...this.alias() }),
      () => ({
        kind: 'table-function',
        name: this.tableName(),
        args: this.some(0, 2, this.expression),
        lateral: false,
        at,
        ...this.alias(),
      }),
      () => ({ kind: 'parenthesised', relation: this.join(), at, ...this.alias() }),
    ])();
  }
  /** Begins with a table: in parentheses, what begins with a subquery or VALUES may be a query. */
  private join(): Relation {
    let left: Relation = { kind: 'table', name: this.tableName(), at, ...this.alias() };
    for (let n = 1 + this.below(2); n > 0; n -= 1) {
      const type = this.pick(['inner', 'cross', 'left', 'right', 'full', 'left-semi', 'left-anti'] as const);
      const form = this.below(4);
      const right = this.primary(form < 2);
      if (form === 0) left = { kind: 'join', type, natural: false, left, right, at };
      else if (form === 1)
        left = { kind: 'join', type, natural: false, left, right, on: this.expression(), at };
      else if (form === 2)
        left = {
          kind: 'join',
          type,
          natural: false,
          left,
          right,
          using: this.some(1, 2, this.identifier),
          at,
        };
      else left = { kind: 'join', type, natural: true, left, right, at };
    }
    return left;
  }

  statement(): Statement {
    return this.pick<() => Statement>([
      () => ({ kind: 'query-statement', query: this.query(), at }),
      () => ({
        kind: 'explain',
        mode: this.pick(['simple', 'extended', 'formatted', 'cost'] as const),
        statement: this.statement(),
        at,
      }),
      () => ({ kind: 'describe-query', query: this.query(), at }),
      () => ({
        kind: 'describe-table',
        name: this.tableName(),
        extended: this.flag(),
        at,
        ...this.maybe('column', this.name),
      }),
      () => ({ kind: 'describe-function', name: this.pick(PLAIN), extended: this.flag(), at }),
      () => ({
        kind: 'show',
        what: this.pick(['schemas', 'tables'] as const),
        at,
        ...this.maybe('in', this.tableName),
        ...this.maybe('like', () => this.text()),
      }),
      () => ({ kind: 'show', what: 'columns', in: this.tableName(), at }),
      () => ({
        kind: 'use',
        what: this.pick(['any', 'catalog', 'schema'] as const),
        name: this.tableName(),
        at,
      }),
    ])();
  }
}
