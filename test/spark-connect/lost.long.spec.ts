/** A Spark that is started after the gateway, killed, and started again: sessions of clients go on. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { openConnectDoor } from '../support/connect-door.js';
import { doorIsHere, runProgram } from '../support/connect-programs.js';
import { runtimeOf, SPARK_TIMEOUT_MS, startSpark } from '../support/spark-server.js';

const LONG_MS = 2 * SPARK_TIMEOUT_MS;

if (doorIsHere())
  it(
    'a server that is lost is found again',
    async () => {
      const marks = mkdtempSync(join(tmpdir(), 'sluice-marks-'));
      const door = await openConnectDoor({ SLUICE_SPARK_URL: '' });
      const { dataDir } = door.gateway;
      const seen = async (mark: string): Promise<void> => {
        while (!existsSync(join(marks, mark))) await sleep(100);
      };
      let spark = startSpark(dataDir, ['--local']);
      try {
        await runtimeOf(dataDir, spark);
        const program = runProgram('lost', { ...door.env, MARKS: marks }, '4.2', LONG_MS);
        await seen('gone');
        spark.kill('SIGTERM');
        while (existsSync(join(dataDir, 'spark.json'))) await sleep(100);
        writeFileSync(join(marks, 'is-gone'), '');
        await seen('back');
        spark = startSpark(dataDir, ['--local']);
        await runtimeOf(dataDir, spark);
        writeFileSync(join(marks, 'is-back'), '');
        expect(await program).toEqual([{ name: 'test_a_server_that_is_lost', ok: true }]);
      } finally {
        spark.kill('SIGTERM');
        await door.close();
        rmSync(marks, { recursive: true, force: true });
      }
    },
    LONG_MS,
  );
