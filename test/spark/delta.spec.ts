/** Delta tables over HTTP, no engine named: statements that touch one run on Spark, under the rules of every write. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Answer, type Rest, startRest, within } from '../support/rest-client.js';
import { readProjectFile } from '../support/sources.js';
import { SPARK_TIMEOUT_MS, sharedSpark, sparkIsHere } from '../support/spark-server.js';

const SEEN_MS = 5_000;
jest.setTimeout(120_000);

/** The analyst may change German rows; notes are masked for them. */
const SHARED = 'shop.desk.cases';
const POLICY = {
  kind: 'policy',
  name: 'cases',
  grants: [
    {
      allow: ['browse', 'read', 'write', 'explain'],
      to: ['role:steward'],
      on: ['shop.desk.*', 'work.steward.*'],
    },
    { allow: ['browse', 'read', 'write'], to: ['user:analyst'], on: ['shop.desk.*'] },
  ],
  rows: [
    { name: 'german', on: [SHARED], to: ['user:analyst'], mode: 'restrictive', where: 'country = "DE"' },
  ],
  columns: [{ on: [`${SHARED}.note`], to: ['user:analyst'], mask: 'redact' }],
};

let rest: Rest;

const run = (user: string, sql: string, body: object = {}): Promise<Answer> =>
  rest.run(user, sql, { waitTimeout: '60s', ...body });
// biome-ignore lint/suspicious/noExplicitAny: rows are what the statement says.
async function rows(user: string, sql: string): Promise<any> {
  const { status, json, text } = await run(user, sql);
  if (status !== 200 || json.state !== 'succeeded') throw new Error(`${sql}: ${text}`);
  return json.result.rows;
}
async function code(user: string, sql: string, body: object = {}): Promise<string> {
  const { status, json } = await run(user, sql, body);
  return status === 200 ? 'none' : `${status} ${json.code}`;
}
const all = (name: string) => rows('steward', `SELECT * FROM ${name} ORDER BY id`);

if (sparkIsHere()) {
  beforeAll(async () => {
    const spark = await sharedSpark();
    rest = await startRest({ SLUICE_SPARK_URL: spark.connect, SLUICE_SPARK_SHUFFLE_PARTITIONS: '2' });
    expect((await rest.ask('admin', 'POST', '/v1/policies', POLICY)).status).toBe(201);
  }, SPARK_TIMEOUT_MS);
  afterAll(() => rest?.gateway.stop());

  describe('a Delta table', () => {
    const name = 'work.steward.stock';

    it('is made, added to and changed row by row', async () => {
      const made = `CREATE TABLE ${name} USING delta AS SELECT id, 'DE' AS country, id * 1.5 AS amount FROM range(1, 4)`;
      expect(await rows('steward', made)).toEqual([[3]]);
      expect(await rows('steward', `INSERT INTO ${name} VALUES (4, 'FR', 4)`)).toEqual([[1]]);
      expect(await rows('steward', `UPDATE ${name} SET country = 'AT' WHERE id < 3`)).toEqual([[2]]);
      expect(await rows('steward', `DELETE FROM ${name} WHERE id = 3`)).toEqual([[1]]);
      expect(await rows('steward', `DELETE FROM ${name} WHERE id > 100`)).toEqual([[0]]);
      const merge = `MERGE INTO ${name} t USING (SELECT * FROM VALUES (1, 'IT'), (9, 'ES') AS s(id, country)) s ON t.id = s.id
        WHEN MATCHED THEN UPDATE SET country = s.country WHEN NOT MATCHED THEN INSERT (id, country) VALUES (s.id, s.country)`;
      expect(await rows('steward', merge)).toEqual([[2]]);
      const seen = await run('steward', `SELECT id, country FROM ${name} ORDER BY id`);
      expect(seen.json.result.rows.map(([id, country]: [unknown, string]) => [Number(id), country])).toEqual([
        [1, 'IT'],
        [2, 'AT'],
        [4, 'FR'],
        [9, 'ES'],
      ]);
      expect(seen.json.engine).toBe('spark');
    });

    it('is read as it was, by version and by time', async () => {
      expect(await rows('steward', `SELECT count(*) FROM ${name} VERSION AS OF 0`)).toEqual([[3]]);
      expect(await rows('steward', `SELECT count(*) FROM ${name} TIMESTAMP AS OF '2999-01-01'`)).toEqual([
        [4],
      ]);
      expect(await code('steward', `SELECT * FROM ${name} VERSION AS OF 99`)).toBe('400 INVALID_STATEMENT');
    });

    it('is copied into a plain one, replaced and dropped', async () => {
      expect(
        await rows('steward', `CREATE TABLE work.steward.plain AS SELECT id, country FROM ${name}`),
      ).toEqual([[4]]);
      const plain = await run('steward', 'SELECT count(*) FROM work.steward.plain');
      expect([plain.json.result.rows, plain.json.engine]).toEqual([[[4]], 'duckdb']);
      expect(await rows('steward', `INSERT OVERWRITE ${name} SELECT * FROM ${name} WHERE id > 2`)).toEqual([
        [2],
      ]);
      expect(await rows('steward', `DROP TABLE ${name}`)).toEqual([[0]]);
      expect(await code('steward', `SELECT * FROM ${name}`)).toBe('404 TABLE_OR_VIEW_NOT_FOUND');
    });
  });

  it('is written as the guide says', async () => {
    const guide = readProjectFile('docs/how-to/write.md');
    const [, block = ''] = /## Delta tables[\s\S]*?```sql\n([\s\S]*?)```/.exec(guide) ?? [];
    const statements = block.split(/;\n/).filter((sql) => sql.trim() !== '');
    expect(statements).toHaveLength(8);
    for (const sql of statements) {
      const { json } = await run('analyst', sql);
      expect({ sql, state: json.state, written: json.governance?.written?.object }).toEqual({
        sql,
        state: 'succeeded',
        written: /^(SELECT|EXPLAIN)/.test(sql) ? undefined : 'work.analyst.tasks',
      });
    }
    // Of those that the analyst sees, each is there once but for the one that is done.
    const seen = await rows('analyst', 'SELECT id FROM shop.crm.customers WHERE id <= 6 AND id <> 3');
    const left = await rows('analyst', 'SELECT id FROM work.analyst.tasks ORDER BY id');
    expect(left.flat().map(Number)).toEqual([...seen.flat().map(Number), 101].sort((x, y) => x - y));
  });

  describe('rules on a Delta table', () => {
    beforeAll(async () => {
      await rows(
        'steward',
        `CREATE TABLE ${SHARED} USING delta AS SELECT * FROM VALUES (1, 'DE', 'secret'), (2, 'FR', 'b'), (3, 'DE', 'hidden')
         AS t(id, country, note)`,
      );
    }, SPARK_TIMEOUT_MS);

    it.each([
      [`INSERT INTO ${SHARED} VALUES (7, 'FR', 'x')`, '403 WRITE_CHECK_FAILED'],
      [`UPDATE ${SHARED} SET country = 'FR' WHERE id = 1`, '403 WRITE_CHECK_FAILED'],
      [
        `MERGE INTO ${SHARED} t USING (SELECT 7 AS id) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, country) VALUES (s.id, 'FR')`,
        '403 WRITE_CHECK_FAILED',
      ],
      [`DELETE FROM ${SHARED} WHERE note = 'secret'`, '403 COLUMN_PREDICATE_DENIED'],
      [`UPDATE ${SHARED} SET country = left(note, 2)`, '403 COLUMN_PREDICATE_DENIED'],
      [`UPDATE ${SHARED} SET note = upper(note)`, '403 MASKED_WRITE_BACK'],
      [`INSERT INTO ${SHARED} SELECT id + 10, country, note FROM ${SHARED}`, '403 MASKED_WRITE_BACK'],
      [
        `MERGE INTO ${SHARED} t USING shop.hr.employees e ON t.id = e.id WHEN MATCHED THEN DELETE`,
        '403 ACCESS_DENIED',
      ],
      [`DELETE FROM work.steward.copied`, '404 TABLE_OR_VIEW_NOT_FOUND'],
      [`INSERT OVERWRITE ${SHARED} SELECT 1, 'DE', 'x'`, '403 ACCESS_DENIED'],
    ])('refuse %s: %s', async (sql, refused) => {
      expect(await code('analyst', sql)).toBe(refused);
    });

    it('keep what is hidden as it is, and what was refused away', async () => {
      expect(await rows('analyst', `UPDATE ${SHARED} SET note = 'new' WHERE 1 / (id - 2) <> 0`)).toEqual([
        [2],
      ]);
      expect(await rows('analyst', `DELETE FROM ${SHARED} WHERE id = 2`)).toEqual([[0]]);
      expect(await all(SHARED)).toEqual([
        [1, 'DE', 'new'],
        [2, 'FR', 'b'],
        [3, 'DE', 'new'],
      ]);
      expect(await rows('analyst', `SELECT * FROM ${SHARED} VERSION AS OF 0 ORDER BY id`)).toEqual([
        [1, 'DE', 'xxxxxx'],
        [3, 'DE', 'xxxxxx'],
      ]);
    });

    it('are told before anything is done', async () => {
      const statement = `UPDATE ${SHARED} SET note = 'told' WHERE id = 1`;
      const explain = async (user: string, engine = 'auto') =>
        (await rest.ask(user, 'POST', '/v1/statements/explain', { statement, engine })).json;
      expect(await explain('analyst')).toMatchObject({
        decision: 'allow',
        governance: {
          written: { object: SHARED, mode: 'row-change' },
          filteredTables: [{ object: SHARED }],
        },
      });
      expect((await explain('analyst')).securedPlan).toBeUndefined();
      expect((await explain('steward')).securedPlan).toMatch(/^UPDATE `shop\.desk\.cases` AS target SET /);
      expect((await explain('steward', 'duckdb')).code).toBe('FORMAT_NEEDS_SPARK');
      const [[text]] = await rows('analyst', `EXPLAIN ${statement}`);
      expect(text).toContain(`Write row-change ${SHARED}`);
      expect(text).toContain('rows: cases/german');
      expect(await code('analyst', statement, { engine: 'duckdb' })).toBe('400 FORMAT_NEEDS_SPARK');
    });

    it('leave the change on record, and its lineage', async () => {
      const { json } = await run(
        'steward',
        `MERGE INTO ${SHARED} t USING shop.ref.countries c ON t.country = c.code WHEN MATCHED THEN UPDATE SET note = c.name`,
      );
      expect(json.governance.written).toEqual({ object: SHARED, mode: 'row-change' });
      const events = async () =>
        (await rest.ask('auditor', 'GET', `/v1/audit/events?statement=${json.statementId}`)).json.items ?? [];
      expect(await within(SEEN_MS, async () => (await events()).length === 2)).toBe(true);
      const byKind = Object.fromEntries(
        (await events()).map((event: { readonly kind: string }) => [event.kind, event]),
      );
      expect(byKind['statement.intent']).toMatchObject({
        target: { object: SHARED, mode: 'row-change' },
        engine: 'spark',
      });
      expect(byKind['statement.outcome']).toMatchObject({ state: 'succeeded', rowCount: 3 });
      const edges = async () =>
        ((await rest.ask('admin', 'GET', `/v1/lineage/${SHARED}?direction=upstream`)).json.edges ?? []).map(
          (e: Record<string, string>) => `${e.source}.${e.sourceColumn} -> ${e.target}.${e.targetColumn}`,
        );
      const wanted = `shop.ref.countries.name -> ${SHARED}.note`;
      expect(await within(SEEN_MS, async () => (await edges()).includes(wanted))).toBe(true);
    });

    it('let one of several changes at once through, the others are told to come again', async () => {
      const change = (n: number) => code('steward', `UPDATE ${SHARED} SET note = 'n${n}' WHERE id = ${n}`);
      const ends = await Promise.all([1, 2, 3].map(change));
      expect(ends).toContain('none');
      expect(ends).toContain('409 WRITE_CONFLICT');
      const changed = (await all(SHARED)).filter(
        ([id, , note]: [number, string, string]) => note === `n${id}`,
      );
      expect(changed).toHaveLength(ends.filter((end) => end === 'none').length);
    });
  });
}
