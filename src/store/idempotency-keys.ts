/** Which `Idempotency-Key` stands for which statement. */
import type { Database } from './database.js';

export type IdempotencyClaim =
  | { readonly kind: 'new' }
  | { readonly kind: 'same'; readonly statementId: string }
  | { readonly kind: 'mismatch' };

export class IdempotencyKeys {
  constructor(private readonly database: Database) {}

  /** The first claim of a key makes it; of concurrent ones exactly one is `new`. Durable when it resolves. */
  async claim(
    principal: string,
    key: string,
    bodyHash: Buffer,
    statementId: string,
  ): Promise<IdempotencyClaim> {
    return this.database.transaction(async (client) => {
      const made = await client.query(
        `INSERT INTO idempotency_key (principal, key, body_hash, statement_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING`,
        [principal, key, bodyHash, statementId],
      );
      if (made.rowCount === 1) return { kind: 'new' };
      const found = await client.query<{ bodyHash: Buffer; statementId: string }>(
        `SELECT body_hash AS "bodyHash", statement_id AS "statementId" FROM idempotency_key
          WHERE principal = $1 AND key = $2`,
        [principal, key],
      );
      const first = found.rows[0];
      if (first === undefined || !first.bodyHash.equals(bodyHash)) return { kind: 'mismatch' };
      return { kind: 'same', statementId: first.statementId };
    });
  }

  /** Forgets a key whose statement never came to be. */
  async release(principal: string, key: string, statementId: string): Promise<void> {
    await this.database.query(
      'DELETE FROM idempotency_key WHERE principal = $1 AND key = $2 AND statement_id = $3',
      [principal, key, statementId],
    );
  }

  /** Forgets keys older than `ageMs`; returns how many. */
  async purge(ageMs: number): Promise<number> {
    const gone = await this.database.query(
      `DELETE FROM idempotency_key WHERE created_at < clock_timestamp() - $1 * interval '1 millisecond'`,
      [ageMs],
    );
    return gone.rowCount ?? 0;
  }
}
