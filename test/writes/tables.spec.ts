/** Written tables over HTTP: made, filled, read back, dropped; who may do so, and what goes along. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { statementSchema } from '../../src/doors/rest/answer-schemas.js';
import { type Rest, startRest, within } from '../support/rest-client.js';
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

describe('a new table', () => {
  it('holds what the query gave, under the masks of the writer, and its tags', async () => {
    const made = await rest.run(
      'analyst',
      'CREATE TABLE work.analyst.eu AS SELECT id, full_name, email, country FROM shop.crm.customers',
    );
    expect(made.status).toBe(200);
    const [[count]] = await rows('analyst', 'SELECT count(*) FROM shop.crm.customers');
    expect(statementSchema.strict().parse(made.json)).toMatchObject({
      state: 'succeeded',
      manifest: { schema: [{ name: 'num_affected_rows', type: 'bigint', nullable: false }], rowCount: 1 },
      governance: {
        objects: ['shop.crm.customers'],
        filteredTables: [{ object: 'shop.crm.customers', rules: ['eu-analysts/eu-only'] }],
        written: { object: 'work.analyst.eu', mode: 'create' },
        notices: [{ code: 'TAGS_INHERITED' }],
      },
      result: { rows: [[count]], nextChunk: null },
    });
    expect(await rows('analyst', 'SELECT * FROM work.analyst.eu ORDER BY id LIMIT 20')).toEqual(
      await rows(
        'analyst',
        'SELECT id, full_name, email, country FROM shop.crm.customers ORDER BY id LIMIT 20',
      ),
    );
    expect(await table('analyst', 'work.analyst.eu')).toMatchObject({
      owner: 'user:analyst',
      mayRead: true,
      columns: [
        { name: 'id', type: 'bigint', tags: [], masked: false },
        { name: 'full_name', tags: ['pii.name'], masked: true, mask: 'redact' },
        { name: 'email', tags: ['pii.email'], masked: true, mask: 'email' },
        { name: 'country', tags: [], masked: false },
      ],
    });
  });

  it('is shown to its owner, and is none to others', async () => {
    await rows('analyst', 'CREATE TABLE work.analyst.mine AS SELECT 1 AS a');
    expect(await rows('analyst', 'SHOW TABLES IN work.analyst')).toContainEqual(['analyst', 'mine', false]);
    expect(await rows('analyst', 'DESCRIBE work.analyst.mine')).toEqual([['a', 'int', null]]);
    for (const sql of ['SELECT * FROM', 'INSERT INTO TABLE', 'DROP TABLE'].map(
      (verb) => `${verb} work.analyst.mine`,
    )) {
      const text = sql.startsWith('INSERT') ? `${sql} VALUES (1)` : sql;
      expect(await code('steward', text)).toBe('404 TABLE_OR_VIEW_NOT_FOUND');
      expect(await code('steward', text.replace('mine', 'nothing'))).toBe('404 TABLE_OR_VIEW_NOT_FOUND');
    }
    expect(await code('steward', 'DROP TABLE IF EXISTS work.analyst.mine')).toBe('none');
    // Making one is refused alike, whether it is there or not.
    for (const name of ['mine', 'nothing']) {
      for (const how of ['CREATE TABLE', 'CREATE OR REPLACE TABLE', 'CREATE TABLE IF NOT EXISTS']) {
        expect(await code('steward', `${how} work.analyst.${name} AS SELECT 1 AS a`)).toBe(
          '403 ACCESS_DENIED',
        );
      }
    }
    expect(await rows('analyst', 'SELECT * FROM work.analyst.mine')).toEqual([[1]]);
  });

  it('keeps every type as it is', async () => {
    const values = `1Y AS t, 2S AS s, 3 AS i, 4L AS b, 1.5F AS f, 2.5D AS d, CAST(1.10 AS DECIMAL(20, 5)) AS e,
      'é' AS x, X'00FF' AS y, true AS z, DATE '1582-10-14' AS da, TIMESTAMP '2020-01-02 03:04:05.123456' AS ts,
      TIMESTAMP_NTZ '0001-01-01 00:00:00' AS n, array(1, NULL) AS a, map('k', 1.5D) AS m,
      named_struct('p', 1, 'q r', array(named_struct('w', 'v'))) AS st, CAST(NULL AS STRING) AS nil`;
    await rows('analyst', `CREATE TABLE work.analyst.types AS SELECT ${values}`);
    expect(await rows('analyst', 'SELECT * FROM work.analyst.types')).toEqual(
      await rows('analyst', `SELECT ${values}`),
    );
    const described = await rows('analyst', 'DESCRIBE work.analyst.types');
    expect(described).toEqual(await rows('analyst', `DESCRIBE QUERY SELECT ${values}`));
  });

  it('may begin empty, with columns of its own', async () => {
    await rows(
      'analyst',
      "CREATE TABLE work.analyst.empty (a INT, `b c` STRUCT<x: DECIMAL(5, 2)>) COMMENT 'none yet'",
    );
    expect(await rows('analyst', 'SELECT * FROM work.analyst.empty')).toEqual([]);
    expect(await rows('analyst', 'INSERT INTO work.analyst.empty (a) VALUES (1), (DEFAULT)')).toEqual([[2]]);
    expect(await rows('analyst', 'SELECT a, `b c` FROM work.analyst.empty ORDER BY a')).toEqual([
      [null, null],
      [1, null],
    ]);
    expect(await code('analyst', 'CREATE TABLE work.analyst.empty (a INT)')).toBe(
      '409 TABLE_OR_VIEW_ALREADY_EXISTS',
    );
    expect(await rows('analyst', 'CREATE TABLE IF NOT EXISTS work.analyst.empty (z INT)')).toEqual([[0]]);
    expect(await rows('analyst', 'SELECT count(*) FROM work.analyst.empty')).toEqual([[2]]);
  });

  it('can be asked for in other forms', async () => {
    const csv = await rest.run(
      'analyst',
      'CREATE TABLE work.analyst.csv AS SELECT 1 AS a',
      {},
      { accept: 'text/csv' },
    );
    expect(csv.text).toBe('num_affected_rows\r\n1\r\n');
    const lines = await rest.run(
      'analyst',
      'INSERT INTO work.analyst.csv VALUES (2), (3)',
      {},
      { accept: 'application/x-ndjson' },
    );
    expect(lines.text).toBe('{"num_affected_rows":2}\n');
    expect(await rows('analyst', 'SELECT sum(a) FROM work.analyst.csv')).toEqual([[6]]);
  });
});

describe('a table that is there', () => {
  it('is added to, overwritten, replaced and dropped', async () => {
    const name = 'work.analyst.life';
    const all = () => rows('analyst', `SELECT * FROM ${name} ORDER BY 1`);
    await rows('analyst', `CREATE TABLE ${name} AS SELECT id AS a FROM range(3)`);
    expect(await rows('analyst', `INSERT INTO ${name} SELECT a + 10 FROM ${name}`)).toEqual([[3]]);
    expect(await all()).toEqual([[0], [1], [2], [10], [11], [12]]);
    expect(await rows('analyst', `INSERT OVERWRITE ${name} SELECT max(a) FROM ${name}`)).toEqual([[1]]);
    expect(await all()).toEqual([[12]]);
    await rows('analyst', `INSERT INTO ${name} BY NAME SELECT 7L AS A`);
    await rows('analyst', `CREATE OR REPLACE TABLE ${name} AS SELECT a, cast(a AS STRING) AS b FROM ${name}`);
    expect(await all()).toEqual([
      [7, '7'],
      [12, '12'],
    ]);
    const truncated = await rest.run('analyst', `TRUNCATE TABLE ${name}`);
    expect(truncated.json.governance.written).toEqual({ object: name, mode: 'overwrite' });
    expect(await all()).toEqual([]);
    expect(await rows('analyst', `SELECT count(b) FROM ${name}`)).toEqual([[0]]);
    expect(await rows('analyst', `DROP TABLE ${name}`)).toEqual([[0]]);
    expect(await code('analyst', `SELECT * FROM ${name}`)).toBe('404 TABLE_OR_VIEW_NOT_FOUND');
    expect(await code('analyst', `DROP TABLE ${name}`)).toBe('404 TABLE_OR_VIEW_NOT_FOUND');
    await rows('analyst', `CREATE TABLE ${name} AS SELECT 'new' AS c`);
    expect(await all()).toEqual([['new']]);
  });

  it('keeps nothing of a write that failed', async () => {
    const name = 'work.analyst.failing';
    await rows('analyst', `CREATE TABLE ${name} AS SELECT 1 AS a`);
    const warehouse = join(rest.gateway.dataDir, 'warehouse');
    const before = readdirSync(warehouse).length;
    expect(await code('analyst', `INSERT INTO ${name} SELECT 1 DIV (id - 50) FROM range(100)`)).toBe(
      '422 ARITHMETIC_ERROR',
    );
    expect(await code('analyst', `INSERT INTO ${name} VALUES (3000000000L)`)).toBe('422 CAST_INVALID_INPUT');
    const endless =
      'SELECT count(*) FROM range(10000000) a, range(10000000) b, range(10) c WHERE a.id + b.id < c.id';
    expect(await code('analyst', `INSERT INTO ${name} ${endless}`, { timeout: '500ms' })).toBe(
      '422 STATEMENT_TIMEOUT',
    );
    expect(await rows('analyst', `SELECT * FROM ${name}`)).toEqual([[1]]);
    expect(readdirSync(warehouse).length).toBe(before);
  });
});

describe('tables of the lake', () => {
  it('take rows, beside their own files and with the tags of where they come from', async () => {
    const before = await rows('steward', 'SELECT count(*) FROM shop.ref.countries');
    const made = await rest.run(
      'admin',
      "INSERT INTO shop.ref.countries VALUES ('ZZ', 'Nowhere', 'None', false)",
    );
    expect(made.json.governance.written).toEqual({ object: 'shop.ref.countries', mode: 'append' });
    expect(await rows('analyst', "SELECT * FROM shop.ref.countries WHERE code = 'ZZ'")).toEqual([
      ['ZZ', 'Nowhere', 'None', false],
    ]);
    expect(await rows('steward', 'SELECT count(*) FROM shop.ref.countries')).toEqual([[before[0][0] + 1]]);
    await rows(
      'admin',
      'INSERT INTO shop.ref.countries (code, name) SELECT country, full_name FROM shop.crm.customers LIMIT 1',
    );
    const { columns } = await table('analyst', 'shop.ref.countries');
    expect(columns.find((column: { readonly name: string }) => column.name === 'name')).toMatchObject({
      tags: ['pii.name'],
      masked: true,
    });
    expect((await table('analyst', 'shop.ref.countries')).owner).toBe(
      (await table('admin', 'shop.ref.countries')).owner,
    );
  });
});

describe('what is known of a write', () => {
  it('is explained before it is done', async () => {
    const sql = 'CREATE TABLE work.analyst.planned AS SELECT email FROM shop.crm.customers';
    const [[plan]] = await rows('analyst', `EXPLAIN ${sql}`);
    expect(plan).toContain('Write create work.analyst.planned [email {tags: pii.email}]');
    expect(plan).toContain('rows: eu-analysts/eu-only');
    const asked = await rest.ask('analyst', 'POST', '/v1/statements/explain', { statement: sql });
    expect(asked.json).toMatchObject({
      decision: 'allow',
      governance: { written: { object: 'work.analyst.planned', mode: 'create' } },
    });
    expect(asked.json.securedPlan).toBeUndefined();
    const shown = await rest.ask('admin', 'POST', '/v1/statements/explain', {
      statement: sql.replace('work.analyst', 'shop.desk'),
    });
    expect(shown.json.securedPlan).toContain('AS "email" FROM (');
    expect(await code('analyst', 'SELECT * FROM work.analyst.planned')).toBe('404 TABLE_OR_VIEW_NOT_FOUND');
  });

  it('is its lineage, from column to column', async () => {
    await rows(
      'steward',
      'CREATE TABLE shop.desk.flow AS SELECT lower(email) AS mail, city FROM shop.crm.customers WHERE id < 9',
    );
    const up = async () =>
      (await rest.ask('admin', 'GET', '/v1/lineage/shop.desk.flow?direction=upstream')).json;
    expect(await within(SEEN_MS, async () => ((await up()).edges ?? []).length > 0)).toBe(true);
    const edges = (await up()).edges.map(
      (e: Record<string, string>) =>
        `${e.source}.${e.sourceColumn} -> ${e.target}.${e.targetColumn} ${e.subtype}`,
    );
    expect(edges).toEqual(
      expect.arrayContaining([
        'shop.crm.customers.email -> shop.desk.flow.mail TRANSFORMATION',
        'shop.crm.customers.city -> shop.desk.flow.city IDENTITY',
        'shop.crm.customers.id -> shop.desk.flow. FILTER',
      ]),
    );
  });

  it('is on record before and after', async () => {
    const { json } = await rest.run(
      'analyst',
      'CREATE TABLE work.analyst.recorded AS SELECT id FROM range(17)',
    );
    const ask = async (query: string) =>
      (await rest.ask('auditor', 'GET', `/v1/audit/events?${query}`)).json.items ?? [];
    const all = () => ask(`statement=${json.statementId}`);
    expect(await within(SEEN_MS, async () => (await all()).length === 2)).toBe(true);
    expect(await ask('object=work.analyst.recorded')).toHaveLength(1);
    const byKind = Object.fromEntries(
      (await all()).map((event: { readonly kind: string }) => [event.kind, event]),
    );
    expect(byKind['statement.intent']).toMatchObject({
      target: { object: 'work.analyst.recorded', mode: 'create' },
    });
    expect(byKind['statement.outcome']).toMatchObject({ state: 'succeeded', rowCount: 17 });
  });
});
