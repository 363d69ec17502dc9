/** Two gateways on one database and one warehouse: what one commits the other shows, and of two writers one waits or loses. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { ENDLESS, type Rest, startRest, within } from '../support/rest-client.js';

const START_TIMEOUT_MS = 180_000;
/** What is promised of a commit on another gateway. */
const SHOWN_MS = 1_000;
/** The machine may be busy with other specs. */
const PATIENCE_MS = 20_000;
/** Kills at moments spread over a write. */
const KILLS = process.env.SLUICE_LONG ? 30 : 3;
jest.setTimeout(240_000);
let postgres: TestPostgres;
let database: pg.Pool;
let folder: string;
let one: Rest;
let other: Rest;

const env = (name: string) => ({
  SLUICE_DATA_DIR: join(folder, name),
  SLUICE_WAREHOUSE: join(folder, 'warehouse'),
  SLUICE_DATABASE_URL: postgres.appUrl,
  SLUICE_DATABASE_OWNER_URL: postgres.ownerUrl,
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-writes-'));
  postgres = await startTestPostgres();
  database = new pg.Pool({ connectionString: postgres.ownerUrl, max: 2 });
  database.on('error', () => undefined);
  one = await startRest(env('one'));
  other = await startRest(env('other'));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await Promise.all([one?.gateway.stop(), other?.gateway.stop()]);
  await database?.end();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}, START_TIMEOUT_MS);

/** Each gateway has made credentials of its own for the demo users; the last ones are in force for both. */
// biome-ignore lint/suspicious/noExplicitAny: rows are what the statement says.
const rows = async (rest: Rest, sql: string): Promise<any> => {
  const answer = await rest.run('analyst', sql);
  if (answer.status !== 200) throw new Error(`${sql}: ${answer.text}`);
  return answer.json.result.rows;
};

describe('two gateways', () => {
  it('show a commit of the other within a second, files and tags of one moment', async () => {
    await rows(one, 'CREATE TABLE work.analyst.told AS SELECT id, email FROM shop.crm.customers LIMIT 5');
    const started = performance.now();
    expect(
      await within(
        PATIENCE_MS,
        async () => (await other.run('analyst', 'SELECT * FROM work.analyst.told')).status === 200,
      ),
    ).toBe(true);
    expect(performance.now() - started).toBeLessThan(SHOWN_MS);
    const { json } = await other.ask('analyst', 'GET', '/v1/catalog/tables/work.analyst.told');
    expect(json.columns[1]).toMatchObject({ tags: ['pii.email'], masked: true });
    await rows(other, 'DROP TABLE work.analyst.told');
    expect(
      await within(
        PATIENCE_MS,
        async () => (await one.run('analyst', 'SELECT * FROM work.analyst.told')).status === 404,
      ),
    ).toBe(true);
  });

  it('cancel what the other runs, for its owner and for who administers', async () => {
    const cancels = [
      ['analyst', (id: string) => `/v1/statements/${id}/cancel`],
      ['admin', (id: string) => `/v1/engines/statements/${id}/cancel`],
    ] as const;
    for (const [user, path] of cancels) {
      const begun = await one.run('analyst', ENDLESS, { waitTimeout: '0s' });
      const id = begun.json.statementId;
      const state = async () => (await one.ask('analyst', 'GET', `/v1/statements/${id}`)).json.state;
      expect(await within(PATIENCE_MS, async () => (await state()) === 'running')).toBe(true);
      expect((await other.ask('engineer', 'POST', `/v1/statements/${id}/cancel`)).status).toBe(404);
      // The other gateway knows of it once it is in the register.
      expect(
        await within(PATIENCE_MS, async () => (await other.ask(user, 'POST', path(id))).status === 202),
      ).toBe(true);
      expect(await within(PATIENCE_MS, async () => (await state()) === 'canceled')).toBe(true);
    }
  });

  it('keep what both append', async () => {
    await rows(one, 'CREATE TABLE work.analyst.both (n BIGINT)');
    await within(
      PATIENCE_MS,
      async () => (await other.run('analyst', 'SELECT * FROM work.analyst.both')).status === 200,
    );
    const appends = Array.from({ length: 10 }, (_, i) =>
      rows(i % 2 === 0 ? one : other, `INSERT INTO work.analyst.both SELECT id + ${i * 100} FROM range(100)`),
    );
    await Promise.all(appends);
    for (const rest of [one, other]) {
      expect(
        await within(PATIENCE_MS, async () => {
          const [[count, distinct]] = await rows(
            rest,
            'SELECT count(*), count(DISTINCT n) FROM work.analyst.both',
          );
          return count === 1_000 && distinct === 1_000;
        }),
      ).toBe(true);
    }
  });

  it('let one of two overwrites of the same table win, and tell the other to try again', async () => {
    await rows(one, 'CREATE TABLE work.analyst.won AS SELECT 0 AS a');
    await within(
      PATIENCE_MS,
      async () => (await other.run('analyst', 'SELECT * FROM work.analyst.won')).status === 200,
    );
    const slow = (a: number) =>
      `INSERT OVERWRITE work.analyst.won SELECT ${a} + max(id) * 0 FROM range(3000000)`;
    const answers = await Promise.all(
      [one, other, one, other].map((rest, i) => rest.run('analyst', slow(i + 1))),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeGreaterThan(0);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(answer.json).toMatchObject({ status: 409, code: 'WRITE_CONFLICT', retryable: true });
    }
    const [[count]] = await rows(one, 'SELECT count(*) FROM work.analyst.won');
    expect(count).toBe(1);
  });

  it('make a table once', async () => {
    const made = await Promise.all(
      [one, other, one, other].map((rest) =>
        rest.run('analyst', 'CREATE TABLE work.analyst.once AS SELECT max(id) AS a FROM range(1000000)'),
      ),
    );
    expect(made.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect(
      made
        .filter(({ status }) => status === 409)
        .every(({ json }) => json.code === 'TABLE_OR_VIEW_ALREADY_EXISTS'),
    ).toBe(true);
  });
});

describe('kill -9', () => {
  it('loses nothing that was answered and shows nothing half-done, whenever it comes', async () => {
    const name = 'work.analyst.killed';
    await rows(other, `CREATE TABLE ${name} (batch INT, n BIGINT)`);
    const acknowledged = new Set<number>();
    for (let batch = 1; batch <= KILLS; batch += 1) {
      const victim = await startRest(env('victim'));
      const asked = victim.run('analyst', `INSERT INTO ${name} SELECT ${batch}, id FROM range(2000000)`).then(
        ({ status }) => status === 200 && acknowledged.add(batch),
        () => undefined,
      );
      await sleep(10 + ((batch * 97) % 600));
      await victim.gateway.kill();
      await asked;
    }
    const found = await rows(other, `SELECT batch, count(*), count(DISTINCT n) FROM ${name} GROUP BY batch`);
    for (const [, count, distinct] of found) expect([count, distinct]).toEqual([2_000_000, 2_000_000]);
    const committed = new Set(found.map(([batch]: [number]) => batch));
    for (const batch of acknowledged) expect(committed).toContain(batch);
  });

  it('leaves files that a sweep takes away, and no others', async () => {
    const { Warehouse } = await import('../../src/store/warehouse.js');
    const { sweepWarehouse } = await import('../../src/store/warehouse-sweep.js');
    const { Database } = await import('../../src/store/database.js');
    const warehouse = await Warehouse.open(join(folder, 'warehouse'));
    const orphan = await warehouse.newFolder();
    await rows(other, 'CREATE TABLE work.analyst.swept AS SELECT 1 AS a');
    await rows(other, 'INSERT OVERWRITE work.analyst.swept VALUES (2)');
    const store = new Database({ url: postgres.ownerUrl, connectionsMax: 1, applicationName: 'spec' });
    const sweep = (ms: { readonly removedKeptMs: number; readonly writeMsMax: number }) =>
      sweepWarehouse({ database: store, warehouse, clock: () => new Date(), ...ms });
    await sweep({ removedKeptMs: 3_600_000, writeMsMax: 3_600_000 });
    const files = async (live: boolean) =>
      (await database.query(`SELECT folder FROM managed_file WHERE removed_at IS ${live ? '' : 'NOT '}NULL`))
        .rows;
    expect(existsSync(orphan.path)).toBe(true);
    expect((await files(false)).length).toBeGreaterThan(0);
    await sweep({ removedKeptMs: 0, writeMsMax: -1_000 });
    expect(await files(false)).toEqual([]);
    const kept = new Set((await files(true)).map((row: { readonly folder: string }) => row.folder));
    expect(new Set(readdirSync(warehouse.directory))).toEqual(kept);
    expect(await rows(other, 'SELECT * FROM work.analyst.swept')).toEqual([[2]]);
    await store.close();
  });
});
