/**
 * One run of one stream on the server, and whose it is. It was started under an intent on record and ends with its outcome
 * there, whoever ends it: its owner, an error, or the gateway because what was decided for it no longer holds.
 */
import { randomUUID } from 'node:crypto';
import type { ObjectId } from '../../../core/catalog/catalog.js';
import { GovernanceError } from '../../../core/errors.js';
import type { PlanMessage } from '../../../core/plan/connect/message.js';
import type { NamedType } from '../../lineage-teller.js';
import type { Caller, Governance } from '../../statement.js';
import type { ClientSession, EngineSession } from '../connect-session.js';
import type { ConnectSession } from '../engine.js';
import type { PlanEnd, PlanOutcome } from '../run-plan.js';
import { type BatchProgress, readProgress, type ShownAs, shownProgress, shownStatus } from './progress.js';
import { streamFailure } from './stream-errors.js';
import type { TableSink } from './table-sink.js';

export interface StreamFacts {
  readonly id: string;
  readonly runId: string;
  readonly statementId: string;
  readonly caller: Caller;
  /** Of the client that started it. */
  readonly client: ClientSession;
  /** The client's own session on the server, where it runs in that one. */
  readonly shared: EngineSession | undefined;
  readonly session: ConnectSession;
  readonly governance: Governance;
  readonly purpose: string | undefined;
  /** Versions of the tables that are read as they were at its start. */
  readonly asOfStart: ReadonlyMap<ObjectId, string>;
  readonly outcome: PlanOutcome;
  /** Columns of its rows, as the server told them at its start. */
  readonly schema: readonly NamedType[];
  /** The caller's own. */
  readonly plan: PlanMessage;
  readonly shown: ShownAs;
  /** Rows that a sink in memory keeps of all batches, not of the last one. */
  readonly appends: boolean;
  readonly inMemory: boolean;
  /** Where its rows go, when that is a table. */
  readonly table?: TableSink;
}

export interface QueryStatus {
  readonly statusMessage: string;
  readonly isDataAvailable: boolean;
  readonly isTriggerActive: boolean;
  readonly isActive: boolean;
}

const ENDED: QueryStatus = {
  statusMessage: 'Stopped',
  isDataAvailable: false,
  isTriggerActive: false,
  isActive: false,
};
/** As many as Spark keeps. */
const PROGRESS_MAX = 100;

export class StreamingQuery {
  /** Why it has ended; `undefined` is well. */
  error: GovernanceError | undefined;
  private ending: Promise<void> | undefined;
  private done = false;
  private readonly batches = new Map<string, BatchProgress>();
  /** Batches of which is told already, in this many. */
  told = 0;
  rowsOut = 0;

  constructor(readonly facts: StreamFacts) {}

  get ended(): boolean {
    return this.done;
  }

  /** Newest last. */
  get progress(): readonly string[] {
    return [...this.batches.values()].map((batch) => shownProgress(batch, this.facts.shown));
  }

  get inMemoryRows(): number {
    return this.facts.inMemory ? this.rowsOut : 0;
  }

  get batchCount(): number {
    return this.told + this.batches.size;
  }

  async status(): Promise<QueryStatus> {
    if (this.done) return ENDED;
    const { value } = await this.ask('status', true);
    return {
      statusMessage: shownStatus(String(value.statusMessage)),
      isDataAvailable: value.isDataAvailable === true,
      isTriggerActive: value.isTriggerActive === true,
      isActive: value.isActive === true,
    };
  }

  /** Reads what the server tells of batches; those that were not known before. */
  async readBatches(): Promise<readonly BatchProgress[]> {
    const { value } = await this.ask('recentProgress', true);
    const news = (value.recentProgressJson as readonly string[])
      .flatMap((json) => readProgress(json) ?? [])
      .filter((batch) => !this.batches.has(keyOf(batch)));
    for (const batch of news) this.add(batch);
    return news;
  }

  async processAllAvailable(): Promise<void> {
    if (!this.done) await this.ask('processAllAvailable', true);
  }

  /** All may see what is in its table by now. */
  async acknowledge(): Promise<void> {
    this.rowsOut += (await this.facts.table?.acknowledge()) ?? 0;
  }

  /** The owner has ended it. */
  stop(): Promise<void> {
    return this.end(async () => {
      await this.ask('stop', true).catch(() => undefined);
      await this.readBatches().catch(() => undefined);
      await this.finish();
    });
  }

  /** What was decided for it does not hold any more, or the server it ran on is gone. */
  stopFor(reason: GovernanceError): Promise<void> {
    return this.end(async () => {
      this.error = reason;
      await this.ask('stop', true).catch(() => undefined);
      await this.facts.outcome.failed(reason, this.shownSchema);
    });
  }

  /** The server says that it runs no more. */
  ran(): Promise<void> {
    return this.end(async () => {
      const { value } = await this.ask('exception', true);
      const { exceptionMessage } = value;
      await this.finish(exceptionMessage === undefined ? undefined : streamFailure(String(exceptionMessage)));
    });
  }

  /** Its last batches are seen before its end is told. */
  private async finish(failure?: GovernanceError): Promise<void> {
    this.error = failure;
    try {
      await this.acknowledge();
    } catch (error) {
      this.error ??= error instanceof GovernanceError ? error : notShown(error);
    }
    if (this.error === undefined) await this.facts.outcome.succeeded(this.wellEnded());
    else await this.facts.outcome.failed(this.error, this.shownSchema);
  }

  private wellEnded(): PlanEnd {
    const end = { rowCount: this.rowsOut, bytes: 0 };
    return this.shownSchema === undefined ? end : { ...end, schema: this.shownSchema };
  }

  /** A table has columns of its own. */
  private get shownSchema(): StreamFacts['schema'] | undefined {
    return this.facts.table === undefined ? this.facts.schema : undefined;
  }

  private end(work: () => Promise<void>): Promise<void> {
    this.ending ??= work().finally(async () => {
      await this.facts.table?.release().catch(() => undefined);
      this.done = true;
    });
    return this.ending;
  }

  private add(batch: BatchProgress): void {
    const rows = Math.max(0, batch.sink.numOutputRows);
    // Of a table its log says how many.
    if (this.facts.table === undefined) this.rowsOut = this.facts.appends ? this.rowsOut + rows : rows;
    this.batches.set(keyOf(batch), batch);
    const [oldest] = this.batches.keys();
    if (this.batches.size > PROGRESS_MAX && oldest !== undefined) {
      this.batches.delete(oldest);
      this.told += 1;
    }
  }

  private async ask(kind: string, value: unknown): Promise<{ readonly value: PlanMessage }> {
    const { id, runId, session } = this.facts;
    const command = { queryId: { id, runId }, command: { case: kind, value } };
    const answer = await runCommand(session, 'streamingQueryCommand', command);
    const result = answer?.resultType as { readonly value?: PlanMessage } | undefined;
    return { value: result?.value ?? ({} as PlanMessage) };
  }
}

const notShown = (error: unknown): GovernanceError =>
  new GovernanceError(
    'ENGINE_ERROR',
    'The last rows of the stream could not be shown in its table.',
    { retryable: true, remedy: 'Start it again: it makes them anew.' },
    error,
  );

/** A trigger without data reports again under the number of the batch before. */
const keyOf = ({ batchId, timestamp }: BatchProgress): string => `${batchId} ${timestamp}`;

/** Runs a command on the server; the value of its answer. */
export async function runCommand(
  session: ConnectSession,
  kind: string,
  value: unknown,
): Promise<PlanMessage | undefined> {
  let found: PlanMessage | undefined;
  const plan = { opType: { case: 'command', value: { commandType: { case: kind, value } } } };
  const fields = { plan, operationId: randomUUID() };
  for await (const answer of session.answers('ExecutePlan', fields, new AbortController().signal)) {
    const { case: which, value: given } = answer.responseType as {
      readonly case?: string;
      readonly value?: PlanMessage;
    };
    if (which?.endsWith('Result') === true) found = given;
  }
  return found;
}
