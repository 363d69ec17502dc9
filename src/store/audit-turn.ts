/**
 * Work that one gateway does at a time: it holds a session lock on a connection of its own, and everything it
 * writes about its progress goes over that connection. Whoever loses it has lost the turn.
 */
import pg from 'pg';

const QUERY_TIMEOUT_MS = 30_000;
/** Names of turns are hashed into the second half of a lock whose first half is ours. */
const TURN_LOCK = 775_844;

export class AuditTurn {
  private constructor(private readonly client: pg.Client) {}

  /** Undefined: another gateway has it, or nothing could be asked. */
  static async take(url: string, name: string, onLost: () => void): Promise<AuditTurn | undefined> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'sluice-audit-turn',
      connectionTimeoutMillis: QUERY_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      statement_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
    });
    client.on('error', onLost);
    client.on('end', onLost);
    try {
      await client.connect();
      const taken = await client.query<{ yes: boolean }>(
        'SELECT pg_try_advisory_lock($1, hashtext($2)) AS yes',
        [TURN_LOCK, name],
      );
      if (taken.rows[0]?.yes === true) return new AuditTurn(client);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    await client.end().catch(() => undefined);
    return undefined;
  }

  async query<R extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly R[]> {
    return (await this.client.query<R>(text, [...values])).rows;
  }

  async end(): Promise<void> {
    this.client.removeAllListeners('end');
    await this.client.end().catch(() => undefined);
  }
}
