/** Queries of the repositories: one pool, and one answer when Postgres is away. */
import pg from 'pg';
import { GovernanceError } from '../core/errors.js';

const CONNECT_TIMEOUT_MS = 2_000;
const QUERY_TIMEOUT_MS = 10_000;
const RETRY_AFTER_SECONDS = 2;
/** Connection failures, shutdown and start-up, too many connections, read-only standby. */
const AWAY = /^(ECONN|ENOENT$|EPIPE$|ETIMEDOUT$|EHOSTUNREACH$|ENOTFOUND$|EAI_AGAIN$|08|57P0|53300|25006)/;
const AWAY_MESSAGE =
  /timeout|Connection terminated|Client has encountered a connection error|pool after calling end/i;

export interface DatabaseOptions {
  readonly url: string;
  readonly connectionsMax: number;
  readonly applicationName: string;
}

export class Database {
  private readonly pool: pg.Pool;

  constructor(options: DatabaseOptions) {
    this.pool = new pg.Pool({
      connectionString: options.url,
      application_name: options.applicationName,
      max: options.connectionsMax,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      // The register and the keys may lose the last moments in a crash; evidence has its own, synchronous
      // writer.
      options: '-c synchronous_commit=off',
    });
    this.pool.on('error', () => undefined);
  }

  /** `name`d queries are prepared once per connection. */
  async query<R extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    name?: string,
  ): Promise<pg.QueryResult<R>> {
    return whileDatabaseIsThere(() =>
      this.pool.query<R>({ text, values: [...values], ...(name === undefined ? {} : { name }) }),
    );
  }

  /** All of `work` or nothing, and durable when it resolves. */
  async transaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return whileDatabaseIsThere(async () => {
      const client = await this.pool.connect();
      // A connection that breaks while `work` does something else tells nobody else; the next query fails.
      client.on('error', ignored);
      let failure: unknown;
      try {
        await client.query('BEGIN');
        await client.query('SET LOCAL synchronous_commit = on');
        const result = await work(client);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        failure = error;
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      } finally {
        client.off('error', ignored);
        client.release(failure !== undefined && isAway(failure));
      }
    });
  }

  /** Throws when Postgres does not answer. */
  async ping(): Promise<void> {
    await this.query('SELECT 1');
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

const ignored = (): void => undefined;

/** Runs `work`; a database that is not there becomes a 503 that says so. */
export async function whileDatabaseIsThere<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GovernanceError || !isAway(error)) throw error;
    throw new GovernanceError(
      'EVIDENCE_UNAVAILABLE',
      'The database of the gateway does not answer.',
      {
        retryable: true,
        retryAfterSeconds: RETRY_AFTER_SECONDS,
        remedy: 'Try again; tell the operator if it goes on.',
      },
      error,
    );
  }
}

const isAway = (error: unknown): boolean => {
  const { code, message } = error as { code?: string; message?: string };
  return AWAY.test(code ?? '') || (code === undefined && AWAY_MESSAGE.test(message ?? ''));
};
