/**
 * The Spark Connect door from outside: a real Spark server, a real gateway, programs of an unmodified PySpark client.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Compiled, compileSources } from '../support/compiled.js';
import { doorIsHere, type ProgramTest, runProgram, testsIn } from '../support/connect-programs.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { SPARK_TIMEOUT_MS, sharedSpark } from '../support/spark-server.js';

const PROGRAMS = ['slice', 'breadth', 'operations', 'attacks'];

/** For attacks: a row rule that asks another table. */
const SUBQUERY_RULE = {
  kind: 'policy',
  name: 'orders-of-germans',
  rows: [
    {
      name: 'german-customers',
      on: ['shop.sales.orders'],
      to: ['user:engineer'],
      mode: 'restrictive',
      where: "customer_id IN (SELECT id FROM shop.crm.customers WHERE country = 'DE')",
    },
  ],
};

if (doorIsHere())
  describe('the Spark Connect door', () => {
    let compiled: Compiled;
    let gateway: GatewayProcess;
    let env: Readonly<Record<string, string>>;

    beforeAll(async () => {
      compiled = await compileSources();
      const spark = await sharedSpark();
      gateway = await startGatewayProcess(`${compiled.dir}/src/main.js`, {
        SLUICE_SPARK_URL: spark.connect,
        SLUICE_DEMO_SCALE: '0.01',
        SLUICE_SPARK_SHUFFLE_PARTITIONS: '4',
      });
      env = {
        SLUICE_CONNECT: `localhost:${gateway.connectPort}`,
        SLUICE_TOKENS: JSON.stringify(gateway.tokens),
        // PySpark sends a token over plain text to this spelling of the host only.
        BARE_SPARK: spark.connect.replace('127.0.0.1', 'localhost'),
        LAKE_FOLDER: `${gateway.dataDir}/sample`,
      };
      const made = await gateway.fetch('/v1/policies', 'admin', {
        method: 'POST',
        body: JSON.stringify(SUBQUERY_RULE),
      });
      expect(made.status).toBe(201);
    }, SPARK_TIMEOUT_MS);
    afterAll(async () => {
      await gateway?.stop();
      compiled?.remove();
    });

    describe.each(PROGRAMS)('%s', (program) => {
      let results: readonly ProgramTest[] = [];
      beforeAll(async () => {
        results = await runProgram(program, env);
      }, SPARK_TIMEOUT_MS);

      it.each(testsIn(program))('%s', (name) => {
        expect(results.find((result) => result.name === name)).toEqual({ name, ok: true });
      });
    });
  });
