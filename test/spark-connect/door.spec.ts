/**
 * The Spark Connect door from outside: a real Spark server, a real gateway, programs of an unmodified PySpark client.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConnectDoor, openConnectDoor } from '../support/connect-door.js';
import {
  CLIENT_VERSION,
  doorIsHere,
  type ProgramTest,
  runProgram,
  testsIn,
} from '../support/connect-programs.js';
import { SPARK_TIMEOUT_MS } from '../support/spark-server.js';

/** The other versions of the client are tried in the long run. */
const RUNS = ['slice', 'breadth', 'operations', 'attacks', 'oracle', 'guide', 'names'].map(
  (program) => [program, CLIENT_VERSION] as const,
);

if (doorIsHere())
  describe('the Spark Connect door', () => {
    let door: ConnectDoor;
    beforeAll(async () => {
      door = await openConnectDoor();
    }, SPARK_TIMEOUT_MS);
    afterAll(() => door?.close());

    describe.each(RUNS)('%s, PySpark %s', (program, version) => {
      let results: readonly ProgramTest[] = [];
      beforeAll(async () => {
        results = await runProgram(program, { ...door.env, ORACLE_PROGRAMS: '20' }, version);
      }, SPARK_TIMEOUT_MS);

      it.each(testsIn(program))('%s', (name) => {
        expect(results.find((result) => result.name === name)).toEqual({ name, ok: true });
      });
    });
  });
