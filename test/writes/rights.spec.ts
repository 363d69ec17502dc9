/** Who may write what, and what must not be written: rights, row rules, masks, also when they change in the middle. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { engineOf, type Rest, startRest, within } from '../support/rest-client.js';
import { DESK_POLICY, TableClient } from '../support/table-client.js';

const START_TIMEOUT_MS = 90_000;
const SEEN_MS = 5_000;
jest.setTimeout(60_000);
let rest: Rest;
const { rows, code, table } = new TableClient(() => rest);

beforeAll(async () => {
  rest = await startRest();
  expect((await rest.ask('admin', 'POST', '/v1/policies', DESK_POLICY)).status).toBe(201);
}, START_TIMEOUT_MS);
afterAll(() => rest?.gateway.stop(), START_TIMEOUT_MS);

describe('rights', () => {
  it.each([
    ['analyst', 'CREATE TABLE shop.crm.copy AS SELECT 1 AS a', '403 ACCESS_DENIED'],
    ['analyst', 'CREATE TABLE anywhere.else.t AS SELECT 1 AS a', '403 ACCESS_DENIED'],
    ['analyst', 'CREATE TABLE work.t.x AS SELECT salary FROM shop.hr.employees', '403 ACCESS_DENIED'],
    ['analyst', 'CREATE TABLE work.analyst.x AS SELECT salary FROM shop.hr.employees', '403 ACCESS_DENIED'],
    [
      'analyst',
      'CREATE TABLE work.analyst.x AS SELECT * FROM shop.support.tickets',
      '404 TABLE_OR_VIEW_NOT_FOUND',
    ],
    ['analyst', 'INSERT INTO shop.crm.customers SELECT * FROM shop.crm.customers', '403 ACCESS_DENIED'],
    ['analyst', 'INSERT INTO shop.support.tickets VALUES (1)', '404 TABLE_OR_VIEW_NOT_FOUND'],
    ['analyst', 'DROP TABLE shop.crm.customers', '403 ACCESS_DENIED'],
    ['admin', 'DROP TABLE shop.crm.customers', '409 TABLE_NOT_WRITABLE'],
    ['analyst', 'TRUNCATE TABLE shop.crm.customers', '403 ACCESS_DENIED'],
    ['analyst', 'TRUNCATE TABLE shop.support.tickets', '404 TABLE_OR_VIEW_NOT_FOUND'],
    ['admin', 'TRUNCATE TABLE shop.ref.countries', '409 TABLE_NOT_WRITABLE'],
    [
      'admin',
      'INSERT OVERWRITE shop.ref.countries SELECT * FROM shop.ref.countries',
      '409 TABLE_NOT_WRITABLE',
    ],
    ['admin', 'CREATE OR REPLACE TABLE shop.ref.countries AS SELECT 1 AS a', '409 TABLE_NOT_WRITABLE'],
    ['admin', 'CREATE TABLE shop.ref.countries AS SELECT 1 AS a', '409 TABLE_OR_VIEW_ALREADY_EXISTS'],
    ['admin', 'UPDATE shop.ref.countries SET eu = false', '409 TABLE_NOT_WRITABLE'],
    ['admin', 'DELETE FROM shop.ref.countries', '409 TABLE_NOT_WRITABLE'],
    ['analyst', 'CREATE TABLE work.analyst.d USING delta AS SELECT 1 AS a', '400 FORMAT_NEEDS_SPARK'],
    ['auditor', 'INSERT INTO shop.desk.visits VALUES (1)', '404 TABLE_OR_VIEW_NOT_FOUND'],
  ])('%s: %s: %s', async (user, sql, refused) => {
    expect(await code(user, sql)).toBe(refused);
  });

  it('to write without knowing of a table say nothing of whether it is there', async () => {
    await rows('steward', 'CREATE TABLE shop.dark.there AS SELECT 1 AS a');
    for (const name of ['shop.dark.there', 'shop.dark.nothing']) {
      expect(await code('privacy', `CREATE TABLE ${name} AS SELECT 1 AS a`)).toBe('403 ACCESS_DENIED');
      expect(await code('privacy', `CREATE OR REPLACE TABLE ${name} AS SELECT 1 AS a`)).toBe(
        '403 ACCESS_DENIED',
      );
      expect(await code('privacy', `INSERT INTO ${name} VALUES (1)`)).toBe('404 TABLE_OR_VIEW_NOT_FOUND');
      expect(await code('privacy', `DROP TABLE ${name}`)).toBe('404 TABLE_OR_VIEW_NOT_FOUND');
      expect(await code('privacy', `TRUNCATE TABLE ${name}`)).toBe('404 TABLE_OR_VIEW_NOT_FOUND');
    }
  });

  it('tell who may be asked', async () => {
    await rows('steward', 'CREATE TABLE IF NOT EXISTS shop.desk.plain AS SELECT 1 AS a');
    const refused = await rest.run('auditor', 'INSERT INTO shop.desk.plain VALUES (1)');
    expect(refused.json).toMatchObject({
      code: 'ACCESS_DENIED',
      denied: [{ object: 'shop.desk.plain', action: 'write' }],
      position: { line: 1, column: 13 },
      remedy: expect.stringContaining('steward'),
    });
  });
});

describe('rows that the writer would not see', () => {
  it('cannot be written, and no row is when one is such', async () => {
    await rows(
      'steward',
      "CREATE TABLE shop.desk.visits AS SELECT 1 AS n, 'DE' AS country UNION ALL SELECT 2, 'FR'",
    );
    expect(await rows('analyst', 'SELECT * FROM shop.desk.visits')).toEqual([[1, 'DE']]);
    expect(await code('analyst', "INSERT INTO shop.desk.visits VALUES (3, 'DE'), (4, 'FR')")).toBe(
      '403 WRITE_CHECK_FAILED',
    );
    expect(await code('analyst', 'INSERT INTO shop.desk.visits VALUES (5, NULL)')).toBe(
      '403 WRITE_CHECK_FAILED',
    );
    expect(await rows('analyst', "INSERT INTO shop.desk.visits VALUES (6, 'DE')")).toEqual([[1]]);
    expect(await rows('steward', 'SELECT n FROM shop.desk.visits ORDER BY n')).toEqual([[1], [2], [6]]);
  });

  it('cannot be replaced or dropped either', async () => {
    for (const sql of [
      "INSERT OVERWRITE shop.desk.visits VALUES (1, 'DE')",
      "CREATE OR REPLACE TABLE shop.desk.visits AS SELECT 1 AS n, 'DE' AS country",
      'DROP TABLE shop.desk.visits',
      'TRUNCATE TABLE shop.desk.visits',
    ]) {
      expect(await code('analyst', sql)).toBe('403 ACCESS_DENIED');
    }
    expect(await rows('steward', 'SELECT count(*) FROM shop.desk.visits')).toEqual([[3]]);
  });
});

describe('policies that change while rows are written', () => {
  const slow = (name: string) =>
    `CREATE TABLE ${name} AS SELECT max(a.id * b.id) AS m FROM range(15000) a, range(15000) b`;
  const grant = (on: string) => ({
    kind: 'policy',
    name: 'late',
    grants: [{ allow: ['browse', 'read', 'write'], to: ['role:analyst'], on: [on] }],
  });
  const running = async () => (await engineOf(rest)).running > 0;

  it('hold at the commit: what would not be allowed any more is not there', async () => {
    expect((await rest.ask('admin', 'POST', '/v1/policies', grant('shop.late.*'))).status).toBe(201);
    const written = rest.run('analyst', slow('shop.late.t'), { waitTimeout: '60s' });
    expect(await within(SEEN_MS, running)).toBe(true);
    expect((await rest.ask('admin', 'DELETE', '/v1/policies/late')).status).toBe(204);
    expect((await written).json).toMatchObject({ status: 403, code: 'ACCESS_DENIED' });
    expect((await rest.ask('admin', 'GET', '/v1/catalog/tables/shop.late.t')).status).toBe(404);
  });

  it('do not undo what they say nothing of', async () => {
    const written = rest.run('analyst', slow('work.analyst.unmoved'), { waitTimeout: '60s' });
    expect(await within(SEEN_MS, running)).toBe(true);
    expect((await rest.ask('admin', 'POST', '/v1/policies', grant('shop.other.*'))).status).toBe(201);
    expect((await written).json.state).toBe('succeeded');
    expect((await rows('analyst', 'SELECT * FROM work.analyst.unmoved')).length).toBe(1);
  });
});

describe('masked values', () => {
  it('do not go back to their column, nor among true ones that are not marked', async () => {
    await rows(
      'steward',
      'CREATE TABLE shop.desk.mails AS SELECT id, email, country FROM shop.crm.customers WHERE id < 5',
    );
    const written = await table('steward', 'shop.desk.mails');
    expect(written.columns[1]).toMatchObject({ tags: ['pii.email'] });
    for (const sql of [
      'INSERT INTO shop.desk.mails SELECT * FROM shop.desk.mails',
      'INSERT OVERWRITE shop.desk.mails SELECT id, lower(email), country FROM shop.desk.mails',
      'CREATE OR REPLACE TABLE shop.desk.mails AS SELECT id, email FROM shop.desk.mails',
      'INSERT INTO shop.desk.mails (id, country) SELECT id, email FROM shop.crm.customers',
    ]) {
      expect(await code('analyst', sql)).toBe('403 MASKED_WRITE_BACK');
    }
    // Its tags are there: whoever reads it sees it masked, or knows why not.
    expect(
      await code(
        'analyst',
        'INSERT INTO shop.desk.mails SELECT id, email, country FROM shop.crm.customers LIMIT 1',
      ),
    ).toBe('none');
    expect(await code('steward', 'INSERT OVERWRITE shop.desk.mails SELECT * FROM shop.desk.mails')).toBe(
      'none',
    );
  });
});
