/**
 * The embedded engine. Prints and judges a secured plan, waits for its turn, runs it on a connection of its
 * own and lets rows out as text or Arrow, complete or not at all.
 */
import { GovernanceError } from '../../core/errors.js';
import type {
  ByteFormat,
  ByteResult,
  Engine,
  EngineStatus,
  EngineTurns,
  Prepared,
  RowResult,
  RunOptions,
  SecuredStatement,
  TableWriter,
} from '../engine.js';
import { Backlog } from '../output/backlog.js';
import { RowStore } from '../output/row-store.js';
import { openRunDirectory, type RunDirectory } from '../output/run-directory.js';
import { canceled, EngineRun } from './engine-run.js';
import { raisedByData } from './errors.js';
import { explainText } from './explain-text.js';
import { type Consume, FifoPool } from './fifo.js';
import { type EngineInstance, openEngineInstance, openJudge } from './instance.js';
import { keepsOrder } from './keeps-order.js';
import { type LeafCopy, Preparer } from './prepare.js';
import type { LineFormat } from './row-text.js';
import { runArrow } from './run-arrow.js';
import { type LinesEnd, runLines } from './run-lines.js';
import { runParquet } from './run-parquet.js';
import { DuckDbWriter } from './write.js';

export interface DuckDbEngineOptions {
  /** Absolute folders of the lake. */
  readonly directories: readonly string[];
  /** Of written tables, absolute, links resolved. Absent: nothing is written. */
  readonly warehouse?: string;
  /** Ours alone, absolute; emptied at start. */
  readonly runDirectory: string;
  /** Ours alone; below the run folder when absent. */
  readonly spillDirectory?: string;
  readonly spillBytesMax: number;
  readonly memoryBytesMax?: number;
  readonly threads?: number;
  /** As many as run at once at most; each needs a pipe. */
  readonly runningMax: number;
  readonly turns: EngineTurns;
}

/** A run holds a thread of libuv while DuckDB works; with fewer, files and DNS would wait for queries. */
export const threadPoolSize = (runningMax: number): number => runningMax + LIBUV_THREADS_FOR_OTHERS;
const LIBUV_THREADS_FOR_OTHERS = 8;

const EXPLAIN_TIMEOUT_MS = 10_000;

export async function openDuckDbEngine(options: DuckDbEngineOptions): Promise<DuckDbEngine> {
  const runDirectory = await openRunDirectory(options.runDirectory);
  const opened = await openEngineInstance({
    directories: readable(options),
    runDirectory: runDirectory.path,
    spillDirectory: options.spillDirectory ?? runDirectory.newFile('spill'),
    spillBytesMax: options.spillBytesMax,
    ...(options.memoryBytesMax === undefined ? {} : { memoryBytesMax: options.memoryBytesMax }),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  const pipes = await FifoPool.create(runDirectory.path, options.runningMax);
  return new DuckDbEngine({ options, runDirectory, opened, pipes, judge: await openJudge() });
}

const readable = ({ directories, warehouse }: DuckDbEngineOptions): readonly string[] =>
  warehouse === undefined ? directories : [...directories, warehouse];

interface Parts {
  readonly options: DuckDbEngineOptions;
  readonly runDirectory: RunDirectory;
  readonly opened: EngineInstance;
  readonly pipes: FifoPool;
  readonly judge: Awaited<ReturnType<typeof openJudge>>;
}

/** A statement whose turn it is. */
interface Turn {
  readonly run: EngineRun;
  readonly pipe: string;
  end(): void;
}

export class DuckDbEngine implements Engine {
  readonly id = 'duckdb';
  readonly writer?: TableWriter;
  readonly #parts: Parts;
  readonly #turns: EngineTurns;
  readonly #preparer: Preparer;
  readonly #runs = new Set<EngineRun>();
  #explaining: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#turns = parts.options.turns;
    this.#preparer = new Preparer(parts.judge);
    const { warehouse } = parts.options;
    if (warehouse === undefined) return;
    this.writer = new DuckDbWriter({
      preparer: this.#preparer,
      warehouse,
      turn: (options) => this.#turn({ ...options, limits: { ...options.limits, byteLimit: 0 } }),
      makeCopy,
    });
  }

  async prepare(statement: SecuredStatement): Promise<Prepared> {
    try {
      return { statement, text: await this.#preparer.statement(statement) };
    } catch (error) {
      // The judge goes away with the engine.
      throw this.#closed === undefined ? error : stopping();
    }
  }

  async rows(prepared: Prepared, options: RunOptions): Promise<RowResult> {
    const turn = await this.#turn(options);
    try {
      let store = this.#newStore();
      const end = await this.#lines(turn, prepared, 'json', options, (attempt) => {
        if (attempt > 1) store = this.#newStore();
        return (chunk) => {
          if (!prepared.statement.spool) options.onBytes?.(chunk.length);
          return store.add(chunk);
        };
      });
      if (store.rowCount !== end.rowCount) throw new Error('the result has not all of its rows');
      return { ...end, batches: () => store.batches() };
    } finally {
      turn.end();
    }
  }

  async bytes(prepared: Prepared, format: ByteFormat, options: RunOptions): Promise<ByteResult> {
    const turn = await this.#turn(options);
    const { spool } = prepared.statement;
    let body = this.#newBacklog();
    // Nothing of a spooled run is handed over before it has ended; else a reader that goes away ends the run.
    if (!spool) body.once('close', () => body.readableEnded || turn.run.stop(canceled()));
    let begun = () => {};
    const firstChunk = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const done = this.#lines(turn, prepared, format, options, (attempt) => {
      if (attempt > 1) {
        body.destroy();
        body = this.#newBacklog();
      }
      return (chunk) => {
        if (!spool) {
          begun();
          options.onBytes?.(chunk.length);
        }
        return body.add(chunk);
      };
    });
    done
      .then(
        () => body.finish(),
        (error: Error) => void body.destroy(error),
      )
      .finally(() => turn.end());
    // An error before the first byte is this call's; later ones are the body's.
    await Promise.race([firstChunk, done]);
    return { body, done };
  }

  /** Beside what runs, one after the other: a plan is asked for while its statement has the turn. */
  explain(prepared: Prepared): Promise<string> {
    if (this.#closed !== undefined) return Promise.reject(stopping());
    const explained = this.#explaining.then(() => this.#explain(prepared));
    this.#explaining = explained.catch(() => undefined);
    return explained;
  }

  async #explain(prepared: Prepared): Promise<string> {
    const limits = { byteLimit: 0, timeoutMs: EXPLAIN_TIMEOUT_MS };
    const signal = new AbortController().signal;
    const run = await EngineRun.start(this.#parts.opened.instance, { limits, signal });
    this.#runs.add(run);
    try {
      const result = await run.query(`EXPLAIN (FORMAT json) ${prepared.text}`);
      const json = (await result.getRowsJson())[0]?.[1];
      return explainText(String(json), readable(this.#parts.options));
    } finally {
      this.#runs.delete(run);
      run.close();
    }
  }

  status(): EngineStatus {
    const { opened } = this.#parts;
    return {
      id: 'duckdb',
      kind: 'duckdb',
      trust: 'named',
      version: opened.version,
      running: this.#turns.running,
      queued: this.#turns.waiting,
      threads: opened.threads,
      memoryLimit: opened.memoryLimit,
    };
  }

  /** Refuses what waits, stops what runs, and is done when nothing runs any more. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const idle = this.#turns.close();
    for (const run of this.#runs) run.stop(stopping());
    await Promise.all([idle, this.#explaining]);
    this.#parts.judge.close();
    this.#parts.opened.instance.closeSync();
    await this.#parts.runDirectory.remove();
  }

  async #turn(options: RunOptions): Promise<Turn> {
    const release = await this.#turns.enter(options.turn, options.signal);
    let run: EngineRun | undefined;
    const pipe = this.#parts.pipes.borrow();
    const end = () => {
      if (run !== undefined) {
        this.#runs.delete(run);
        run.close();
      }
      pipe.giveBack();
      release();
    };
    try {
      run = await EngineRun.start(this.#parts.opened.instance, options);
      this.#runs.add(run);
      if (this.#closed !== undefined) run.stop(stopping());
      options.onStart?.();
      return { run, pipe: pipe.path, end };
    } catch (error) {
      end();
      throw error;
    }
  }

  /**
   * The rows as lines, as Arrow or as Parquet. A spooled statement that raised is run once more over copies of its secured leaves:
   * there it meets only values that the caller may see, and what it raises then is the caller's own.
   */
  async #lines(
    { run, pipe }: Turn,
    prepared: Prepared,
    format: LineFormat | ByteFormat,
    { limits }: RunOptions,
    consumer: (attempt: number) => Consume,
  ): Promise<LinesEnd> {
    const { statement, text } = prepared;
    const { output, spool } = statement;
    const go = (sql: string, consume: Consume): Promise<LinesEnd> => {
      const request = { sql, output, ordered: keepsOrder(statement.plan), limits, pipe };
      if (format === 'arrow') return runArrow(run, { ...request, spool }, consume);
      if (format === 'parquet') return runParquet(run, request, consume);
      return runLines(run, { ...request, format }, consume);
    };
    try {
      return await go(text, consumer(1));
    } catch (error) {
      const governed = run.explain(error);
      if (!spool || run.stopped.aborted || !raisedByData(governed)) throw governed;
    }
    const { copies, sql } = await this.#preparer.overCopies(statement);
    for (const copy of copies) await makeCopy(run, copy);
    return go(sql, consumer(2));
  }

  #newStore(): RowStore {
    return new RowStore(this.#parts.runDirectory.newFile('rows'));
  }

  #newBacklog(): Backlog {
    const body = new Backlog(this.#parts.runDirectory.newFile('backlog'));
    // The error is told by `done` as well; without a listener it would end the process.
    body.on('error', () => {});
    return body;
  }
}

/** A row rule or mask that raises by itself says nothing that may be told. */
async function makeCopy(run: EngineRun, { name, sql }: LeafCopy): Promise<void> {
  try {
    await run.query(`CREATE TEMP TABLE ${name} AS ${sql}`);
  } catch (error) {
    const governed = run.explain(error);
    if (!raisedByData(governed)) throw governed;
    throw new GovernanceError('ENGINE_ERROR', 'The engine could not run the statement.', {}, error);
  }
}

const stopping = (): GovernanceError =>
  new GovernanceError('ENGINE_UNAVAILABLE', 'The engine is shutting down.', { retryable: true });
