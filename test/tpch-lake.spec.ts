/** TPC-H data put in a folder and served with --lake: the right answers over HTTP, and nothing without a policy. */
import { linkSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Compiled, compileSources } from './support/compiled.js';
import { type GatewayProcess, startGatewayProcess } from './support/gateway-process.js';
import { ROOT } from './support/sources.js';
import { sparkSqlTests } from './support/spark-sql-tests.js';
import {
  DUCKDB_TOLERANCE,
  duckDbAnswers,
  firstDifference,
  type Rows,
  TPCH_TABLES,
  tpcFolder,
} from './support/tpch.js';

const SCALE = '0.01';
const TIMEOUT_MS = 120_000;

const texts = sparkSqlTests()?.tpch;
const folder = tpcFolder('tpch', SCALE);

describe('TPC-H for a lake', () => {
  it('is here, in CI always', () => {
    expect((texts !== undefined && folder !== undefined) || !process.env.CI).toBe(true);
  });
});

if (texts !== undefined && folder !== undefined) {
  describe('TPC-H in a folder', () => {
    let compiled: Compiled;
    let lake: string;
    let gateway: GatewayProcess;
    let direct: readonly Rows[];

    beforeAll(async () => {
      lake = mkdtempSync(join(tmpdir(), 'sluice-tpch-lake-'));
      mkdirSync(join(lake, 'tpch'));
      for (const table of TPCH_TABLES)
        linkSync(`${folder}/${table}.parquet`, `${lake}/tpch/${table}.parquet`);
      compiled = await compileSources();
      gateway = await startGatewayProcess(join(compiled.dir, 'src', 'main.js'), {
        SLUICE_LAKE: lake,
        SLUICE_POLICIES_DIR: join(ROOT, 'policies'),
      });
      direct = await duckDbAnswers(folder, texts);
    }, TIMEOUT_MS);
    afterAll(async () => {
      expect(await gateway?.stop()).toBe(0);
      compiled?.remove();
      rmSync(lake, { recursive: true, force: true });
    }, TIMEOUT_MS);

    const ask = (user: string, statement: string, schema = 'tpch') =>
      gateway.fetch('/v1/statements', user, {
        method: 'POST',
        body: JSON.stringify({ statement, schema, waitTimeout: '60s' }),
      });

    it.each(texts.map(({ file, sql }, i) => [file, sql, i] as const))(
      '%s gives DuckDB’s rows',
      async (_, sql, i) => {
        const response = await ask('admin', sql);
        const answer = await response.json();
        expect({ status: response.status, state: answer.state }).toEqual({ status: 200, state: 'succeeded' });
        expect(answer.manifest.rowCount).toBe(direct[i]?.length);
        expect(firstDifference(answer.result.rows, direct[i] ?? [], DUCKDB_TOLERANCE)).toBeUndefined();
      },
    );

    it('is hidden from whom no policy names, like what does not exist', async () => {
      const hidden = await ask('analyst', 'SELECT count(*) FROM lake.tpch.lineitem');
      const missing = await ask('analyst', 'SELECT count(*) FROM lake.tpch.lineitems');
      expect([hidden.status, missing.status]).toEqual([404, 404]);
      const bodies = await Promise.all([hidden.json(), missing.json()]);
      expect(bodies[0].code).toBe(bodies[1].code);
    });

    it('streams as CSV', async () => {
      const response = await gateway.fetch('/v1/statements', 'admin', {
        method: 'POST',
        headers: { accept: 'text/csv' },
        body: JSON.stringify({ statement: 'SELECT r_regionkey, r_name FROM lake.tpch.region ORDER BY 1' }),
      });
      expect(await response.text()).toBe(
        ['r_regionkey,r_name', '0,AFRICA', '1,AMERICA', '2,ASIA', '3,EUROPE', '4,MIDDLE EAST', ''].join(
          '\r\n',
        ),
      );
    });
  });
}
