/**
 * A lake of Parquet files with a policy over it, in process: decode, bind, decide, rewrite, check and run as
 * the gateway does them, without HTTP and Postgres. `fault` lets a test break the secured plan on purpose.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { CatalogSnapshot, TableMeta } from '../../src/core/catalog/catalog.js';
import { GovernanceError } from '../../src/core/errors.js';
import { BOOLEAN, DATE, type DataType, decimal, INT, STRING, TIMESTAMP } from '../../src/core/plan/types.js';
import type { Principal } from '../../src/core/policy/decision.js';
import type { SecuredPlan } from '../../src/core/rewrite/secure.js';
import { parseStatement } from '../../src/core/sql/parse.js';
import type { Engine } from '../../src/engines/engine.js';
import type { BindScope } from '../../src/gateway/bind-context.js';
import { bindAndDecide } from '../../src/gateway/decide-statement.js';
import { secure, securedStatement } from '../../src/gateway/govern.js';
import type { PolicyView } from '../../src/gateway/policies.js';
import { Stopwatch } from '../../src/gateway/timings.js';
import { type ColumnKind, type Data, DUCKDB_TYPES, TABLES, type Value } from './tables.js';

const SPARK_TYPES: Readonly<Record<ColumnKind, DataType>> = {
  int: INT,
  string: STRING,
  decimal: decimal(10, 2),
  date: DATE,
  timestamp: TIMESTAMP,
  boolean: BOOLEAN,
};

export const PROBE: Principal = {
  user: 'probe',
  roles: [],
  groups: [],
  attributes: { countries: ['DE', 'BR'] },
  via: 'test',
};

/** What someone outside can see of a statement. */
export type Seen =
  | { readonly rows: readonly string[]; readonly schema: string }
  | { readonly error: string; readonly message: string };

/** Writes the data as Parquet; `hidden` columns (`table.column`) are left out of the files. */
export async function writeLake(
  directory: string,
  data: Data,
  hidden: ReadonlySet<string>,
): Promise<CatalogSnapshot> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const tables = new Map<string, TableMeta>();
  for (const table of TABLES) {
    const columns = Object.entries(table.columns).filter(([name]) => !hidden.has(`${table.name}.${name}`));
    const file = join(directory, `${table.name}.parquet`);
    const types = columns.map(([, kind]) => DUCKDB_TYPES[kind]);
    const rows = (data[table.name] ?? []).map(
      (row) => `(${columns.map(([name], i) => `${sqlLiteral(row[name] ?? null)}::${types[i]}`).join(', ')})`,
    );
    const typed = `(${types.map((type) => `NULL::${type}`).join(', ')})`;
    await connection.run(
      `COPY (SELECT * FROM (VALUES ${[typed, ...rows].join(', ')}) AS t(${columns.map(([n]) => n).join(', ')}) OFFSET 1)
       TO '${file}' (FORMAT parquet)`,
    );
    tables.set(`lake.main.${table.name}`, {
      id: `lake.main.${table.name}`,
      catalog: 'lake',
      schema: 'main',
      table: table.name,
      columns: columns.map(([name, kind]) => ({ name, type: SPARK_TYPES[kind], nullable: true, tags: [] })),
      tags: [],
      source: { format: 'parquet', files: [file], partitions: [] },
      version: file,
    });
  }
  connection.closeSync();
  instance.closeSync();
  return { version: directory, tables };
}

const sqlLiteral = (value: Value): string => {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  return String(value);
};

export interface Lakes {
  readonly root: string;
  make(data: Data, hidden?: ReadonlySet<string>): Promise<CatalogSnapshot>;
  dispose(): void;
}

/** A folder that holds every lake of a test run. */
export function lakes(): Lakes {
  const root = mkdtempSync(join(tmpdir(), 'sluice-oracle-'));
  return {
    root,
    make: async (data, hidden = new Set<string>()) =>
      writeLake(mkdtempSync(join(root, 'lake-')), data, hidden),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Runs one statement for the probe under `policies`; never throws for what a user may cause. */
export async function ask(
  engine: Engine,
  catalog: CatalogSnapshot,
  policies: PolicyView,
  sql: string,
  fault: (plan: SecuredPlan) => SecuredPlan = (plan) => plan,
): Promise<Seen> {
  const watch = new Stopwatch();
  const scope: BindScope = {
    catalog,
    policies,
    principal: PROBE,
    request: { statement: sql, parameters: [], engine: 'duckdb', tags: {} },
    now: new Date('2026-01-01T00:00:00Z'),
    decisionId: 'oracle',
    currentCatalog: 'lake',
    currentSchema: 'main',
  };
  try {
    const { bound, decision } = bindAndDecide(parseStatement(sql, { parameters: 'statement' }), scope, watch);
    const secured = fault(secure(bound, decision, scope));
    const prepared = await engine.prepare(securedStatement(bound, secured, scope));
    const result = await engine.rows(prepared, {
      limits: { byteLimit: 10_000_000, timeoutMs: 30_000 },
      signal: new AbortController().signal,
      queueKey: 'probe',
    });
    const rows: string[] = [];
    for await (const batch of result.batches()) {
      for (const row of JSON.parse(`[${batch.json}]`) as unknown[]) rows.push(JSON.stringify(row));
    }
    const schema = bound.output.map((column) => `${column.name} ${JSON.stringify(column.type)}`).join(', ');
    return { rows: rows.sort(), schema };
  } catch (error) {
    if (error instanceof GovernanceError) {
      if (error.code === 'ENGINE_ERROR' && process.env.SLUICE_ORACLE_TRACE) console.error(sql, error.cause);
      return { error: error.code, message: error.message };
    }
    throw error;
  }
}
