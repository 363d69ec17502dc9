/** The life of a statement over HTTP: run, wait, fetch, cancel, list, repeat. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { chunkSchema, statementSchema, statementsSchema } from '../../src/doors/rest/answer-schemas.js';
import { ENDLESS, engineOf, type Rest, startRest, within } from '../support/rest-client.js';

const START_TIMEOUT_MS = 90_000;
/** The machine may be busy with other specs. */
const SEEN_MS = 15_000;
jest.setTimeout(60_000);
const STAGES = 'authenticate decode bind decide rewrite check record run reveal'.split(' ');
/** More than one chunk holds. */
const MANY = 'SELECT id FROM range(25000) ORDER BY id';
let rest: Rest;

beforeAll(async () => {
  rest = await startRest({
    SLUICE_RUNNING_MAX: '2',
    SLUICE_QUEUE_MAX: '3',
    SLUICE_QUEUE_PER_PRINCIPAL_MAX: '2',
    SLUICE_STATEMENT_TIMEOUT_MAX: '20s',
    SLUICE_STATEMENT_TIMEOUT: '20s',
  });
}, START_TIMEOUT_MS);
afterAll(() => rest?.gateway.stop(), START_TIMEOUT_MS);

const state = async (user: string, id: string): Promise<string> =>
  (await rest.ask(user, 'GET', `/v1/statements/${id}?wait=20s`)).json.state;
const begin = async (user: string, statement: string, body: object = {}): Promise<string> => {
  const answer = await rest.run(user, statement, { waitTimeout: '0s', ...body });
  expect(answer.status).toBe(202);
  return answer.json.statementId;
};
const idle = (): Promise<boolean> =>
  within(SEEN_MS, async () => {
    const { running, queued } = await engineOf(rest);
    return running + queued === 0;
  });

describe('a statement that ends in time', () => {
  it('is answered with its rows, its manifest and what governed it', async () => {
    const answer = await rest.run('analyst', 'SELECT id, email FROM shop.crm.customers ORDER BY id LIMIT 2', {
      tags: { job: 'nightly' },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(statementSchema.strict().parse(answer.json)).toMatchObject({
      state: 'succeeded',
      tags: { job: 'nightly' },
      manifest: {
        schema: [
          { name: 'id', type: 'bigint', masked: false, mask: null },
          { name: 'email', type: 'string', masked: true, mask: 'email' },
        ],
        rowCount: 2,
        chunkCount: 1,
        truncated: false,
      },
      governance: {
        objects: ['shop.crm.customers'],
        filteredTables: [{ object: 'shop.crm.customers', rules: ['eu-analysts/eu-only'] }],
        purpose: null,
        notices: [],
      },
      result: { nextChunk: null },
    });
    expect(answer.json.governance.maskedColumns).toContainEqual({
      object: 'shop.crm.customers',
      column: 'email',
      mask: 'email',
      rule: 'personal-data/email',
    });
    const { statementId, governance } = answer.json;
    const asked = await rest.ask('analyst', 'GET', `/v1/statements/${statementId}/governance`);
    expect(asked.json).toEqual(governance);
  });

  it('says how long each of the nine stages took', async () => {
    for (const headers of [{}, { accept: 'text/csv' }]) {
      const answer = await rest.run('analyst', 'SELECT 1', {}, headers);
      const entries = (answer.headers.get('server-timing') ?? '').split(', ');
      expect(entries.map((entry) => entry.split(';')[0])).toEqual(STAGES);
      for (const stage of ['authenticate', 'decode', 'record', 'run'])
        expect(entries.find((entry) => entry.startsWith(stage))).toMatch(/dur=(?!0\.00$)\d+\.\d\d$/);
    }
  });

  it('takes names without a catalogue or schema from the body', async () => {
    const count = 'SELECT count(*) FROM customers';
    const full = await rest.run('analyst', 'SELECT count(*) FROM shop.crm.customers');
    for (const body of [{ catalog: 'shop', schema: 'crm' }, { schema: 'CRM' }]) {
      expect((await rest.run('analyst', count, body)).json.result.rows).toEqual(full.json.result.rows);
    }
    expect((await rest.run('analyst', count)).status).toBe(404);
  });

  it('carries its purpose, and waits for no policy version that is not there', async () => {
    const answer = await rest.run('analyst', 'SELECT 1', { purpose: 'research', minPolicyVersion: 1 });
    expect(answer.json.governance.purpose).toBe('research');
    const behind = await rest.run('analyst', 'SELECT 1', { minPolicyVersion: 1_000_000 });
    expect([behind.status, behind.json.code]).toEqual([503, 'POLICY_VERSION_BEHIND']);
    expect(behind.headers.get('retry-after')).toBe('1');
  });

  it('waits for a policy version that is about to come', async () => {
    const { policyVersion } = (await rest.run('analyst', 'SELECT 1')).json.governance;
    const waiting = rest.run('analyst', 'SELECT 1', { minPolicyVersion: policyVersion + 1 });
    const made = await rest.ask('admin', 'POST', '/v1/policies', {
      kind: 'policy',
      name: 'to-come',
      grants: [{ allow: ['read'], to: ['user:nobody'], on: ['shop.ref.*'] }],
    });
    expect(made.status).toBe(201);
    expect((await waiting).json).toMatchObject({
      state: 'succeeded',
      governance: { policyVersion: made.json.policyVersion },
    });
  });
});

describe('chunks', () => {
  it('together are the result, again and again; one past the last is not there', async () => {
    const answer = await rest.run('analyst', MANY);
    const { statementId, manifest, result } = answer.json;
    expect(manifest).toMatchObject({ rowCount: 25_000, truncated: false });
    expect(manifest.chunkCount).toBeGreaterThan(1);
    const rows: unknown[] = [...result.rows];
    let next: number | null = result.nextChunk;
    while (next !== null) {
      const chunk = await rest.ask('analyst', 'GET', `/v1/statements/${statementId}/chunks/${next}`);
      const again = await rest.ask('analyst', 'GET', `/v1/statements/${statementId}/chunks/${next}`);
      expect(again.text).toBe(chunk.text);
      expect(chunkSchema.strict().parse(chunk.json).chunk).toBe(next);
      rows.push(...chunk.json.rows);
      next = chunk.json.nextChunk;
    }
    expect(rows).toEqual(Array.from({ length: 25_000 }, (_, i) => [i]));
    for (const n of [manifest.chunkCount, -1, 'x', '0x0', '99999999999']) {
      const missing = await rest.ask('analyst', 'GET', `/v1/statements/${statementId}/chunks/${n}`);
      expect([missing.status, missing.json.code]).toEqual([404, 'NOT_FOUND']);
    }
    const whole = await rest.ask('analyst', 'GET', `/v1/statements/${statementId}/stream`);
    expect(whole.json.result).toEqual({ rows, nextChunk: null });
  });
});

describe('limits', () => {
  it('cut rows and say so, in every format', async () => {
    const cut = await rest.run('analyst', MANY, { rowLimit: 3 });
    expect(cut.json.manifest).toMatchObject({ rowCount: 3, truncated: true });
    expect(cut.json.result.rows).toEqual([[0], [1], [2]]);
    const whole = await rest.run('analyst', 'SELECT id FROM range(3)', { rowLimit: 3 });
    expect(whole.json.manifest).toMatchObject({ rowCount: 3, truncated: false });
    const csv = await rest.run('analyst', MANY, { rowLimit: 3 }, { accept: 'text/csv' });
    expect(csv.text).toBe('id\r\n0\r\n1\r\n2\r\n');
    const id = csv.headers.get('x-sluice-statement-id');
    const after = await rest.ask('analyst', 'GET', `/v1/statements/${id}`);
    expect(after.json.manifest).toMatchObject({ rowCount: 3, truncated: true });
  });

  it('refuse more bytes and more time than were asked for', async () => {
    const large = await rest.run('analyst', MANY, { byteLimit: 1_000 });
    expect([large.status, large.json.code]).toEqual([422, 'BYTE_LIMIT_EXCEEDED']);
    const slow = await rest.run('admin', ENDLESS, { timeout: '200ms' });
    expect([slow.status, slow.json.code]).toEqual([422, 'STATEMENT_TIMEOUT']);
    expect(await idle()).toBe(true);
    const states = (await rest.ask('admin', 'GET', '/v1/statements?limit=1')).json.items;
    expect(states[0]).toMatchObject({ state: 'timed_out', error: { code: 'STATEMENT_TIMEOUT' } });
  });

  it('of the queue answer 429 with a time to wait, and the others go on', async () => {
    const ids = [await begin('admin', ENDLESS), await begin('admin', ENDLESS)];
    ids.push(await begin('admin', ENDLESS), await begin('admin', ENDLESS));
    expect(await within(SEEN_MS, async () => (await engineOf(rest)).queued === 2)).toBe(true);
    const refused = await rest.run('admin', 'SELECT 1');
    expect([refused.status, refused.json.code, refused.json.retryable]).toEqual([429, 'QUEUE_FULL', true]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await Promise.all(ids.map((id) => rest.ask('admin', 'POST', `/v1/statements/${id}/cancel`)));
    expect(await idle()).toBe(true);
    const states = () => Promise.all(ids.map((id) => state('admin', id)));
    // Out of the engine first; then its end goes on record.
    expect(await within(5_000, async () => (await states()).every((s) => s === 'canceled'))).toBe(true);
  });
});

describe('a statement that takes longer', () => {
  it('is accepted, waited for, cancelled once and for all, and purged', async () => {
    const posted = await rest.run('admin', ENDLESS, { waitTimeout: '0s' });
    expect(posted.status).toBe(202);
    expect(posted.headers.get('retry-after')).toBe('1');
    const path = `/v1/statements/${posted.json.statementId}`;
    expect(posted.headers.get('location')).toBe(path);
    const started = Date.now();
    const waited = await rest.ask('admin', 'GET', `${path}?wait=500ms`);
    expect(Date.now() - started).toBeGreaterThanOrEqual(450);
    expect([waited.status, waited.json.state]).toEqual([200, 'running']);
    const early = await rest.ask('admin', 'GET', `${path}/chunks/0`);
    expect([early.status, early.json.code]).toEqual([409, 'CONFLICT']);
    for (let time = 0; time < 2; time += 1)
      expect((await rest.ask('admin', 'POST', `${path}/cancel`)).status).toBe(202);
    const ended = await rest.ask('admin', 'GET', `${path}?wait=10s`);
    expect(ended.json).toMatchObject({ state: 'canceled', error: { code: 'STATEMENT_CANCELED' } });
    expect(ended.status).toBe(200);
    // Clients that name a type for no body at all are understood.
    const typed = { 'content-type': 'application/json' };
    expect((await rest.ask('admin', 'POST', `${path}/cancel`, undefined, typed)).status).toBe(202);
    expect((await rest.ask('admin', 'POST', '/v1/statements', undefined, typed)).status).toBe(400);
    const gone = await rest.ask('admin', 'DELETE', path);
    expect([gone.status, gone.text]).toEqual([204, '']);
    for (const [method, rest_] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/cancel'],
      ['GET', '/events'],
    ])
      expect((await rest.ask('admin', method ?? '', path + rest_)).status).toBe(404);
    expect(await idle()).toBe(true);
  });

  it('is cancelled when the wait is over, if that was asked for', async () => {
    const answer = await rest.run('admin', ENDLESS, { waitTimeout: '200ms', onWaitTimeout: 'cancel' });
    expect([answer.status, answer.json.code]).toEqual([408, 'WAIT_TIMEOUT_CANCELED']);
    expect(await idle()).toBe(true);
  });

  it('tells its states and that it goes on as events', async () => {
    const id = await begin('admin', ENDLESS);
    const events = rest.ask('admin', 'GET', `/v1/statements/${id}/events`);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await rest.ask('admin', 'POST', `/v1/statements/${id}/cancel`);
    const { headers, text } = await events;
    expect(headers.get('content-type')).toMatch(/^text\/event-stream/);
    const told = [...text.matchAll(/event: (\w+)\ndata: (.*)\n\n/g)].map(([, name, data]) => [
      name,
      JSON.parse(data ?? ''),
    ]);
    expect(told.map(([name]) => name)).toContain('progress');
    expect(told.filter(([name]) => name === 'state').map(([, data]) => data.state)).toEqual(
      expect.arrayContaining(['running', 'canceled']),
    );
    expect(told.at(-1)).toMatchObject(['state', { statementId: id, state: 'canceled' }]);
    const [, progress] = told.find(([name]) => name === 'progress') as [string, object];
    expect(progress).toMatchObject({ statementId: id, state: 'running', bytes: 0 });
    expect([...text.matchAll(/id: (\d)\n/g)].map(([, number]) => Number(number)).at(-1)).toBe(3);
    const after = (seen: string) =>
      rest.ask('admin', 'GET', `/v1/statements/${id}/events`, undefined, { 'last-event-id': seen });
    expect((await after('2')).text).toMatch(/^id: 3\nevent: state\ndata: [^\n]*"canceled"[^\n]*\n\n$/);
    expect((await after('3')).status).toBe(204);
    expect((await after('nonsense')).text).toMatch(/^id: 3\n/);
  });

  it('is followed by so many connections of one principal at most', async () => {
    const id = await begin('admin', ENDLESS);
    const follow = (user: string, signal: AbortSignal) =>
      fetch(`${rest.gateway.url}/v1/statements/${id}/events`, {
        headers: { authorization: `Bearer ${rest.gateway.tokens[user]}` },
        signal,
      });
    const leave = new AbortController();
    const answers = await Promise.all(Array.from({ length: 40 }, () => follow('admin', leave.signal)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBe(32);
    expect(statuses.filter((status) => status === 429).length).toBe(8);
    leave.abort();
    expect(
      await within(5_000, async () => {
        const one = new AbortController();
        const { status } = await follow('admin', one.signal);
        one.abort();
        return status === 200;
      }),
    ).toBe(true);
    await rest.ask('admin', 'DELETE', `/v1/statements/${id}`);
    expect(await idle()).toBe(true);
  });
});

describe('a statement that failed', () => {
  it('is an error when it is run, and a state with an error when it is asked for', async () => {
    const id = await begin('analyst', 'SELECT 1 / 0');
    const asked = await rest.ask('analyst', 'GET', `/v1/statements/${id}?wait=10s`);
    expect(asked.status).toBe(200);
    expect(statementSchema.strict().parse(asked.json)).toMatchObject({
      state: 'failed',
      error: { code: 'ARITHMETIC_ERROR', status: 422 },
    });
    expect(asked.json.result).toBeUndefined();
    const rows = await rest.ask('analyst', 'GET', `/v1/statements/${id}/stream`);
    expect([rows.status, rows.json.code]).toEqual([422, 'ARITHMETIC_ERROR']);
    const denied = await begin('analyst', 'SELECT * FROM shop.hr.employees');
    const error = (await rest.ask('analyst', 'GET', `/v1/statements/${denied}?wait=10s`)).json.error;
    expect(error).toMatchObject({ code: 'ACCESS_DENIED', status: 403 });
  });
});

describe('statements of others', () => {
  it('are not there, whatever is asked of them', async () => {
    const id = (await rest.run('analyst', 'SELECT 1')).json.statementId;
    const never = '00000000-0000-4000-8000-000000000000';
    const routes = [
      ['GET', ''],
      ['GET', '/chunks/0'],
      ['GET', '/stream'],
      ['GET', '/events'],
      ['GET', '/governance'],
      ['POST', '/cancel'],
      ['DELETE', ''],
    ] as const;
    for (const [method, route] of routes) {
      const strange = await rest.ask('admin', method, `/v1/statements/${id}${route}`);
      const missing = await rest.ask('admin', method, `/v1/statements/${never}${route}`);
      const alike = (text: string, own: string): string =>
        text.replaceAll(own, '').replace(/"requestId":"[^"]+"/, '');
      expect([strange.status, alike(strange.text, id)]).toEqual([404, alike(missing.text, never)]);
    }
    expect(await state('analyst', id)).toBe('succeeded');
  });

  it('are not in my list, which goes on where a page ended', async () => {
    const mine: string[] = [];
    for (let n = 0; n < 5; n += 1) mine.unshift((await rest.run('engineer', `SELECT ${n}`)).json.statementId);
    const seen: string[] = [];
    let cursor = '';
    do {
      const answer = await rest.ask('engineer', 'GET', `/v1/statements?limit=2${cursor}`);
      const found = statementsSchema.strict().parse(answer.json);
      seen.push(...found.items.map((item) => item.statementId));
      // What is purged meanwhile does not lose the place.
      await rest.ask('engineer', 'DELETE', `/v1/statements/${found.items.at(-1)?.statementId}`);
      cursor = found.nextCursor === null ? '' : `&cursor=${encodeURIComponent(found.nextCursor)}`;
    } while (cursor !== '');
    expect(seen).toEqual(mine);
  });
});

describe('Idempotency-Key', () => {
  const keyed = (key: string, statement: string, body: object = {}) =>
    rest.run('auditor', statement, body, { 'idempotency-key': key });

  it('makes one statement of many requests', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => keyed('k1', 'SELECT current_timestamp() AS t')),
    );
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map((answer) => answer.json.statementId)).size).toBe(1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer.json.result.rows))).size).toBe(1);
    const { items } = (await rest.ask('auditor', 'GET', '/v1/statements')).json;
    expect(items).toHaveLength(1);
  });

  it('refuses another body, gives another person another statement, and repeats errors', async () => {
    const first = await keyed('k2', 'SELECT 1');
    const other = await keyed('k2', 'SELECT 2');
    expect([other.status, other.json.code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
    const strange = await rest.run('analyst', 'SELECT 1', {}, { 'idempotency-key': 'k2' });
    expect(strange.json.statementId).not.toBe(first.json.statementId);
    const failed = [await keyed('k3', 'SELECT 1 / 0'), await keyed('k3', 'SELECT 1 / 0')];
    expect(failed.map((answer) => answer.json.code)).toEqual(['ARITHMETIC_ERROR', 'ARITHMETIC_ERROR']);
    const csv = { accept: 'text/csv', 'idempotency-key': 'k2' };
    expect((await rest.run('auditor', 'SELECT 1', {}, csv)).text).toBe('1\r\n1\r\n');
  });

  it('is free again after what a retry may cure', async () => {
    const ids = [];
    for (let n = 0; n < 4; n += 1) ids.push(await begin('admin', ENDLESS));
    expect(await within(SEEN_MS, async () => (await engineOf(rest)).queued === 2)).toBe(true);
    ids.push(await begin('steward', ENDLESS));
    expect(await within(SEEN_MS, async () => (await engineOf(rest)).queued === 3)).toBe(true);
    expect((await keyed('k4', 'SELECT 4')).status).toBe(429);
    await Promise.all(
      ids.map((id, n) => rest.ask(n < 4 ? 'admin' : 'steward', 'DELETE', `/v1/statements/${id}`)),
    );
    expect((await keyed('k4', 'SELECT 4')).json.result.rows).toEqual([[4]]);
  });
});
