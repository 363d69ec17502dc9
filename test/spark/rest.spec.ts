/** `engine: spark` over HTTP: a gateway process, the sample lake, the same governed answers as from DuckDB. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BUILT_MAIN, type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { SPARK_TIMEOUT_MS, type SparkRuntime, sharedSpark, sparkIsHere } from '../support/spark-server.js';
import { stagesRun } from '../support/spark-stages.js';

const TIMEOUT_MS = 120_000;
/** No statement may run on the cluster this long after its gateway was killed. */
const ORPHAN_MS_MAX = 60_000;
const LONG = 'SELECT count(*) FROM range(10000000) a CROSS JOIN range(10000000) b';

/** What the guides and the box at the start have people ask, and every table of the sample. */
const DEMO = [
  'SELECT full_name, email, country FROM shop.crm.customers ORDER BY id LIMIT 3',
  'SELECT count(*) FROM shop.crm.customers',
  `SELECT country, count(*) AS customers FROM shop.crm.customers WHERE created_at >= TIMESTAMP '2021-01-01 00:00:00' GROUP BY country ORDER BY 2 DESC, 1`,
  'SELECT * FROM shop.crm.customers ORDER BY id LIMIT 20',
  'SELECT * FROM shop.sales.orders ORDER BY id LIMIT 20',
  'SELECT * FROM shop.sales.order_items ORDER BY 1, 2 LIMIT 20',
  'SELECT * FROM shop.ref.countries ORDER BY code',
  `SELECT c.country, count(*) AS orders, sum(o.total) AS total FROM shop.sales.orders o JOIN shop.crm.customers c
   ON c.id = o.customer_id GROUP BY c.country ORDER BY total DESC`,
  `SELECT o.country, o.total, rank() OVER (PARTITION BY o.country ORDER BY o.total DESC, o.id) AS place FROM shop.sales.orders o
   WHERE o.country IN (SELECT code FROM shop.ref.countries WHERE eu) ORDER BY 3, 1 LIMIT 10`,
];
const FOR_STEWARDS = [
  'SELECT * FROM shop.hr.employees ORDER BY id LIMIT 20',
  'SELECT * FROM shop.support.tickets ORDER BY id LIMIT 20',
];

interface Answer {
  readonly statementId: string;
  readonly state: string;
  readonly code?: string;
  readonly manifest: unknown;
  readonly result: { readonly rows: readonly unknown[] };
  readonly governance: { readonly filteredTables: unknown; readonly maskedColumns: unknown };
}

let spark: SparkRuntime;
let gateway: GatewayProcess;

const post = (user: string, body: Readonly<Record<string, unknown>>, accept = 'application/json') =>
  gateway.fetch('/v1/statements', user, {
    method: 'POST',
    body: JSON.stringify({ waitTimeout: '60s', ...body }),
    headers: { accept },
  });
const ask = async (user: string, statement: string, engine: string): Promise<Answer> =>
  (await (await post(user, { statement, engine })).json()) as Answer;

/** What the two engines must have alike. */
const shown = ({ state, code, manifest, result, governance }: Answer) => ({
  state,
  code,
  manifest,
  rows: result?.rows,
  filtered: governance?.filteredTables,
  masked: governance?.maskedColumns,
});

if (sparkIsHere()) {
  beforeAll(async () => {
    spark = await sharedSpark();
    gateway = await startGatewayProcess(BUILT_MAIN, {
      SLUICE_DEMO_SCALE: '0.01',
      SLUICE_SPARK_URL: spark.connect,
      SLUICE_SPARK_UI_URL: spark.ui,
      SLUICE_SPARK_SHUFFLE_PARTITIONS: '4',
    });
  }, SPARK_TIMEOUT_MS);
  afterAll(() => gateway.stop());

  describe('every demo query', () => {
    const cases = [
      ...DEMO.flatMap((sql) => [['analyst', sql] as const, ['steward', sql] as const]),
      ...FOR_STEWARDS.map((sql) => ['steward', sql] as const),
      ['analyst', 'SELECT * FROM shop.hr.employees'] as const,
    ];
    it.each(cases)(
      'of %s: %s',
      async (user, sql) => {
        const duckdb = shown(await ask(user, sql, 'duckdb'));
        expect(shown(await ask(user, sql, 'spark'))).toEqual(duckdb);
        expect(duckdb.state === 'succeeded' || duckdb.code === 'ACCESS_DENIED').toBe(true);
      },
      TIMEOUT_MS,
    );

    it.each(['text/csv', 'application/x-ndjson'])(
      'streams alike as %s',
      async (accept) => {
        const statement = 'SELECT * FROM shop.crm.customers ORDER BY id';
        const texts = [];
        for (const engine of ['duckdb', 'spark'])
          texts.push(await (await post('analyst', { statement, engine }, accept)).text());
        expect(texts[0]?.length).toBeGreaterThan(1_000);
        expect(texts[1] === texts[0]).toBe(true);
      },
      TIMEOUT_MS,
    );
  });

  describe('the engine', () => {
    it(
      'shows itself and its cluster',
      async () => {
        for (;;) {
          const { items } = (await (await gateway.fetch('/v1/engines', 'steward')).json()) as {
            items: {
              id: string;
              trust: string;
              version: string;
              cluster?: { executors: number; cores: number };
            }[];
          };
          const found = items.find(({ id }) => id === 'spark');
          expect(found).toMatchObject({ trust: 'named', version: '4.2.0' });
          if (found?.cluster !== undefined) {
            expect(found.cluster).toMatchObject({ executors: 1, runningStages: expect.any(Number) });
            expect(found.cluster.cores).toBeGreaterThan(0);
            break;
          }
          await sleep(200);
        }
        const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
        expect(metrics).toMatch(/sluice_engine_running\{engine="spark"\} 0/);
        expect(metrics).toMatch(/sluice_cluster_executors\{engine="spark"\} 1/);
      },
      TIMEOUT_MS,
    );

    it(
      'stops what is cancelled',
      async () => {
        const started = (await (
          await post('analyst', { statement: LONG, engine: 'spark', waitTimeout: '0s' })
        ).json()) as Answer;
        await stagesRun(spark, true);
        await gateway.fetch(`/v1/statements/${started.statementId}/cancel`, 'analyst', {
          method: 'POST',
          body: '{}',
        });
        const end = (await (
          await gateway.fetch(`/v1/statements/${started.statementId}?wait=30s`, 'analyst')
        ).json()) as Answer;
        expect(end.state).toBe('canceled');
        await stagesRun(spark, false);
      },
      TIMEOUT_MS,
    );

    it(
      'leaves nothing running when its gateway is killed',
      async () => {
        await post('analyst', { statement: LONG, engine: 'spark', waitTimeout: '0s' });
        await stagesRun(spark, true);
        await gateway.kill();
        expect(await stagesRun(spark, false)).toBeLessThan(ORPHAN_MS_MAX);
      },
      TIMEOUT_MS,
    );
  });
}
