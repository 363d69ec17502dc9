/** What Spark writes of a secured source: files that both engines read as what the source gave. */
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { GovernanceError } from '../../src/core/errors.js';
import type { WriteOptions, Written } from '../../src/engines/engine.js';
import { runOptions } from '../support/engine-lake.js';
import { SparkLake } from '../support/spark-lake.js';
import { SPARK_TIMEOUT_MS, sharedSpark, sparkIsHere } from '../support/spark-server.js';

const BYTES_MAX = 10 ** 8;
const TABLES = {
  'cells.parquet': `SELECT true AS b, 1::TINYINT AS t, 300::SMALLINT AS s, -5 AS i, 9007199254740993 AS big,
    1.5::FLOAT AS f, 'nan'::DOUBLE AS nan, 12.30::DECIMAL(10,2) AS m, 12345678901234567890.12::DECIMAL(30,2) AS wide,
    E'a "b",\\nü😀' AS "te xt", '' AS empty, NULL::VARCHAR AS nothing, '\\x00\\xFF'::BLOB AS bin,
    DATE '2024-02-29' AS day, TIMESTAMPTZ '1969-12-31 23:59:59.1234+00' AS at, TIMESTAMP '1969-12-31 23:59:59.5' AS ntz,
    [1, NULL, 3] AS list, {'x': 1, 'y': 'z'} AS rec, MAP {'a': 1, 'b': NULL} AS names
    UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL`,
};

let lake: SparkLake;
let folders = 0;

function newFolder(): string {
  folders += 1;
  const folder = join(lake.lake.folder, `write-${folders}`);
  mkdirSync(folder);
  return folder;
}

async function write(
  sql: string,
  folder: string,
  options: Partial<WriteOptions['limits']> = {},
): Promise<Written> {
  const statement = lake.lake.statement(sql);
  const columns = statement.output.map(({ name, type }) => ({ name, type }));
  const prepared = await lake.spark.writer.prepare({ statement, columns });
  const { signal, turn } = runOptions({});
  return lake.spark.writer.write(prepared, {
    signal,
    turn,
    folder,
    limits: { timeoutMs: SPARK_TIMEOUT_MS, bytesMax: BYTES_MAX, ...options },
  });
}

if (sparkIsHere()) {
  beforeAll(async () => {
    await sharedSpark();
    lake = await SparkLake.open(TABLES);
  }, SPARK_TIMEOUT_MS);
  afterAll(() => lake.close());

  it(
    'is read by both engines as what was written',
    async () => {
      const folder = newFolder();
      const written = await write('SELECT * FROM cells', folder);
      expect(written.rowCount).toBe(2);
      expect(readdirSync(folder).sort()).toEqual(written.files.map(({ name }) => name));
      const places = join(lake.lake.folder, 'lake', 'copy');
      mkdirSync(places);
      written.files.forEach(({ name }, i) => {
        renameSync(join(folder, name), join(places, `c${i + 1}.parquet`));
      });
      await lake.lake.lake.refresh();
      const all = written.files.map((_, i) => `SELECT * FROM copy.c${i + 1}`).join(' UNION ALL ');
      const source = await lake.rows(lake.lake.engine, 'SELECT * FROM cells ORDER BY i');
      expect(await lake.rows(lake.lake.engine, `SELECT * FROM (${all}) ORDER BY i`)).toEqual(source);
      expect(await lake.rows(lake.spark, `SELECT * FROM (${all}) ORDER BY i`)).toEqual(source);
    },
    SPARK_TIMEOUT_MS,
  );

  it(
    'has its columns even without a row, and counts rows by file',
    async () => {
      const none = await write('SELECT i, `te xt` FROM cells WHERE false', newFolder());
      expect(none.rowCount).toBe(0);
      expect(none.files.length).toBeGreaterThan(0);
      const many = await write('SELECT id FROM range(1000)', newFolder());
      expect(many.rowCount).toBe(1_000);
      expect(many.files.reduce((sum, { rows }) => sum + rows, 0)).toBe(1_000);
    },
    SPARK_TIMEOUT_MS,
  );

  it(
    'ends at its limit, and with its caller',
    async () => {
      const large = write('SELECT id, repeat(CAST(id AS STRING), 50) FROM range(2000000)', newFolder(), {
        bytesMax: 10_000,
      });
      await expect(large).rejects.toMatchObject({ code: 'WRITE_TOO_LARGE' });
      const late = write('SELECT id FROM range(1000000)', newFolder(), { timeoutMs: 1 });
      await expect(late).rejects.toBeInstanceOf(GovernanceError);
      await expect(late).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' });
    },
    SPARK_TIMEOUT_MS,
  );
}
