/**
 * Statements bound over two small tables as the gateway binds them: column `secret` of `people` is hidden by
 * a mask, table `hushed` may not be known of.
 */

import { bindQuery } from '../../src/core/bind/bind.js';
import { predicateColumns } from '../../src/core/bind/provenance.js';
import type { CatalogSnapshot, TableMeta } from '../../src/core/catalog/catalog.js';
import { GovernanceError } from '../../src/core/errors.js';
import type { BoundQuery } from '../../src/core/plan/plan.js';
import { walkPlan } from '../../src/core/plan/traverse.js';
import { array, type DataType, INT, STRING, struct } from '../../src/core/plan/types.js';
import { compilePolicies } from '../../src/core/policy/compile.js';
import { parsePolicy } from '../../src/core/policy/document.js';
import { DecidingPolicies } from '../../src/core/policy/memo.js';
import { parseStatement } from '../../src/core/sql/parse.js';
import { type BindScope, bindContext } from '../../src/gateway/bind-context.js';

const ADDRESS = struct([
  { name: 'city', type: STRING },
  { name: 'zip', type: INT },
]);
const COLUMNS: Readonly<Record<string, Readonly<Record<string, DataType>>>> = {
  people: {
    id: INT,
    name: STRING,
    country: STRING,
    boss: INT,
    secret: STRING,
    address: ADDRESS,
    marks: array(INT),
  },
  orders: { id: INT, person: INT, country: STRING, total: INT },
  hushed: { id: INT, name: STRING },
};

const tableOf = (table: string, columns: Readonly<Record<string, DataType>>): TableMeta => ({
  id: `lake.main.${table}`,
  catalog: 'lake',
  schema: 'main',
  table,
  columns: Object.entries(columns).map(([name, type]) => ({ name, type, nullable: true, tags: [] })),
  tags: [],
  source: { format: 'parquet', files: [`/lake/${table}.parquet`], partitions: [] },
  version: '1',
});
const catalog: CatalogSnapshot = {
  version: '1',
  tables: new Map(
    Object.entries(COLUMNS).map(([name, columns]) => [`lake.main.${name}`, tableOf(name, columns)]),
  ),
};
const policies = new DecidingPolicies(
  compilePolicies(
    [
      {
        version: 1,
        document: parsePolicy({
          kind: 'policy',
          name: 'sample',
          grants: [
            { allow: ['browse', 'read'], to: ['all'], on: ['lake.main'] },
            { deny: ['browse'], to: ['all'], on: ['lake.main.hushed'] },
          ],
          columns: [{ on: ['lake.main.people.secret'], to: ['all'], mask: 'hide' }],
        }),
      },
    ],
    1,
  ),
);

export function bindSample(sql: string): BoundQuery {
  const scope: BindScope = {
    catalog,
    policies,
    principal: { user: 'ana', roles: [], groups: [], attributes: {}, via: 'test' },
    request: { statement: sql, parameters: [], engine: 'duckdb', tags: {} },
    now: new Date('2026-01-31T12:00:00Z'),
    decisionId: 'sample',
    currentCatalog: 'lake',
    currentSchema: 'main',
  };
  const statement = parseStatement(sql, { parameters: 'statement' });
  if (statement.kind !== 'query-statement') throw new Error('not a query');
  return bindQuery(statement.query, bindContext(scope));
}

/** Output names, in order. */
export const namesOf = (sql: string): readonly string[] =>
  bindSample(sql).output.map((column) => column.name);

/** Tables that are read, one per reference. */
export const tablesOf = (sql: string): readonly string[] =>
  bindSample(sql).leaves.map((leaf) => leaf.table.replace('lake.main.', ''));

/** Columns that choose rows, sorted. */
export const chosenBy = (sql: string): readonly string[] =>
  predicateColumns(bindSample(sql))
    .map(({ source }) => source)
    .sort();

/** Kinds of the plan's nodes, from above to below. */
export function kindsOf(sql: string): readonly string[] {
  const kinds: string[] = [];
  walkPlan(bindSample(sql).plan, { plan: ({ kind }) => kinds.push(kind) });
  return kinds;
}

/** What the caller is told: `CODE line:column message remedy`. */
export function refusalOf(sql: string): string {
  try {
    bindSample(sql);
  } catch (error) {
    if (!(error instanceof GovernanceError)) throw error;
    const { position, remedy } = error.details;
    return `${error.code} ${position?.line}:${position?.column} ${error.message} ${remedy}`;
  }
  throw new Error(`${sql} binds`);
}
