/** Code of callers in every place of a plan, and the page about it, with an unmodified PySpark client. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CodeDoor, openCodeDoor } from '../support/code-door.js';
import {
  CLIENT_VERSION,
  doorIsHere,
  type ProgramTest,
  runProgram,
  testsIn,
} from '../support/connect-programs.js';
import { SPARK_TIMEOUT_MS } from '../support/spark-server.js';

const PROGRAMS = ['functions_more', 'registered_more', 'table_functions'];

if (doorIsHere())
  describe('code of callers', () => {
    let opened: CodeDoor;
    const results: ProgramTest[] = [];
    beforeAll(async () => {
      opened = await openCodeDoor();
      for (const program of PROGRAMS)
        results.push(...(await runProgram(program, opened.door.env, CLIENT_VERSION, 2 * SPARK_TIMEOUT_MS)));
    }, 6 * SPARK_TIMEOUT_MS);
    afterAll(() => opened?.close(), SPARK_TIMEOUT_MS);

    it.each(PROGRAMS.flatMap(testsIn))('%s', (name) => {
      expect(results.find((result) => result.name === name)).toEqual({ name, ok: true });
    });
  });
