/** Subqueries that stand for values and conditions, correlated or not. */
import { comparable, DEPTH_MAX, nested, pickSource, type Scope, type ScopeColumn } from './query-scope.js';
import type { Random } from './random.js';
import { type From, tableOf } from './random-from.js';
import { select } from './random-select.js';
import type { ColumnKind } from './tables.js';

/** A condition that ties the rows of a subquery to the row outside; undefined when nothing fits. */
function correlation(random: Random, inside: From, outside: readonly ScopeColumn[]): string | undefined {
  const pairs = comparable(inside.columns).flatMap((a) =>
    comparable(outside)
      .filter((b) => b.kind === a.kind && b.sql.includes('.'))
      .map((b) => ({ a: a.sql, b: b.sql })),
  );
  const keyed = pairs.filter(({ a }) => /\.(id|person_id)$/.test(a));
  if (pairs.length === 0) return undefined;
  const { a, b } = random.pick(keyed.length > 0 && random.chance(0.6) ? keyed : pairs);
  return `${a} ${random.pick(['=', '=', '=', '<', '<>'])} ${b}`;
}

export function existsSubquery(random: Random, scope: Scope): string | undefined {
  if (scope.depth >= DEPTH_MAX) return undefined;
  if (random.chance(0.15)) return `EXISTS (${select(random, nested(scope)).sql})`;
  const from = tableOf(random, pickSource(random, scope));
  const tie = correlation(random, from, scope.columns);
  return tie && `EXISTS (SELECT 1 FROM ${from.sql} WHERE ${tie})`;
}

export function inSubquery(random: Random, scope: Scope, kind: ColumnKind): string | undefined {
  if (scope.depth >= DEPTH_MAX) return undefined;
  if (random.chance(0.5)) return `(${select(random, nested(scope), [kind]).sql})`;
  const from = tableOf(random, pickSource(random, scope));
  const tie = correlation(random, from, scope.columns);
  const values = comparable(from.columns).filter((column) => column.kind === kind);
  if (tie === undefined || values.length === 0) return undefined;
  return `(SELECT ${random.pick(values).sql} FROM ${from.sql} WHERE ${tie})`;
}

/** One value: an aggregate as a rule; now and then one that raises when there is more than one row. */
export function scalarSubquery(random: Random, scope: Scope, kind: ColumnKind): string | undefined {
  if (scope.depth >= DEPTH_MAX || kind === 'array' || kind === 'struct') return undefined;
  const from = tableOf(random, pickSource(random, scope));
  const values = comparable(from.columns).filter((column) => column.kind === kind);
  if (values.length === 0) return undefined;
  const tie = random.chance(0.7) ? correlation(random, from, scope.columns) : undefined;
  const where = tie === undefined ? '' : ` WHERE ${tie}`;
  const value = random.pick(values).sql;
  const single = where !== '' && random.chance(0.08);
  return `(SELECT ${single ? value : `${random.pick(['min', 'max'])}(${value})`} FROM ${from.sql}${where})`;
}
