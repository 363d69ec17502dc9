/**
 * Random Spark SQL over the oracle tables: CTEs (also named like a table, also inside subqueries), set
 * operations, order and limits around random SELECTs. Deterministic by construction: no float sums, LIMIT
 * and windows only under a total order.
 */
import type { Closed } from './policy-model.js';
import {
  comparable,
  DEPTH_MAX,
  isComparable,
  pickSource,
  type RandomQuery,
  type Scope,
  type ScopeColumn,
  type Source,
} from './query-scope.js';
import type { Random } from './random.js';
import { randomBoolean, randomScalar } from './random-expression.js';
import { tableOf } from './random-from.js';
import { select } from './random-select.js';
import { type ColumnKind, TABLES } from './tables.js';

/** As a rule nothing closed is mentioned; now and then it is, and must look as if it were not there. */
export function randomQuery(random: Random, closed: Closed): string {
  const bold = random.chance(0.06);
  const careless = bold || random.chance(0.2);
  const reaching = bold || random.chance(0.1);
  const sources = TABLES.filter(({ name }) => reaching || !closed.hiddenTables.has(name))
    .filter(({ name }) => reaching || !closed.deniedTables.has(name))
    .map((table): Source => {
      const columns = Object.entries(table.columns)
        .filter(([name]) => bold || !closed.hiddenColumns.has(`${table.name}.${name}`))
        .map(([name, { kind }]) => {
          const avoid = !careless && closed.predicateDenied.has(`${table.name}.${name}`);
          return { name, kind, avoid };
        });
      const bare = `main.${table.name}`;
      const refs = [
        `lake.${bare}`,
        `lake.${bare}`,
        bare,
        table.name,
        `Lake.\`main\`.${table.name.toUpperCase()}`,
      ];
      return { refs, columns, rows: table.rowCount, rare: table.name === 'vault' && !reaching };
    });
  return query(random, { columns: [], sources, depth: 0 }).sql;
}

/** For a subquery in FROM: often a plain SELECT, sometimes with CTEs of its own. */
export const nestedQuery = (random: Random, scope: Scope): RandomQuery =>
  random.chance(0.2) ? query(random, scope) : select(random, scope);

function query(random: Random, outer: Scope): RandomQuery {
  const ctes: string[] = [];
  let scope = outer;
  for (let i = random.pick([0, 0, 1, 1, 2]); i > 0; i -= 1) {
    const body = select(random, { ...scope, depth: scope.depth + 1 });
    const name = random.chance(0.3) ? random.pick(TABLES).name : random.name('cte');
    if (ctes.some((cte) => cte.startsWith(`${name} `))) continue;
    const columns = body.kinds.map((kind, c) => ({ name: `k${c}`, kind }));
    ctes.push(`${name} (${columns.map((column) => column.name).join(', ')}) AS (${body.sql})`);
    scope = { ...scope, sources: [...shadowed(scope.sources, name), { refs: [name], columns, rows: 60 }] };
  }
  const recursive = outer.depth === 0 && random.chance(0.08) ? recursion(random, scope) : undefined;
  if (recursive !== undefined) {
    ctes.push(recursive.sql);
    scope = { ...scope, sources: [...scope.sources, recursive.source, recursive.source] };
  }
  const body = random.pick([piped, setOperation, setOperation, ...Array(7).fill(select)])(random, scope);
  const order = outer.depth === 0 || random.chance(0.3) ? ordered(random, body) : '';
  const sql = `${ctes.length > 0 ? `WITH ${recursive ? 'RECURSIVE ' : ''}${ctes.join(', ')} ` : ''}${body.sql}${order}`;
  return { sql, kinds: body.kinds, sortable: [] };
}

/** A few levels over a small source, each a join with the level before it. */
function recursion(
  random: Random,
  scope: Scope,
): { readonly sql: string; readonly source: Source } | undefined {
  const start = tableOf(random, pickSource(random, scope));
  const next = tableOf(random, pickSource(random, scope));
  const carried = random.pick(comparable(start.columns).concat(comparable(start.columns).slice(0, 1)));
  const key = comparable(start.columns).find(({ kind }) => kind === 'int');
  const keys = comparable(next.columns).filter(({ kind }) => kind === 'int');
  const more = comparable(next.columns).filter(({ kind }) => kind === carried?.kind);
  if (carried === undefined || key === undefined || keys.length === 0 || more.length === 0) return undefined;
  const name = random.name('rec');
  const [from, to] = [random.pick(keys), random.pick(keys)];
  const anchor = `SELECT ${key.sql} AS n, ${carried.sql} AS x, 1 AS depth FROM ${start.sql}`;
  const value = random.chance(0.5) ? 'r.x' : random.pick(more).sql;
  const step = `SELECT ${to.sql}, ${value}, r.depth + 1 FROM ${next.sql} JOIN ${name} AS r ON ${from.sql} = r.n AND r.depth < ${random.int(2, 3)}`;
  const columns = [
    { name: 'n', kind: 'int' as const },
    { name: 'x', kind: carried.kind },
    { name: 'depth', kind: 'int' as const },
  ];
  return { sql: `${name} AS (${anchor} UNION ALL ${step})`, source: { refs: [name], columns, rows: 120 } };
}

/** A CTE takes the bare name of a table: only its longer names still mean the table. */
const shadowed = (sources: readonly Source[], name: string): readonly Source[] =>
  sources
    .map((source) => ({ ...source, refs: source.refs.filter((ref) => ref !== name) }))
    .filter((source) => source.refs.length > 0);

/** Ordering by every column is total up to equal rows, so a LIMIT is deterministic as a multiset. */
function ordered(random: Random, body: RandomQuery): string {
  if (!random.chance(0.4) || !body.kinds.every((kind) => isComparable({ kind }))) return '';
  const direction = (): string => random.pick(['', ' DESC', ' NULLS LAST', ' DESC NULLS FIRST']);
  if (random.chance(0.2)) return ` ORDER BY ALL${direction()}`;
  const keys = body.kinds.map((_, i) => `${i + 1}${direction()}`);
  if (body.sortable.length > 0 && random.chance(0.3)) {
    keys.unshift(`${random.pick(body.sortable).sql}${direction()}`);
  }
  const limit = random.chance(0.6) ? ` LIMIT ${random.int(0, 8)}` : '';
  const offset = limit !== '' && random.chance(0.3) ? ` OFFSET ${random.int(0, 3)}` : '';
  return ` ORDER BY ${keys.join(', ')}${limit}${offset}`;
}

/** Operators of pipe syntax over a SELECT whose columns have names. */
function piped(random: Random, scope: Scope): RandomQuery {
  const body = select(random, { ...scope, depth: scope.depth + 1 });
  const names = body.kinds.map((_, i) => `k${i}`);
  const columns: ScopeColumn[] = body.kinds.map((kind, i) => ({ sql: `k${i}`, name: `k${i}`, kind }));
  const inner = (): Scope => ({ ...scope, columns, depth: DEPTH_MAX });
  const steps = [`FROM (${body.sql}) AS p (${names.join(', ')})`];
  const where = (): void => void steps.push(`WHERE ${randomBoolean(random, inner(), 1)}`);
  if (random.chance(0.6)) where();
  if (random.chance(0.5)) {
    const kind = random.pick<ColumnKind>(['int', 'string']);
    steps.push(`EXTEND ${randomScalar(random, inner(), kind, 1)} AS e`);
    columns.push({ sql: 'e', name: 'e', kind });
    if (random.chance(0.5)) where();
  }
  const [first] = columns;
  if (first !== undefined && random.chance(0.4))
    steps.push(`SET ${first.sql} = ${randomScalar(random, inner(), first.kind, 1)}`);
  if (columns.length > 1 && random.chance(0.3)) steps.push(`DROP ${columns.pop()?.sql}`);
  const key = columns.find(isComparable);
  if (key === undefined || random.chance(0.6))
    return { sql: steps.join(' |> '), kinds: columns.map(({ kind }) => kind), sortable: [] };
  steps.push(`AGGREGATE count(*) AS n GROUP BY ${key.sql}`);
  return { sql: steps.join(' |> '), kinds: [key.kind, 'int'], sortable: [] };
}

const OPERATORS = ['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT', 'INTERSECT ALL', 'EXCEPT ALL', 'MINUS'];

function setOperation(random: Random, scope: Scope): RandomQuery {
  const kinds = random.pick<readonly ColumnKind[]>([
    ['int'],
    ['string'],
    ['string', 'int'],
    ['decimal', 'date'],
    ['boolean', 'timestamp'],
  ]);
  const side = (): string => {
    if (random.chance(0.1) && kinds.length === 2 && kinds[0] === 'string')
      return "VALUES ('DE', 1), ('x', NULL)";
    return select(random, { ...scope, depth: scope.depth + 1 }, kinds).sql;
  };
  const two = `${side()} ${random.pick(OPERATORS)} ${side()}`;
  const sql = random.chance(0.2) ? `(${two}) ${random.pick(OPERATORS)} ${side()}` : two;
  return { sql, kinds, sortable: [] };
}
