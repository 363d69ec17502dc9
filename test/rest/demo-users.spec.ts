/** What each demo user sees of the sample lake: in rows, metadata, errors and explanations. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EU_COUNTRIES } from '../../src/admin/identity/demo-identities.js';
import { explainSchema } from '../../src/doors/rest/decision-schemas.js';
import { type Answer, type Rest, startRest } from '../support/rest-client.js';

const START_TIMEOUT_MS = 90_000;
jest.setTimeout(60_000);
const TABLES = 'crm.customers hr.employees ref.countries sales.order_items sales.orders support.tickets'
  .split(' ')
  .map((name) => `shop.${name}`);
/** What the analyst may see none of: raw values, by column, and a country outside the EU. */
const SECRET = 'email phone national_id iban full_name'.split(' ');
let rest: Rest;
/** As the steward sees them. */
let raw: readonly Readonly<Record<string, string | null>>[];
let secrets: readonly string[];
let outside: readonly string[];

const rowsOf = async (user: string, statement: string): Promise<unknown[][]> => {
  const answer = await rest.run(user, statement);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json.result.rows;
};
const one = async (user: string, statement: string): Promise<unknown> =>
  (await rowsOf(user, statement))[0]?.[0];
const refusal = async (user: string, statement: string): Promise<[number, string]> => {
  const answer = await rest.run(user, statement);
  return [answer.status, answer.json.code];
};
const secretsIn = ({ text }: Answer): readonly string[] => secrets.filter((value) => text.includes(value));

beforeAll(async () => {
  rest = await startRest();
  const columns = ['id', ...SECRET, 'country'];
  const rows = await rowsOf('steward', `SELECT ${columns.join(', ')} FROM shop.crm.customers ORDER BY id`);
  raw = rows.map((row) =>
    Object.fromEntries(columns.map((name, i) => [name, row[i] === null ? null : String(row[i])])),
  );
  secrets = raw.flatMap((row) => SECRET.flatMap((column) => row[column] ?? []));
  outside = raw.filter((row) => !EU_COUNTRIES.includes(row.country ?? '')).map((row) => row.id ?? '');
}, START_TIMEOUT_MS);
afterAll(() => rest?.gateway.stop(), START_TIMEOUT_MS);

describe('the analyst', () => {
  it('sees the customers of the European Union, their personal data masked', async () => {
    expect(outside.length).toBeGreaterThan(50);
    const sql = 'SELECT id, email, phone, national_id, iban, country FROM shop.crm.customers ORDER BY id';
    const rows = await rowsOf('analyst', sql);
    const inside = raw.filter((row) => EU_COUNTRIES.includes(row.country ?? ''));
    expect(rows.map(([id]) => String(id))).toEqual(inside.map((row) => row.id));
    for (const [i, [, email, phone, nationalId, iban]] of rows.entries()) {
      const row = inside[i] ?? {};
      const last = (text: string | null | undefined, n: number): string | null =>
        text == null ? null : 'x'.repeat(Math.max(0, text.length - n)) + text.slice(-n);
      const at = row.email?.indexOf('@');
      expect(email).toBe(row.email == null ? null : `${row.email[0]}***${row.email.slice(at)}`);
      expect(phone).toBe(last(row.phone, 2));
      expect(nationalId).toBe(last(row.national_id, 4));
      expect(iban).toBe(last(row.iban, 4));
    }
  });

  it.each([
    "SELECT c.* FROM shop.crm.customers c WHERE email LIKE '%@%'",
    'SELECT * FROM shop.crm.customers',
    'SELECT o.id, c.* FROM shop.sales.orders o LEFT JOIN shop.crm.customers c ON c.id = o.customer_id',
    'WITH customers AS (SELECT * FROM shop.crm.customers) SELECT * FROM customers',
    'WITH c AS (SELECT * FROM shop.crm.customers), d AS (SELECT * FROM c) SELECT * FROM d UNION SELECT * FROM c',
    'SELECT (SELECT max(email) FROM shop.crm.customers x WHERE x.id = c.id), upper(iban) FROM shop.crm.customers c',
    'SELECT email, count(*) FROM shop.crm.customers GROUP BY email HAVING max(phone) IS NOT NULL',
    'SELECT named_struct("e", email, "p", array(phone)) FROM shop.crm.customers ORDER BY iban',
    "SELECT concat_ws('|', full_name, email, phone, national_id, iban) FROM shop.crm.customers",
    'SELECT first_value(email) OVER (PARTITION BY country ORDER BY national_id) FROM shop.crm.customers',
    'EXPLAIN SELECT * FROM shop.crm.customers',
    'SELECT CAST(email AS INT) FROM shop.crm.customers',
    'SELECT 1 / (id - id) FROM shop.crm.customers',
    'SELECT nothing FROM shop.crm.customers',
  ])('finds nothing unmasked in: %s', async (statement) => {
    const answer = await rest.run('analyst', statement);
    expect(secretsIn(answer)).toEqual([]);
    const stream = await rest.run('analyst', statement, {}, { accept: 'text/csv' });
    expect(secretsIn(stream)).toEqual([]);
    const explained = await rest.ask('analyst', 'POST', '/v1/statements/explain', { statement });
    expect(secretsIn(explained)).toEqual([]);
  });

  it('counts and compares what it sees, never what there is', async () => {
    const seen = raw.length - outside.length;
    expect(await one('analyst', 'SELECT count(*) FROM shop.crm.customers')).toBe(seen);
    expect(await one('analyst', `SELECT count(*) FROM shop.crm.customers WHERE id IN (${outside})`)).toBe(0);
    const known = raw.find((row) => !outside.includes(row.id ?? ''))?.email;
    expect(await one('steward', `SELECT count(*) FROM shop.crm.customers WHERE email = '${known}'`)).toBe(1);
    expect(await one('analyst', `SELECT count(*) FROM shop.crm.customers WHERE email = '${known}'`)).toBe(0);
    const orders = 'SELECT count(DISTINCT country) FROM shop.sales.orders';
    expect(await one('analyst', orders)).toBeLessThan((await one('steward', orders)) as number);
  });

  it('may know of shop.hr and not read it', async () => {
    const answer = await rest.run('analyst', 'SELECT full_name FROM shop.hr.employees');
    expect(answer.status).toBe(403);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.json).toMatchObject({
      code: 'ACCESS_DENIED',
      sqlState: '42501',
      retryable: false,
      decisionId: expect.any(String),
      remedy: expect.stringMatching(/shop\.hr\.employees/),
      denied: [
        { object: 'shop.hr.employees', action: 'read', columns: expect.arrayContaining(['full_name']) },
      ],
    });
    expect(await refusal('analyst', 'SELECT count(*) FROM shop.hr.employees')).toEqual([
      403,
      'ACCESS_DENIED',
    ]);
    expect(await refusal('analyst', 'EXPLAIN SELECT 1 FROM shop.hr.employees')).toEqual([
      403,
      'ACCESS_DENIED',
    ]);
    const shadow = 'WITH employees AS (SELECT 7 AS salary) SELECT salary FROM employees';
    expect(await one('analyst', shadow)).toBe(7);
    const through = `WITH employees AS (SELECT * FROM shop.hr.employees) SELECT count(*) FROM employees`;
    expect(await refusal('analyst', through)).toEqual([403, 'ACCESS_DENIED']);
  });

  it('cannot tell what is hidden from what is not there', async () => {
    const alike = async (path: string, body: (name: string) => object): Promise<void> => {
      const [hidden, missing] = await Promise.all(
        ['shop.support.tickets', 'shop.support.nothing'].map(async (name) => {
          const answer = await rest.ask('analyst', 'POST', path, body(name));
          const text = answer.text.replaceAll(name, 'NAME').replace(/"requestId":"[^"]+"/, '');
          return { status: answer.status, text, headers: [...answer.headers.keys()] };
        }),
      );
      expect(hidden?.status).toBe(404);
      expect(hidden).toEqual(missing);
    };
    for (const sql of [
      'SELECT * FROM $',
      'DESCRIBE $',
      'SHOW COLUMNS IN $',
      'EXPLAIN TABLE $',
      'SELECT a FROM $',
    ]) {
      const body = (name: string): object => ({ statement: sql.replace('$', name) });
      await alike('/v1/statements', body);
      await alike('/v1/statements/explain', body);
    }
    await alike('/v1/decisions', (name) => ({ requests: [{ objects: [name] }] }));
    const tables = (name: string) => rest.ask('analyst', 'GET', `/v1/catalog/tables/${name}`);
    expect((await tables('shop.support.tickets')).status).toBe(404);
    expect((await tables('shop.support.nothing')).status).toBe(404);
    expect(await refusal('analyst', 'SHOW TABLES IN shop.support')).toEqual([404, 'SCHEMA_NOT_FOUND']);
    expect(await refusal('analyst', 'SHOW TABLES IN shop.nothing')).toEqual([404, 'SCHEMA_NOT_FOUND']);
    expect(await refusal('analyst', 'USE shop.support')).toEqual([404, 'SCHEMA_NOT_FOUND']);
  });
});

describe('the others', () => {
  /** Tables that a user reads, with the columns that are masked; `-`: may know of it, not read it. */
  const SEES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    steward: { ...all(''), 'shop.hr.employees': 'salary' },
    admin: all(''),
    privacy: { 'shop.crm.customers': '', 'shop.support.tickets': '' },
    engineer: {
      ...all('-'),
      'shop.sales.orders': '',
      'shop.sales.order_items': '',
      'shop.ref.countries': '',
    },
    auditor: all('-'),
  };
  function all(what: string): Record<string, string> {
    return Object.fromEntries(TABLES.map((table) => [table, what]));
  }

  it.each(Object.keys(SEES))('%s sees just what the documents say', async (user) => {
    const listed = (await rest.ask(user, 'GET', '/v1/catalog/tables')).json.items;
    const sees = SEES[user] ?? {};
    expect(listed.map(({ name }: { name: string }) => name)).toEqual(TABLES.filter((table) => table in sees));
    for (const table of TABLES) {
      const answer = await rest.run(user, `SELECT * FROM ${table}`, { rowLimit: 5 });
      const masks = sees[table];
      if (masks === undefined) expect([table, answer.status]).toEqual([table, 404]);
      else if (masks === '-') expect([table, answer.status]).toEqual([table, 403]);
      else {
        const schema: { name: string; masked: boolean }[] = answer.json.manifest.schema;
        expect(
          schema
            .filter((column) => column.masked)
            .map((column) => column.name)
            .join(),
        ).toBe(masks);
        expect(answer.json.governance.filteredTables).toEqual([]);
      }
    }
  });

  it('see salaries as the policy says', async () => {
    const sum = 'SELECT count(salary) FROM shop.hr.employees';
    expect(await one('steward', sum)).toBe(0);
    expect(await one('admin', sum)).toBe(await one('admin', 'SELECT count(*) FROM shop.hr.employees'));
  });
});

describe('metadata', () => {
  it('shows names that one may know of, tags and types, and masks in the catalogue', async () => {
    expect(await rowsOf('analyst', 'SHOW CATALOGS')).toEqual([['shop']]);
    expect(await rowsOf('analyst', 'SHOW SCHEMAS IN shop')).toEqual([['crm'], ['hr'], ['ref'], ['sales']]);
    expect(await rowsOf('analyst', "SHOW TABLES IN shop.sales LIKE '*items'")).toEqual([
      ['sales', 'order_items', false],
    ]);
    expect(await rowsOf('analyst', 'DESCRIBE SHOP.crm.Customers')).toContainEqual([
      'email',
      'string',
      'pii.email',
    ]);
    expect(await rowsOf('analyst', 'DESCRIBE QUERY SELECT 1 AS a')).toEqual([['a', 'int', null]]);
    expect(await rowsOf('analyst', 'USE shop.crm')).toEqual([]);
    const table = (await rest.ask('analyst', 'GET', '/v1/catalog/tables/Shop.CRM.customers')).json;
    expect(table.columns).toContainEqual({
      name: 'email',
      type: 'string',
      nullable: true,
      tags: ['pii.email'],
      masked: true,
      mask: 'email',
    });
  });

  it('pages', async () => {
    const first = (await rest.ask('steward', 'GET', '/v1/catalog/tables?limit=4')).json;
    const rest_ = (await rest.ask('steward', 'GET', `/v1/catalog/tables?limit=4&cursor=${first.nextCursor}`))
      .json;
    const names = [...first.items, ...rest_.items].map(({ name }) => name);
    expect([names, rest_.nextCursor]).toEqual([TABLES, null]);
  });
});

describe('explain', () => {
  const statement = 'SELECT email FROM shop.crm.customers';
  const explain = (user: string, body: object = {}): Promise<Answer> =>
    rest.ask(user, 'POST', '/v1/statements/explain', { statement, ...body });

  it('tells anyone the names of what governs them, and no expression or plan', async () => {
    const answer = await explain('analyst');
    expect(explainSchema.strict().parse(answer.json)).toMatchObject({
      decision: 'allow',
      schema: [{ name: 'email', masked: true, mask: 'email' }],
      tables: [
        { object: 'shop.crm.customers', filters: [{ rule: 'eu-analysts/eu-only', mode: 'restrictive' }] },
      ],
    });
    expect(answer.text).not.toMatch(/where|"DE"|'DE'|securedPlan|enginePlan|read_parquet/);
    const denied = await explain('analyst', { statement: 'SELECT 1 FROM shop.hr.employees' });
    expect([denied.status, denied.json.decision, denied.json.denied[0].object]).toEqual([
      200,
      'deny',
      'shop.hr.employees',
    ]);
  });

  it('shows plans to those with the explain action, without paths', async () => {
    const answer = await explain('steward', {
      statement: 'SELECT salary FROM shop.hr.employees WHERE id > 3',
    });
    expect(answer.json.securedPlan).toMatch(/SELECT/);
    expect(answer.json.enginePlan).toMatch(/PARQUET/);
    expect(answer.json.enginePlan).not.toContain(rest.gateway.dataDir);
  });

  it('speaks for another principal to administrators only', async () => {
    expect((await explain('admin', { asPrincipal: 'analyst' })).json.schema[0].masked).toBe(true);
    expect((await explain('admin')).json.schema[0].masked).toBe(false);
    expect((await explain('analyst', { asPrincipal: 'analyst' })).status).toBe(200);
    for (const other of ['admin', 'nobody']) {
      const refused = await explain('analyst', { asPrincipal: other });
      expect([refused.status, refused.json.code]).toEqual([403, 'ACCESS_DENIED']);
    }
    expect((await explain('admin', { asPrincipal: 'nobody' })).status).toBe(404);
  });

  it('runs nothing', async () => {
    const before = (await rest.ask('auditor', 'GET', '/v1/statements')).json.items.length;
    expect((await explain('auditor')).json.decision).toBe('deny');
    expect((await rest.ask('auditor', 'GET', '/v1/statements')).json.items.length).toBe(before);
  });
});
