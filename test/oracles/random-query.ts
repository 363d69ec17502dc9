/**
 * Random Spark SQL over the oracle tables: joins of every kind, CTEs (also named like a table), correlated
 * subqueries, aggregates, GROUPING SETS, windows, set operations. Deterministic by construction: no float
 * sums, LIMIT only under a total order.
 */

import type { Random } from './random.js';
import { randomBoolean, randomScalar } from './random-expression.js';
import { type ColumnKind, TABLES } from './tables.js';

export interface ScopeColumn {
  readonly sql: string;
  readonly kind: ColumnKind;
}
export interface Scope {
  readonly columns: readonly ScopeColumn[];
  /** Tables (and CTEs) that a nested FROM may use. */
  readonly sources: readonly Source[];
  readonly depth: number;
}
export interface Source {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnKind>>;
}
/** A query with the kinds of its columns, so that it can stand inside another. */
export interface RandomQuery {
  readonly sql: string;
  readonly kinds: readonly ColumnKind[];
}

const DEPTH_MAX = 2;
let aliasCount = 0;
const alias = (prefix: string): string => {
  aliasCount += 1;
  return `${prefix}${aliasCount}`;
};

/** `hidden`: `table.column` names that no query may mention. */
export function randomQuery(random: Random, hidden: ReadonlySet<string>): string {
  aliasCount = 0;
  const tables = TABLES.map((table) => ({
    name: `lake.main.${table.name}`,
    columns: Object.fromEntries(
      Object.entries(table.columns).filter(([column]) => !hidden.has(`${table.name}.${column}`)),
    ),
  }));
  const ctes: string[] = [];
  const sources: Source[] = [...tables];
  for (let i = random.pick([0, 0, 1, 1, 2]); i > 0; i -= 1) {
    const query = select(random, { columns: [], sources: [...sources], depth: 1 });
    // Every now and then a CTE takes a table's bare name: it must shadow nothing qualified and hide nothing.
    const name = random.chance(0.25) ? random.pick(TABLES).name : alias('cte');
    if (ctes.some((cte) => cte.startsWith(`${name} `))) continue;
    const columns = Object.fromEntries(query.kinds.map((kind, c) => [`k${c}`, kind]));
    ctes.push(`${name} (${Object.keys(columns).join(', ')}) AS (${query.sql})`);
    sources.push({ name, columns });
  }
  const body = random.chance(0.2)
    ? setOperation(random, sources)
    : select(random, { columns: [], sources, depth: 0 });
  const order = random.chance(0.3) ? ordered(random, body) : '';
  return `${ctes.length > 0 ? `WITH ${ctes.join(', ')} ` : ''}${body.sql}${order}`;
}

/** Ordering by every column is total up to equal rows, so a LIMIT is deterministic as a multiset. */
function ordered(random: Random, query: RandomQuery): string {
  const keys = query.kinds.map(
    (_, i) => `${i + 1}${random.pick(['', ' DESC', ' NULLS LAST', ' DESC NULLS FIRST'])}`,
  );
  const limit = random.chance(0.6) ? ` LIMIT ${random.int(0, 8)}` : '';
  const offset = limit !== '' && random.chance(0.3) ? ` OFFSET ${random.int(0, 3)}` : '';
  return ` ORDER BY ${keys.join(', ')}${limit}${offset}`;
}

function setOperation(random: Random, sources: readonly Source[]): RandomQuery {
  const kinds = random.pick<readonly ColumnKind[]>([
    ['int'],
    ['string'],
    ['string', 'int'],
    ['decimal', 'date'],
  ]);
  const side = (): string => select(random, { columns: [], sources, depth: 1 }, kinds).sql;
  const operator = random.pick(['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT', 'INTERSECT ALL', 'EXCEPT ALL']);
  return { sql: `${side()} ${operator} ${side()}`, kinds };
}

/** One SELECT. `wanted`: the kinds its columns must have. */
export function select(random: Random, outer: Scope, wanted?: readonly ColumnKind[]): RandomQuery {
  const from = randomFrom(random, outer);
  const scope: Scope = { columns: from.columns, sources: outer.sources, depth: outer.depth };
  const inner: Scope = { ...scope, columns: [...from.columns, ...outer.columns] };
  const where = random.chance(0.6) ? ` WHERE ${randomBoolean(random, inner, subqueryIn)}` : '';
  if (random.chance(0.35)) return grouped(random, scope, from.sql + where, wanted);
  const kinds = wanted ?? from.columns.slice(0, random.int(1, 4)).map((column) => column.kind);
  if (wanted === undefined && random.chance(0.25) && from.columns.length <= 12) {
    return { sql: `SELECT * FROM ${from.sql}${where}`, kinds: from.columns.map((c) => c.kind) };
  }
  const items = kinds.map((kind) => randomScalar(random, scope, kind, 2));
  if (wanted === undefined && random.chance(0.2)) {
    return {
      sql: `SELECT ${[...items, window(random, scope)].join(', ')} FROM ${from.sql}${where}`,
      kinds: [...kinds, 'int'],
    };
  }
  const distinct = random.chance(0.2) ? 'DISTINCT ' : '';
  return { sql: `SELECT ${distinct}${items.join(', ')} FROM ${from.sql}${where}`, kinds };
}

interface From {
  readonly sql: string;
  readonly columns: readonly ScopeColumn[];
}

function randomFrom(random: Random, outer: Scope): From {
  let from = relation(random, outer);
  const joins = outer.depth === 0 ? random.pick([0, 1, 1, 2]) : random.pick([0, 0, 1]);
  for (let i = 0; i < joins; i += 1) from = join(random, from, relation(random, outer));
  return from;
}

function relation(random: Random, outer: Scope): From {
  const name = alias('t');
  if (outer.depth < DEPTH_MAX && random.chance(0.15)) {
    const query = select(random, { columns: [], sources: outer.sources, depth: outer.depth + 1 });
    const names = query.kinds.map((_, i) => `s${i}`);
    return {
      sql: `(${query.sql}) AS ${name}(${names.join(', ')})`,
      columns: query.kinds.map((kind, i) => ({ sql: `${name}.s${i}`, kind })),
    };
  }
  const source = random.pick(outer.sources);
  return {
    sql: `${source.name} AS ${name}`,
    columns: Object.entries(source.columns).map(([column, kind]) => ({ sql: `${name}.${column}`, kind })),
  };
}

function join(random: Random, left: From, right: From): From {
  const pairs = left.columns.flatMap((a) =>
    right.columns.filter((b) => b.kind === a.kind).map((b) => `${a.sql} = ${b.sql}`),
  );
  const keyed = pairs.filter((pair) => /\.(id|person_id) = /.test(pair));
  if (pairs.length === 0) return left;
  const on = random.pick(keyed.length > 0 && random.chance(0.7) ? keyed : pairs);
  const kind = random.pick([
    'JOIN',
    'LEFT JOIN',
    'RIGHT JOIN',
    'FULL JOIN',
    'LEFT SEMI JOIN',
    'LEFT ANTI JOIN',
  ]);
  const columns = /SEMI|ANTI/.test(kind) ? left.columns : [...left.columns, ...right.columns];
  return { sql: `${left.sql} ${kind} ${right.sql} ON ${on}`, columns };
}

function grouped(random: Random, scope: Scope, from: string, wanted?: readonly ColumnKind[]): RandomQuery {
  if (wanted !== undefined) {
    const items = wanted.map((kind) => `max(${randomScalar(random, scope, kind, 1)})`);
    return { sql: `SELECT ${items.join(', ')} FROM ${from}`, kinds: wanted };
  }
  const keys = random.some(scope.columns, 0, 2);
  const aggregates = [
    { sql: 'count(*)', kind: 'int' as const },
    ...random.some(aggregateChoices(random, scope), 1, 2),
  ];
  const items = [...keys.map((key) => key.sql), ...aggregates.map((a) => a.sql)];
  const kinds = [...keys.map((key) => key.kind), ...aggregates.map((a) => a.kind)];
  const having = random.chance(0.25) ? ` HAVING count(*) > ${random.int(0, 2)}` : '';
  return { sql: `SELECT ${items.join(', ')} FROM ${from}${groupBy(random, keys)}${having}`, kinds };
}

function groupBy(random: Random, keys: readonly ScopeColumn[]): string {
  if (keys.length === 0) return '';
  const list = keys.map((key) => key.sql).join(', ');
  return ` GROUP BY ${random.pick([list, list, list, `ROLLUP (${list})`, `CUBE (${list})`, `GROUPING SETS ((${list}), ())`])}`;
}

function aggregateChoices(random: Random, scope: Scope): { sql: string; kind: ColumnKind }[] {
  const column = random.pick(scope.columns);
  const choices: { sql: string; kind: ColumnKind }[] = [
    { sql: `min(${column.sql})`, kind: column.kind },
    { sql: `max(${column.sql})`, kind: column.kind },
    { sql: `count(${column.sql})`, kind: 'int' },
    { sql: `count(DISTINCT ${column.sql})`, kind: 'int' },
  ];
  const numbers = scope.columns.filter((c) => c.kind === 'int' || c.kind === 'decimal');
  if (numbers.length > 0) choices.push({ sql: `sum(${random.pick(numbers).sql})`, kind: 'decimal' });
  return choices;
}

/** Ranks over a total order only: by every column of the scope. */
function window(random: Random, scope: Scope): string {
  const order = scope.columns.map((c) => c.sql).join(', ');
  const partition = random.chance(0.6) ? `PARTITION BY ${random.pick(scope.columns).sql} ` : '';
  const fn = random.pick(['rank()', 'dense_rank()', `count(${random.pick(scope.columns).sql})`]);
  return `${fn} OVER (${partition}ORDER BY ${order})`;
}

/** A subquery for a condition; sees the outer columns, so it may be correlated. */
function subqueryIn(random: Random, scope: Scope, kind: ColumnKind | undefined): string | undefined {
  if (scope.depth >= DEPTH_MAX) return undefined;
  const nested: Scope = { ...scope, depth: scope.depth + 1 };
  const plain: Scope = { columns: [], sources: scope.sources, depth: scope.depth + 1 };
  if (kind === undefined) {
    const source = relation(random, plain);
    const pairs = source.columns.flatMap((a) =>
      nested.columns.filter((b) => b.kind === a.kind).map((b) => `${a.sql} = ${b.sql}`),
    );
    return pairs.length === 0
      ? undefined
      : `EXISTS (SELECT 1 FROM ${source.sql} WHERE ${random.pick(pairs)})`;
  }
  return `(${select(random, plain, [kind]).sql})`;
}
