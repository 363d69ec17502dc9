/** Resource groups at the Spark Connect door: a real Spark server, a real gateway, an unmodified PySpark client. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConnectDoor, openConnectDoor } from '../support/connect-door.js';
import { doorIsHere, type ProgramTest, runProgram, testsIn } from '../support/connect-programs.js';
import { SPARK_TIMEOUT_MS, sharedSpark } from '../support/spark-server.js';

const GROUPS = {
  kind: 'policy',
  name: 'turns',
  resources: [
    { name: 'analysts', to: ['role:analyst'], engines: ['spark'], concurrency: 1, queue: 1, rows: 100 },
  ],
};

if (doorIsHere())
  describe('resource groups', () => {
    let door: ConnectDoor;
    let results: readonly ProgramTest[] = [];
    beforeAll(async () => {
      door = await openConnectDoor({ SLUICE_SPARK_UI_URL: (await sharedSpark()).ui });
      const made = await door.gateway.fetch('/v1/policies', 'admin', {
        method: 'POST',
        body: JSON.stringify(GROUPS),
      });
      expect(made.status).toBe(201);
      results = await runProgram('turns', { ...door.env, SLUICE_HTTP: door.gateway.url });
    }, 2 * SPARK_TIMEOUT_MS);
    afterAll(() => door?.close(), SPARK_TIMEOUT_MS);

    it.each(testsIn('turns'))('%s', (name) => {
      expect(results.find((result) => result.name === name)).toEqual({ name, ok: true });
    });
  });
