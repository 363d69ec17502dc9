/** The same folder of tables behind both engines: one question, two answers. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDbRowConverter, openRowConverter } from '../../src/engines/duckdb/row-converter.js';
import type { ByteFormat, Engine } from '../../src/engines/engine.js';
import { openRunDirectory } from '../../src/engines/output/run-directory.js';
import { SparkEngine } from '../../src/engines/spark/spark-engine.js';
import { type Asked, EngineLake, runOptions } from './engine-lake.js';
import { sharedSpark } from './spark-server.js';
import { turnsOf } from './turns.js';

export class SparkLake {
  private constructor(
    readonly lake: EngineLake,
    readonly spark: SparkEngine,
    private readonly converter: DuckDbRowConverter,
  ) {}

  static async open(
    tables: Readonly<Record<string, string>>,
    { url, runningMax = 4 }: { readonly url?: string; readonly runningMax?: number } = {},
  ): Promise<SparkLake> {
    const lake = await EngineLake.open(tables);
    const converter = await openRowConverter({
      runDirectory: join(lake.folder, 'formats'),
      spillBytesMax: 10 ** 9,
    });
    const spark = new SparkEngine({
      url: url ?? (await sharedSpark()).connect,
      runDirectory: await openRunDirectory(join(lake.folder, 'run-spark')),
      converter,
      turns: turnsOf(runningMax),
      settings: { 'spark.sql.shuffle.partitions': '4' },
    });
    return new SparkLake(lake, spark, converter);
  }

  /** JSON of each row. */
  async rows(engine: Engine, sql: string, asked: Asked = {}): Promise<readonly string[]> {
    const prepared = await engine.prepare(this.lake.statement(sql, asked));
    const result = await engine.rows(prepared, runOptions(asked));
    const rows: string[] = [];
    for await (const batch of result.batches())
      rows.push(...(JSON.parse(`[${batch.json}]`) as unknown[]).map((row) => JSON.stringify(row)));
    if (rows.length !== result.rowCount) throw new Error('the result has not the rows that it says');
    return rows;
  }

  async text(sql: string, format: 'csv' | 'ndjson', asked: Asked = {}): Promise<string> {
    return (await this.whole(this.spark, sql, format, asked)).toString('utf8');
  }

  async whole(engine: Engine, sql: string, format: ByteFormat, asked: Asked = {}): Promise<Buffer> {
    const prepared = await engine.prepare(this.lake.statement(sql, asked));
    const { body, done } = await engine.bytes(prepared, format, runOptions(asked));
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk as Buffer);
    await done;
    return Buffer.concat(chunks);
  }

  async close(): Promise<void> {
    await this.spark.close();
    await this.converter.close();
    await this.lake.close();
    rmSync(this.lake.folder, { recursive: true, force: true });
  }
}
