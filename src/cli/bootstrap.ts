/**
 * The first administrator of a gateway without demo people. Works once: on a database that has no principals
 * yet.
 */
import { resolve } from 'node:path';
import { type Environment, loadConfig } from '../config.js';
import { newToken } from '../gateway/authenticate.js';
import { openDatabase } from '../store/open-database.js';
import { openStore } from '../store/store.js';

const ADMIN = 'admin';

/** Needs SLUICE_DATABASE_URL: an embedded database belongs to its running gateway. */
export async function bootstrapToken(env: Environment): Promise<string> {
  const config = loadConfig(env);
  if (config.databaseUrl === undefined)
    throw new Error('token bootstrap needs SLUICE_DATABASE_URL; demo gateways have demo-credentials.json');
  const database = await openDatabase({ ...config, dataDir: resolve(config.dataDir) }, () => undefined);
  const store = await openStore({
    url: database.url,
    connectionsMax: 4,
    evidenceTimeoutMs: config.evidenceTimeoutMs,
    evidenceQueueMax: config.evidenceQueueMax,
  });
  try {
    if ((await store.principals.list(undefined, 1)).length > 0) {
      throw new Error('there are principals already: make tokens with sluice token create');
    }
    await store.principals.create(
      ADMIN,
      { roles: ['admin'], groups: [], attributes: {}, active: true },
      'api',
    );
    const { id, secret, token } = newToken();
    await store.tokens.create({
      id,
      secret,
      principal: ADMIN,
      name: 'bootstrap',
      scopes: [],
      expiresAt: null,
    });
    return token;
  } finally {
    await store.close();
    await database.stop();
  }
}
