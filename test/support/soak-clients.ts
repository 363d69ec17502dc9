/** Clients that ask one thing after another until it is time to stop; whatever is not as it must be is told. */
import { Random } from '../oracles/random.js';
import type { Answer, Rest } from './rest-client.js';

const USERS = ['analyst', 'steward', 'engineer', 'privacy'] as const;
/** 19 columns of all kinds. */
const WIDE_ROWS = 5_000;
const WIDE = `SELECT ${Array.from({ length: 16 }, (_, i) => `id * ${i + 1} AS n${i}`).join(', ')},
  CAST(id AS STRING) AS s, DATE '2026-01-31' AS d, CAST(id AS DECIMAL(20, 2)) AS e FROM range(${WIDE_ROWS})`;
/** No buffer holds it. */
const HUGE = "SELECT id, repeat('x', 300) AS x FROM range(3000000)";
/** Runs until it is stopped, for everyone: it reads no table. */
const ENDLESS = 'SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.id % 7 < b.id % 5';
const FORMATS = ['text/csv', 'application/x-ndjson', 'application/vnd.apache.arrow.stream'];
const PAUSE_MS_MAX = 300;
const POLICY_PAUSE_MS = 2_000;
const RETRY_MS = 1_000;
const ERRORS_TOLD_MAX = 20;
const TOLD_MAX = 500;
/** A client asks again when the line is full, when the record is late, and when policies changed under its result. */
const RETRIED = ['QUEUE_FULL', 'EVIDENCE_UNAVAILABLE', 'Policies have changed since'];

export class SoakClients {
  readonly done = new Map<string, number>();
  readonly errors: string[] = [];
  /** How often something was asked again, and why. */
  readonly again = new Map<string, number>();
  #stopped = false;

  constructor(private readonly rest: Rest) {}

  stop(): void {
    this.#stopped = true;
  }

  /** `count` clients and one who changes policies; resolves when all have stopped. */
  async run(count: number): Promise<void> {
    const clients = Array.from({ length: count }, (_, i) => this.#client(i));
    await Promise.all([...clients, this.#administrator()]);
  }

  async #client(number: number): Promise<void> {
    const random = new Random(number + 1);
    const user = USERS[number % USERS.length] ?? 'analyst';
    const kinds = {
      tiny: () => this.#tiny(user, random.int(0, 1_000_000)),
      again: () => this.#tiny(user, random.int(0, 1_000_000)),
      wide: () => this.#wide(user, random.pick(FORMATS)),
      chunks: () => this.#chunks(user),
      canceled: () => this.#canceled(user),
      abandoned: () => this.#abandoned(user, random.pick(FORMATS)),
      denied: () => this.#denied(),
      wrong: () => this.#wrong(user),
      masked: () => this.#masked(),
    };
    while (!this.#stopped) {
      const kind = random.pick(Object.keys(kinds) as (keyof typeof kinds)[]);
      await this.#noted(kind, kinds[kind]);
      await pause(random.int(0, PAUSE_MS_MAX));
    }
  }

  async #noted(kind: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
    } catch (error) {
      if (this.errors.length < ERRORS_TOLD_MAX)
        this.errors.push(
          `${kind}: ${error instanceof Error ? `${error.message} ${error.cause ?? ''}` : error}`,
        );
    }
  }

  async #tiny(user: string, n: number): Promise<void> {
    const { json } = await this.#finished(user, `SELECT ${n} + 1 AS n`);
    same(json?.result?.rows, [[n + 1]]);
  }

  async #wide(user: string, accept: string): Promise<void> {
    const response = await this.#post(user, WIDE, { accept });
    same(response.status, 200);
    const bytes = Buffer.from(await response.arrayBuffer());
    if (!accept.startsWith('text/') && !accept.endsWith('ndjson'))
      return same(bytes.length > WIDE_ROWS, true);
    const header = accept === 'text/csv' ? 1 : 0;
    same(bytes.toString().split('\n').length - 1 - header, WIDE_ROWS);
  }

  async #chunks(user: string): Promise<void> {
    const { json } = await this.#finished(user, `SELECT id FROM range(${2 * WIDE_ROWS})`);
    let [seen, next] = [json.result.rows.length, json.result.nextChunk];
    while (next !== null) {
      const path = `/v1/statements/${json.statementId}/chunks/${next}`;
      const chunk = (await this.rest.ask(user, 'GET', path)).json;
      [seen, next] = [seen + chunk.rows.length, chunk.nextChunk];
    }
    same(seen, 2 * WIDE_ROWS);
  }

  async #canceled(user: string): Promise<void> {
    const asked = await this.#asked(user, ENDLESS, { waitTimeout: '0s' });
    same(asked.status, 202);
    const path = `/v1/statements/${asked.json.statementId}`;
    same((await this.rest.ask(user, 'POST', `${path}/cancel`)).status, 202);
    const { json, text } = await this.#ended(user, path);
    if (json.state === 'failed' && (await this.#isForLater(text))) return;
    same([json.state, json.error.code], ['canceled', 'STATEMENT_CANCELED']);
  }

  async #abandoned(user: string, accept: string): Promise<void> {
    const gone = new AbortController();
    const response = await this.#post(user, HUGE, { accept }, gone.signal);
    same(response.status, 200);
    await response.body?.getReader().read();
    gone.abort();
  }

  async #denied(): Promise<void> {
    const answer = await this.#asked('analyst', 'SELECT full_name FROM shop.hr.employees');
    same([answer.status, answer.json.code], [403, 'ACCESS_DENIED']);
  }

  async #wrong(user: string): Promise<void> {
    const answer = await this.#asked(user, 'SELECT nothing FROM range(1) ORDER');
    same(answer.status, 400);
  }

  /** Whatever the version of the policies, an analyst sees no address as it is. */
  async #masked(): Promise<void> {
    const { json } = await this.#finished('analyst', 'SELECT email FROM shop.crm.customers LIMIT 20');
    for (const [email] of json.result.rows)
      if (email !== null && !String(email).includes('***')) throw new Error('an address was seen');
  }

  async #administrator(): Promise<void> {
    for (let round = 0; !this.#stopped; round += 1) {
      await this.#noted('policy', async () => {
        const document = {
          kind: 'policy',
          name: 'soak',
          columns: [
            {
              on: ['shop.crm.customers.email'],
              to: ['user:analyst'],
              mask: round % 2 === 0 ? 'email' : 'null',
            },
          ],
        };
        const found = await this.rest.ask('admin', 'GET', '/v1/policies/soak');
        if (await this.#isForLater(found.text)) return;
        const etag = found.headers.get('etag');
        const saved =
          etag === null
            ? await this.rest.ask('admin', 'POST', '/v1/policies', document)
            : await this.rest.ask('admin', 'PUT', '/v1/policies/soak', document, { 'if-match': etag });
        if (await this.#isForLater(saved.text)) return;
        same(saved.status, etag === null ? 201 : 200);
      });
      await pause(POLICY_PAUSE_MS);
    }
  }

  async #asked(user: string, statement: string, body: object = {}) {
    for (;;) {
      const answer = await this.rest.run(user, statement, { waitTimeout: '60s', ...body });
      if (answer.status < 400 || !(await this.#isForLater(answer.text))) return answer;
    }
  }

  async #isForLater(text: string): Promise<boolean> {
    const reason = RETRIED.find((one) => text.includes(one));
    if (reason === undefined) return false;
    this.again.set(reason, (this.again.get(reason) ?? 0) + 1);
    await pause(RETRY_MS);
    return true;
  }

  async #finished(user: string, statement: string): Promise<Answer> {
    for (;;) {
      const answer = await this.#asked(user, statement);
      const path = `/v1/statements/${answer.json?.statementId}`;
      const ended = answer.status === 202 ? await this.#ended(user, path) : answer;
      if (ended.json?.state === 'succeeded') {
        if (ended.json.result !== undefined) return ended;
        const chunk = await this.rest.ask(user, 'GET', `${path}/chunks/0`);
        if (chunk.status === 200) return { ...ended, json: { ...ended.json, result: chunk.json } };
        if (await this.#isForLater(chunk.text)) continue;
        throw new Error(chunk.text.slice(0, TOLD_MAX));
      }
      if (!(await this.#isForLater(ended.text))) throw new Error(ended.text.slice(0, TOLD_MAX));
    }
  }

  async #ended(user: string, path: string) {
    for (;;) {
      const answer = await this.rest.ask(user, 'GET', `${path}?wait=30s`);
      if (answer.status !== 200 || !['queued', 'running'].includes(answer.json.state)) return answer;
    }
  }

  async #post(user: string, statement: string, headers: object, signal?: AbortSignal): Promise<Response> {
    for (;;) {
      const response = await this.rest.gateway.fetch('/v1/statements', user, {
        method: 'POST',
        headers: { ...headers },
        body: JSON.stringify({ statement, waitTimeout: '60s' }),
        ...(signal === undefined ? {} : { signal }),
      });
      if (response.status === 200) return response;
      const text = await response.text();
      if (!(await this.#isForLater(text))) throw new Error(text.slice(0, TOLD_MAX));
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function same(found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Error(`${JSON.stringify(found)?.slice(0, 300)} and not ${JSON.stringify(wanted)}`);
}
