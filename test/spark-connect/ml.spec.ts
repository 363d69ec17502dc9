/** Machine learning through the door: a real Spark server, a real gateway, an unmodified PySpark client. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConnectDoor, openConnectDoor } from '../support/connect-door.js';
import { doorIsHere, type ProgramTest, runProgram, testsIn } from '../support/connect-programs.js';
import { SPARK_TIMEOUT_MS } from '../support/spark-server.js';

if (doorIsHere())
  describe('machine learning', () => {
    let door: ConnectDoor;
    let results: readonly ProgramTest[] = [];
    beforeAll(async () => {
      door = await openConnectDoor();
      results = await runProgram('ml', door.env);
    }, 2 * SPARK_TIMEOUT_MS);
    afterAll(() => door?.close());

    it.each(testsIn('ml'))('%s', (name) => {
      expect(results.find((result) => result.name === name)).toEqual({ name, ok: true });
    });
  });
