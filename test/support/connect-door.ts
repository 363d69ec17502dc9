/** A gateway in front of the Spark server of the run, for programs of PySpark clients. */
import { type Compiled, compileSources } from './compiled.js';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.js';
import { sharedSpark } from './spark-server.js';

/** For attacks: a row rule that asks another table, and one that goes by the hour. */
const RULES = {
  kind: 'policy',
  name: 'for-attacks',
  grants: [{ allow: ['browse', 'read'], to: ['user:privacy'], on: ['shop.sales.orders'] }],
  rows: [
    {
      name: 'german-customers',
      on: ['shop.sales.orders'],
      to: ['user:engineer'],
      mode: 'restrictive',
      where: "customer_id IN (SELECT id FROM shop.crm.customers WHERE country = 'DE')",
    },
    {
      name: 'mornings',
      on: ['shop.sales.orders'],
      to: ['user:privacy'],
      mode: 'restrictive',
      where: 'hour(ordered_at) < 12',
    },
  ],
};

export interface ConnectDoor {
  readonly gateway: GatewayProcess;
  /** Tells a program where everything is. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function openConnectDoor(settings: Readonly<Record<string, string>> = {}): Promise<ConnectDoor> {
  const compiled: Compiled = await compileSources();
  try {
    // An empty URL: a Spark of the caller's own is found through the data folder.
    const connect = settings.SLUICE_SPARK_URL ?? (await sharedSpark()).connect;
    const gateway = await startGatewayProcess(`${compiled.dir}/src/main.js`, {
      SLUICE_SPARK_URL: connect,
      SLUICE_DEMO_SCALE: '0.01',
      SLUICE_SPARK_SHUFFLE_PARTITIONS: '4',
      ...settings,
    });
    const made = await gateway.fetch('/v1/policies', 'admin', {
      method: 'POST',
      body: JSON.stringify(RULES),
    });
    if (made.status !== 201) throw new Error(`the rule was not taken: ${await made.text()}`);
    return {
      gateway,
      env: {
        SLUICE_CONNECT: `localhost:${gateway.connectPort}`,
        SLUICE_TOKENS: JSON.stringify(gateway.tokens),
        SLUICE_URL: gateway.url,
        // PySpark sends a token over plain text to this spelling of the host only.
        BARE_SPARK: connect.replace('127.0.0.1', 'localhost'),
        LAKE_FOLDER: `${gateway.dataDir}/sample`,
      },
      close: async () => {
        await gateway.stop();
        compiled.remove();
      },
    };
  } catch (error) {
    compiled.remove();
    throw error;
  }
}
