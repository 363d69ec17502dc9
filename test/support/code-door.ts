/** A gateway with two Spark servers, one of them for code of callers; the analyst may run it over customers and orders. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientPython } from '../../scripts/spark-client-venv.mjs';
import { type ConnectDoor, openConnectDoor } from './connect-door.js';
import { CLIENT_VERSION } from './connect-programs.js';
import { runtimeOf, type SparkRuntime, startSpark } from './spark-server.js';

const CODERS = {
  kind: 'policy',
  name: 'coders',
  grants: [{ allow: ['code'], to: ['role:analyst'], on: ['shop.crm.customers', 'shop.sales.orders'] }],
};

export interface CodeDoor {
  readonly door: ConnectDoor;
  readonly spark: SparkRuntime;
  close(): Promise<void>;
}

export async function openCodeDoor(): Promise<CodeDoor> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-code-spec-'));
  // Its Python has what functions use.
  const python = { PYSPARK_PYTHON: clientPython(CLIENT_VERSION) ?? '' };
  const server = startSpark(folder, ['--local', '--code'], python);
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    if (server.kill('SIGTERM')) await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const spark = await runtimeOf(folder, server);
    const door = await openConnectDoor({
      SLUICE_SPARK_CODE_URL: spark.connect,
      SLUICE_CODE_BYTES_MAX: '4MiB',
      SLUICE_SPARK_SHUFFLE_PARTITIONS: '1',
    });
    const close = async (): Promise<void> => {
      await door.close();
      await stop();
    };
    const made = await door.gateway.fetch('/v1/policies', 'admin', {
      method: 'POST',
      body: JSON.stringify(CODERS),
    });
    if (made.status !== 201) throw new Error(`the grant was not taken: ${await made.text()}`);
    return { door, spark, close };
  } catch (error) {
    await stop();
    throw error;
  }
}
