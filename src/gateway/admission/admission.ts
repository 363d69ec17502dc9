/**
 * The one place where statements of every door wait for an engine. Each engine asks here before it runs anything, so
 * nothing runs past the limits; who waits, for what and since when can be asked by statement.
 */
import { GovernanceError } from '../../core/errors.js';
import type { EngineId } from '../../core/policy/resources.js';
import type { EngineTurns, Turn } from '../../engines/engine.js';
import { type GroupCount, type Place, type QueueLimits, type Release, TurnQueue } from './turn-queue.js';

/** What is told of each statement that came to the line. */
export interface AdmissionEvent {
  readonly engine: EngineId;
  readonly group: string;
  readonly kind: 'started' | 'rejected' | 'left';
  readonly waitedMs: number;
}

export interface AdmissionOptions {
  readonly engines: Readonly<Record<EngineId, QueueLimits>>;
  /** Longest that a statement waits. */
  readonly waitMsMax: number;
  readonly observe: (event: AdmissionEvent) => void;
}

/** Longest delay that a timer takes. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class Admission {
  private readonly queues: Readonly<Record<EngineId, TurnQueue>>;
  private readonly places = new Map<string, () => Place | undefined>();

  constructor(private readonly options: AdmissionOptions) {
    const { duckdb, spark } = options.engines;
    this.queues = { duckdb: new TurnQueue(duckdb), spark: new TurnQueue(spark) };
  }

  /** For an engine, for as long as it is there. */
  turns(engine: EngineId): EngineTurns {
    return new Turns(engine, this.queues[engine], this.options, this.places);
  }

  /** Undefined: it does not wait, now or at all. */
  place(statementId: string): Place | undefined {
    return this.places.get(statementId)?.();
  }

  counts(engine: EngineId): readonly GroupCount[] {
    return this.queues[engine].counts();
  }
}

class Turns implements EngineTurns {
  private readonly waiters = new Set<(error: GovernanceError) => void>();
  private runs = 0;
  private closed = false;
  private idle: (() => void)[] = [];

  constructor(
    private readonly engine: EngineId,
    private readonly queue: TurnQueue,
    private readonly options: AdmissionOptions,
    private readonly places: Map<string, () => Place | undefined>,
  ) {}

  get running(): number {
    return this.queue.runningCount;
  }

  get waiting(): number {
    return this.queue.waitingCount;
  }

  async enter(turn: Turn, signal: AbortSignal): Promise<Release> {
    if (this.closed) throw closing();
    if (signal.aborted) throw canceled();
    const cameAt = performance.now();
    const tell = (kind: AdmissionEvent['kind']): void =>
      this.options.observe({
        engine: this.engine,
        group: turn.group.group,
        kind,
        waitedMs: performance.now() - cameAt,
      });
    try {
      const release = await this.wait(turn, signal);
      tell('started');
      this.runs += 1;
      return once(() => {
        this.runs -= 1;
        release();
        if (this.runs === 0) for (const idle of this.idle.splice(0)) idle();
      });
    } catch (error) {
      tell(error instanceof GovernanceError && error.code === 'QUEUE_FULL' ? 'rejected' : 'left');
      throw error;
    }
  }

  /** Refuses everyone who waits and everyone who comes; resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.closed = true;
    for (const refuse of [...this.waiters]) refuse(closing());
    if (this.runs > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private wait(turn: Turn, signal: AbortSignal): Promise<Release> {
    return new Promise<Release>((resolve, reject) => {
      const { waitMsMax } = this.options;
      let leave = (): boolean => false;
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
        this.waiters.delete(refuse);
        this.places.delete(turn.statementId);
      };
      const refuse = (error: GovernanceError): void => {
        leave();
        end();
        reject(error);
      };
      const cancel = (): void => refuse(canceled());
      const timer = setTimeout(() => refuse(waitedTooLong(waitMsMax)), Math.min(waitMsMax, TIMER_MS_MAX));
      timer.unref();
      signal.addEventListener('abort', cancel, { once: true });
      this.waiters.add(refuse);
      let started = false;
      const start = (release: Release): void => {
        started = true;
        end();
        resolve(release);
      };
      try {
        const entered = this.queue.enter({ turn, start });
        leave = entered.leave;
        if (!started) this.places.set(turn.statementId, entered.place);
      } catch (error) {
        end();
        reject(error);
      }
    });
  }
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}

const canceled = (): GovernanceError =>
  new GovernanceError('STATEMENT_CANCELED', 'The statement was cancelled while it waited.', {
    sqlState: '57014',
  });
const closing = (): GovernanceError =>
  new GovernanceError('ENGINE_UNAVAILABLE', 'The engine is shutting down.', {
    retryable: true,
    retryAfterSeconds: 2,
  });
const waitedTooLong = (ms: number): GovernanceError =>
  new GovernanceError('STATEMENT_TIMEOUT', `The statement waited for its turn for ${ms} ms.`, {
    sqlState: '57014',
    retryable: true,
    remedy: 'Try again when there is less to do; GET /v1/statements says what a statement waits for.',
  });
