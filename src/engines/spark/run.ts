/** One statement that runs on Spark: its time limit, its cancellation, its rows as lines of text. */
import { randomUUID } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { GovernanceError } from '../../core/errors.js';
import type { Column } from '../../core/plan/plan.js';
import { csvHeader } from '../duckdb/row-text.js';
import type { RunLimits, RunOptions } from '../engine.js';
import { ArrowMessages } from '../output/arrow-stream.js';
import { batchLines, type LineFormat } from './arrow/lines.js';
import { batchMessages } from './arrow/messages.js';
import { sparkError } from './errors.js';
import { planOf, type SparkSession, sqlRelation } from './session.js';

/** Longest delay that a timer takes. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** Spark brings all rows of a LIMIT together on one worker: past this, counting here is cheaper. */
const LIMIT_PLANNED_MAX = 100_000;

export interface LinesRequest {
  /** Judged. */
  readonly sql: string;
  readonly output: readonly Column[];
  readonly format: LineFormat | 'arrow';
  readonly limits: RunLimits;
}

export interface LinesEnd {
  readonly rowCount: number;
  readonly truncated: boolean;
}

/** A promise must be waited for. */
export type Consume = (chunk: Buffer) => void | Promise<void>;

export interface TurnOptions extends Pick<RunOptions, 'signal' | 'turn' | 'onStart'> {
  readonly limits: Pick<RunLimits, 'timeoutMs'>;
}

/** Waits for its turn, then does the work. */
export type Turn = <T>(options: TurnOptions, work: (run: SparkRun) => Promise<T>) => Promise<T>;

export class SparkRun {
  readonly #stopped = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #release: () => void;
  /** What the server knows its rows by, once it was asked for them. */
  operationId: string | undefined;

  constructor({ limits: { timeoutMs }, signal }: TurnOptions) {
    this.#timer = setTimeout(() => this.stop(timedOut(timeoutMs)), Math.min(timeoutMs, TIMER_MS_MAX));
    const cancel = (): void => this.stop(canceled());
    signal.addEventListener('abort', cancel, { once: true });
    this.#release = () => signal.removeEventListener('abort', cancel);
    if (signal.aborted) cancel();
  }

  get stopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  stop(error: GovernanceError): void {
    this.#stopped.abort(error);
  }

  /** Whatever arrived is complete exactly when the promise resolves. */
  lines(session: SparkSession, request: LinesRequest, consume: Consume): Promise<LinesEnd> {
    return this.during(() => this.#lines(session, request, consume));
  }

  /** The work, with what ends it; an error of it says why it ended. */
  async during<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      this.#stopped.signal.throwIfAborted();
      return await work(this.#stopped.signal);
    } catch (error) {
      throw this.#stopped.signal.aborted ? this.#stopped.signal.reason : sparkError(error);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#release();
  }

  async #lines(
    session: SparkSession,
    { sql, output, format, limits }: LinesRequest,
    consume: Consume,
  ): Promise<LinesEnd> {
    const rowsMax = limits.rowLimit ?? Number.POSITIVE_INFINITY;
    let rowCount = 0;
    let truncated = false;
    let bytes = 0;
    const take = async (part: Buffer): Promise<void> => {
      bytes += part.length;
      if (bytes > limits.byteLimit) throw tooLarge(limits.byteLimit);
      await consume(part);
      await othersTurn();
      this.#stopped.signal.throwIfAborted();
    };
    this.#stopped.signal.throwIfAborted();
    // Nothing is handed over before the server has answered: until then the run can be begun anew.
    const arrow = format === 'arrow' ? new ArrowMessages(output) : undefined;
    const header = arrow?.schema() ?? Buffer.from(format === 'csv' ? csvHeader(output) : '', 'utf8');
    let headed = header.length === 0;
    const head = async (): Promise<void> => {
      if (!headed) await take(header);
      headed = true;
    };
    const plan = limitedPlan(sql, limits.rowLimit);
    this.operationId = randomUUID();
    for await (const batch of session.execute(plan, this.operationId, this.#stopped.signal)) {
      await head();
      const left = rowsMax - rowCount;
      const pieces =
        format === 'arrow'
          ? batchMessages(batch, output, arrow as ArrowMessages, left)
          : batchLines(batch, output, format, left);
      for (const piece of pieces) {
        rowCount += piece.rows;
        await take(piece.bytes);
      }
      truncated = batch.rows > left;
      if (truncated) break;
    }
    await head();
    if (arrow !== undefined) await take(arrow.end());
    return { rowCount, truncated };
  }
}

/** One row more than wanted shows that there are more. */
function limitedPlan(sql: string, rowLimit: number | undefined): Readonly<Record<string, unknown>> {
  const input = sqlRelation(sql);
  if (rowLimit === undefined || rowLimit > LIMIT_PLANNED_MAX) return planOf(input);
  return planOf({ relType: { case: 'limit', value: { input, limit: rowLimit + 1 } } });
}

export const canceled = (): GovernanceError =>
  new GovernanceError('STATEMENT_CANCELED', 'The statement was cancelled.', { sqlState: '57014' });

const timedOut = (timeoutMs: number): GovernanceError =>
  new GovernanceError('STATEMENT_TIMEOUT', `The statement ran longer than its limit of ${timeoutMs} ms.`, {
    sqlState: '57014',
    remedy: 'Ask for a longer timeout, or for less.',
  });

const tooLarge = (byteLimit: number): GovernanceError =>
  new GovernanceError('BYTE_LIMIT_EXCEEDED', `The result is larger than its limit of ${byteLimit} bytes.`, {
    remedy: 'Ask for fewer rows or columns, or for a higher byteLimit.',
  });
