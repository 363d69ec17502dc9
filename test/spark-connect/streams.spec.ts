/** Streams through the door: a real Spark server, a real gateway, an unmodified PySpark client. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConnectDoor, openConnectDoor } from '../support/connect-door.js';
import { doorIsHere, type ProgramTest, runProgram, testsIn } from '../support/connect-programs.js';
import { SPARK_TIMEOUT_MS } from '../support/spark-server.js';

if (doorIsHere())
  describe('streams', () => {
    let door: ConnectDoor;
    beforeAll(async () => {
      door = await openConnectDoor();
    }, SPARK_TIMEOUT_MS);
    afterAll(() => door?.close());

    describe.each(['streams', 'stream_tables', 'delta_streams'])('%s', (program) => {
      let results: readonly ProgramTest[] = [];
      beforeAll(async () => {
        results = await runProgram(program, { ...door.env, SLUICE_HTTP: door.gateway.url });
      }, SPARK_TIMEOUT_MS);

      it.each(testsIn(program))('%s', (name) => {
        expect(results.find((result) => result.name === name)).toEqual({ name, ok: true });
      });
    });
  });
