/** What changes the shape of FROM: rows out of arrays, columns out of rows, rows out of columns. */
import { comparable, type ScopeColumn, usable } from './query-scope.js';
import type { Random } from './random.js';
import { type From, ROWS_MAX } from './random-from.js';
import type { ColumnKind } from './tables.js';

/** Rows out of each row: of an array, of a map, of two columns beside each other. */
export function generated(random: Random, from: From): From | undefined {
  const columns = usable(from.columns);
  const calls = [
    columns.filter(({ kind }) => kind === 'array').map(ofArray),
    columns.filter(({ kind }) => kind === 'map').map(ofMap),
    pairsOf(comparable(columns)).map(ofPair),
  ].filter((ways) => ways.length > 0);
  if (calls.length === 0 || from.rows * 2 > ROWS_MAX) return undefined;
  const { call, made } = random.pick(random.pick(calls));
  const alias = random.name('g');
  const list = made.map(({ name }) => name).join(', ');
  const sql = random.pick([
    `${from.sql} LATERAL VIEW ${call} ${alias} AS ${list}`,
    `${from.sql} LATERAL VIEW OUTER ${call} ${alias} AS ${list}`,
    `${from.sql}, LATERAL ${call} AS ${alias}(${list})`,
  ]);
  const more = made.map((column) => ({ ...column, sql: `${alias}.${column.name}` }));
  return { sql, columns: [...from.columns, ...more], rows: from.rows * 2 };
}

interface Generated {
  readonly call: string;
  readonly made: readonly { readonly name: string; readonly kind: ColumnKind }[];
}
const ofArray = ({ sql }: ScopeColumn): Generated => ({
  call: `posexplode(${sql})`,
  made: [
    { name: 'place', kind: 'int' },
    { name: 'one', kind: 'int' },
  ],
});
const ofMap = ({ sql }: ScopeColumn): Generated => ({
  call: `explode(${sql})`,
  made: [
    { name: 'k', kind: 'string' },
    { name: 'v', kind: 'int' },
  ],
});
const ofPair = ([a, b]: readonly [ScopeColumn, ScopeColumn]): Generated => ({
  call: `stack(2, ${a.sql}, 'a', ${b.sql}, NULL)`,
  made: [
    { name: 'one', kind: a.kind },
    { name: 'which', kind: 'string' },
  ],
});

const pairsOf = (columns: readonly ScopeColumn[]): readonly (readonly [ScopeColumn, ScopeColumn])[] =>
  columns.flatMap((a, i) =>
    columns
      .slice(i + 1)
      .filter((b) => b.kind === a.kind && a.kind !== 'decimal')
      .map((b) => [a, b] as const),
  );

/** Two columns under each other; what is left over keeps its names. */
export function unpivoted(random: Random, from: From): From | undefined {
  if (/ (USING|NATURAL) /.test(from.sql) || from.rows * 2 > ROWS_MAX) return undefined;
  const pairs = pairsOf(comparable(from.columns).filter(({ sql }) => sql.includes('.')));
  if (pairs.length === 0) return undefined;
  const [a, b] = random.pick(pairs);
  const name = random.name('u');
  const nulls = random.pick(['', 'INCLUDE NULLS ']);
  const rest = from.columns.filter((column) => column !== a && column !== b);
  return {
    sql: `${from.sql} UNPIVOT ${nulls}(${name}v FOR ${name}k IN (${a.sql}, ${b.sql} AS other))`,
    columns: [...rest, bare(`${name}k`, 'string'), bare(`${name}v`, a.kind)],
    rows: from.rows * 2,
  };
}

const bare = (name: string, kind: ColumnKind): ScopeColumn => ({ sql: name, name, kind });

const VALUES: Partial<Record<ColumnKind, readonly string[]>> = {
  int: ['1 AS x', '2 AS y', 'NULL AS z', '17 AS w'],
  string: ["'DE' AS x", "'a' AS y", "'open' AS z", 'NULL AS w'],
  boolean: ['true AS x', 'false AS y'],
};

/** A group, what its values stand under, and a value. */
export function pivoted(random: Random, from: From): From | undefined {
  const columns = comparable(from.columns);
  const keys = columns.filter(({ kind }) => VALUES[kind] !== undefined);
  if (keys.length === 0) return undefined;
  const [group, key, value] = [random.pick(columns), random.pick(keys), random.pick(columns)];
  const alias = random.name('p');
  const names = random.some(VALUES[key.kind] ?? [], 1, 2);
  const inner = `SELECT ${group.sql} AS g, ${key.sql} AS k, ${value.sql} AS v FROM ${from.sql}`;
  const counted = random.chance(0.5);
  const aggregates = `${random.pick(['max', 'min'])}(v)${counted ? ' AS m, count(v) AS n' : ''}`;
  const made = names.flatMap((named): readonly ScopeColumn[] => {
    const name = named.slice(-1);
    if (!counted) return [bare(name, value.kind)];
    return [bare(`${name}_m`, value.kind), bare(`${name}_n`, 'int')];
  });
  return {
    sql: `(SELECT * FROM (${inner}) PIVOT (${aggregates} FOR k IN (${names.join(', ')}))) AS ${alias}`,
    columns: [bare('g', group.kind), ...made].map((column) => ({
      ...column,
      sql: `${alias}.${column.name}`,
    })),
    rows: from.rows,
  };
}
