/**
 * Spark SQL over two small Parquet tables, bound, secured with what a test wants, printed for DuckDB: what
 * the printer, the second judge and the spool's question are tested with.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { bindQuery } from '../../src/core/bind/bind.js';
import type { ColumnMeta, ObjectId } from '../../src/core/catalog/catalog.js';
import type { BoundQuery, Expr, Plan, Scan, ScanColumn, Secured } from '../../src/core/plan/plan.js';
import { mapPlan } from '../../src/core/plan/traverse.js';
import {
  BIGINT,
  DATE,
  type DataType,
  DOUBLE,
  decimal,
  INT,
  STRING,
  TIMESTAMP,
} from '../../src/core/plan/types.js';
import { quoteIdentifier, quoteText } from '../../src/core/sql/duckdb/identifier.js';
import { type PrintOptions, printDuckDb } from '../../src/core/sql/duckdb/print.js';
import { duckDbType } from '../../src/core/sql/duckdb/types.js';
import type { KnownFunctions } from '../../src/core/sql/functions/session-table.js';
import { functionTable } from '../../src/core/sql/functions/table.js';
import { parseStatement } from '../../src/core/sql/parse.js';

export interface TestTable {
  readonly columns: readonly (readonly [string, DataType])[];
  /** SQL of the rows. */
  readonly rows: string;
}

const PEOPLE: TestTable = {
  columns: [
    ['id', INT],
    ['name', STRING],
    ['boss', INT],
    ['pay', decimal(10, 2)],
    ['score', DOUBLE],
    ['born', DATE],
    ['seen', TIMESTAMP],
    ['weird "name"', STRING],
  ],
  rows: `(1, 'Ana', NULL, 10.50, '1.5', DATE '1990-01-31', TIMESTAMPTZ '2020-01-01 00:00:00+00', 'a'),
    (2, 'Bob', 1, 20.00, 'nan', DATE '1991-02-28', TIMESTAMPTZ '2020-01-02 12:00:00.5+00', 'b'),
    (3, 'Cid', 1, NULL, '-0.0', DATE '1992-03-01', NULL, NULL),
    (4, NULL, 2, 5.25, '0.0', NULL, TIMESTAMPTZ '2021-06-01 00:00:00+00', 'a')`,
};
const SALES: TestTable = {
  columns: [
    ['person', INT],
    ['amount', BIGINT],
    ['shop', STRING],
  ],
  rows: `(1, 100, 'x'), (1, 50, 'y'), (2, 70, 'x'), (NULL, 5, 'y'), (9, 1, NULL)`,
};
export const TABLES: Readonly<Record<string, TestTable>> = { people: PEOPLE, sales: SALES };

/** What a leaf is given: a filter over raw columns, masks by column name. */
export interface Securing {
  filter?(raw: readonly ScanColumn[]): Expr | undefined;
  mask?(column: ScanColumn, raw: Expr): Expr;
}

export function bind(sql: string, functions: KnownFunctions = functionTable): BoundQuery {
  const statement = parseStatement(sql, { parameters: 'statement' });
  if (statement.kind !== 'query-statement') throw new Error('not a query');
  return bindQuery(statement.query, {
    functions,
    resolveTable: (parts) => {
      const name = parts.at(-1)?.toLowerCase() ?? '';
      const table = TABLES[name];
      if (table === undefined) return undefined;
      const columns: ColumnMeta[] = table.columns.map(([column, type]) => ({
        name: column,
        type,
        nullable: true,
        tags: [],
      }));
      return { id: `lake.main.${name}`, columns };
    },
    parameters: { named: new Map(), positional: [] },
    currentUser: 'ana',
    currentCatalog: 'lake',
    currentSchema: 'main',
    now: { timestamp: '2026-01-31 12:00:00.000000' },
  });
}

const RAW_OFFSET = 1_000_000;

/** Every scan secured; without `securing` each column is handed through. */
export function secure(bound: BoundQuery, securing: Securing = {}): Plan {
  return mapPlan(bound.plan, { plan: (node) => (node.kind === 'scan' ? securedScan(node, securing) : node) });
}

function securedScan(scan: Scan, securing: Securing): Secured {
  const raw = scan.columns.map((column) => ({ ...column, id: column.id + RAW_OFFSET }));
  const filter = securing.filter?.(raw);
  return {
    kind: 'secured',
    leaf: scan.leaf,
    table: scan.table,
    raw,
    items: scan.columns.map((column, i) => {
      const source = raw[i] ?? column;
      const expr: Expr = { kind: 'column', id: source.id, type: source.type, nullable: true };
      return { column, expr: securing.mask?.(source, expr) ?? expr };
    }),
    ...(filter === undefined ? {} : { filter }),
  };
}

/** DuckDB in memory with the tables as Parquet files in a folder of its own. */
export class PlanLake {
  private constructor(
    readonly instance: DuckDBInstance,
    readonly connection: DuckDBConnection,
    readonly folder: string,
  ) {}

  static async open(): Promise<PlanLake> {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    const folder = mkdtempSync(join(tmpdir(), 'sluice-plans-'));
    for (const [name, table] of Object.entries(TABLES)) {
      const columns = table.columns.map(
        ([column, type]) =>
          `CAST(${quoteIdentifier(column)} AS ${duckDbType(type)}) AS ${quoteIdentifier(column)}`,
      );
      const names = table.columns.map(([column]) => quoteIdentifier(column));
      const select = `SELECT ${columns.join(', ')} FROM (VALUES ${table.rows}) AS t(${names.join(', ')})`;
      await connection.run(
        `COPY (${select}) TO ${quoteText(join(folder, `${name}.parquet`))} (FORMAT parquet)`,
      );
    }
    return new PlanLake(instance, connection, folder);
  }

  readonly source = (table: ObjectId): string =>
    `read_parquet([${quoteText(join(this.folder, `${table.split('.').at(-1)}.parquet`))}], hive_partitioning = false)`;

  print(bound: BoundQuery, securing: Securing = {}, more: Partial<PrintOptions> = {}): string {
    return printDuckDb(secure(bound, securing), { source: this.source, output: bound.output, ...more });
  }

  /** Rows as JSON values. */
  async rows(sql: string): Promise<readonly (readonly unknown[])[]> {
    const reader = await this.connection.runAndReadAll(sql);
    return reader.getRowsJson() as unknown as readonly (readonly unknown[])[];
  }

  async run(sql: string, securing: Securing = {}): Promise<readonly (readonly unknown[])[]> {
    return this.rows(this.print(bind(sql), securing));
  }

  parse = async (sql: string): Promise<string> => {
    const reader = await this.connection.runAndReadAll('SELECT json_serialize_sql(CAST($1 AS VARCHAR))', [
      sql,
    ]);
    return String(reader.getRows()[0]?.[0]);
  };

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
