/** One SELECT: stars, plain items, groups with their sets, windows with frames. */
import {
  COMPARABLE,
  comparable,
  DEPTH_MAX,
  isComparable,
  type RandomQuery,
  type Scope,
  type ScopeColumn,
} from './query-scope.js';
import type { Random } from './random.js';
import { randomBoolean, randomScalar } from './random-expression.js';
import { type From, randomFrom } from './random-from.js';
import type { ColumnKind } from './tables.js';

interface Item {
  readonly sql: string;
  readonly kind: ColumnKind;
}
const listed = (items: readonly Item[]): string => items.map((item) => item.sql).join(', ');
const kindsOf = (items: readonly Item[]): readonly ColumnKind[] => items.map((item) => item.kind);

/** `wanted`: the kinds its columns must have. */
export function select(random: Random, outer: Scope, wanted?: readonly ColumnKind[]): RandomQuery {
  const from = randomFrom(random, outer);
  const scope: Scope = { ...outer, columns: from.columns };
  const where = random.chance(0.55) ? ` WHERE ${randomBoolean(random, scope)}` : '';
  const tail = ` FROM ${from.sql}${where}`;
  if (wanted !== undefined) return wantedItems(random, scope, tail, wanted);
  if (random.chance(0.15)) return star(random, from, tail);
  if (random.chance(0.3)) return grouped(random, scope, tail);
  if (random.chance(0.2)) return windowed(random, scope, tail);
  const kinds = random.some([...COMPARABLE, ...from.columns.map((column) => column.kind)], 1, 4);
  const items = kinds.map((kind): Item => ({ sql: randomScalar(random, scope, kind, 2), kind }));
  if (kinds.every((kind) => COMPARABLE.includes(kind)) && random.chance(0.2)) {
    return { sql: `SELECT DISTINCT ${listed(items)}${tail}`, kinds, sortable: [] };
  }
  const all = withAliasUsedAgain(random, items);
  return { sql: `SELECT ${listed(all)}${tail}`, kinds: kindsOf(all), sortable: comparable(from.columns) };
}

/** `x AS a1, a1 + 1`: a later item may use the alias of an earlier one. */
function withAliasUsedAgain(random: Random, items: readonly Item[]): readonly Item[] {
  const first = items.findIndex((item) => item.kind === 'int');
  if (first < 0 || !random.chance(0.25)) return items;
  const alias = random.name('a');
  const named = items.map((item, i) => (i === first ? { ...item, sql: `${item.sql} AS ${alias}` } : item));
  return [...named, { sql: `${alias} + 1`, kind: 'int' }];
}

function wantedItems(random: Random, scope: Scope, tail: string, wanted: readonly ColumnKind[]): RandomQuery {
  const summed = random.chance(0.25);
  const items = wanted.map((kind): Item => {
    const sql = randomScalar(random, scope, kind, summed ? 1 : 2);
    return { sql: summed ? `max(${sql})` : sql, kind };
  });
  return { sql: `SELECT ${listed(items)}${tail}`, kinds: wanted, sortable: [] };
}

/** `*`, `t.*` and `* EXCEPT (...)`. */
function star(random: Random, from: From, tail: string): RandomQuery {
  const shape = random.pick(['*', '*', 'except', 'qualified'] as const);
  if (shape === 'except' && from.columns.length > 1) {
    const dropped = random.pick(from.columns).name;
    const columns = from.columns.filter((column) => column.name !== dropped);
    if (columns.length > 0) return starOf(`* EXCEPT (${dropped})`, columns, tail);
  }
  const [qualifier] = random.pick(from.columns).sql.split('.');
  const own = from.columns.filter((column) => column.sql.startsWith(`${qualifier}.`));
  // After USING a column may have moved to the front or stand for both sides: only whole runs are sure.
  const plain = !/ (USING|NATURAL) /.test(tail);
  if (shape === 'qualified' && own.length > 0 && plain) return starOf(`${qualifier}.*`, own, tail);
  return starOf('*', from.columns, tail);
}

const starOf = (what: string, columns: readonly ScopeColumn[], tail: string): RandomQuery => ({
  sql: `SELECT ${what}${tail}`,
  kinds: columns.map((column) => column.kind),
  sortable: comparable(columns),
});

function grouped(random: Random, scope: Scope, tail: string): RandomQuery {
  const keys: readonly Item[] = random
    .some(comparable(scope.columns), 0, 3)
    .map((column) => (random.chance(0.8) ? column : groupedExpression(random, scope, column)));
  const sets = keys.length > 0 && random.chance(0.4);
  const grouping = sets && random.chance(0.3) ? [groupingOf(random.pick(keys))] : [];
  const values = [{ sql: 'count(*)', kind: 'int' as const }, ...aggregates(random, scope), ...grouping];
  const items = [...keys, ...values];
  const having = random.chance(0.25) ? ` HAVING ${havingCondition(random, scope)}` : '';
  const groups = sets || !random.chance(0.3) ? groupBy(random, keys, sets) : ' GROUP BY ALL';
  return {
    sql: `SELECT ${listed(items)}${tail}${groups}${having}`,
    kinds: kindsOf(items),
    sortable: [],
  };
}

const groupingOf = (key: Item): Item => ({ sql: `grouping(${key.sql})`, kind: 'int' });

const groupedExpression = (random: Random, scope: Scope, column: ScopeColumn): Item => ({
  sql: randomScalar(random, { ...scope, columns: [column], depth: DEPTH_MAX }, column.kind, 1),
  kind: column.kind,
});

function groupBy(random: Random, keys: readonly Item[], sets: boolean): string {
  if (keys.length === 0) return '';
  const list = listed(keys);
  if (!sets) return ` GROUP BY ${random.chance(0.2) ? keys.map((_, i) => i + 1).join(', ') : list}`;
  const [first] = keys;
  const shapes = [
    `ROLLUP (${list})`,
    `CUBE (${list})`,
    `GROUPING SETS ((${list}), ())`,
    `GROUPING SETS ((${list}), (${first?.sql ?? ''}), ())`,
    `${list}, ROLLUP (${first?.sql ?? ''})`,
  ];
  return ` GROUP BY ${random.pick(shapes)}`;
}

function havingCondition(random: Random, scope: Scope): string {
  const numbers = comparable(scope.columns).filter((column) => column.kind === 'int');
  const count = `count(*) > ${random.int(0, 2)}`;
  return numbers.length > 0 && random.chance(0.4) ? `max(${random.pick(numbers).sql}) > 2` : count;
}

function aggregates(random: Random, scope: Scope): readonly Item[] {
  const columns = comparable(scope.columns);
  if (columns.length === 0) return [];
  const column = random.pick(columns);
  const filter = random.chance(0.3)
    ? ` FILTER (WHERE ${randomBoolean(random, { ...scope, depth: DEPTH_MAX }, 1)})`
    : '';
  const choices: Item[] = [
    { sql: `min(${column.sql})`, kind: column.kind },
    { sql: `max(${column.sql})${filter}`, kind: column.kind },
    { sql: `count(${column.sql})${filter}`, kind: 'int' },
    { sql: `count(DISTINCT ${column.sql})`, kind: 'int' },
    {
      sql: `max(${randomScalar(random, { ...scope, depth: DEPTH_MAX }, column.kind, 1)})`,
      kind: column.kind,
    },
  ];
  for (const number of columns.filter((c) => c.kind === 'int' || c.kind === 'decimal')) {
    choices.push({ sql: `sum(${number.sql})${filter}`, kind: number.kind });
    choices.push({ sql: `CAST(avg(${number.sql}) AS DECIMAL(12,2))`, kind: 'decimal' });
  }
  return random.some(choices, 1, 2);
}

/**
 * Windows over every comparable column in order: rows that tie are alike in all that is selected, so the
 * result is the same multiset whichever comes first.
 */
function windowed(random: Random, outer: Scope, tail: string): RandomQuery {
  const scope: Scope = { ...outer, columns: comparable(outer.columns) };
  const columns = scope.columns.filter(isComparable);
  if (columns.length === 0) return { sql: `SELECT count(*)${tail}`, kinds: ['int'], sortable: [] };
  const order = columns.map((column) => `${column.sql}${random.pick(['', '', ' DESC'])}`).join(', ');
  const partition = random.chance(0.6) ? `PARTITION BY ${random.pick(columns).sql} ` : '';
  const spec = `${partition}ORDER BY ${order}`;
  const named = random.chance(0.2);
  const items = random.some(columns, 1, 3).map(({ sql, kind }): Item => ({ sql, kind }));
  const call = windowCall(random, columns, named ? 'w' : spec, named);
  const all = [...items, call];
  const qualify = random.chance(0.3) ? ` QUALIFY ${rankOf(random, named ? 'w' : `(${spec})`)}` : '';
  const window = named ? ` WINDOW w AS (${spec})` : '';
  return { sql: `SELECT ${listed(all)}${tail}${qualify}${window}`, kinds: kindsOf(all), sortable: [] };
}

/** By rank, so that rows that tie stay or go together. */
const rankOf = (random: Random, over: string): string =>
  `${random.pick(['rank', 'dense_rank'])}() OVER ${over} <= ${random.int(1, 3)}`;

function windowCall(random: Random, columns: readonly ScopeColumn[], spec: string, named: boolean): Item {
  const column = random.pick(columns);
  const over = (frame: string): string => (named ? `OVER ${spec}` : `OVER (${spec}${frame})`);
  if (random.chance(0.35)) {
    const fn = random.pick(['rank()', 'dense_rank()', 'row_number()', 'ntile(3)']);
    return { sql: `${fn} ${over('')}`, kind: 'int' };
  }
  if (random.chance(0.3)) {
    const fn = random.pick(['lag', 'lead']);
    return { sql: `${fn}(${column.sql}, ${random.int(1, 2)}) ${over('')}`, kind: column.kind };
  }
  const frame = random.pick([
    '',
    ' ROWS BETWEEN 2 PRECEDING AND CURRENT ROW',
    ' ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING',
    ' ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING',
    ' RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW',
  ]);
  const choices: readonly Item[] = [
    { sql: `count(${column.sql})`, kind: 'int' },
    { sql: `max(${column.sql})`, kind: column.kind },
    { sql: `first(${column.sql})`, kind: column.kind },
  ];
  const { sql, kind } = random.pick(choices);
  return { sql: `${sql} ${over(frame)}`, kind };
}
