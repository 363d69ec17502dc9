/**
 * One session on a Spark Connect server, ours alone: its settings are put on before anything else, its id is random.
 * A session that the server has forgotten is not revived: whoever holds it makes another.
 */
import { randomUUID } from 'node:crypto';
import { GovernanceError } from '../../core/errors.js';
import { connectEnum } from '../../proto/connect.js';
import { type ConnectMessage, make } from '../../proto/message.js';
import { methodOf, type SparkChannel } from './channel.js';
import { reasonIn, sparkUnavailable, unsaidReason } from './errors.js';

const CLIENT = 'sluice';
/** What we run for ourselves takes moments, a few minutes at the very most: a server that says nothing is lost. */
const OURS_TIMEOUT_MS = 300_000;
/** Streams in a row that the server ended without a word. */
const EMPTY_STREAMS_MAX = 1_000;

/** Keep what every statement must find alike, whatever the server's own defaults are. */
export const SESSION_SETTINGS: Readonly<Record<string, string>> = {
  'spark.sql.session.timeZone': 'UTC',
  'spark.sql.ansi.enabled': 'true',
  'spark.sql.ansi.doubleQuotedIdentifiers': 'false',
  'spark.sql.caseSensitive': 'false',
  'spark.sql.parser.escapedStringLiterals': 'false',
  'spark.sql.mapKeyDedupPolicy': 'EXCEPTION',
  'spark.sql.storeAssignmentPolicy': 'ANSI',
  // The second judge reads the analysed plan whole.
  'spark.sql.debug.maxToStringFields': '1000000',
  'spark.sql.maxMetadataStringLength': '1000000',
  // Partition values are what the catalogue says they are.
  'spark.sql.sources.partitionColumnTypeInference.enabled': 'false',
  // Moments are written as every reader understands them: the default is of a time before Parquet had a type for them.
  'spark.sql.parquet.outputTimestampType': 'TIMESTAMP_MICROS',
  // A table that is read as a stream has the columns of its files.
  'spark.sql.streaming.schemaInference': 'true',
  // Of an error, only what names its class is sent, and by what id more of it can be asked for.
  'spark.sql.connect.enrichError.enabled': 'true',
  'spark.sql.connect.serverStacktrace.enabled': 'false',
};

export interface ArrowBatch {
  /** An Arrow IPC stream with its schema. */
  readonly data: Uint8Array;
  readonly rows: number;
}

export class SparkSession {
  readonly id = randomUUID();
  readonly #channel: SparkChannel;
  #streams = 0;
  /** Of the server's side: another one means that the server has begun anew. */
  #serverSide: string | undefined;

  private constructor(channel: SparkChannel) {
    this.#channel = channel;
  }

  static async open(
    channel: SparkChannel,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<SparkSession> {
    const session = new SparkSession(channel);
    await session.#configure({ ...SESSION_SETTINGS, ...settings });
    return session;
  }

  /** Something runs in it, and somebody listens. */
  get busy(): boolean {
    return this.#streams > 0;
  }

  async version(): Promise<string> {
    const answer = await this.analyze('sparkVersion', {});
    return String(answer.version);
  }

  /** The value of a setting on the server. */
  async setting(key: string): Promise<string | undefined> {
    const answer = await this.#config({ case: 'getOption', value: { keys: [key] } });
    const [pair] = answer.pairs as readonly { readonly value?: string }[];
    return pair?.value;
  }

  /** Spark's own text of the analysed plan and the others. `references`: relations that the SQL names. */
  async explain(
    sql: string,
    mode: 'EXTENDED' | 'SIMPLE',
    references: readonly Readonly<Record<string, unknown>>[] = [],
  ): Promise<string> {
    const explainMode = connectEnum('AnalyzePlanRequest.Explain.ExplainMode').values.find(
      ({ name }) => name === `EXPLAIN_MODE_${mode}`,
    )?.number;
    const root = sqlRelation(sql);
    const relation =
      references.length === 0 ? root : { relType: { case: 'withRelations', value: { root, references } } };
    const answer = await this.analyze('explain', { plan: planOf(relation), explainMode });
    return String(answer.explainString);
  }

  /** One AnalyzePlan; the answer's own message. */
  async analyze(kind: string, value: Readonly<Record<string, unknown>>): Promise<ConnectMessage> {
    const request = make('AnalyzePlanRequest', { ...this.#who(), analyze: { case: kind, value } });
    const answer = await this.#channel.unary('AnalyzePlan', request);
    this.#sameServer(answer);
    return (answer.result as { readonly value: ConnectMessage }).value;
  }

  /** Runs a command of ours to its end. */
  async command(command: Readonly<Record<string, unknown>>): Promise<void> {
    await this.toEnd({ opType: { case: 'command', value: command } });
  }

  /** Runs a relation of ours for what it does; how many rows it gave. */
  run(relation: Readonly<Record<string, unknown>>): Promise<number> {
    return this.toEnd(planOf(relation));
  }

  /** Runs a plan of ours; how many rows it gave. */
  async toEnd(plan: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<number> {
    const ours = signal === undefined ? AbortSignal.timeout(OURS_TIMEOUT_MS) : undefined;
    let rows = 0;
    try {
      for await (const batch of this.execute(plan, randomUUID(), signal ?? ours)) rows += batch.rows;
    } catch (error) {
      throw ours?.aborted === true ? sparkUnavailable(error) : await this.#withReason(error);
    }
    return rows;
  }

  /**
   * Runs a plan; its rows as Arrow, gapless. Ends normally only when the server has said that all were sent. Who stops
   * early, by `signal` or by leaving the loop, ends the operation as well.
   */
  async *execute(
    plan: Readonly<Record<string, unknown>>,
    operationId: string,
    signal?: AbortSignal,
  ): AsyncGenerator<ArrowBatch> {
    let rows = 0;
    this.#streams += 1;
    try {
      for await (const { kind, value } of this.#operation(plan, operationId, signal)) {
        if (kind !== 'arrowBatch') continue;
        const batch = value as {
          readonly data: Uint8Array;
          readonly rowCount: bigint;
          readonly startOffset?: bigint;
        };
        if (batch.startOffset !== undefined && Number(batch.startOffset) !== rows) throw incomplete();
        rows += Number(batch.rowCount);
        yield { data: batch.data, rows: Number(batch.rowCount) };
      }
    } finally {
      this.#streams -= 1;
      void this.#release(operationId);
    }
  }

  /**
   * All that the server answers to one operation. It may end a stream before the operation has ended: then the rest is
   * asked for. So it knows after a while that nobody asks any more, and does not work for a gateway that was killed.
   */
  async *#operation(
    plan: Readonly<Record<string, unknown>>,
    operationId: string,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<{ readonly kind?: string; readonly value?: unknown }> {
    const requestOption = { case: 'reattachOptions', value: { reattachable: true } };
    const fields = { operationId, plan, requestOptions: [{ requestOption }] };
    let lastResponseId: string | undefined;
    let answers = this.#channel.stream('ExecutePlan', this.#request('ExecutePlan', fields), signal);
    for (let empty = 0; empty < EMPTY_STREAMS_MAX; empty += 1) {
      for await (const answer of answers) {
        empty = 0;
        this.#sameServer(answer);
        lastResponseId = String(answer.responseId);
        const { case: kind, value } = answer.responseType as {
          readonly case?: string;
          readonly value?: unknown;
        };
        if (kind === 'resultComplete') return;
        yield { ...(kind === undefined ? {} : { kind }), value };
      }
      const rest = { operationId, ...(lastResponseId === undefined ? {} : { lastResponseId }) };
      answers = this.#channel.stream('ReattachExecute', this.#request('ReattachExecute', rest), signal);
    }
    throw incomplete();
  }

  async #withReason(error: unknown): Promise<unknown> {
    const errorId = error instanceof GovernanceError ? unsaidReason(error) : undefined;
    if (!(error instanceof GovernanceError) || errorId === undefined) return error;
    const told = await this.call('FetchErrorDetails', { errorId }).catch(() => undefined);
    return told === undefined ? error : reasonIn(told.errors as never, error);
  }

  /** Ends the operation, should it still run, and lets go of its answers. */
  async #release(operationId: string): Promise<void> {
    const fields = { operationId, release: { case: 'releaseAll', value: {} } };
    await this.#channel
      .unary('ReleaseExecute', this.#request('ReleaseExecute', fields))
      .catch(() => undefined);
  }

  /** One request of the door, one answer; who asks is filled in. */
  async call(method: string, fields: Readonly<Record<string, unknown>>): Promise<ConnectMessage> {
    const answer = await this.#channel.unary(method, this.#request(method, fields));
    this.#sameServer(answer);
    return answer;
  }

  /** One request of the door, its answers as they come; what runs on the server outlives the call. */
  async *answers(
    method: string,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): AsyncGenerator<ConnectMessage> {
    this.#streams += 1;
    try {
      for await (const answer of this.#channel.stream(method, this.#request(method, fields), signal)) {
        this.#sameServer(answer);
        yield answer;
      }
    } finally {
      this.#streams -= 1;
    }
  }

  /** Artifacts, one message after the other. */
  async upload(requests: readonly Readonly<Record<string, unknown>>[]): Promise<ConnectMessage> {
    const messages = requests.map((fields) => this.#request('AddArtifacts', fields));
    const answer = await this.#channel.upload('AddArtifacts', messages);
    this.#sameServer(answer);
    return answer;
  }

  /** Ends an operation, wherever it is. Does not fail when there is none. */
  async interrupt(operationId: string): Promise<void> {
    const interruptType = connectEnum('InterruptRequest.InterruptType').values.find(({ name }) =>
      name.endsWith('_OPERATION_ID'),
    )?.number;
    const request = make('InterruptRequest', {
      ...this.#who(),
      interruptType,
      interrupt: { case: 'operationId', value: operationId },
    });
    await this.#channel.unary('Interrupt', request).catch(() => undefined);
  }

  /** Ends the session and all that runs in it. */
  async release(): Promise<void> {
    await this.#channel
      .unary('ReleaseSession', make('ReleaseSessionRequest', this.#who()))
      .catch(() => undefined);
  }

  async #configure(settings: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(settings).map(([key, value]) => ({ key, value }));
    await this.#config({ case: 'set', value: { pairs } });
  }

  async #config(opType: { readonly case: string; readonly value: unknown }): Promise<ConnectMessage> {
    const request = make('ConfigRequest', { ...this.#who(), operation: { opType } });
    const answer = await this.#channel.unary('Config', request);
    this.#sameServer(answer);
    return answer;
  }

  #request(method: string, fields: Readonly<Record<string, unknown>>): ConnectMessage {
    const { input } = methodOf(method);
    return make(input.typeName.slice(input.typeName.lastIndexOf('.') + 1), { ...fields, ...this.#who() });
  }

  #who(): Readonly<Record<string, unknown>> {
    return {
      sessionId: this.id,
      clientType: CLIENT,
      userContext: { userId: CLIENT, userName: CLIENT },
      // A server that has begun anew would take our id for a new session, without our settings: now it refuses.
      ...(this.#serverSide === undefined ? {} : { clientObservedServerSideSessionId: this.#serverSide }),
    };
  }

  #sameServer(answer: ConnectMessage): void {
    const seen = String(answer.serverSideSessionId ?? '');
    if (seen === '') return;
    this.#serverSide ??= seen;
    if (this.#serverSide !== seen) throw restarted();
  }
}

export const sqlRelation = (query: string): Readonly<Record<string, unknown>> => ({
  relType: { case: 'sql', value: { query } },
});

export const planOf = (root: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  opType: { case: 'root', value: root },
});

const incomplete = (): GovernanceError =>
  new GovernanceError('ENGINE_ERROR', 'The engine left out a part of the result.', { retryable: true });

const restarted = (): GovernanceError =>
  new GovernanceError('ENGINE_UNAVAILABLE', 'The Spark server has begun anew.', { retryable: true });
