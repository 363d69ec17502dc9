/** Random scalar and boolean expressions over a scope, some of which may raise (division, casts). */
import type { Random } from './random.js';
import type { Scope } from './random-query.js';
import type { ColumnKind } from './tables.js';

/** A subquery: of one column of `kind` in parentheses, or an EXISTS when `kind` is undefined. */
export type SubqueryMaker = (
  random: Random,
  scope: Scope,
  kind: ColumnKind | undefined,
) => string | undefined;

const LITERALS: Readonly<Record<ColumnKind, readonly string[]>> = {
  int: ['0', '1', '5', '18', '20', '-2', 'NULL'],
  string: ["'DE'", "'x'", "''", "'%@%'", "'paid'", "'xxx'", 'NULL'],
  decimal: ['0.00', '100.00', '-3.50', '12.34'],
  date: ["DATE '2016-01-01'", "DATE '2020-06-15'"],
  timestamp: ["TIMESTAMP '2016-01-01 00:00:00'", "TIMESTAMP '2021-03-04 05:06:07'"],
  boolean: ['true', 'false'],
};

/** An expression of this kind; a literal where the scope has nothing that fits. */
export function randomScalar(random: Random, scope: Scope, kind: ColumnKind, depth: number): string {
  const columns = scope.columns.filter((column) => column.kind === kind);
  if (columns.length === 0) return random.pick(LITERALS[kind].filter((text) => text !== 'NULL'));
  const column = random.pick(columns).sql;
  if (depth <= 0 || random.chance(0.5)) return column;
  const again = (k: ColumnKind): string => randomScalar(random, scope, k, depth - 1);
  switch (kind) {
    case 'int':
      return random.pick([
        `${column} + ${random.int(0, 9)}`,
        `coalesce(${column}, ${random.int(0, 9)})`,
        `CASE WHEN ${again('boolean')} THEN ${column} ELSE ${random.int(0, 3)} END`,
        `length(${again('string')})`,
        `abs(${column})`,
        `100 div (${column} - ${random.int(15, 24)})`,
        `year(${again('date')})`,
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
      return random.pick([`date_add(${column}, ${random.int(-3, 40)})`, `last_day(${column})`]);
    case 'timestamp':
      return `coalesce(${column}, TIMESTAMP '2000-01-01 00:00:00')`;
    case 'boolean':
      return random.pick([`NOT ${column}`, `${column} IS NULL`, `coalesce(${column}, false)`]);
  }
}

/** A condition, three-valued. */
export function randomBoolean(random: Random, scope: Scope, subquery: SubqueryMaker, depth = 2): string {
  if (depth > 0 && random.chance(0.4)) {
    const left = randomBoolean(random, scope, subquery, depth - 1);
    const right = randomBoolean(random, scope, subquery, depth - 1);
    return random.pick([`(${left} AND ${right})`, `(${left} OR ${right})`, `NOT (${left})`]);
  }
  if (random.chance(0.2)) {
    const exists = subquery(random, scope, undefined);
    if (exists !== undefined) return random.chance(0.3) ? `NOT ${exists}` : exists;
  }
  const column = random.pick(scope.columns);
  if (random.chance(0.15)) {
    const values = subquery(random, scope, column.kind);
    if (values !== undefined) return `${column.sql} ${random.pick(['IN', 'NOT IN'])} ${values}`;
  }
  return comparison(random, scope, column.sql, column.kind);
}

function comparison(random: Random, scope: Scope, column: string, kind: ColumnKind): string {
  const literal = random.pick(LITERALS[kind]);
  const choices = [
    `${column} ${random.pick(['=', '<>', '<', '>=', '<=>'])} ${literal}`,
    `${column} IS NOT NULL`,
    `${column} = ${randomScalar(random, scope, kind, 1)}`,
    `${column} IN (${LITERALS[kind].slice(0, 2).join(', ')})`,
  ];
  if (kind === 'string') choices.push(`${column} LIKE ${random.pick(["'%@%'", "'x%'", "'_o'", "'%e%'"])}`);
  if (kind === 'int') choices.push(`${column} BETWEEN 2 AND 20`, `10 / (${column} - 20) > 0`);
  if (kind === 'boolean') choices.push(column);
  return random.pick(choices);
}
