/** Writes through the door: an unmodified PySpark client, a real Spark with Delta Lake, a real gateway. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConnectDoor, openConnectDoor } from '../support/connect-door.js';
import { doorIsHere, type ProgramTest, runProgram, testsIn } from '../support/connect-programs.js';
import { SPARK_TIMEOUT_MS } from '../support/spark-server.js';

const PROGRAMS = ['writes', 'write_policies', 'delta'] as const;

if (doorIsHere())
  describe('writes through the door', () => {
    let door: ConnectDoor;
    beforeAll(async () => {
      door = await openConnectDoor();
    }, SPARK_TIMEOUT_MS);
    afterAll(() => door?.close());

    describe.each(PROGRAMS)('%s', (program) => {
      let results: readonly ProgramTest[] = [];
      beforeAll(async () => {
        const env = { ...door.env, SLUICE_HTTP: door.gateway.url };
        results = await runProgram(program, env);
      }, SPARK_TIMEOUT_MS);

      it.each(testsIn(program))('%s', (name) => {
        expect(results.find((result) => result.name === name)).toEqual({ name, ok: true });
      });
    });
  });
