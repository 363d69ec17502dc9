/** Resource groups over HTTP: limits by role, a line per group, who waits for what, plans for those who may see them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { planSchema, statementsSchema } from '../../src/doors/rest/answer-schemas.js';
import { ENDLESS, type Rest, startRest, within } from '../support/rest-client.js';

const START_TIMEOUT_MS = 90_000;
const SEEN_MS = 15_000;
jest.setTimeout(90_000);
const STAGES = 'authenticate decode bind decide rewrite check record run reveal'.split(' ');
const MANY = 'SELECT id FROM range(5000) ORDER BY id';
const GROUPS = {
  kind: 'policy',
  name: 'groups',
  resources: [
    { name: 'everyone', to: ['all'], rows: 1_000 },
    {
      name: 'analysts',
      to: ['role:analyst'],
      concurrency: 1,
      queue: 2,
      priority: 5,
      rows: 10,
      bytes: '8KiB',
    },
    { name: 'engineers', to: ['role:engineer'], concurrency: 2, priority: 20, time: '300ms' },
    { name: 'admin', to: ['user:admin'], concurrency: 4, cores: 2 },
    { name: 'duck', to: ['user:steward'], engines: ['duckdb'], queue: 0, concurrency: 1 },
  ],
};
type Items = ReturnType<typeof statementsSchema.parse>['items'];
let rest: Rest;

beforeAll(async () => {
  rest = await startRest({ SLUICE_RUNNING_MAX: '4', SLUICE_STATEMENT_TIMEOUT: '60s' });
  const made = await rest.ask('admin', 'POST', '/v1/policies', GROUPS);
  expect([made.status, made.json.warnings]).toEqual([
    201,
    [expect.objectContaining({ code: 'CORES_NOT_KEPT', path: 'resources.3.cores' })],
  ]);
}, START_TIMEOUT_MS);
afterAll(() => rest?.gateway.stop(), START_TIMEOUT_MS);

const begin = async (user: string, statement: string): Promise<string> => {
  const answer = await rest.run(user, statement, { waitTimeout: '0s' });
  expect(answer.status).toBe(202);
  return answer.json.statementId;
};
const cancel = (user: string, ids: readonly string[]) =>
  Promise.all(ids.map((id) => rest.ask(user, 'POST', `/v1/statements/${id}/cancel`)));
const listed = async (user: string, query = ''): Promise<Items> =>
  statementsSchema.strict().parse((await rest.ask(user, 'GET', `/v1/statements${query}`)).json).items;
const item = async (user: string, id: string) =>
  (await listed(user)).find(({ statementId }) => statementId === id);
const metric = async (name: string, labels: string): Promise<number> => {
  const text = await (await fetch(`${rest.gateway.adminUrl}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name}{${labels}}`));
  return Number(line?.split(' ').at(-1) ?? 0);
};

describe('limits of a group', () => {
  it('are the lowest of request, settings and group, and the answer says so', async () => {
    const cut = await rest.run('analyst', MANY);
    expect(cut.json.manifest).toMatchObject({ rowCount: 10, truncated: true });
    expect(cut.json.governance.resources).toEqual({
      group: 'groups/analysts',
      rules: ['groups/analysts'],
      priority: 5,
      concurrency: 1,
      queue: 2,
      timeoutMs: 60_000,
      byteLimit: 8_192,
      rowLimit: 10,
    });
    expect((await rest.run('analyst', MANY, { rowLimit: 3 })).json.manifest.rowCount).toBe(3);
    expect((await rest.run('auditor', MANY)).json.manifest).toMatchObject({
      rowCount: 1_000,
      truncated: true,
    });
    const wide = "SELECT repeat('x', 2000) AS x FROM range(9)";
    expect((await rest.run('analyst', wide)).json.code).toBe('BYTE_LIMIT_EXCEEDED');
    // The group of the user speaks alone: what is said for all is not for them.
    expect((await rest.run('admin', MANY)).json.manifest).toMatchObject({
      rowCount: 5_000,
      truncated: false,
    });
    const slow = await rest.run('engineer', ENDLESS, { timeout: '30s' });
    expect([slow.status, slow.json.code]).toEqual([422, 'STATEMENT_TIMEOUT']);
  });

  it('are told with decisions, and expected by policy tests', async () => {
    const body = { requests: [{ objects: ['shop.ref.countries'] }] };
    const [decision] = (await rest.ask('steward', 'POST', '/v1/decisions', body)).json.items;
    expect(decision.resources.duckdb).toMatchObject({ group: 'groups/duck', concurrency: 1, queue: 0 });
    expect(decision.resources.spark).toMatchObject({ group: 'groups/everyone', rows: 1_000 });
  });
});

describe('the line', () => {
  it('runs no more of a group than it may, keeps order, answers 429 past its places, and leaves none behind', async () => {
    const first = await begin('analyst', ENDLESS);
    expect(await within(SEEN_MS, async () => (await item('analyst', first))?.state === 'running')).toBe(true);
    const second = await begin('analyst', ENDLESS);
    // What reads no files is decided on sooner: it must not be there first.
    expect(await within(SEEN_MS, async () => (await item('analyst', second))?.position === 1)).toBe(true);
    const third = await begin('analyst', MANY);
    expect(await within(SEEN_MS, async () => (await item('analyst', third))?.position === 2)).toBe(true);
    expect(await item('analyst', second)).toMatchObject({
      state: 'queued',
      door: 'rest',
      engine: 'duckdb',
      resourceGroup: 'groups/analysts',
      position: 1,
      waitingFor: { kind: 'groupConcurrency', running: 1, limit: 1 },
      progress: { elapsedMs: expect.any(Number) },
    });
    const refused = await rest.run('analyst', 'SELECT 1');
    expect([refused.status, refused.json.code, refused.json.retryable]).toEqual([429, 'QUEUE_FULL', true]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    // Another group is not kept waiting by it.
    expect((await rest.run('admin', 'SELECT 1')).status).toBe(200);
    const group = 'engine="duckdb",group="groups/analysts"';
    expect(await metric('sluice_queue_running', group)).toBe(1);
    expect(await metric('sluice_queue_waiting', group)).toBe(2);
    expect(await metric('sluice_queue_unserved_total', `${group},reason="rejected"`)).toBe(1);
    // Who is cancelled while waiting leaves no place behind: the next one moves up.
    await cancel('analyst', [second]);
    expect(await within(SEEN_MS, async () => (await item('analyst', third))?.position === 1)).toBe(true);
    const gaveUp = await rest.run('analyst', 'SELECT 1', { waitTimeout: '200ms', onWaitTimeout: 'cancel' });
    expect([gaveUp.status, gaveUp.json.code]).toEqual([408, 'WAIT_TIMEOUT_CANCELED']);
    await cancel('analyst', [first]);
    const ended = await rest.ask('analyst', 'GET', `/v1/statements/${third}?wait=20s`);
    expect([ended.json.state, ended.json.manifest.rowCount]).toEqual(['succeeded', 10]);
    expect(await within(SEEN_MS, async () => (await metric('sluice_queue_running', group)) === 0)).toBe(true);
    expect(await metric('sluice_queue_wait_seconds_count', group)).toBeGreaterThan(0);
  });

  it('takes a burst of everybody to its end, never past a limit', async () => {
    const users = ['analyst', 'engineer', 'admin', 'auditor', 'privacy'];
    let most = 0;
    const watching = setInterval(async () => {
      most = Math.max(most, await metric('sluice_queue_running', 'engine="duckdb",group="groups/engineers"'));
    }, 50);
    const asked = Array.from({ length: 60 }, async (_, i) => {
      const user = users[i % users.length] as string;
      for (;;) {
        const answer = await rest.run(user, `SELECT count(*) FROM range(${20_000 + i})`, {
          waitTimeout: '60s',
        });
        if (answer.status !== 429) return [answer.status, answer.json.result?.rows];
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });
    const answers = await Promise.all(asked);
    clearInterval(watching);
    for (const [i, answer] of answers.entries()) expect(answer).toEqual([200, [[20_000 + i]]]);
    expect(most).toBeLessThanOrEqual(2);
  });

  it('of no places refuses at once what cannot run at once', async () => {
    const running = await begin('steward', ENDLESS);
    expect(await within(SEEN_MS, async () => (await item('steward', running))?.state === 'running')).toBe(
      true,
    );
    expect((await rest.run('steward', 'SELECT 1')).json.code).toBe('QUEUE_FULL');
    await cancel('steward', [running]);
    expect(await within(SEEN_MS, async () => (await rest.run('steward', 'SELECT 1')).status === 200)).toBe(
      true,
    );
  });
});

describe('the list', () => {
  it('of everybody is for administrators, and tells no text of anyone', async () => {
    const secret = 'SELECT no_such_column FROM shop.ref.countries';
    expect((await rest.run('auditor', 'SELECT 1')).status).toBe(200);
    const failed = await rest.run('steward', secret);
    expect(failed.json.code).toBe('UNRESOLVED_COLUMN');
    const refused = await rest.ask('analyst', 'GET', '/v1/statements?all=true');
    expect([refused.status, refused.json.code]).toEqual([403, 'ACCESS_DENIED']);
    const all = await rest.ask('admin', 'GET', '/v1/statements?all=true&limit=500');
    const items = statementsSchema.strict().parse(all.json).items;
    expect(new Set(items.map(({ principal }) => principal)).size).toBeGreaterThan(3);
    expect(items.find(({ error }) => error?.code === 'UNRESOLVED_COLUMN')?.principal).toBe('steward');
    expect(all.text).not.toContain('no_such_column');
    expect((await listed('analyst')).every(({ principal }) => principal === undefined)).toBe(true);
    expect((await rest.ask('admin', 'GET', '/v1/statements?all=yes')).status).toBe(400);
  });
});

describe('a statement of somebody else', () => {
  it('is ended by who administers, on record before it is; under /v1/statements it is never there', async () => {
    const running = await begin('steward', ENDLESS);
    const state = async () => (await item('steward', running))?.state;
    expect(await within(SEEN_MS, async () => (await state()) === 'running')).toBe(true);
    const path = `/v1/engines/statements/${running}/cancel`;
    for (const user of ['analyst', 'engineer', 'auditor', 'admin'])
      expect((await rest.ask(user, 'POST', `/v1/statements/${running}/cancel`)).status).toBe(404);
    for (const user of ['analyst', 'auditor', 'steward']) {
      const refused = await rest.ask(user, 'POST', path);
      expect([refused.status, refused.json.code]).toEqual([403, 'ACCESS_DENIED']);
    }
    expect(await state()).toBe('running');
    const ended = await rest.ask('admin', 'POST', path);
    expect([ended.status, ended.json]).toEqual([202, { statementId: running }]);
    expect(await within(SEEN_MS, async () => (await state()) === 'canceled')).toBe(true);
    expect((await rest.ask('admin', 'POST', path)).status).toBe(202);
    const nobodys = path.replace(running, randomUUID());
    expect((await rest.ask('admin', 'POST', nobodys)).status).toBe(404);
    const told = async (kind: string) =>
      (await rest.ask('auditor', 'GET', `/v1/audit/events?kind=${kind}&limit=50`)).json.items as {
        readonly [field: string]: unknown;
      }[];
    const intents = (await told('admin.intent')).filter(({ object }) => String(object).includes(running));
    expect(intents).toHaveLength(5);
    expect(intents[0]).toMatchObject({ noun: 'engines', object: `statements/${running}/cancel` });
    const outcomes = await told('admin.outcome');
    const decided = intents.map(
      ({ requestId }) => outcomes.find((one) => one.requestId === requestId)?.decision,
    );
    expect(decided.sort()).toEqual(['allow', 'allow', 'deny', 'deny', 'deny']);
  });
});

describe('the plan', () => {
  const ask = async (user: string, statement: string) => {
    const { statementId } = (await rest.run(user, statement)).json;
    return { id: statementId, plan: await rest.ask(user, 'GET', `/v1/statements/${statementId}/plan`) };
  };

  it('is for who may explain each table; the nine stages are for the owner of the statement', async () => {
    const sql =
      "SELECT country, count(*) FROM shop.crm.customers WHERE email <> 'secret-value' GROUP BY country";
    const { id, plan } = await ask('admin', sql);
    expect(plan.status).toBe(200);
    const shown = planSchema.strict().parse(plan.json);
    expect([shown.engine, Object.keys(shown.timings), shown.stages]).toEqual(['duckdb', STAGES, []]);
    expect(shown.plan).toMatch(/READ_PARQUET/);
    expect(plan.text).not.toMatch(/\.parquet|\/tmp/);
    expect((await rest.ask('engineer', 'GET', `/v1/statements/${id}/plan`)).status).toBe(404);
    const { id: mine, plan: refused } = await ask('analyst', sql);
    expect([refused.status, refused.json.code]).toEqual([403, 'EXPLAIN_NOT_ALLOWED']);
    expect(refused.json.denied).toEqual([{ object: 'shop.crm.customers', action: 'explain' }]);
    expect(refused.json.remedy).toContain('explain');
    const statement = await rest.ask('analyst', 'GET', `/v1/statements/${mine}`);
    expect(Object.keys(statement.json.timings)).toEqual(STAGES);
    expect(statement.json.timings.run).toBeGreaterThan(0);
  });

  it('can be asked for while the statement runs', async () => {
    const running = await begin('admin', ENDLESS);
    expect(await within(SEEN_MS, async () => (await item('admin', running))?.state === 'running')).toBe(true);
    expect((await rest.ask('admin', 'GET', `/v1/statements/${running}/plan`)).status).toBe(200);
    await cancel('admin', [running]);
  });
});
