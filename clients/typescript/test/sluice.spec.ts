/** The client against a real gateway, and its types against what that says of itself. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ENDLESS, engineOf, type Rest, startRest, within } from '../../../test/support/rest-client.js';
import { readProjectFile } from '../../../test/support/sources.js';
import { typesOf } from '../scripts/generate.mjs';
import { Sluice, SluiceConnectionError } from '../src/sluice.js';

const START_TIMEOUT_MS = 90_000;
jest.setTimeout(60_000);
const EVERY_TYPE = `SELECT CAST(1 AS TINYINT) AS t, 9007199254740993 AS big, CAST('1.50' AS DECIMAL(20,2)) AS d, 1.5D AS f,
  'a''b' AS s, true AS b, DATE '2026-01-31' AS day, TIMESTAMP '2026-01-31 12:00:00.123456' AS at, CAST(NULL AS INT) AS n,
  array(1, 2) AS list, named_struct('x', 1, 'y', 'z') AS struct`;

let rest: Rest;
const as = (user: string): Sluice =>
  new Sluice({ url: rest.gateway.url, token: rest.gateway.tokens[user] ?? '' });

beforeAll(async () => {
  rest = await startRest();
}, START_TIMEOUT_MS);
afterAll(() => rest?.gateway.stop(), START_TIMEOUT_MS);

const listed = async <T>(items: AsyncIterable<T>, max = 1_000): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) {
    found.push(item);
    if (found.length === max) break;
  }
  return found;
};

describe('the generated types', () => {
  it('are those of what the gateway says today; else: npm run generate:clients', async () => {
    const description = (await rest.ask(undefined, 'GET', '/openapi.json')).json;
    const committed = readProjectFile('clients/typescript/src/generated/api.ts');
    expect((await typesOf(description)) === committed).toBe(true);
  });
});

describe('rows', () => {
  it('come as objects, all of them, over as many parts as there are', async () => {
    const query = as('steward').query<{ id: number }>(
      "SELECT id, repeat('x', 300) AS pad FROM shop.sales.orders ORDER BY id",
    );
    const ids = (await listed(query, 100_000)).map(({ id }) => id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const { manifest } = await as('steward').statements.get(await query.statementId());
    expect(manifest?.chunkCount).toBeGreaterThan(1);
    expect(ids).toHaveLength(manifest?.rowCount ?? 0);
  });

  it('are the same as JSON and as Arrow, each value in its form', async () => {
    const [row] = await as('admin').query(EVERY_TYPE).rows();
    expect(row).toEqual({
      t: 1,
      big: '9007199254740993',
      d: 1.5,
      f: 1.5,
      s: "a'b",
      b: true,
      day: '2026-01-31',
      at: '2026-01-31T12:00:00.123456Z',
      n: null,
      list: [1, 2],
      struct: { x: 1, y: 'z' },
    });
    const table = await as('admin').query(EVERY_TYPE).arrow();
    expect(table.schema.fields.map(({ name, type }) => `${name} ${type}`)).toEqual(
      expect.arrayContaining(['t Int8', 'big Int64', 'd Decimal[20e+2]', 'at Timestamp<MICROSECOND, UTC>']),
    );
    expect(table.get(0)?.big).toBe(9007199254740993n);
  });

  it('of Arrow are all there, and their decision with them', async () => {
    const query = as('analyst').query('SELECT id, email FROM shop.crm.customers');
    const table = await query.arrow();
    const [counted] = await as('analyst').query('SELECT count(*) AS n FROM shop.crm.customers').rows();
    expect(table.numRows).toBe(counted?.n);
    const { maskedColumns, filteredTables } = await query.governance();
    expect(maskedColumns).toContainEqual(expect.objectContaining({ column: 'email', mask: 'email' }));
    expect(filteredTables).toMatchObject([{ object: 'shop.crm.customers' }]);
  });

  it('tell names apart as the gateway does', async () => {
    const sql = 'SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a';
    const [row] = await as('admin').query(sql).rows();
    const { schema } = await as('admin').query(sql).arrow();
    expect(Object.keys(row ?? {})).toEqual(schema.fields.map(({ name }) => name));
    expect(await listed(as('admin').query(sql).arrays())).toEqual([[1, 2, 3, 4]]);
  });

  it('of nothing have columns all the same', async () => {
    const query = as('admin').query('SELECT id FROM shop.sales.orders WHERE id < 0');
    expect(await query.rows()).toEqual([]);
    expect(await query.columns()).toMatchObject([{ name: 'id', masked: false }]);
    expect((await as('admin').query('SELECT 1 AS n WHERE 1 = 0').arrow()).schema.fields).toHaveLength(1);
  });

  it('are those of the parameters', async () => {
    const params = { big: 2n ** 60n, at: new Date(0), price: { type: 'decimal(4,2)', value: '9.90' } };
    const rows = await as('admin').query('SELECT :big AS big, :at AS at, :price AS price', { params }).rows();
    expect(rows).toEqual([{ big: '1152921504606846976', at: '1970-01-01T00:00:00Z', price: 9.9 }]);
    expect(
      await as('admin')
        .query('SELECT ? AS a, ? AS b', { params: ['x', 2] })
        .rows(),
    ).toEqual([{ a: 'x', b: 2 }]);
  });
});

describe('a statement that takes long', () => {
  const running = async (): Promise<boolean> => (await engineOf(rest)).running > 0;
  const idle = async (): Promise<boolean> => !(await running());

  it('is waited for', async () => {
    const slow = `SELECT count(*) AS n FROM (${ENDLESS.replace('count(*)', 'a.order_id')} LIMIT 50000000)`;
    const query = as('admin').query(slow);
    expect(await query.rows()).toEqual([{ n: expect.anything() }]);
  });

  it.each([['rows'], ['arrow']] as const)('is cancelled with its signal, as %s', async (form) => {
    const stop = new AbortController();
    const work = as('admin').query(ENDLESS, { signal: stop.signal })[form]();
    const ended = expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(await within(10_000, running)).toBe(true);
    stop.abort();
    await ended;
    expect(await within(10_000, idle)).toBe(true);
  });

  it('is cancelled when its stream is left', async () => {
    const sql =
      'SELECT a.order_id FROM shop.sales.order_items a, shop.sales.order_items b, shop.ref.countries c';
    for await (const batch of as('admin').query(sql).batches()) {
      expect(batch.numRows).toBeGreaterThan(0);
      break;
    }
    expect(await within(10_000, idle)).toBe(true);
  });

  it('says so when it was not there in time', async () => {
    const late = as('admin').query(ENDLESS, { timeout: '500ms' });
    await expect(late.rows()).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT', status: 422 });
  });
});

describe('refusals', () => {
  it('are errors with what helps', async () => {
    const denied = as('analyst').query('SELECT salary FROM shop.hr.employees').rows();
    await expect(denied).rejects.toMatchObject({
      name: 'SluiceError',
      status: 403,
      code: 'ACCESS_DENIED',
      retryable: false,
      decisionId: expect.any(String),
      denied: [{ object: 'shop.hr.employees', action: 'read' }],
      remedy: expect.any(String),
    });
    const wrong = as('analyst').query('SELECT 1 +').arrow();
    await expect(wrong).rejects.toMatchObject({ code: 'SYNTAX_ERROR', position: { line: 1 } });
    const stranger = new Sluice({ url: rest.gateway.url, token: 'nobody' });
    await expect(stranger.whoAmI()).rejects.toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    const nowhere = new Sluice({ url: 'http://127.0.0.1:1', token: 'nobody', attemptsMax: 1 });
    await expect(nowhere.whoAmI()).rejects.toBeInstanceOf(SluiceConnectionError);
  });

  it('are one statement under one key', async () => {
    const options = { idempotencyKey: `key-${Date.now()}` };
    const first = as('admin').query('SELECT 1 AS n', options);
    const second = as('admin').query('SELECT 1 AS n', options);
    expect(await first.statementId()).toBe(await second.statementId());
    const other = as('admin').query('SELECT 2 AS n', options).rows();
    await expect(other).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
  });
});

describe('what is looked up and managed', () => {
  it('is explained', async () => {
    const explained = await as('analyst').explain('SELECT email FROM shop.crm.customers');
    expect(explained).toMatchObject({ decision: 'allow', tables: [{ object: 'shop.crm.customers' }] });
    const other = await as('admin').explain('SELECT * FROM shop.hr.employees', { asPrincipal: 'analyst' });
    expect(other.decision).toBe('deny');
    expect((await as('analyst').whoAmI()).user).toBe('analyst');
  });

  it('is in the catalogue, page by page', async () => {
    const { catalog, api } = as('analyst');
    const names = (await listed(catalog.tables())).map(({ name }) => name);
    expect(names).toContain('shop.crm.customers');
    const small = await api.GET('/v1/catalog/tables', { params: { query: { limit: 2 } } });
    expect(small.data?.items.map(({ name }) => name)).toEqual(names.slice(0, 2));
    expect(small.data?.nextCursor).toEqual(expect.any(String));
    const { columns } = await catalog.table('shop.crm.customers');
    expect(columns.find(({ name }) => name === 'email')).toMatchObject({ masked: true, mask: 'email' });
    expect((await as('admin').catalog.tags()).length).toBeGreaterThan(0);
    await expect(catalog.table('shop.no.where')).rejects.toMatchObject({ status: 404 });
  });

  it('are policies', async () => {
    const { policies } = as('admin');
    const grants = [{ allow: ['browse', 'read'], to: ['user:nobody'], on: ['shop.ref.*'] }];
    const made = await policies.create({ kind: 'policy', name: 'of-the-client', grants });
    expect(made).toMatchObject({ name: 'of-the-client', version: 1 });
    const document = { kind: 'policy', name: 'of-the-client', grants: [] };
    await expect(policies.replace('of-the-client', document, 7)).rejects.toMatchObject({ status: 412 });
    expect(await policies.replace('of-the-client', document, 1)).toMatchObject({ version: 2 });
    expect((await policies.get('of-the-client')).version).toBe(2);
    expect((await listed(policies.versions(), 1))[0]).toMatchObject({ name: 'of-the-client' });
    const principal = { user: 'x', roles: ['analyst'], groups: [], attributes: { countries: ['DE'] } };
    const changes = await policies.diff({ principal, objects: ['shop.hr.employees'], documents: [] });
    expect(changes).toEqual([]);
    await policies.remove('of-the-client', 2);
    expect((await listed(policies.list())).map(({ name }) => name)).not.toContain('of-the-client');
  });

  it('are tokens, lineage, and the record', async () => {
    const { tokens } = as('admin');
    const made = await tokens.create({ name: 'of the client', principal: 'analyst', scopes: ['catalog'] });
    const limited = new Sluice({ url: rest.gateway.url, token: async () => made.token });
    expect((await listed(limited.catalog.tables(), 1)).length).toBe(1);
    await expect(limited.query('SELECT 1').rows()).rejects.toMatchObject({ status: 403 });
    await tokens.revoke(made.id);
    await expect(limited.catalog.table('shop.crm.customers')).rejects.toMatchObject({ status: 401 });
    expect((await listed(tokens.list())).find(({ id }) => id === made.id)?.revokedAt).toEqual(
      expect.any(String),
    );

    const query = as('steward').query('SELECT upper(full_name) AS n FROM shop.crm.customers LIMIT 1');
    const id = await query.statementId();
    const graph = await as('steward').lineage.graph('shop.crm.customers', { direction: 'downstream' });
    expect(graph.edges.some(({ source }) => source === 'shop.crm.customers')).toBe(true);

    const { audit } = as('auditor');
    const [event] = await listed(audit.events({ statement: id }));
    expect(event).toMatchObject({ eventId: expect.any(String), kind: expect.any(String) });
    expect(await audit.proof(event?.eventId ?? '')).toMatchObject({ eventId: event?.eventId });
    const [checkpoint] = await listed(audit.checkpoints(), 1);
    expect(checkpoint?.size).toBeGreaterThan(0);
    const log = await new Response(await audit.export()).text();
    expect(log.trim().split('\n').length).toBeGreaterThan(10);
    expect(await as('steward').statements.receipt(id)).toMatchObject({ format: 'sluice-receipt' });
  });

  it('are statements', async () => {
    const { statements, query } = Object.assign(as('engineer'), {});
    expect(query).toBeInstanceOf(Function);
    const id = await as('engineer').query('SELECT 1').statementId();
    expect((await listed(statements.list(), 1))[0]).toMatchObject({ statementId: id, state: 'succeeded' });
    await statements.cancel(id);
    await statements.remove(id);
    await expect(statements.get(id)).rejects.toMatchObject({ status: 404 });
  });
});
