/** The database of a configuration: the embedded one or the one that is given, brought up to date. */
import type { Config } from '../config.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { migrate, roleOf } from './migrate.js';

export interface OpenDatabase {
  /** As the gateway's own role. */
  readonly url: string;
  /** Names of the migrations that were run now. */
  readonly migrations: readonly string[];
  stop(): Promise<void>;
}

type DatabaseConfig = Pick<Config, 'dataDir' | 'databaseUrl' | 'databaseOwnerUrl' | 'migrate'>;

/**
 * The data folder must be locked by us. `onCrash`: the embedded server ended unasked and is being started
 * again.
 */
export async function openDatabase(
  config: DatabaseConfig,
  onCrash: () => void = () => undefined,
): Promise<OpenDatabase> {
  if (config.databaseUrl !== undefined) {
    const ownerUrl = config.databaseOwnerUrl ?? config.databaseUrl;
    const migrations = config.migrate ? await migrate(ownerUrl, await roleOf(config.databaseUrl)) : [];
    return {
      url: config.databaseUrl,
      migrations,
      stop: async () => undefined,
    };
  }
  const embedded = await startEmbeddedPostgres(config.dataDir, onCrash);
  try {
    const migrations = await migrate(embedded.ownerUrl, await roleOf(embedded.appUrl));
    return { url: embedded.appUrl, migrations, stop: () => embedded.stop() };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}
