/** When requests are sent again, and what their errors tell: over a fetch that fails as it is told. */
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Sluice, SluiceConnectionError, SluiceError, type SluiceOptions } from '../src/sluice.js';

const TOKEN = 'sluice_secret-token';
const STATEMENT = { statementId: 's', state: 'succeeded', result: { rows: [[1]], nextChunk: null } };
const SCHEMA = { schema: [{ name: 'n', type: 'int', nullable: false, masked: false, mask: null }] };
const GOOD: Told = { status: 200, body: { ...STATEMENT, manifest: SCHEMA } };
const LOST = 'lost';

interface Told {
  readonly status: number;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers one after another; what was asked is kept. */
function told(...answers: readonly (Told | typeof LOST)[]) {
  const asked: { readonly method: string; readonly key: string | null; readonly body: string }[] = [];
  const fetch = async (input: RequestInfo | URL): Promise<Response> => {
    const request = input as Request;
    expect(request.headers.get('authorization')).toBe(`Bearer ${TOKEN}`);
    const answer = answers[asked.length] ?? GOOD;
    const { method, headers } = request;
    asked.push({ method, key: headers.get('idempotency-key'), body: await request.text() });
    if (answer === LOST) throw new TypeError(`fetch failed: ${TOKEN}`, { cause: { code: 'ECONNRESET' } });
    const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    return new Response(body ?? null, { status: answer.status, headers: answer.headers ?? {} });
  };
  const sluice = (options: Partial<SluiceOptions> = {}) =>
    new Sluice({ url: 'http://gateway.test', token: TOKEN, fetch, ...options });
  return { asked, sluice };
}
const problem = (status: number, code: string, after?: string): Told => ({
  status,
  body: {
    type: `urn:sluice:error:${code}`,
    title: 't',
    status,
    code,
    detail: 'd',
    retryable: status !== 400,
  },
  headers: after === undefined ? {} : { 'retry-after': after },
});
const raised = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => {
      throw new Error('nothing was raised');
    },
    (error: Error) => error,
  );

describe('a statement of rows', () => {
  it('is sent again under its key when waiting helps, or nothing was heard', async () => {
    const { asked, sluice } = told(
      LOST,
      problem(503, 'EVIDENCE_UNAVAILABLE', '0'),
      problem(429, 'QUEUE_FULL', '0'),
    );
    expect(await sluice().query('SELECT 1').rows()).toEqual([{ n: 1 }]);
    expect(asked).toHaveLength(4);
    expect(new Set(asked.map(({ key, body }) => `${key} ${body}`)).size).toBe(1);
    expect(asked[0]?.key).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is not sent again when it was refused', async () => {
    const { asked, sluice } = told(problem(400, 'SYNTAX_ERROR'));
    expect(await raised(sluice().query('SELEC').rows())).toMatchObject({ code: 'SYNTAX_ERROR', status: 400 });
    expect(asked).toHaveLength(1);
  });

  it('waits as long as it is asked to', async () => {
    const { sluice } = told(problem(429, 'RATE_LIMITED', '1'));
    const started = performance.now();
    await sluice().query('SELECT 1').rows();
    expect(performance.now() - started).toBeGreaterThan(950);
  });

  it.each([['3600'], [new Date(Date.now() + 3_600_000).toUTCString()]])(
    'does not wait until %s',
    async (after) => {
      const { asked, sluice } = told(problem(503, 'ENGINE_UNAVAILABLE', after));
      expect(await raised(sluice().query('SELECT 1').rows())).toMatchObject({ retryable: true });
      expect(asked).toHaveLength(1);
    },
  );

  it('is given up after so many attempts, and so much waiting', async () => {
    const busy = Array.from({ length: 9 }, () => problem(429, 'QUEUE_FULL', '0'));
    const few = told(...busy);
    await raised(few.sluice({ attemptsMax: 3 }).query('SELECT 1').rows());
    expect(few.asked).toHaveLength(3);
    const slow = told(problem(429, 'QUEUE_FULL', '1'), problem(429, 'QUEUE_FULL', '1'));
    await raised(slow.sluice({ waitMsMax: 1_500 }).query('SELECT 1').rows());
    expect(slow.asked).toHaveLength(2);
  });

  it('ends with its signal while it waits', async () => {
    const { asked, sluice } = told(problem(429, 'QUEUE_FULL', '20'));
    const stop = new AbortController();
    const rows = raised(sluice().query('SELECT 1', { signal: stop.signal }).rows());
    setTimeout(() => stop.abort(), 20);
    expect(await rows).toMatchObject({ name: 'AbortError' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked).toHaveLength(1);
  });
});

describe('what might be done twice', () => {
  it('is sent again only when nothing was done', async () => {
    const lost = told(LOST);
    expect(await raised(lost.sluice().tokens.create({ name: 't', scopes: [] }))).toBeInstanceOf(
      SluiceConnectionError,
    );
    const unsure = told(problem(503, 'EVIDENCE_UNAVAILABLE', '0'));
    await raised(unsure.sluice().query('INSERT INTO t VALUES (1)').arrow());
    expect([lost.asked.length, unsure.asked.length]).toEqual([1, 1]);
    const sure = told(problem(503, 'POLICY_VERSION_BEHIND', '0'), problem(429, 'QUEUE_FULL', '0'));
    await raised(sure.sluice().query('INSERT INTO t VALUES (1)').arrow());
    expect(sure.asked).toHaveLength(3);
    expect(sure.asked.every(({ key }) => key === null)).toBe(true);
  });
});

describe('errors', () => {
  it('say what the gateway said', async () => {
    const body = { ...(problem(403, 'ACCESS_DENIED').body as object), remedy: 'Ask.', decisionId: 'd1' };
    const said = { ...body, position: { line: 1, column: 8 }, denied: [{ object: 'a.b.c', action: 'read' }] };
    const error = await raised(told({ status: 403, body: said }).sluice().query('SELECT 1').rows());
    expect(error).toBeInstanceOf(SluiceError);
    expect(error).toMatchObject({ message: 'd', code: 'ACCESS_DENIED', remedy: 'Ask.', decisionId: 'd1' });
    expect(error).toMatchObject({ position: { column: 8 }, denied: [{ object: 'a.b.c' }] });
  });

  it('of somebody before the gateway are errors too', async () => {
    const page = { status: 502, body: '<h1>Bad gateway</h1>' };
    const { sluice } = told(page);
    expect(await raised(sluice({ attemptsMax: 1 }).query('SELECT 1').rows())).toMatchObject({
      status: 502,
      code: 'NOT_A_PROBLEM',
      retryable: true,
    });
  });

  it('and the client hold no token', async () => {
    const { sluice } = told(LOST, LOST);
    const client = sluice({ attemptsMax: 1 });
    const query = client.query('SELECT 1');
    const error = await raised(query.rows());
    for (const shown of [client, query, error, client.api])
      expect(inspect(shown, { depth: 9, showHidden: true })).not.toContain(TOKEN);
    expect(JSON.stringify([client, error])).not.toContain(TOKEN);
    expect(error.message).toBe('http://gateway.test could not be reached, or broke off (ECONNRESET).');
  });

  it('of a token or address that cannot be do not quote it', async () => {
    for (const token of ['sluice_secret\n', '', 'sluice secret', 'ś'])
      expect(() => told().sluice({ token })).toThrow(
        /^The token is empty, too long, or holds what headers cannot\.$/,
      );
    const late = told().sluice({ token: async () => 'sluice_secret\n' });
    expect((await raised(late.whoAmI())).message).not.toContain('secret');
    expect(() => told().sluice({ url: 'http://me:secret@gateway.test' })).toThrow(
      /^The url may not hold credentials\.$/,
    );
  });
});

describe('a query', () => {
  it('is read once, in one form', async () => {
    const query = told().sluice().query('SELECT 1');
    await query.rows();
    await expect(query.rows()).rejects.toThrow('have been read');
    await expect(query.arrow()).rejects.toThrow('run as rows');
  });

  it('sends values with the types they have', async () => {
    const { asked, sluice } = told();
    const params = {
      big: 2n ** 60n,
      at: new Date(0),
      price: { type: 'decimal(4,2)', value: '9.90' },
      none: null,
    };
    await sluice().query('SELECT :big', { params, purpose: 'care' }).rows();
    await sluice()
      .query('SELECT ?', { params: ['a', true] })
      .rows();
    expect(JSON.parse(asked[0]!.body)).toEqual({
      statement: 'SELECT :big',
      purpose: 'care',
      waitTimeout: '1s',
      parameters: [
        { name: 'big', type: 'bigint', value: '1152921504606846976' },
        { name: 'at', type: 'timestamp', value: '1970-01-01T00:00:00.000Z' },
        { name: 'price', type: 'decimal(4,2)', value: '9.90' },
        { name: 'none', value: null },
      ],
    });
    expect(JSON.parse(asked[1]!.body).parameters).toEqual([{ value: 'a' }, { value: true }]);
  });

  it('as Arrow is whole or an error', async () => {
    const { sluice } = told({ status: 200, body: 'no Arrow at all' });
    await expect(sluice().query('SELECT 1').arrow()).rejects.toThrow();
  });
});
