/**
 * Apache Spark behind Spark Connect. Prints and judges a secured plan, waits for its turn, runs it on the server and
 * lets rows out as text or Arrow, complete or not at all. A server that was lost is a retryable error, and found again.
 */
import { LRUCache } from 'lru-cache';
import { GovernanceError } from '../../core/errors.js';
import type {
  ByteFormat,
  ByteResult,
  Engine,
  EngineStage,
  EngineStatus,
  EngineTurns,
  Prepared,
  RowConverter,
  RowResult,
  RunOptions,
  SecuredStatement,
} from '../engine.js';
import { Backlog } from '../output/backlog.js';
import { RowStore } from '../output/row-store.js';
import type { RunDirectory } from '../output/run-directory.js';
import type { LineFormat } from './arrow/lines.js';
import { SparkChannel } from './channel.js';
import { ClusterStatus, type ClusterUrls } from './cluster-status.js';
import { parseSparkUrl } from './connect-url.js';
import { SparkDeltaWriter } from './delta-writer.js';
import { explainText } from './explain-text.js';
import { judgedSql, shownSql } from './prepare.js';
import { type Consume, canceled, type LinesEnd, SparkRun, type Turn, type TurnOptions } from './run.js';
import { SparkServer } from './server.js';
import { SparkWriter } from './writer.js';

/** Statements whose stages can be asked for. */
const KNOWN_MAX = 1_000;

export interface SparkEngineOptions {
  readonly url: string;
  /** For results that are too large for memory. Its owner removes it. */
  readonly runDirectory: RunDirectory;
  /** Makes the files that Spark would write where only it can read. */
  readonly converter: Pick<RowConverter, 'parquet'>;
  readonly turns: EngineTurns;
  /** Spark settings of every session. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly cluster?: ClusterUrls;
}

export class SparkEngine implements Engine {
  readonly id = 'spark';
  readonly writer: SparkWriter;
  readonly delta: SparkDeltaWriter;
  readonly #server: SparkServer;
  readonly #turns: EngineTurns;
  readonly #cluster: ClusterStatus;
  readonly #runDirectory: RunDirectory;
  readonly #converter: SparkEngineOptions['converter'];
  readonly #runs = new Set<SparkRun>();
  /** By statement, also those that have ended. */
  readonly #known = new LRUCache<string, SparkRun>({ max: KNOWN_MAX });
  #closed: Promise<void> | undefined;

  /** A server that is not there yet is no error: the first statement looks again. */
  constructor(options: SparkEngineOptions) {
    this.#server = new SparkServer(new SparkChannel(parseSparkUrl(options.url)), options.settings ?? {});
    this.#turns = options.turns;
    const turn: Turn = (options, work) => this.#turn(options, work);
    this.writer = new SparkWriter(this.#server, turn);
    this.delta = new SparkDeltaWriter(this.#server, turn);
    this.#cluster = new ClusterStatus(options.cluster ?? {});
    this.#runDirectory = options.runDirectory;
    this.#converter = options.converter;
  }

  /** The server, for the door: the same tables, the same judgements, sessions by client and policy version. */
  get server(): SparkServer {
    return this.#server;
  }

  async prepare(statement: SecuredStatement): Promise<Prepared> {
    await this.#server.with((connected) => judgedSql(statement, connected));
    return { statement, text: shownSql(statement) };
  }

  async rows(prepared: Prepared, options: RunOptions): Promise<RowResult> {
    return this.#turn(options, async (run) => {
      const store = new RowStore(this.#runDirectory.newFile('rows'));
      const end = await this.#lines(run, prepared, 'json', options, (chunk) => {
        options.onBytes?.(chunk.length);
        return store.add(chunk);
      });
      if (store.rowCount !== end.rowCount) throw new Error('the result has not all of its rows');
      return { ...end, batches: () => store.batches() };
    });
  }

  async bytes(prepared: Prepared, format: ByteFormat, options: RunOptions): Promise<ByteResult> {
    if (format === 'parquet') {
      const rows = await this.rows(prepared, options);
      return this.#converter.parquet(rows, prepared.statement.output, options.signal);
    }
    const body = new Backlog(this.#runDirectory.newFile('backlog'));
    // The error is told by `done` as well; without a listener it would end the process.
    body.on('error', () => {});
    let begun = (): void => {};
    const firstChunk = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const done = this.#turn(options, (run) => {
      body.once('close', () => body.readableEnded || run.stop(canceled()));
      return this.#lines(run, prepared, format, options, (chunk) => {
        begun();
        options.onBytes?.(chunk.length);
        return body.add(chunk);
      });
    });
    done.then(
      () => body.finish(),
      (error: Error) => void body.destroy(error),
    );
    // An error before the first byte is this call's; later ones are the body's.
    await Promise.race([firstChunk, done]);
    return { body, done };
  }

  explain({ statement }: Prepared): Promise<string> {
    return this.#server.with(async (connected) => {
      const sql = await judgedSql(statement, connected);
      return explainText(await connected.session.explain(sql, 'SIMPLE'));
    });
  }

  async stages(statementId: string): Promise<readonly EngineStage[]> {
    const id = this.#known.get(statementId)?.operationId;
    return id === undefined ? [] : this.stagesOf(id);
  }

  async fraction(statementId: string): Promise<number | undefined> {
    const stages = await this.stages(statementId);
    const tasks = stages.reduce((sum, stage) => sum + stage.tasks, 0);
    if (tasks === 0) return undefined;
    return Math.min(1, stages.reduce((sum, stage) => sum + stage.tasksCompleted, 0) / tasks);
  }

  /** Of an operation of the server. */
  stagesOf(operationId: string): Promise<readonly EngineStage[]> {
    return this.#cluster.stages(operationId);
  }

  status(): EngineStatus {
    const connected = this.#server.last;
    const cluster = this.#cluster.current();
    return {
      id: 'spark',
      kind: 'spark',
      trust: connected?.named === true ? 'named' : 'unnamed',
      version: connected?.version ?? 'not connected',
      running: this.#turns.running,
      queued: this.#turns.waiting,
      threads: cluster?.cores ?? 0,
      memoryLimit: cluster === undefined ? 'unknown' : `${Math.round(cluster.memoryBytes / 2 ** 20)} MiB`,
      ...(cluster === undefined ? {} : { cluster }),
    };
  }

  /** Refuses what waits, stops what runs, and takes away what was made on the server. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const idle = this.#turns.close();
    for (const run of this.#runs) run.stop(stopping());
    await idle;
    this.#cluster.close();
    await this.#server.close();
  }

  async #turn<T>(options: TurnOptions, work: (run: SparkRun) => Promise<T>): Promise<T> {
    const release = await this.#turns.enter(options.turn, options.signal);
    const run = new SparkRun(options);
    this.#runs.add(run);
    this.#known.set(options.turn.statementId, run);
    try {
      options.onStart?.();
      return await work(run);
    } finally {
      this.#runs.delete(run);
      run.close();
      release();
    }
  }

  /**
   * The server may have begun anew since the statement was prepared, or have forgotten an idle session: then it is
   * prepared and begun again, unless something has gone out already.
   */
  #lines(
    run: SparkRun,
    { statement }: Prepared,
    format: LineFormat | 'arrow',
    { limits }: RunOptions,
    consume: Consume,
  ): Promise<LinesEnd> {
    let begun = false;
    const handOver: Consume = (chunk) => {
      begun = true;
      return consume(chunk);
    };
    return this.#server.with(
      async (connected) => {
        const sql = await judgedSql(statement, connected);
        return run.lines(connected.session, { sql, output: statement.output, format, limits }, handOver);
      },
      () => !begun && !run.stopped,
    );
  }
}

const stopping = (): GovernanceError =>
  new GovernanceError('ENGINE_UNAVAILABLE', 'The engine is shutting down.', { retryable: true });
