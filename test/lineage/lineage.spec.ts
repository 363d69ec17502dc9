/** Lineage as people ask for it: over HTTP, from a running gateway. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Rest, startRest, within } from '../support/rest-client.js';

const START_TIMEOUT_MS = 90_000;
const SEEN_MS = 5_000;
let rest: Rest;

beforeAll(async () => {
  rest = await startRest();
}, START_TIMEOUT_MS);
afterAll(async () => {
  await rest.gateway.stop();
});

interface Edge {
  readonly source: string;
  readonly sourceColumn: string;
  readonly targetColumn: string;
  readonly subtype: string;
  readonly masking: boolean;
  readonly policy: boolean;
}

describe('GET /v1/lineage/{object}', () => {
  it('says where a result comes from, row rules and masks of the policies included', async () => {
    const sql = 'SELECT upper(email) AS mail FROM shop.crm.customers ORDER BY id LIMIT 2';
    expect((await rest.run('analyst', sql)).status).toBe(200);
    const path = '/v1/lineage/shop.crm.customers?direction=downstream&column=email';
    const seen = async () => (await rest.ask('auditor', 'GET', path)).json;
    expect(await within(SEEN_MS, async () => (await seen()).edges.length > 0)).toBe(true);
    const down = await seen();
    expect(down.jobs).toHaveLength(1);
    const job = down.jobs[0];
    expect(job.shape).toContain('LIMIT ?');
    const up = (await rest.ask('auditor', 'GET', `/v1/lineage/${job.target}?direction=upstream`)).json;
    const told = up.edges.map(
      (e: Edge) =>
        `${e.sourceColumn} -> ${e.targetColumn || '*'} ${e.subtype}${e.masking ? ' masked' : ''}${e.policy ? ' by policy' : ''}`,
    );
    expect(told).toEqual([
      'country -> * FILTER by policy',
      'email -> mail TRANSFORMATION masked by policy',
      'id -> * SORT',
    ]);
    expect(up.nodes).toContainEqual({
      object: 'shop.crm.customers',
      column: 'email',
      kind: 'table',
      tags: ['pii.email'],
    });
  });

  it('keeps what is seen in clear beside what is masked, whoever asks last', async () => {
    const sql = 'SELECT email AS seen_by_each FROM shop.crm.customers';
    for (const user of ['steward', 'analyst', 'steward', 'analyst'])
      expect((await rest.run(user, sql)).status).toBe(200);
    const path = '/v1/lineage/shop.crm.customers?direction=downstream&column=email&depth=1';
    const ways = async (): Promise<readonly boolean[]> => {
      const { edges } = (await rest.ask('auditor', 'GET', path)).json as { readonly edges: readonly Edge[] };
      const mine = edges.filter(({ targetColumn }) => targetColumn === 'seen_by_each');
      return mine.map(({ masking }) => masking).sort();
    };
    expect(await within(SEEN_MS, async () => (await ways()).length === 2)).toBe(true);
    expect(await ways()).toEqual([false, true]);
  });

  it('says what a change of a column reaches', async () => {
    const sql = 'SELECT lower(email) AS low, city FROM shop.crm.customers WHERE email IS NOT NULL';
    expect((await rest.run('steward', sql)).status).toBe(200);
    const impact = async () =>
      (await rest.ask('auditor', 'GET', '/v1/lineage/shop.crm.customers/impact?column=email')).json;
    const low = async () =>
      (await impact()).items.find((item: { readonly column: string }) => item.column === 'low');
    expect(await within(SEEN_MS, async () => (await low()) !== undefined)).toBe(true);
    expect(await low()).toMatchObject({ kind: 'result', depth: 1, strength: 'direct', tags: [] });
    // The filter steers every column of the same result.
    const { object } = await low();
    expect((await impact()).items).toContainEqual(
      expect.objectContaining({ object, column: null, strength: 'indirect' }),
    );
  });

  it('follows no tag to what is no table', async () => {
    const flows = await rest.ask('auditor', 'GET', '/v1/lineage/shop.crm.customers/tags');
    expect(flows.json).toEqual({ object: 'shop.crm.customers', items: [], truncated: false });
    expect((await rest.ask('auditor', 'GET', '/v1/lineage/result.nothing/tags')).status).toBe(404);
    expect((await rest.ask('analyst', 'GET', '/v1/lineage/shop.crm.customers/impact')).status).toBe(403);
    expect((await rest.ask('auditor', 'GET', '/v1/lineage/shop.no.such/tags')).status).toBe(404);
  });

  it('needs the explain right, and knows no table that the caller may not browse', async () => {
    expect((await rest.ask('analyst', 'GET', '/v1/lineage/shop.crm.customers')).status).toBe(403);
    expect((await rest.ask('auditor', 'GET', '/v1/lineage/shop.no.such')).status).toBe(404);
    expect((await rest.ask('auditor', 'GET', '/v1/lineage/result.nothing')).status).toBe(404);
    expect((await rest.ask(undefined, 'GET', '/v1/lineage/shop.crm.customers')).status).toBe(401);
    expect((await rest.ask('auditor', 'GET', '/v1/lineage/shop.crm.customers?depth=0')).status).toBe(400);
    expect((await rest.ask('auditor', 'GET', '/v1/lineage/shop.crm.customers?column=no')).status).toBe(400);
  });
});
