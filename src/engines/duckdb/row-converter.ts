/**
 * Rows that are kept as JSON text, made columns again: as Arrow, part by part, or as one Parquet file. By a DuckDB of its
 * own, which can read no lake. The same rows give the same bytes of Arrow whenever they are asked for.
 */
import type { DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { GovernanceError } from '../../core/errors.js';
import type { Column } from '../../core/plan/plan.js';
import type { ByteResult, RowConverter, RowResult } from '../engine.js';
import { ArrowMessages } from '../output/arrow-stream.js';
import { Backlog } from '../output/backlog.js';
import { openRunDirectory, type RunDirectory } from '../output/run-directory.js';
import { arrowColumn } from './arrow-columns.js';
import { canceled, EngineRun } from './engine-run.js';
import { FifoPool } from './fifo.js';
import { openConverterInstance } from './instance.js';
import { copyParquet, parquetItems } from './parquet-text.js';
import { revived } from './revived-value.js';
import { pumped } from './run-parquet.js';

/** Each holds a thread of libuv while it works. */
export const CONVERSIONS_MAX = 2;
const WAITING_MAX = 200;
const TIMEOUT_MS = 15 * 60_000;
/** All rows of a result, before their file is written. */
const TABLE = 'rows_again';

export interface ConverterOptions {
  /** Ours alone, absolute; emptied at start. */
  readonly runDirectory: string;
  readonly spillBytesMax: number;
}

export async function openRowConverter(options: ConverterOptions): Promise<DuckDbRowConverter> {
  const runDirectory = await openRunDirectory(options.runDirectory);
  const instance = await openConverterInstance(runDirectory.path, options.spillBytesMax);
  return new DuckDbRowConverter(
    instance,
    runDirectory,
    await FifoPool.create(runDirectory.path, CONVERSIONS_MAX),
  );
}

export class DuckDbRowConverter implements RowConverter {
  readonly #places = new Places();
  readonly #closed = new AbortController();

  constructor(
    private readonly instance: DuckDBInstance,
    private readonly runDirectory: RunDirectory,
    private readonly pipes: FifoPool,
  ) {}

  arrowSchema(output: readonly Column[]): Buffer {
    return new ArrowMessages(output).schema();
  }

  arrowEnd(output: readonly Column[]): Buffer {
    const messages = new ArrowMessages(output);
    messages.schema();
    return messages.end();
  }

  async arrowBatches(json: string, output: readonly Column[], signal: AbortSignal): Promise<Buffer> {
    if (json === '') return Buffer.alloc(0);
    const messages = new ArrowMessages(output);
    messages.schema();
    const parts: Buffer[] = [];
    await this.#turn(signal, async (run) => {
      for await (const chunk of run.chunks(selectRows(output), [`[${json}]`])) {
        parts.push(messages.batch(chunk.rowCount, columnsOf(chunk, output)));
      }
    });
    return Buffer.concat(parts);
  }

  async parquet(rows: RowResult, output: readonly Column[], signal: AbortSignal): Promise<ByteResult> {
    const body = new Backlog(this.runDirectory.newFile('backlog'));
    // The error is told by `done` as well; without a listener it would end the process.
    body.on('error', () => {});
    const done = this.#turn(signal, async (run) => {
      body.once('close', () => body.readableEnded || run.stop(canceled()));
      await fill(run, rows, output);
      const pipe = this.pipes.borrow();
      try {
        const items = `SELECT ${parquetItems(output)} FROM ${TABLE} AS q`;
        const copy = copyParquet(items, pipe.path, true);
        const written = await pumped(run, copy, pipe.path, Number.POSITIVE_INFINITY, (part) =>
          body.add(part),
        );
        if (written !== rows.rowCount) throw new Error('the file has not all of the rows');
      } finally {
        pipe.giveBack();
      }
      return { rowCount: rows.rowCount, truncated: rows.truncated };
    });
    done.then(
      () => body.finish(),
      (error: Error) => void body.destroy(error),
    );
    return { body, done };
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#places.empty();
    this.instance.closeSync();
    await this.runDirectory.remove();
  }

  async #turn<T>(signal: AbortSignal, work: (run: EngineRun) => Promise<T>): Promise<T> {
    const leave = await this.#places.enter();
    try {
      const limits = { byteLimit: 0, timeoutMs: TIMEOUT_MS };
      const both = AbortSignal.any([signal, this.#closed.signal]);
      const run = await EngineRun.start(this.instance, { limits, signal: both });
      try {
        return await work(run);
      } catch (error) {
        throw run.explain(error);
      } finally {
        run.close();
      }
    } finally {
      leave();
    }
  }
}

/** So many work at once; the others wait, in order. */
class Places {
  #taken = 0;
  readonly #waiting: (() => void)[] = [];
  #onEmpty: () => void = () => undefined;

  async enter(): Promise<() => void> {
    if (this.#taken < CONVERSIONS_MAX) this.#taken += 1;
    else if (this.#waiting.length >= WAITING_MAX) throw busy();
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return () => {
      const next = this.#waiting.shift();
      if (next !== undefined) return next();
      this.#taken -= 1;
      if (this.#taken === 0) this.#onEmpty();
    };
  }

  async empty(): Promise<void> {
    if (this.#taken === 0) return;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
  }
}

async function fill(run: EngineRun, rows: RowResult, output: readonly Column[]): Promise<void> {
  await run.query(`CREATE TEMP TABLE ${TABLE} AS ${selectRows(output)}`, ['[]']);
  for await (const { json } of rows.batches()) {
    if (json !== '') await run.query(`INSERT INTO ${TABLE} ${selectRows(output)}`, [`[${json}]`]);
  }
}

/** The rows of the JSON text that is bound, as columns `o0`, `o1`, ... of their types. */
function selectRows(output: readonly Column[]): string {
  const items = output.map(({ type }, i) => `${revived(`r[${i + 1}]`, type)} AS o${i}`);
  return `SELECT ${items.join(', ')} FROM (SELECT unnest(from_json(CAST($1 AS VARCHAR), '[["JSON"]]')) AS r)`;
}

const columnsOf = ({ chunk, rowCount }: DuckDBDataChunk, output: readonly Column[]) =>
  output.map(({ type }, i) => arrowColumn(duckdb.data_chunk_get_vector(chunk, i), rowCount, type));

const busy = (): GovernanceError =>
  new GovernanceError('QUEUE_FULL', 'Too many results are being made into another format.', {
    retryable: true,
    retryAfterSeconds: 5,
    remedy: 'Try again in a moment, or fetch the result as JSON, NDJSON or CSV.',
  });
