/** All programs with all versions of the client, and the oracle over many programs. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConnectDoor, openConnectDoor } from '../support/connect-door.js';
import { doorIsHere, type ProgramTest, runProgram, testsIn } from '../support/connect-programs.js';
import { SPARK_TIMEOUT_MS } from '../support/spark-server.js';

const LONG_MS = 20 * 60_000;
const RUNS = ['4.0', '4.1', '4.2', '4.3']
  .filter(doorIsHere)
  .flatMap((version) =>
    ['slice', 'breadth', 'operations', 'attacks'].map((program) => [program, version] as const),
  );

if (doorIsHere())
  describe('the Spark Connect door, at length', () => {
    let door: ConnectDoor;
    beforeAll(async () => {
      door = await openConnectDoor();
    }, SPARK_TIMEOUT_MS);
    afterAll(() => door?.close());

    describe.each([...RUNS, ['oracle', '4.2'], ['names', '4.2']] as const)(
      '%s, PySpark %s',
      (program, version) => {
        let results: readonly ProgramTest[] = [];
        beforeAll(async () => {
          const env = {
            ...door.env,
            ORACLE_PROGRAMS: '400',
            ORACLE_SEED: String(Date.now()),
            ALL_NAMES: '1',
          };
          results = await runProgram(program, env, version, LONG_MS);
        }, LONG_MS);

        it.each(testsIn(program))('%s', (name) => {
          expect(results.find((result) => result.name === name)).toEqual({ name, ok: true });
        });
      },
    );
  });
