/** Lakes of Parquet files written from rows that the oracles know by value. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { CatalogSnapshot, TableMeta } from '../../src/core/catalog/catalog.js';
import { type Data, DUCKDB_TYPES, type OracleTable, SPARK_TYPES, TABLES, type Value } from './tables.js';

/** Tables and `table.column` names that are left out altogether. */
export interface LeftOut {
  readonly tables: ReadonlySet<string>;
  readonly columns: ReadonlySet<string>;
}
const NOTHING: LeftOut = { tables: new Set(), columns: new Set() };

export interface Lakes {
  readonly root: string;
  /** A lake of its own folder below the root. */
  make(data: Data, leftOut?: LeftOut): Promise<CatalogSnapshot>;
  /** Removes one lake. */
  drop(catalog: CatalogSnapshot): void;
  dispose(): void;
}

/** A folder that holds every lake of a test run. */
export function lakes(): Lakes {
  const root = mkdtempSync(join(tmpdir(), 'sluice-oracle-'));
  let made = 0;
  let writer: Promise<DuckDBConnection> | undefined;
  return {
    root,
    make: async (data, leftOut = NOTHING) => {
      made += 1;
      // Names of one length: texts that name files are compared.
      const directory = join(root, `lake-${String(made).padStart(6, '0')}`);
      mkdirSync(directory);
      writer ??= openWriter();
      return writeLake(await writer, directory, data, leftOut);
    },
    drop: (catalog) => rmSync(catalog.version, { recursive: true, force: true }),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function openWriter(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return connection;
}

async function writeLake(
  connection: DuckDBConnection,
  directory: string,
  data: Data,
  leftOut: LeftOut,
): Promise<CatalogSnapshot> {
  const tables = new Map<string, TableMeta>();
  for (const table of TABLES) {
    if (leftOut.tables.has(table.name)) continue;
    const columns = Object.entries(table.columns).filter(
      ([name]) => !leftOut.columns.has(`${table.name}.${name}`),
    );
    const file = join(directory, `${table.name}.parquet`);
    const types = columns.map(([, { kind }]) => DUCKDB_TYPES[kind]);
    const rows = (data[table.name] ?? []).map(
      (row) => `(${columns.map(([name], i) => `${sqlLiteral(row[name] ?? null)}::${types[i]}`).join(', ')})`,
    );
    // A first row gives the types, also where there is no other; it is skipped again.
    const typed = `(${types.map((type) => `NULL::${type}`).join(', ')})`;
    await connection.run(
      `COPY (SELECT * FROM (VALUES ${[typed, ...rows].join(', ')}) AS t(${columns.map(([n]) => n).join(', ')}) OFFSET 1)
       TO '${file}' (FORMAT parquet)`,
    );
    tables.set(`lake.main.${table.name}`, tableMeta(table, columns, file));
  }
  return { version: directory, tables };
}

/** The catalogue of a lake that nobody reads. */
export const emptyCatalog = (): CatalogSnapshot => ({
  version: 'empty',
  tables: new Map(
    TABLES.map((table) => [
      `lake.main.${table.name}`,
      tableMeta(table, Object.entries(table.columns), `/lake/${table.name}.parquet`),
    ]),
  ),
});

const tableMeta = (
  table: OracleTable,
  columns: readonly (readonly [string, OracleTable['columns'][string]])[],
  file: string,
): TableMeta => ({
  id: `lake.main.${table.name}`,
  catalog: 'lake',
  schema: 'main',
  table: table.name,
  columns: columns.map(([name, { kind, tags }]) => ({
    name,
    type: SPARK_TYPES[kind],
    nullable: true,
    tags: tags ?? [],
  })),
  tags: table.tags,
  source: { format: 'parquet', files: [file], partitions: [] },
  version: file,
});

function sqlLiteral(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (Array.isArray(value)) return `[${value.map(sqlLiteral).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value);
  if ('city' in value) return `{${entries.map(([key, v]) => `'${key}': ${sqlLiteral(v)}`).join(', ')}}`;
  return `MAP {${entries.map(([key, v]) => `'${key}': ${sqlLiteral(v)}`).join(', ')}}`;
}
