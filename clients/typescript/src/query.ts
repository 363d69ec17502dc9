/**
 * One statement. It runs when its answer is first asked for, and its rows are read once: as JSON, which the
 * gateway keeps and hands out in parts, or as an Arrow stream, straight from the engine.
 */
import type { RecordBatch, Table } from 'apache-arrow';
import { type Api, dataOf, jsonOf, type Schemas } from './api.js';
import { type Problem, SluiceConnectionError, SluiceError } from './errors.js';
import { type Parameters, statementParameters } from './parameters.js';
import type { Transport } from './transport.js';

export type Statement = Schemas['Statement'];
export type Governance = Schemas['Governance'];
export type Column = Schemas['ResultColumn'];
export type Row = Readonly<Record<string, unknown>>;

export interface QueryOptions {
  readonly params?: Parameters;
  /** What the data is for, where policies ask. */
  readonly purpose?: string;
  readonly justification?: string;
  readonly catalog?: string;
  readonly schema?: string;
  readonly engine?: 'auto' | 'duckdb' | 'spark';
  readonly rowLimit?: number;
  readonly byteLimit?: number;
  /** How long it may run: `30s`, `5m`. */
  readonly timeout?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly minPolicyVersion?: number;
  /** Cancels the statement. */
  readonly signal?: AbortSignal;
  /** Made up when not given; a request that is sent again runs once. Not for Arrow. */
  readonly idempotencyKey?: string;
}

/** Short: from its answer on, the statement has a name by which it can be cancelled. */
const FIRST_WAIT = '1s';
const WAIT = '20s';
const ARROW = 'application/vnd.apache.arrow.stream';
const STATEMENT_ID = 'x-sluice-statement-id';
const KEY_BYTES = 16;

export class Query<R extends Row = Row> implements AsyncIterable<R> {
  readonly #api: Api;
  readonly #transport: Transport;
  readonly #options: QueryOptions;
  readonly #body: Schemas['RunStatement'];
  #kept: Promise<Statement> | undefined;
  #streamed: Promise<Response> | undefined;
  /** Nobody wants the rest of the stream. */
  readonly #left = new AbortController();
  #isRead = false;

  constructor(api: Api, transport: Transport, sql: string, options: QueryOptions = {}) {
    const { params, signal: _, idempotencyKey: __, ...said } = options;
    this.#api = api;
    this.#transport = transport;
    this.#options = options;
    this.#body = {
      statement: sql,
      ...said,
      ...(params === undefined ? {} : { parameters: statementParameters(params) }),
    };
  }

  /** Rows as objects, as they are fetched. A name that repeats is told apart: the second `a` is `a_2`. */
  async *[Symbol.asyncIterator](): AsyncGenerator<R, void, undefined> {
    const names = uniqueNames(await this.columns());
    for await (const values of this.arrays())
      yield Object.fromEntries(names.map((name, i) => [name, values[i]])) as R;
  }

  /** All rows, in memory. */
  async rows(): Promise<R[]> {
    const rows: R[] = [];
    for await (const row of this) rows.push(row);
    return rows;
  }

  /** Rows as lists of values, in the order of the columns. */
  async *arrays(): AsyncGenerator<readonly unknown[], void, undefined> {
    const { statementId, result } = await this.#run();
    this.#readOnce();
    let part: Pick<Schemas['Chunk'], 'rows' | 'nextChunk'> = result ?? { rows: [], nextChunk: null };
    for (;;) {
      yield* part.rows;
      if (part.nextChunk === null) return;
      const path = { id: statementId, n: String(part.nextChunk) };
      part = await jsonOf<Schemas['Chunk']>(
        this.#api.GET('/v1/statements/{id}/chunks/{n}', { params: { path }, ...this.#signal() }),
      );
    }
  }

  async columns(): Promise<readonly Column[]> {
    return (await this.#run()).manifest?.schema ?? [];
  }

  /** The whole answer as an Arrow table: exact types, and the fastest way. */
  async arrow(): Promise<Table> {
    const { Table: ArrowTable } = await import('apache-arrow');
    const batches: RecordBatch[] = [];
    for await (const batch of this.batches()) batches.push(batch);
    return new ArrowTable(batches);
  }

  /** The Arrow stream in parts, as they come: memory stays flat. Leaving the loop cancels the statement. */
  async *batches(): AsyncGenerator<RecordBatch, void, undefined> {
    const { RecordBatchReader } = await import('apache-arrow');
    const response = await this.#stream();
    this.#readOnce();
    try {
      yield* await RecordBatchReader.from(wholeBody(response, this.#options.signal));
    } finally {
      // The reader may still hold the connection: closed, it cancels the statement.
      this.#left.abort();
    }
  }

  /** What was decided: which rows and columns were held back or masked, and by which rules. */
  async governance(): Promise<Governance> {
    if (this.#streamed === undefined) {
      const { governance } = await this.#run();
      if (governance !== undefined) return governance;
    }
    const path = { id: await this.statementId() };
    return dataOf(this.#api.GET('/v1/statements/{id}/governance', { params: { path } }));
  }

  async statementId(): Promise<string> {
    if (this.#streamed === undefined) return (await this.#run()).statementId;
    return (await this.#streamed).headers.get(STATEMENT_ID) ?? '';
  }

  #run(): Promise<Statement> {
    if (this.#streamed !== undefined)
      throw new TypeError('This query has been run as Arrow: make another one.');
    this.#kept ??= this.#runKept();
    return this.#kept;
  }

  async #runKept(): Promise<Statement> {
    const { signal, idempotencyKey = randomKey() } = this.#options;
    signal?.throwIfAborted();
    // Not given up with the signal: its answer has the name by which the statement is cancelled.
    const posted = jsonOf<Statement>(
      this.#api.POST('/v1/statements', {
        params: { header: { 'Idempotency-Key': idempotencyKey } },
        body: { ...this.#body, waitTimeout: FIRST_WAIT },
        fetch: (request) => this.#transport.send(request, signal),
      }),
    );
    const cancel = (): Promise<unknown> =>
      posted.then(({ statementId: id }) =>
        this.#api.POST('/v1/statements/{id}/cancel', { params: { path: { id } } }),
      );
    const ended = posted.then((first) => this.#ended(first));
    return signal === undefined ? ended : orAborted(ended, signal, cancel);
  }

  async #ended(first: Statement): Promise<Statement> {
    let statement = first;
    const path = { id: first.statementId };
    while (statement.state === 'queued' || statement.state === 'running') {
      this.#options.signal?.throwIfAborted();
      statement = await jsonOf<Statement>(
        this.#api.GET('/v1/statements/{id}', {
          params: { path, query: { wait: WAIT } },
          ...this.#signal(),
        }),
      );
    }
    const { error } = statement;
    if (error !== undefined) throw new SluiceError(error.status, error as Problem, first.statementId);
    return statement;
  }

  #stream(): Promise<Response> {
    if (this.#kept !== undefined) throw new TypeError('This query has been run as rows: make another one.');
    const { signal } = this.#options;
    this.#streamed ??= this.#api
      .POST('/v1/statements', {
        body: this.#body,
        headers: { accept: ARROW },
        parseAs: 'stream',
        signal: AbortSignal.any([this.#left.signal, ...(signal === undefined ? [] : [signal])]),
      })
      .then(({ response }) => response);
    return this.#streamed;
  }

  #readOnce(): void {
    if (this.#isRead) throw new TypeError('The rows of this query have been read: make another one.');
    this.#isRead = true;
  }

  #signal(): { readonly signal?: AbortSignal } {
    const { signal } = this.#options;
    return signal === undefined ? {} : { signal };
  }
}

/** The parts of a body, to its end or an error. */
async function* wholeBody(
  response: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch {
    signal?.throwIfAborted();
    throw new SluiceConnectionError('The answer broke off: it is not whole.');
  }
}

/** As `work`, or the signal's reason as soon as it fires; `cancel` is then tried, and not waited for. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal, cancel: () => Promise<unknown>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancel().catch(() => undefined);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** As the gateway tells names apart in NDJSON and Arrow. */
function uniqueNames(columns: readonly Column[]): readonly string[] {
  const taken = new Set(columns.map(({ name }) => name));
  const seen = new Set<string>();
  return columns.map(({ name }) => {
    let unique = name;
    for (let n = 2; seen.has(unique); n += 1) {
      const candidate = `${name}_${n}`;
      if (!taken.has(candidate)) unique = candidate;
    }
    seen.add(unique);
    return unique;
  });
}

/** Also where a page is not served over TLS, and has no crypto.randomUUID. */
const randomKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(KEY_BYTES))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
