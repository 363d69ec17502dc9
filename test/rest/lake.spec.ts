/** A lake whose files come, change and go while statements read them. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { writeTables } from '../support/engine-lake.js';
import { type Rest, startRest, within } from '../support/rest-client.js';

const START_TIMEOUT_MS = 90_000;
const SEEN_MS = 20_000;
jest.setTimeout(120_000);
/** Read for seconds. */
const SLOW = 'SELECT sum(a.id * b.id) FROM lake.main.big a, lake.main.big b WHERE a.id + b.id > 7';
const BIG = 'SELECT range AS id FROM range(30000)';

let folder: string;
let rest: Rest;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-rest-lake-'));
  mkdirSync(join(folder, 'lake'));
  await make({ 'lake/big.parquet': BIG, 'lake/other.parquet': 'SELECT 1 AS n' });
  // Only the file system and the statements themselves tell of changes here.
  rest = await startRest({ SLUICE_LAKE: join(folder, 'lake'), SLUICE_LAKE_POLL: '1h' });
}, START_TIMEOUT_MS);
afterAll(async () => {
  await rest?.gateway.stop();
  rmSync(folder, { recursive: true, force: true });
}, START_TIMEOUT_MS);

const make = (tables: Readonly<Record<string, string>>): Promise<void> => writeTables(folder, tables);
const at = (path: string): string => join(folder, 'lake', path);
/** Written elsewhere and moved to its place, as one should. */
async function place(name: string, sql: string): Promise<void> {
  await make({ 'new.parquet': sql });
  renameSync(join(folder, 'new.parquet'), at(name));
}
const ask = (statement: string) => rest.run('admin', statement, { waitTimeout: '30s' });
const rows = async (statement: string): Promise<unknown> => (await ask(statement)).json.result?.rows;
async function running(): Promise<string> {
  const { json } = await rest.run('admin', SLOW, { waitTimeout: '0s' });
  const state = async () => (await rest.ask('admin', 'GET', `/v1/statements/${json.statementId}`)).json.state;
  expect(await within(SEEN_MS, async () => (await state()) === 'running')).toBe(true);
  return json.statementId;
}
/** It may have been gone, and is then a table again a moment later. */
async function placeBig(): Promise<void> {
  await place('big.parquet', BIG);
  const isThere = async () => (await ask('SELECT count(*) FROM lake.main.big')).status === 200;
  expect(await within(SEEN_MS, isThere)).toBe(true);
}
async function ended(id: string) {
  for (;;) {
    const { json } = await rest.ask('admin', 'GET', `/v1/statements/${id}?wait=30s`);
    if (json.finishedAt !== null) return json;
  }
}

describe('files', () => {
  it('that are new are a table soon', async () => {
    await place('fresh.parquet', 'SELECT 7 AS n');
    expect(
      await within(SEEN_MS, async () => (await ask('SELECT n FROM lake.main.fresh')).status === 200),
    ).toBe(true);
  });

  it('that were replaced are read as what they are now, by the very next statement', async () => {
    for (const [sql, shown] of [
      ["SELECT 'x' AS word", [['x']]],
      ['SELECT 1.5::DOUBLE AS size', [[1.5]]],
      ['SELECT 3 AS n', [[3]]],
    ] as const) {
      await place('other.parquet', sql);
      expect(await rows('SELECT * FROM lake.main.other')).toEqual(shown);
    }
  });

  it('that are gone are no table, for the very next statement', async () => {
    await make({ 'lake/gone.parquet': 'SELECT 1 AS n' });
    await within(SEEN_MS, async () => (await ask('SELECT * FROM lake.main.gone')).status === 200);
    rmSync(at('gone.parquet'));
    const answer = await ask('SELECT * FROM lake.main.gone');
    expect([answer.status, answer.json.code]).toEqual([404, 'TABLE_OR_VIEW_NOT_FOUND']);
  });

  it('that were turned into a link out of the lake are no table', async () => {
    await make({
      'outside.parquet': "SELECT 'canary' AS secret",
      'lake/link.parquet': "SELECT 'a' AS secret",
    });
    await within(SEEN_MS, async () => (await ask('SELECT * FROM lake.main.link')).status === 200);
    rmSync(at('link.parquet'));
    symlinkSync(join(folder, 'outside.parquet'), at('link.parquet'));
    const answer = await ask('SELECT secret FROM lake.main.link');
    expect([answer.status, answer.json.code]).toEqual([404, 'TABLE_OR_VIEW_NOT_FOUND']);
    expect(answer.text).not.toMatch(/canary/);
  });

  it('that cannot be read any more are an error that says so, until they can', async () => {
    await place('half.parquet', 'SELECT 1 AS n');
    await within(SEEN_MS, async () => (await ask('SELECT * FROM lake.main.half')).status === 200);
    writeFileSync(at('half.parquet'), 'PAR1');
    const answer = await ask('SELECT n FROM lake.main.half');
    expect([answer.status, answer.json.code, answer.json.retryable]).toEqual([409, 'DATA_CHANGED', true]);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.json.detail).toMatch(/lake\.main\.half/);
    expect(answer.text).not.toContain(folder);
    expect(await rows('SELECT n FROM lake.main.other')).toEqual([[3]]);
    await place('half.parquet', 'SELECT 2 AS n');
    expect(await rows('SELECT n FROM lake.main.half')).toEqual([[2]]);
  });
});

describe('while a statement reads them', () => {
  it.each([
    ['replaced by others', () => place('big.parquet', BIG)],
    ['written over in place', () => make({ 'lake/big.parquet': BIG })],
    ['removed', async () => rmSync(at('big.parquet'))],
  ])('files that are %s end it: no answer of two states', async (_, change) => {
    await placeBig();
    const id = await running();
    await change();
    const end = await ended(id);
    expect([end.state, end.error?.code]).toEqual(['failed', 'DATA_CHANGED']);
  });

  it('the same holds for a stream: it breaks off and never looks whole', async () => {
    await placeBig();
    const whole = async (): Promise<string> => {
      const answer = await rest.gateway.fetch('/v1/statements', 'admin', {
        method: 'POST',
        headers: { accept: 'text/csv', 'content-type': 'application/json' },
        body: JSON.stringify({ statement: SLOW }),
      });
      const text = await answer.text();
      return answer.ok ? text : JSON.parse(text).code;
    };
    const read = whole().catch(() => 'broken off');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await place('big.parquet', BIG);
    expect(['broken off', 'DATA_CHANGED']).toContain(await read);
  });

  it('a new file beside them changes nothing for it', async () => {
    await placeBig();
    const id = await running();
    await place('beside.parquet', 'SELECT 1 AS n');
    expect((await ended(id)).state).toBe('succeeded');
  });
});

describe('columns that are not what policies were written for', () => {
  const table = async (user = 'admin') =>
    (await rest.ask(user, 'GET', '/v1/catalog/tables/lake.main.staff')).json;
  const accept = (user: string, version: string) =>
    rest.ask(user, 'PUT', '/v1/catalog/tables/lake.main.staff/schema', { version });
  const code = async (): Promise<string> => (await ask('SELECT * FROM lake.main.staff')).json.code;

  it('close the table to everybody when a rule names them, on record, until an administrator accepts them', async () => {
    await place('staff.parquet', "SELECT 1 AS id, 'ana@example.org' AS email");
    expect(await within(SEEN_MS, async () => (await code()) === undefined)).toBe(true);
    const policy = {
      kind: 'policy',
      name: 'staff',
      grants: [{ allow: ['browse', 'read'], to: ['role:analyst'], on: ['lake.main.staff'] }],
      columns: [{ on: ['lake.main.staff.email'], to: ['all'], mask: 'email' }],
    };
    expect((await rest.ask('admin', 'POST', '/v1/policies', policy)).status).toBe(201);
    expect(await table()).toMatchObject({ closed: false, drift: [] });
    // The values are there under another name, which no mask is on.
    await place('staff.parquet', "SELECT 1 AS id, 'ana@example.org' AS e_mail");
    for (const user of ['admin', 'analyst']) {
      const answer = await rest.run(user, 'SELECT * FROM lake.main.staff');
      expect([answer.status, answer.json.code]).toEqual([403, 'TABLE_CLOSED']);
      expect(answer.json.remedy).toMatch(/schema/);
      expect(answer.json.detail).toBe(
        'lake.main.staff is closed: its columns are not those that its rules name.',
      );
      expect(answer.text).not.toMatch(/@/);
    }
    const shown = await table();
    expect(shown).toMatchObject({ mayRead: false, closed: true });
    expect(shown.drift).toEqual([
      { column: 'email', change: 'removed', before: 'string', after: null },
      { column: 'e_mail', change: 'added', before: null, after: 'string' },
    ]);
    expect(await table('analyst')).toMatchObject({ closed: true, drift: null });
    const events = async () =>
      (await rest.ask('auditor', 'GET', '/v1/audit/events?kind=schema.drifted')).json.items;
    expect(await within(SEEN_MS, async () => (await events()).length > 0)).toBe(true);
    expect((await events())[0]).toMatchObject({ object: 'lake.main.staff', columns: shown.drift });
    expect((await accept('analyst', shown.schemaVersion)).status).toBe(403);
    expect((await accept('admin', '0'.repeat(32))).status).toBe(412);
    expect((await accept('admin', shown.schemaVersion)).status).toBe(200);
    expect(await table()).toMatchObject({ closed: false, drift: [] });
    expect(await rows('SELECT e_mail FROM lake.main.staff')).toEqual([['ana@example.org']]);
  });

  it('that no rule names are told, and read', async () => {
    await place('staff.parquet', "SELECT '1' AS id, 'x' AS e_mail, 2 AS more");
    expect(await rows('SELECT * FROM lake.main.staff')).toEqual([['1', 'x', 2]]);
    expect(await table()).toMatchObject({
      closed: false,
      drift: [
        { column: 'id', change: 'retyped', before: 'int', after: 'string' },
        { column: 'more', change: 'added', before: null, after: 'int' },
      ],
    });
  });
});
