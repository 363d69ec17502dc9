/** Names, texts, literals and types of random syntax trees (`random-tree.ts`), and the draws they are made by. */
import type { DataType } from '../../src/core/plan/types.js';
import type { CommonTable, Expression, Identifier, LiteralValue, Query } from '../../src/core/sql/ast.js';
import type { Relation, Sample } from '../../src/core/sql/ast-relation.js';

export const at = { line: 1, column: 1 };
export const PLAIN = [
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
const INT_BITS = 31;
const LONG_BITS = 63;

/** A seed and a budget of nodes: what is drawn from them is always the same. */
export class RandomAtoms {
  constructor(
    private state: number,
    private budget: number,
  ) {}

  /** mulberry32 */
  protected next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
  protected below(n: number): number {
    return Math.floor(this.next() * n);
  }
  protected flag(): boolean {
    return this.next() < 0.5;
  }
  protected pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
  protected some<T>(least: number, most: number, make: () => T): readonly T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }
  protected maybe<K extends string, T>(key: K, make: () => T): { readonly [P in K]?: T } {
    return (this.next() < 0.3 ? { [key]: make() } : {}) as { readonly [P in K]?: T };
  }
  protected spend(): boolean {
    this.budget -= 1;
    return this.budget > 0;
  }

  text(): string {
    return this.some(0, 4, () => this.pick([...PLAIN, ...HOSTILE])).join('');
  }
  protected named(name: string, quoted = true): Identifier {
    return { name, quoted, at };
  }
  /** `${...}` can be written in a string but not in a name. */
  protected identifier = (): Identifier =>
    this.named(this.flag() ? this.pick(PLAIN) : this.text().replaceAll('${', '$') || 'x');
  protected name = (): readonly Identifier[] => this.some(1, 3, this.identifier);
  /** Nothing that looks like a path. */
  protected tableName = (): readonly Identifier[] => this.some(1, 3, () => this.named(this.pick(PLAIN)));
  protected digits(n: number): string {
    return `${1 + this.below(9)}${this.some(0, n - 1, () => this.below(10)).join('')}`;
  }
  protected whole(bits: number): string {
    const extremes = [0n, -(2n ** BigInt(bits)), 2n ** BigInt(bits) - 1n].map(String);
    return this.flag() ? this.pick(extremes) : `${this.pick(['', '-'])}${this.digits(9)}`;
  }

  protected literal(): LiteralValue {
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

  protected interval(): LiteralValue {
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

  protected type(depth = 0): DataType {
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

  /** PIVOT or UNPIVOT of what stands before it. */
  protected turned(input: Relation, expression: () => Expression): Relation {
    const several = this.flag();
    const width = several ? 1 + this.below(2) : 1;
    const identifiers = (count: number) => Array.from({ length: count }, this.identifier);
    const named = () => ({ expression: expression(), at, ...this.maybe('alias', this.identifier) });
    const alias = this.maybe('alias', () => ({ name: this.identifier(), columns: [] }));
    if (this.flag()) {
      const columns = this.some(1, 2, this.identifier);
      const [aggregates, values] = [this.some(1, 2, named), this.some(1, 2, named)];
      return { kind: 'pivot', input, aggregates, columns, values, at, ...alias };
    }
    const sets = this.some(1, 2, () => ({
      columns: Array.from({ length: width }, this.name),
      at,
      ...this.maybe('alias', this.identifier),
    }));
    const name = this.identifier();
    const values = identifiers(width);
    return { kind: 'unpivot', input, includeNulls: this.flag(), values, several, name, sets, at, ...alias };
  }
  protected sample(expression: () => Expression): { readonly sample?: Sample } {
    if (this.next() > 0.1) return {};
    const part = this.pick<() => Sample['part']>([
      () => ({ kind: 'percent', percent: this.pick(['0', '10', '99.5']) }),
      () => ({ kind: 'rows', count: expression() }),
      () => ({ kind: 'bucket', bucket: 1, of: 1 + this.below(4) }),
    ])();
    return { sample: { part, at, ...this.maybe('seed', () => this.pick(['0', '42'])) } };
  }

  protected viewOver(input: Relation, expression: () => Expression): Relation {
    const columns = this.some(1, 2, this.identifier);
    return {
      kind: 'lateral-view',
      input,
      outer: this.flag(),
      name: this.tableName(),
      args: this.some(0, 2, expression),
      at,
      ...this.pick([{}, { alias: { columns } }, { alias: { name: this.identifier(), columns } }]),
    };
  }

  protected commonTables(query: () => Query): Pick<Query, 'with' | 'recursive'> {
    const recursive = this.flag();
    const ctes = this.some(1, 2, () => this.some(0, 2, this.identifier)).map(
      (columns, i): CommonTable => ({
        name: this.named(`${this.identifier().name}${i}`),
        columns,
        ...(recursive ? this.maybe('levelsMax', () => 1 + this.below(200)) : {}),
        query: query(),
        at,
      }),
    );
    return { with: ctes, ...(recursive ? { recursive } : {}) };
  }
}

/**
 * `IN ((SELECT ...))` is a list of one scalar subquery, so the query of IN is never merely in parentheses.
 */
export function unwrapped(query: Query): Query {
  const { body, limit, offset } = query;
  const bare = query.with.length + query.orderBy.length === 0 && limit === undefined && offset === undefined;
  return bare && body.kind === 'nested-query' ? unwrapped(body.query) : query;
}
