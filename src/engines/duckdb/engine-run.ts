/**
 * One statement on one connection of its own: its hash keys, its clock, its cancellation. The connection is
 * never used for anything else, and closing it drops whatever it had.
 */
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBInstance,
  ResultReturnType,
} from '@duckdb/node-api';
import { GovernanceError } from '../../core/errors.js';
import { quoteText } from '../../core/sql/duckdb/identifier.js';
import type { RunOptions } from '../engine.js';
import { engineError } from './errors.js';

/** An interrupt that comes before DuckDB has begun is lost, so it is repeated until the query has ended. */
const INTERRUPT_EVERY_MS = 20;
/** Rows that wait for the end of their run. */
const SPOOLED = 'spooled_rows';
/** Longest delay that a timer takes. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export type EngineRunOptions = Pick<RunOptions, 'limits' | 'signal' | 'hashKeys'>;

export class EngineRun {
  readonly #connection: DuckDBConnection;
  readonly #stopped = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #release: () => void;

  private constructor(connection: DuckDBConnection, options: EngineRunOptions) {
    this.#connection = connection;
    const { timeoutMs } = options.limits;
    this.#timer = setTimeout(() => this.stop(timedOut(timeoutMs)), Math.min(timeoutMs, TIMER_MS_MAX));
    const cancel = () => this.stop(canceled());
    options.signal.addEventListener('abort', cancel, { once: true });
    this.#release = () => options.signal.removeEventListener('abort', cancel);
    if (options.signal.aborted) cancel();
  }

  static async start(instance: DuckDBInstance, options: EngineRunOptions): Promise<EngineRun> {
    const run = new EngineRun(await instance.connect(), options);
    try {
      for (const [domain, key] of options.hashKeys ?? []) {
        await run.#connection.run(`SET VARIABLE ${keyVariable(domain)} = ${quoteText(key)}`);
      }
      return run;
    } catch (error) {
      run.close();
      throw new GovernanceError('ENGINE_ERROR', 'The engine could not take the keys.', {}, error);
    }
  }

  /** Fires when the run was stopped from outside; its reason is a GovernanceError. */
  get stopped(): AbortSignal {
    return this.#stopped.signal;
  }

  stop(error: GovernanceError): void {
    this.#stopped.abort(error);
  }

  /** Runs SQL of ours to its end. Whatever was stopped has failed, even if DuckDB was quicker. */
  async query(sql: string, values?: string[]) {
    this.#check();
    const release = this.#interruptible();
    try {
      const result = await this.#connection.run(sql, values);
      this.#check();
      return result;
    } catch (error) {
      throw this.explain(error);
    } finally {
      release();
    }
  }

  /** The rows of a SELECT as they are made; each chunk is good until the next is asked for. */
  async *chunks(sql: string, values?: string[]): AsyncGenerator<DuckDBDataChunk> {
    this.#check();
    const release = this.#interruptible();
    let ended = false;
    let failed = false;
    try {
      const result = await this.#connection.stream(sql, values);
      for (;;) {
        const chunk = await result.fetchChunk();
        this.#check();
        if (chunk === null || chunk.rowCount === 0) break;
        yield chunk;
      }
      ended = true;
      // A stream that has failed stops giving chunks as one that is complete; only this tells them apart (1.5.6).
      failed = result.returnType !== ResultReturnType.QUERY_RESULT;
    } finally {
      release();
      if (!ended) this.#connection.interrupt();
    }
    if (!failed) return;
    // Why is only told by a run that is no stream.
    await this.query(`CREATE TEMP TABLE ${SPOOLED} AS ${sql}`, values);
    throw new Error('the stream broke');
  }

  /** All rows before the first of them is given. */
  async *spooled(sql: string): AsyncGenerator<DuckDBDataChunk> {
    await this.query(`CREATE TEMP TABLE ${SPOOLED} AS ${sql}`);
    yield* this.chunks(`SELECT * FROM ${SPOOLED}`);
  }

  /** What the caller sees of `error`: the reason the run was stopped, if it was. */
  explain(error: unknown): GovernanceError {
    if (error instanceof GovernanceError) return error;
    return this.stopped.aborted ? (this.stopped.reason as GovernanceError) : engineError(error);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#release();
    this.#connection.closeSync();
  }

  /** Until it is released, whatever runs is ended when the run is stopped. */
  #interruptible(): () => void {
    let interrupting: NodeJS.Timeout | undefined;
    const interrupt = () => {
      this.#connection.interrupt();
      interrupting = setInterval(() => this.#connection.interrupt(), INTERRUPT_EVERY_MS);
    };
    this.stopped.addEventListener('abort', interrupt, { once: true });
    return () => {
      this.stopped.removeEventListener('abort', interrupt);
      clearInterval(interrupting);
    };
  }

  #check(): void {
    if (this.stopped.aborted) throw this.stopped.reason;
  }
}

/** As the hash kernel reads it. */
const keyVariable = (domain: string): string => `sluice_key_${Buffer.from(domain, 'utf8').toString('hex')}`;

export const canceled = (): GovernanceError =>
  new GovernanceError('STATEMENT_CANCELED', 'The statement was cancelled.', { sqlState: '57014' });

const timedOut = (timeoutMs: number): GovernanceError =>
  new GovernanceError('STATEMENT_TIMEOUT', `The statement ran longer than its limit of ${timeoutMs} ms.`, {
    sqlState: '57014',
    remedy: 'Ask for a longer timeout, or for less.',
  });
