/**
 * A folder of tables made from SQL, opened as a lake, with a DuckDB engine over it: Spark SQL in, what the
 * engine gives out.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { bindQuery } from '../../src/core/bind/bind.js';
import { quoteText } from '../../src/core/sql/duckdb/identifier.js';
import { functionTable } from '../../src/core/sql/functions/table.js';
import { parseStatement } from '../../src/core/sql/parse.js';
import {
  type DuckDbEngine,
  type DuckDbEngineOptions,
  openDuckDbEngine,
} from '../../src/engines/duckdb/duckdb-engine.js';
import type {
  ByteFormat,
  ByteResult,
  RunLimits,
  RunOptions,
  SecuredStatement,
} from '../../src/engines/engine.js';
import { type Lake, openLake } from '../../src/lake/lake.js';
import { type Securing, secure } from './duckdb-plans.js';
import { turnOf, turnsOf } from './turns.js';

export interface Asked extends Partial<RunLimits> {
  readonly spool?: boolean;
  readonly securing?: Securing;
  readonly signal?: AbortSignal;
  readonly hashKeys?: ReadonlyMap<string, string>;
  readonly user?: string;
}

export class EngineLake {
  private constructor(
    readonly folder: string,
    readonly lake: Lake,
    readonly engine: DuckDbEngine,
  ) {}

  /** `tables`: file name (`a/b.parquet`) to the DuckDB SQL of its rows. */
  static async open(
    tables: Readonly<Record<string, string>>,
    options: Partial<DuckDbEngineOptions> = {},
  ): Promise<EngineLake> {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-engine-'));
    const lakeDir = join(folder, 'lake');
    mkdirSync(lakeDir);
    await writeTables(lakeDir, tables);
    const lake = await openLake({ lakeDir });
    const engine = await openDuckDbEngine({
      directories: lake.directories(),
      runDirectory: join(folder, 'run'),
      spillBytesMax: 10 ** 9,
      threads: 2,
      runningMax: 3,
      turns: turnsOf(3),
      ...options,
    });
    return new EngineLake(folder, lake, engine);
  }

  /** Every table read as it is, unless `securing` says otherwise. */
  statement(sql: string, asked: Asked = {}): SecuredStatement {
    const parsed = parseStatement(sql, { parameters: 'statement' });
    if (parsed.kind !== 'query-statement') throw new Error('not a query');
    const catalog = this.lake.snapshot();
    const bound = bindQuery(parsed.query, {
      functions: functionTable,
      resolveTable: (parts) => {
        const id = ['lake', 'main', ...parts.map((part) => part.toLowerCase())].slice(-3).join('.');
        const table = catalog.tables.get(parts.length > 1 ? ['lake', ...parts].slice(-3).join('.') : id);
        return table === undefined ? undefined : { id: table.id, columns: table.columns };
      },
      parameters: { named: new Map(), positional: [] },
      currentUser: 'ana',
      currentCatalog: 'lake',
      currentSchema: 'main',
      now: { timestamp: '2026-01-31 12:00:00.000000' },
    });
    return {
      plan: secure(bound, asked.securing),
      output: bound.output,
      catalog,
      spool: asked.spool ?? false,
    };
  }

  async rows(
    sql: string,
    asked: Asked = {},
  ): Promise<{ rows: unknown[][]; rowCount: number; truncated: boolean }> {
    const prepared = await this.engine.prepare(this.statement(sql, asked));
    const result = await this.engine.rows(prepared, runOptions(asked));
    const rows: unknown[][] = [];
    for await (const batch of result.batches()) {
      const parsed = JSON.parse(`[${batch.json}]`) as unknown[][];
      if (parsed.length !== batch.rows) throw new Error('a batch does not have the rows that it says');
      rows.push(...parsed);
    }
    return { rows, rowCount: result.rowCount, truncated: result.truncated };
  }

  async bytes(sql: string, format: ByteFormat, asked: Asked = {}): Promise<ByteResult> {
    return this.engine.bytes(
      await this.engine.prepare(this.statement(sql, asked)),
      format,
      runOptions(asked),
    );
  }

  async text(sql: string, format: ByteFormat, asked: Asked = {}): Promise<string> {
    const { body, done } = await this.bytes(sql, format, asked);
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk as Buffer);
    await done;
    return Buffer.concat(chunks).toString('utf8');
  }

  async close(): Promise<void> {
    await this.engine.close();
    this.lake.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const runOptions = (asked: Asked = {}): RunOptions => ({
  limits: {
    byteLimit: asked.byteLimit ?? 10 ** 9,
    timeoutMs: asked.timeoutMs ?? 60_000,
    ...(asked.rowLimit === undefined ? {} : { rowLimit: asked.rowLimit }),
  },
  signal: asked.signal ?? new AbortController().signal,
  turn: turnOf(asked.user ?? 'ana'),
  ...(asked.hashKeys === undefined ? {} : { hashKeys: asked.hashKeys }),
});

/** By extension: Parquet, CSV or JSON. */
export async function writeTables(folder: string, tables: Readonly<Record<string, string>>): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  for (const [name, sql] of Object.entries(tables)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    const format = name.endsWith('.parquet') ? 'parquet' : name.endsWith('.csv') ? 'csv, HEADER' : 'json';
    await connection.run(`COPY (${sql}) TO ${quoteText(path)} (FORMAT ${format})`);
  }
  connection.closeSync();
  instance.closeSync();
}
