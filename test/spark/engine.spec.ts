/** The Spark engine on a real server: values, limits, errors, hidden rows, lost sessions. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tableFromIPC } from 'apache-arrow';
import { GovernanceError } from '../../src/core/errors.js';
import type { Expr, ScanColumn, Secured } from '../../src/core/plan/plan.js';
import { BOOLEAN } from '../../src/core/plan/types.js';
import { printSpark } from '../../src/core/sql/spark-plan/print.js';
import type { Engine } from '../../src/engines/engine.js';
import { batchLines } from '../../src/engines/spark/arrow/lines.js';
import { quotedName } from '../../src/engines/spark/lake-tables.js';
import { sqlRelation } from '../../src/engines/spark/session.js';
import type { Securing } from '../support/duckdb-plans.js';
import { type Asked, runOptions } from '../support/engine-lake.js';
import { SparkLake } from '../support/spark-lake.js';
import { SPARK_TIMEOUT_MS, sharedSpark, sparkIsHere } from '../support/spark-server.js';

const TIMEOUT_MS = 120_000;
const STOPS_MS_MAX = 15_000;
const TABLES = {
  'people.parquet': `SELECT * FROM (VALUES (1, '10', 'DE'), (2, 'secret-value', 'US'), (3, '30', 'DE')) AS t(id, note, country)`,
  'eu.parquet': `SELECT 'DE' AS code`,
  'odd.csv': `SELECT 1 AS "amount (EUR)", 'a "b", c' AS "x#1", '' AS leer, NULL::VARCHAR AS nichts UNION ALL SELECT 2, E'zwei\\nZeilen', 'x', 'y'`,
  'docs.json': `SELECT 1 AS id, ['a', NULL] AS tags, {'k': 2.5} AS inner`,
  'parts/year=2024/a.parquet': `SELECT 1 AS id`,
  'parts/year=2025/b.parquet': `SELECT 2 AS id, 'new' AS note`,
  'cells.parquet': `SELECT true AS b, 1::TINYINT AS t, 300::SMALLINT AS s, -5 AS i, 9007199254740993 AS big,
    1.5::FLOAT AS f, 0.1::DOUBLE AS d, 'nan'::DOUBLE AS nan, '-inf'::DOUBLE AS inf, 1e22::DOUBLE AS huge, 1e-7::DOUBLE AS tiny,
    12.30::DECIMAL(10,2) AS m, 12345678901234567890.12::DECIMAL(30,2) AS wide, -0.05::DECIMAL(3,2) AS cent,
    E'a "b",\\nü😀' AS text, '' AS empty, NULL::VARCHAR AS nothing, '\\x00\\xFF'::BLOB AS bin,
    DATE '2024-02-29' AS day, DATE '0001-01-01' AS first, TIMESTAMPTZ '2024-02-29 23:59:59.1234+00' AS at,
    TIMESTAMP '1969-12-31 23:59:59.5' AS ntz, [1, NULL, 3] AS list, {'x': 1, 'y': 'z'} AS rec,
    MAP {'a': 1, 'b': NULL} AS names, MAP {1: 'a'} AS numbers, [[1], []] AS nested
    UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL`,
};

const column = ({ id, type }: ScanColumn): Expr => ({ kind: 'column', id, type, nullable: true });
const text = (value: string): Expr => ({ kind: 'literal', type: { kind: 'string' }, nullable: false, value });
const call = (fn: string, args: readonly Expr[]): Expr => ({
  kind: 'call',
  fn,
  args,
  type: BOOLEAN,
  nullable: true,
});
/** Only German rows: the value that is no number is hidden. */
const GERMAN: Securing = {
  filter: (raw) => {
    const country = raw.find(({ source }) => source === 'country');
    return country === undefined ? undefined : call('=', [column(country), text('DE')]);
  },
};

/** The same by another table: countries that `eu` has. */
const EUROPEAN: Securing = {
  filter: (raw) => {
    const country = raw.find(({ source }) => source === 'country');
    if (country === undefined) return undefined;
    const code: ScanColumn = { ...country, id: 3_000_001, name: 'code', source: 'code' };
    const plan: Secured = {
      kind: 'secured',
      leaf: 99,
      table: 'lake.main.eu',
      raw: [code],
      items: [{ column: { ...code, id: 3_000_002 }, expr: column(code) }],
    };
    return {
      kind: 'in-subquery',
      operands: [column(country)],
      plan,
      negated: false,
      type: BOOLEAN,
      nullable: true,
    };
  },
};

let lake: SparkLake;
const rows = (sql: string, asked: Asked = {}) => lake.rows(lake.spark, sql, asked);
const failure = async (work: Promise<unknown>): Promise<GovernanceError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(GovernanceError);
  return error as GovernanceError;
};

if (sparkIsHere()) {
  beforeAll(async () => {
    lake = await SparkLake.open(TABLES);
  }, SPARK_TIMEOUT_MS);
  afterAll(() => lake.close());

  describe('what Spark gives', () => {
    it.each(['csv', 'ndjson'] as const)(
      'is DuckDB, byte for byte, as %s',
      async (format) => {
        const sql = 'SELECT * FROM cells ORDER BY i NULLS LAST';
        expect(await lake.text(sql, format)).toBe(await lake.lake.text(sql, format));
      },
      SPARK_TIMEOUT_MS,
    );

    it.each([
      ['SELECT * FROM cells ORDER BY i NULLS LAST', undefined],
      ['SELECT * FROM cells ORDER BY i NULLS LAST', 1],
      [
        "SELECT NULL AS v, INTERVAL '1-2' YEAR TO MONTH AS m, INTERVAL '-1 02:03:04.5' DAY TO SECOND AS d",
        undefined,
      ],
    ])(
      'is DuckDB in Arrow, value by value: %s',
      async (sql, rowLimit) => {
        const { output } = lake.lake.statement(sql);
        const asked = rowLimit === undefined ? {} : { rowLimit };
        const seen = async (engine: Engine) => {
          const data = await lake.whole(engine, sql, 'arrow', asked);
          const table = tableFromIPC(data);
          const lines = [...batchLines({ data, rows: table.numRows }, output, 'json', table.numRows)];
          return [table.schema.fields.map(String), lines.map(({ bytes }) => bytes.toString('utf8')).join('')];
        };
        expect(await seen(lake.spark)).toEqual(await seen(lake.lake.engine));
      },
      SPARK_TIMEOUT_MS,
    );

    it(
      'is the same Parquet as of DuckDB: columns, types, values',
      async () => {
        const reader = await (await DuckDBInstance.create(':memory:')).connect();
        const sql = 'SELECT * FROM cells CROSS JOIN parts ORDER BY i NULLS LAST, id';
        const seen = async (engine: Engine) => {
          const file = join(lake.lake.folder, `${engine.id}.parquet`);
          writeFileSync(file, await lake.whole(engine, sql, 'parquet'));
          const types = await reader.runAndReadAll(`DESCRIBE SELECT * FROM '${file}'`);
          const read = await reader.runAndReadAll(`SELECT t::VARCHAR FROM '${file}' AS t`);
          return [types.getRowsJson(), read.getRowsJson()];
        };
        expect(await seen(lake.spark)).toEqual(await seen(lake.lake.engine));
        reader.closeSync();
      },
      SPARK_TIMEOUT_MS,
    );

    it.each([
      'SELECT * FROM cells ORDER BY i NULLS LAST',
      'SELECT * FROM odd ORDER BY 1',
      'SELECT "x" AS `a``b`, `amount (EUR)` * 2 AS `x)#1` FROM odd ORDER BY 2',
      'SELECT * FROM docs',
      'SELECT * FROM parts ORDER BY id',
      'SELECT year, count(*) FROM parts GROUP BY year ORDER BY year',
      `SELECT INTERVAL '1-2' YEAR TO MONTH, INTERVAL '-1 02:03:04.5' DAY TO SECOND, INTERVAL '3' HOUR`,
      `SELECT note LIKE '%#_%' ESCAPE '#', 'it\\'s (a) [b] #1' || note FROM people ORDER BY id`,
      'SELECT NULL, coalesce(NULL, NULL), array(NULL)',
      'SELECT 1 WHERE false',
    ])(
      'is DuckDB for %s',
      async (sql) => {
        expect(await rows(sql)).toEqual(await lake.rows(lake.lake.engine, sql));
      },
      TIMEOUT_MS,
    );
  });

  describe('limits', () => {
    it(
      'cut a result and say so, planned or counted',
      async () => {
        for (const rowLimit of [3, 150_000]) {
          const prepared = await lake.spark.prepare(lake.lake.statement('SELECT id FROM range(200000)'));
          const result = await lake.spark.rows(prepared, runOptions({ rowLimit }));
          expect([result.rowCount, result.truncated]).toEqual([rowLimit, true]);
        }
        const whole = await lake.spark.prepare(lake.lake.statement('SELECT id FROM range(3)'));
        expect(await lake.spark.rows(whole, runOptions({ rowLimit: 3 }))).toMatchObject({ truncated: false });
      },
      TIMEOUT_MS,
    );

    it(
      'of bytes and time are errors',
      async () => {
        const bytes = await failure(rows('SELECT id FROM range(100000)', { byteLimit: 10_000 }));
        expect(bytes.code).toBe('BYTE_LIMIT_EXCEEDED');
        const time = await failure(
          rows('SELECT count(*) FROM range(10000000) a CROSS JOIN range(10000000) b', {
            timeoutMs: 1_500,
          }),
        );
        expect(time.code).toBe('STATEMENT_TIMEOUT');
        await nothingRuns();
      },
      TIMEOUT_MS,
    );

    it(
      'a statement that is cancelled ends on the cluster as well',
      async () => {
        const controller = new AbortController();
        const running = failure(
          rows('SELECT count(*) FROM range(10000000) a CROSS JOIN range(10000000) b', {
            signal: controller.signal,
          }),
        );
        await sleep(1_500);
        controller.abort();
        expect((await running).code).toBe('STATEMENT_CANCELED');
        await nothingRuns();
      },
      TIMEOUT_MS,
    );

    it(
      'a reader that goes away ends it too',
      async () => {
        const prepared = await lake.spark.prepare(lake.lake.statement('SELECT id FROM range(10000000)'));
        const { body, done } = await lake.spark.bytes(prepared, 'ndjson', runOptions({ byteLimit: 2 ** 40 }));
        body.destroy();
        expect((await failure(done)).code).toBe('STATEMENT_CANCELED');
        await nothingRuns();
      },
      TIMEOUT_MS,
    );
  });

  describe('errors', () => {
    it.each([
      ['SELECT CAST(note AS INT) FROM people', 'CAST_INVALID_INPUT'],
      ['SELECT id / (id - 1) FROM people', 'ARITHMETIC_ERROR'],
      ['SELECT array(1, 2)[id + 5] FROM people', 'INVALID_INDEX'],
      ['SELECT (SELECT id FROM people)', 'ENGINE_ERROR'],
    ])(
      '%s is %s, without a value',
      async (sql, code) => {
        const error = await failure(rows(sql));
        expect(error.code).toBe(code);
        expect(JSON.stringify([error.message, error.details])).not.toMatch(/secret|lake_|raw1|Exception/);
      },
      TIMEOUT_MS,
    );
  });

  describe('hidden rows', () => {
    const RAISING = 'SELECT id FROM people WHERE CAST(note AS INT) > 5';

    it(
      'are not met by what raises',
      async () => {
        for (const securing of [GERMAN, EUROPEAN])
          expect(await rows(RAISING, { securing })).toEqual(['[1]', '[3]']);
        expect((await failure(rows(RAISING))).code).toBe('CAST_INVALID_INPUT');
      },
      TIMEOUT_MS,
    );

    it(
      'would be met without the fence, where a row rule becomes a join',
      async () => {
        const statement = lake.lake.statement(RAISING, { securing: EUROPEAN });
        const connected = await lake.spark.server.with(async (server) => server);
        const names = await connected.tables.names(['lake.main.people', 'lake.main.eu'], statement.catalog);
        const bare = printSpark(statement.plan, {
          source: (table) => quotedName(names.get(table) ?? ''),
          column: (_, name) => name,
          output: statement.output,
          fenced: false,
        });
        // Spark brings the condition below the join.
        await expect(connected.session.run(sqlRelation(bare))).rejects.toMatchObject({
          code: 'CAST_INVALID_INPUT',
        });
      },
      TIMEOUT_MS,
    );
  });

  describe('names and plans', () => {
    it(
      'are not those that Spark knows',
      async () => {
        const prepared = await lake.spark.prepare(
          lake.lake.statement('SELECT note FROM people', { securing: GERMAN }),
        );
        expect(prepared.text).toContain('`lake.main.people`');
        expect(prepared.text).not.toMatch(/lake_[0-9a-f]{8}|t[0-9a-f]{32}/);
        const plan = await lake.spark.explain(prepared);
        expect(plan).toMatch(/Filter[\s\S]*FileScan/);
        expect(plan).not.toMatch(/DE|file:|parquet|note|[0-9]{2}/);
      },
      TIMEOUT_MS,
    );

    it('no table is there but ours', async () => {
      expect(lake.spark.status()).toMatchObject({ trust: 'named', version: expect.stringMatching(/^4\./) });
    });
  });

  describe('a session that the server has lost', () => {
    it(
      'is found again in the middle of work',
      async () => {
        const before = lake.spark.server.last;
        // Judged before: nothing but the run itself asks the server.
        const prepared = await lake.spark.prepare(lake.lake.statement('SELECT count(*) FROM people'));
        await before?.session.release();
        const result = await lake.spark.rows(prepared, runOptions());
        expect(result.rowCount).toBe(1);
        expect(lake.spark.server.last).not.toBe(before);
        expect(await lake.text('SELECT id FROM people ORDER BY id', 'csv')).toBe('id\r\n1\r\n2\r\n3\r\n');
      },
      TIMEOUT_MS,
    );

    it(
      'is a retryable error where there is no server',
      async () => {
        const lost = await SparkLake.open({ 'a.parquet': 'SELECT 1 AS id' }, { url: 'sc://127.0.0.1:1' });
        const error = await failure(lost.rows(lost.spark, 'SELECT 1'));
        expect(error).toMatchObject({ code: 'ENGINE_UNAVAILABLE', details: { retryable: true } });
        await lost.close();
      },
      TIMEOUT_MS,
    );

    it(
      'a wrong token opens nothing',
      async () => {
        const url = (await sharedSpark()).connect.replace(/token=.*/, 'token=wrong');
        const other = await SparkLake.open({ 'a.parquet': 'SELECT 1 AS id' }, { url });
        expect((await failure(other.rows(other.spark, 'SELECT 1'))).code).toBe('ENGINE_UNAVAILABLE');
        await other.close();
      },
      TIMEOUT_MS,
    );
  });
}

/** Spark's own page shows no stage that runs, sooner than Spark would have found out by itself. */
async function nothingRuns(): Promise<void> {
  const deadline = Date.now() + STOPS_MS_MAX;
  const { ui } = await sharedSpark();
  const [application] = (await (await fetch(`${ui}/api/v1/applications`)).json()) as { id: string }[];
  for (;;) {
    const answer = await fetch(`${ui}/api/v1/applications/${application?.id}/stages?status=active`);
    if (((await answer.json()) as unknown[]).length === 0) return;
    if (Date.now() > deadline) throw new Error('a statement that was stopped still runs');
    await sleep(100);
  }
}
