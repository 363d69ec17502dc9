/** FROM: tables and CTEs under aliases, subqueries, VALUES, LATERAL, and joins of every kind. */
import {
  comparable,
  DEPTH_MAX,
  isComparable,
  nested,
  pickSource,
  type Scope,
  type ScopeColumn,
  type Source,
} from './query-scope.js';
import type { Random } from './random.js';
import { randomBoolean } from './random-expression.js';
import { nestedQuery } from './random-query.js';
import { generated, pivoted, unpivoted } from './random-shape.js';
import type { ColumnKind } from './tables.js';

export interface From {
  readonly sql: string;
  /** In star order. */
  readonly columns: readonly ScopeColumn[];
  /** A guess, so that joins stay small. */
  readonly rows: number;
}
export const ROWS_MAX = 4_000;

export function randomFrom(random: Random, scope: Scope): From {
  let from = relation(random, scope);
  const joins = scope.depth === 0 ? random.pick([0, 1, 1, 1, 2]) : random.pick([0, 0, 1]);
  for (let i = 1; i <= joins; i += 1) {
    const right = relation(random, scope);
    from = join(random, scope, from, right, i === joins) ?? from;
  }
  if (scope.depth === 0 && random.chance(0.05)) return lateral(random, scope, from) ?? from;
  if (random.chance(0.08)) return generated(random, from) ?? from;
  if (random.chance(0.06)) return unpivoted(random, from) ?? from;
  return from;
}

/** Samples of all rows: what others take is not told. */
const WHOLE = [
  ' TABLESAMPLE (100 PERCENT)',
  ' TABLESAMPLE (BUCKET 3 OUT OF 3) REPEATABLE (5)',
  ' TABLESAMPLE (100000 ROWS)',
];

/** A table or CTE under an alias. */
export function tableOf(random: Random, source: Source): From {
  const alias = random.name('t');
  return {
    sql: `${random.pick(source.refs)}${random.chance(0.06) ? random.pick(WHOLE) : ''} AS ${alias}`,
    columns: source.columns.map((column) => ({ ...column, sql: `${alias}.${column.name}` })),
    rows: source.rows,
  };
}

function relation(random: Random, scope: Scope): From {
  if (random.chance(0.06)) return values(random);
  if (random.chance(0.06))
    return pivoted(random, tableOf(random, pickSource(random, scope))) ?? values(random);
  if (scope.depth < DEPTH_MAX && random.chance(0.16)) {
    const alias = random.name('t');
    const query = nestedQuery(random, nested(scope));
    const names = query.kinds.map((_, i) => `s${i}`);
    return {
      sql: `(${query.sql}) AS ${alias}(${names.join(', ')})`,
      columns: query.kinds.map((kind, i) => ({ sql: `${alias}.s${i}`, name: `s${i}`, kind })),
      rows: 60,
    };
  }
  return tableOf(random, pickSource(random, scope));
}

function values(random: Random): From {
  const alias = random.name('v');
  const rows = random.some(["(1, 'DE')", "(20, 'x')", "(NULL, 'FR')", '(7, NULL)', "(1, 'DE')"], 1, 4);
  const columns: readonly [string, ColumnKind][] = [
    ['id', 'int'],
    ['country', 'string'],
  ];
  return {
    sql: `(VALUES ${rows.join(', ')}) AS ${alias}(id, country)`,
    columns: columns.map(([name, kind]) => ({ sql: `${alias}.${name}`, name, kind })),
    rows: rows.length,
  };
}

const KINDS = ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'LEFT SEMI JOIN', 'LEFT ANTI JOIN'] as const;
type Kind = (typeof KINDS)[number];
const isOneSided = (kind: Kind): boolean => kind === 'LEFT SEMI JOIN' || kind === 'LEFT ANTI JOIN';

function join(random: Random, scope: Scope, left: From, right: From, last: boolean): From | undefined {
  if (left.rows * right.rows <= ROWS_MAX / 4 && random.chance(0.25)) {
    const sql = `${left.sql} ${random.pick(['CROSS JOIN', 'CROSS JOIN', 'JOIN'])} ${right.sql}`;
    return { sql, columns: [...left.columns, ...right.columns], rows: left.rows * right.rows };
  }
  const kind = random.pick(KINDS);
  if (random.chance(0.3)) {
    const shared = sharedJoin(random, left, right, kind, last);
    if (shared !== undefined) return shared;
  }
  const pairs = comparable(left.columns).flatMap((a) =>
    comparable(right.columns)
      .filter((b) => b.kind === a.kind)
      .map((b) => ({ on: `${a.sql} = ${b.sql}`, keyed: isKey(a) && isKey(b) })),
  );
  const keyed = pairs.filter((pair) => pair.keyed);
  if (pairs.length === 0) return undefined;
  const picked = random.pick(keyed.length > 0 && random.chance(0.7) ? keyed : pairs);
  const rows = picked.keyed ? Math.max(left.rows, right.rows) : (left.rows * right.rows) / 3;
  if (rows > ROWS_MAX) return undefined;
  const both = [...left.columns, ...right.columns];
  // A condition besides the equality; full joins take equalities only.
  const more =
    kind !== 'FULL JOIN' && random.chance(0.2)
      ? ` AND ${randomBoolean(random, { ...scope, columns: both, depth: DEPTH_MAX }, 1)}`
      : '';
  const columns = isOneSided(kind) ? left.columns : both;
  return { sql: `${left.sql} ${kind} ${right.sql} ON ${picked.on}${more}`, columns, rows };
}

const isKey = (column: ScopeColumn): boolean => column.name === 'id' || column.name === 'person_id';

/** USING or NATURAL: the shared columns come first, once; of a RIGHT join the right one's. */
function sharedJoin(random: Random, left: From, right: From, kind: Kind, last: boolean): From | undefined {
  const once = (columns: readonly ScopeColumn[], name: string): ScopeColumn | undefined => {
    const found = columns.filter((column) => column.name === name);
    return found.length === 1 ? found[0] : undefined;
  };
  const names = left.columns.map((column) => column.name);
  const shared = [...new Set(names)].filter((name) => right.columns.some((column) => column.name === name));
  const good = shared.filter((name) => {
    const [a, b] = [once(left.columns, name), once(right.columns, name)];
    return a && b && a.kind === b.kind && isComparable(a) && a.avoid !== true && b.avoid !== true;
  });
  const natural = good.length === shared.length && good.length > 0 && random.chance(0.4);
  const used = natural ? shared : random.some(good, 1, 2);
  if (used.length === 0 || (left.rows * right.rows) / 3 > ROWS_MAX) return undefined;
  const keys = used.map((name): ScopeColumn => {
    const side = once(kind === 'RIGHT JOIN' ? right.columns : left.columns, name);
    if (side === undefined) throw new Error('a shared column vanished');
    // The bare name is the one of both sides, as long as no further join brings another of it.
    return last && random.chance(0.6) ? { ...side, sql: name } : side;
  });
  const rest = (from: From): readonly ScopeColumn[] => from.columns.filter((c) => !used.includes(c.name));
  const sql = natural
    ? `${left.sql} NATURAL ${kind} ${right.sql}`
    : `${left.sql} ${kind} ${right.sql} USING (${used.join(', ')})`;
  const columns = isOneSided(kind) ? [...keys, ...rest(left)] : [...keys, ...rest(left), ...rest(right)];
  return { sql, columns, rows: Math.max(left.rows, right.rows) };
}

/** A LATERAL subquery: one aggregate over what belongs to the row before it. */
function lateral(random: Random, scope: Scope, from: From): From | undefined {
  const inner = tableOf(random, pickSource(random, scope));
  const keys = comparable(from.columns).filter((column) => column.sql.includes('.'));
  const pairs = keys.flatMap((a) =>
    comparable(inner.columns)
      .filter((b) => b.kind === a.kind)
      .map((b) => `${b.sql} = ${a.sql}`),
  );
  const counted = comparable(inner.columns).filter((column) => column.kind === 'int');
  if (pairs.length === 0 || counted.length === 0) return undefined;
  const alias = random.name('l');
  const body = `SELECT max(${random.pick(counted).sql}) AS top FROM ${inner.sql} WHERE ${random.pick(pairs)}`;
  return {
    sql: `${from.sql}, LATERAL (${body}) AS ${alias}`,
    columns: [...from.columns, { sql: `${alias}.top`, name: 'top', kind: 'int' }],
    rows: from.rows,
  };
}
