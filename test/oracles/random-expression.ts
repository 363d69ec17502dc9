/** Random scalar and boolean expressions over a scope, some of which may raise (division, casts, indices). */
import { comparable, DEPTH_MAX, type Scope, type ScopeColumn, usable } from './query-scope.js';
import type { Random } from './random.js';
import { existsSubquery, inSubquery, scalarSubquery } from './random-subquery.js';
import type { ColumnKind } from './tables.js';

const LITERALS: Readonly<Record<ColumnKind, readonly string[]>> = {
  int: ['0', '1', '5', '18', '20', '-2'],
  string: ["'DE'", "'x'", "''", "'%@%'", "'paid'", "'xxx'", "'a'"],
  decimal: ['0.00', '100.00', '-3.50', '12.34'],
  date: ["DATE '2016-01-01'", "DATE '2020-06-15'"],
  timestamp: ["TIMESTAMP '2016-01-01 00:00:00'", "TIMESTAMP '2021-03-04 05:06:07'"],
  boolean: ['true', 'false'],
  array: ['array(1, 2)', 'array(0)'],
  struct: ["named_struct('city', 'Ulm', 'zip', 1)"],
  map: ['CAST(NULL AS MAP<STRING, INT>)'],
};

const pickOf = (random: Random, columns: readonly ScopeColumn[], kind: ColumnKind): string | undefined => {
  const fitting = usable(columns).filter((column) => column.kind === kind);
  return fitting.length === 0 ? undefined : random.pick(fitting).sql;
};

/** An expression of this kind; a literal where the scope has nothing that fits. */
export function randomScalar(random: Random, scope: Scope, kind: ColumnKind, depth: number): string {
  if (depth > 0 && kind !== 'map' && random.chance(0.05)) {
    const value = scalarSubquery(random, scope, kind);
    if (value !== undefined) return value;
  }
  const parts = depth > 0 && random.chance(0.15) ? partOf(random, scope, kind) : undefined;
  if (parts !== undefined) return parts;
  const column = pickOf(random, scope.columns, kind);
  if (column === undefined) return random.pick(LITERALS[kind]);
  if (depth <= 0 || random.chance(0.45)) return column;
  return random.chance(0.15)
    ? chosen(random, scope, kind, column)
    : computed(random, scope, kind, column, depth);
}

/** An item of an array or map, or a field of a struct. */
function partOf(random: Random, scope: Scope, kind: ColumnKind): string | undefined {
  if (kind !== 'int' && kind !== 'string') return undefined;
  const struct = pickOf(random, scope.columns, 'struct');
  if (kind === 'string') return struct && `${struct}.city`;
  const list = pickOf(random, scope.columns, 'array');
  const map = pickOf(random, scope.columns, 'map');
  if (map !== undefined && random.chance(0.4)) return random.pick([`${map}['a']`, `size(${map})`]);
  const choices = [
    ...(struct === undefined ? [] : [`${struct}.zip`]),
    ...(list === undefined
      ? []
      : [
          `size(${list})`,
          `get(${list}, ${random.int(0, 2)})`,
          `try_element_at(${list}, ${random.int(1, 3)})`,
          `${list}[0]`,
          `aggregate(${list}, 0, (so, x) -> so + coalesce(x, 1))`,
          `reduce(${list}, 0L, (so, x) -> so + x, so -> so::int)`,
        ]),
    ...(map === undefined ? [] : [`map_filter(${map}, (k, v) -> v > 1)['a']`]),
  ];
  return choices.length === 0 ? undefined : random.pick(choices);
}

function chosen(random: Random, scope: Scope, kind: ColumnKind, column: string): string {
  const other = randomScalar(random, scope, kind, 0);
  const when = randomBoolean(random, { ...scope, depth: DEPTH_MAX }, 0);
  const simple = pickOf(random, scope.columns, 'string');
  if (simple !== undefined && random.chance(0.3)) {
    return `CASE ${simple} WHEN 'DE' THEN ${column} WHEN 'x' THEN ${other} END`;
  }
  return random.chance(0.5)
    ? `CASE WHEN ${when} THEN ${column} ELSE ${other} END`
    : `if(${when}, ${column}, ${other})`;
}

function computed(random: Random, scope: Scope, kind: ColumnKind, column: string, depth: number): string {
  const again = (k: ColumnKind): string => randomScalar(random, scope, k, depth - 1);
  switch (kind) {
    case 'int':
      return random.pick([
        `${column} + ${random.int(0, 9)}`,
        `coalesce(${column}, ${random.int(0, 9)})`,
        `length(${again('string')})`,
        `abs(${column})`,
        `100 div (${column} - ${random.int(15, 24)})`,
        `year(${again('date')})`,
        `TRY_CAST(${again('string')} AS INT)`,
        `${column}::int`,
        `CAST(${again('string')} AS INT)`,
      ]);
    case 'string':
      return random.pick([
        `upper(${column})`,
        `concat(${column}, '-', ${again('string')})`,
        `substring(${column}, ${random.int(0, 3)}, 2)`,
        `coalesce(${column}, 'none')`,
        `CAST(${again('int')} AS STRING)`,
        `nullif(${column}, 'x')`,
      ]);
    case 'decimal':
      return random.pick([`${column} * 2`, `coalesce(${column}, 0.00)`, `CAST(${column} AS DECIMAL(12,2))`]);
    case 'date':
      return random.pick([
        `date_add(${column}, ${random.int(-3, 40)})`,
        `last_day(${column})`,
        `CAST(${again('timestamp')} AS DATE)`,
      ]);
    case 'timestamp':
      return random.pick([
        `coalesce(${column}, TIMESTAMP '2000-01-01 00:00:00')`,
        `date_trunc('MONTH', ${column})`,
      ]);
    case 'boolean':
      return random.pick([`(NOT ${column})`, `(${column} IS NULL)`, `coalesce(${column}, false)`]);
    case 'array':
      return random.pick([
        `sort_array(${column})`,
        `array(${again('int')}, 3)`,
        `transform(${column}, x -> x + ${again('int')})`,
        `transform(${column}, (x, i) -> coalesce(x, 10 div (i - 1)))`,
        `filter(${column}, x -> x > ${random.int(0, 4)} OR x IS NULL)`,
        `zip_with(${column}, array(1, ${again('int')}), (x, y) -> coalesce(x, y))`,
        `array_sort(${column}, (x, y) -> y - x)`,
      ]);
    case 'struct':
      return `named_struct('city', ${again('string')}, 'zip', ${again('int')})`;
    case 'map':
      return column;
  }
}

/** A condition, three-valued. */
export function randomBoolean(random: Random, scope: Scope, depth = 2): string {
  if (depth > 0 && random.chance(0.4)) {
    const left = randomBoolean(random, scope, depth - 1);
    const right = randomBoolean(random, scope, depth - 1);
    return random.pick([`(${left} AND ${right})`, `(${left} OR ${right})`, `NOT (${left})`]);
  }
  if (random.chance(0.2)) {
    const exists = existsSubquery(random, scope);
    if (exists !== undefined) return random.chance(0.3) ? `NOT ${exists}` : exists;
  }
  const columns = comparable(scope.columns);
  if (columns.length === 0) return random.pick(['true', '1 = 2', 'NULL']);
  const column = random.pick(columns);
  if (random.chance(0.15)) {
    const values = inSubquery(random, scope, column.kind);
    if (values !== undefined) return `${column.sql} ${random.pick(['IN', 'NOT IN'])} ${values}`;
  }
  return comparison(random, scope, column);
}

function comparison(random: Random, scope: Scope, { sql, kind }: ScopeColumn): string {
  const literal = random.pick(LITERALS[kind]);
  const choices = [
    `${sql} ${random.pick(['=', '<>', '<', '>=', '<=>'])} ${literal}`,
    `${sql} IS NOT NULL`,
    `${sql} = ${randomScalar(random, scope, kind, 1)}`,
    `${sql} IS DISTINCT FROM ${literal}`,
    `${sql} IN (${LITERALS[kind].slice(0, 2).join(', ')})`,
  ];
  if (kind === 'string') choices.push(`${sql} LIKE ${random.pick(["'%@%'", "'x%'", "'_o'", "'%e%'"])}`);
  if (kind === 'int') choices.push(`${sql} BETWEEN 2 AND 20`, `10 / (${sql} - 20) > 0`);
  if (kind === 'boolean') choices.push(sql);
  const list = pickOf(random, scope.columns, 'array');
  if (list !== undefined)
    choices.push(
      `array_contains(${list}, 3)`,
      `exists(${list}, x -> x = ${randomScalar(random, scope, 'int', 1)})`,
      `forall(${list}, x -> x < 10)`,
      `exists(${list}, x -> 6 / (x - 3) > 1)`,
    );
  return random.pick(choices);
}
