/** The record: there before the engine is called and before an answer ends, or there is no answer; also after kill -9. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { type Answer, ENDLESS, engineOf, type Rest, startRest, within } from '../support/rest-client.js';

const START_TIMEOUT_MS = 120_000;
const SEEN_MS = 20_000;
jest.setTimeout(90_000);
/** More than all buffers between the engine and a client hold. */
const LONG = 'SELECT a.id, repeat("x", 200) AS x FROM range(100000) a';
let postgres: TestPostgres;
let database: pg.Pool;
let rest: Rest;
let dataDir: string;

const env = (dir: string) => ({
  SLUICE_DATA_DIR: dir,
  SLUICE_DATABASE_URL: postgres.appUrl,
  SLUICE_DATABASE_OWNER_URL: postgres.ownerUrl,
  SLUICE_EVIDENCE_TIMEOUT: '1s',
});

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-record-'));
  postgres = await startTestPostgres();
  database = new pg.Pool({ connectionString: postgres.ownerUrl, max: 2 });
  database.on('error', () => undefined);
  rest = await startRest(env(dataDir));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await rest?.gateway.stop();
  await database?.end();
  await postgres?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, START_TIMEOUT_MS);

interface Event {
  readonly kind: string;
  readonly header: string;
}
/** An intent before its outcome, whichever writers they came from. */
const eventsOf = async (id: string): Promise<readonly Event[]> =>
  (
    await database.query(
      `SELECT replace(kind, 'statement.', '') AS kind, body AS header FROM audit_event
        WHERE statement_id = $1 ORDER BY kind`,
      [id],
    )
  ).rows;
const kindsOf = async (id: string): Promise<readonly string[]> =>
  (await eventsOf(id)).map(({ kind }) => kind);
/** As it lies in the database. */
const storedOf = async (id: string): Promise<string> =>
  (
    await database.query(
      `SELECT p.body FROM audit_private p JOIN audit_event e USING (shard, seq) WHERE e.statement_id = $1`,
      [id],
    )
  ).rows[0].body;
const personalOf = async (id: string): Promise<Record<string, string>> =>
  (await rest.ask('auditor', 'GET', `/v1/audit/events?statement=${id}`)).json.items.find(
    ({ kind }: Event) => kind === 'statement.intent',
  ).personal;
const running = (): Promise<boolean> => within(SEEN_MS, async () => (await engineOf(rest)).running > 0);
const begin = async (statement = ENDLESS): Promise<string> => {
  const { status, json } = await rest.run('admin', statement, { waitTimeout: '0s' });
  expect(status).toBe(202);
  return json.statementId;
};
const unavailable = (answer: Answer): void => {
  expect([answer.status, answer.json?.code]).toEqual([503, 'EVIDENCE_UNAVAILABLE']);
  expect(answer.headers.get('retry-after')).not.toBeNull();
  expect(answer.text).not.toMatch(/@|"rows"/);
};

describe('the record of a statement', () => {
  it('has its intent while it runs, and its outcome when it has ended', async () => {
    const id = await begin();
    expect(await running()).toBe(true);
    expect(await kindsOf(id)).toEqual(['intent']);
    await rest.ask('admin', 'POST', `/v1/statements/${id}/cancel`);
    await rest.ask('admin', 'GET', `/v1/statements/${id}?wait=20s`);
    const [, outcome] = await eventsOf(id);
    expect(JSON.parse(outcome?.header ?? '')).toMatchObject({
      state: 'canceled',
      code: 'STATEMENT_CANCELED',
    });
  });

  it('keeps the shape without literals; literals, user and address apart', async () => {
    const statement = "SELECT count(*) FROM shop.crm.customers WHERE city = 'Köln-Ehrenfeld' AND id > 4711";
    const answer = await rest.run(
      'analyst',
      statement,
      { purpose: 'care', justification: 'ticket 99' },
      { 'user-agent': 'record-spec/1' },
    );
    const [intent, outcome] = await eventsOf(answer.json.statementId);
    const header = JSON.parse(intent?.header ?? '');
    expect(header).toMatchObject({
      purpose: 'care',
      objects: ['shop.crm.customers'],
      decisionId: answer.json.governance.decisionId,
      policyVersion: answer.json.governance.policyVersion,
      planHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(header.shape.toLowerCase()).toMatch(/city\W+= \?/);
    expect(intent?.header).not.toMatch(/Ehrenfeld|4711|analyst"|127\.0\.0\.1|record-spec|ticket 99/);
    expect(JSON.parse(outcome?.header ?? '')).toMatchObject({ state: 'succeeded', rowCount: 1 });
    expect(await storedOf(answer.json.statementId)).toMatch(/^sealed:[\w-]+:[\w+/=]+$/);
    expect(await personalOf(answer.json.statementId)).toMatchObject({
      user: 'analyst',
      via: expect.stringMatching(/^token:/),
      address: '127.0.0.1',
      userAgent: 'record-spec/1',
      justification: 'ticket 99',
      literals: expect.arrayContaining([expect.stringContaining('Köln-Ehrenfeld')]),
    });
  });

  it('is kept of what was refused and of what failed', async () => {
    const denied = await rest.run('analyst', 'SELECT * FROM shop.hr.employees');
    const failed = await rest.run('analyst', 'SELECT 1 / 0');
    expect([denied.status, failed.status]).toEqual([403, 422]);
    const { items } = (await rest.ask('analyst', 'GET', '/v1/statements?limit=2')).json;
    const [last, before] = await Promise.all(
      items.map(async ({ statementId }: { statementId: string }) =>
        (await eventsOf(statementId)).map(({ kind, header }) => [kind, JSON.parse(header).code]),
      ),
    );
    expect(before).toEqual([['denied', 'ACCESS_DENIED']]);
    expect(last).toEqual([
      ['intent', undefined],
      ['outcome', 'ARITHMETIC_ERROR'],
    ]);
  });

  it('is there before the last byte of a stream', async () => {
    const response = await rest.gateway.fetch('/v1/statements', 'admin', {
      method: 'POST',
      headers: { accept: 'text/csv' },
      body: JSON.stringify({ statement: LONG }),
    });
    const id = response.headers.get('x-sluice-statement-id') ?? '';
    let bytes = 0;
    for await (const chunk of response.body ?? []) bytes += chunk.length;
    const [, outcome] = await eventsOf(id);
    expect(JSON.parse(outcome?.header ?? '')).toMatchObject({ state: 'succeeded', rowCount: 100_000, bytes });
  });
});

describe('without a database', () => {
  const stopped = async (work: () => Promise<void>): Promise<void> => {
    await postgres.halt();
    try {
      await work();
    } finally {
      await postgres.restart();
    }
    expect(await within(SEEN_MS, async () => (await rest.run('analyst', 'SELECT 1')).status === 200)).toBe(
      true,
    );
  };

  it('there is no data in any format, and soon after it is back there is', async () => {
    await stopped(async () => {
      const statement = 'SELECT email FROM shop.crm.customers LIMIT 3';
      unavailable(await rest.run('analyst', statement));
      unavailable(await rest.run('analyst', statement, {}, { accept: 'text/csv' }));
      unavailable(await rest.run('analyst', statement, {}, { 'idempotency-key': 'away' }));
      unavailable(await rest.ask('analyst', 'GET', '/v1/statements'));
      expect((await fetch(`${rest.gateway.adminUrl}/health/ready`)).status).toBe(503);
      expect((await fetch(`${rest.gateway.adminUrl}/health/live`)).status).toBe(200);
    });
  });

  it('that hangs there is no data either, and no long wait', async () => {
    expect((await rest.run('analyst', 'SELECT 1')).status).toBe(200);
    const lock = await database.connect();
    await lock.query('BEGIN; LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE');
    const started = Date.now();
    unavailable(await rest.run('analyst', 'SELECT email FROM shop.crm.customers LIMIT 3'));
    expect(Date.now() - started).toBeLessThan(10_000);
    await lock.query('ROLLBACK');
    lock.release();
    expect((await rest.run('analyst', 'SELECT 1')).status).toBe(200);
  });

  it('a stream that has begun does not look complete', async () => {
    const response = await rest.gateway.fetch('/v1/statements', 'admin', {
      method: 'POST',
      headers: { accept: 'application/x-ndjson' },
      body: JSON.stringify({ statement: LONG.replace('100000', '500000') }),
    });
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    await reader?.read();
    await stopped(async () => {
      const readAll = async (): Promise<void> => {
        for (;;) if ((await reader?.read())?.done) return;
      };
      await expect(readAll()).rejects.toThrow();
    });
    const { engine } = { engine: await engineOf(rest) };
    expect(engine.running).toBe(0);
  });
});

describe('two gateways', () => {
  it('run a statement under one key once, and tell each other how it ended', async () => {
    const second = await startRest({ ...env(mkdtempSync(join(tmpdir(), 'sluice-record-'))) });
    try {
      const keyed = (where: Rest) =>
        where.run(rest.gateway.tokens.admin ?? '', 'SELECT 42', {}, { 'idempotency-key': 'both' });
      const answers = await Promise.all([rest, second, rest, second].map(keyed));
      const ids = new Set(answers.map(({ json }) => json.statementId ?? json.instance));
      expect(answers.map(({ status }) => status).every((status) => [200, 202, 410].includes(status))).toBe(
        true,
      );
      const ran = answers.find(({ status }) => status === 200)?.json.statementId;
      expect(await kindsOf(ran)).toEqual(['intent', 'outcome']);
      expect([...ids].filter((id) => !id.startsWith('/'))).toEqual([ran]);
      const seen = async (): Promise<boolean> => {
        const found = await second.ask(rest.gateway.tokens.admin, 'GET', `/v1/statements/${ran}`);
        return found.status === 200 && ['expired', 'succeeded'].includes(found.json.state);
      };
      expect(await within(SEEN_MS, seen)).toBe(true);
    } finally {
      await second.gateway.stop();
      rmSync(second.gateway.dataDir, { recursive: true, force: true });
    }
  });
});

describe('kill -9', () => {
  it('loses nothing that was acknowledged, and what was running has failed', async () => {
    const acknowledged: string[] = [];
    const left = await begin();
    expect(await running()).toBe(true);
    let stopped = false;
    const submit = async (worker: number): Promise<void> => {
      for (let n = 0; !stopped; n += 1) {
        const answer = await rest.run('admin', `SELECT ${worker}, ${n}`).catch(() => undefined);
        if (answer?.status === 200) acknowledged.push(answer.json.statementId);
      }
    };
    const workers = [0, 1, 2].map(submit);
    expect(await within(SEEN_MS, async () => acknowledged.length > 100)).toBe(true);
    await rest.gateway.kill();
    stopped = true;
    await Promise.all(workers);
    rest = await startRest(env(dataDir));

    const kinds = await Promise.all(acknowledged.map(kindsOf));
    expect(kinds).toEqual(acknowledged.map(() => ['intent', 'outcome']));
    expect(await kindsOf(left)).toEqual(['intent']);
    const found = await rest.ask('admin', 'GET', `/v1/statements/${left}`);
    expect([found.status, found.json.state, found.json.error.code]).toEqual([200, 'failed', 'INTERNAL']);
    expect((await rest.ask('analyst', 'GET', `/v1/statements/${left}`)).status).toBe(404);
    const states = await Promise.all(
      acknowledged.map(async (id) => (await rest.ask('admin', 'GET', `/v1/statements/${id}`)).json.state),
    );
    // The register may have lost the last moments; the record has not, and nothing that was answered has failed.
    expect(states.filter((state) => state !== 'expired' && state !== undefined)).toEqual([]);
    expect(states.filter((state) => state === 'expired').length).toBeGreaterThan(20);
    expect((await engineOf(rest)).running).toBe(0);
  });
});
