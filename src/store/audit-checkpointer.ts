/**
 * Takes batches into the tree, signs checkpoints and keeps the search index: one gateway at a time, whichever
 * holds the lock. What it does is done again by the next one when it fails half-way.
 */
import pg from 'pg';
import { type LogSigner, signerVkey } from '../core/audit/checkpoint.js';
import { canonicalJson } from '../core/crypto/canonical-json.js';
import { publicJwk } from '../core/crypto/jws.js';
import { hasWork, indexNext } from './audit-index.js';
import type { LogKeys } from './audit-keyring.js';
import { appendPending, PENDING_MAX } from './audit-tree.js';

/** Any number that nothing else in the database locks. */
const CHECKPOINT_LOCK = 7_758_442_302;
const QUERY_TIMEOUT_MS = 30_000;

export interface CheckpointerOptions {
  readonly url: string;
  readonly clock: () => Date;
}

export class Checkpointer {
  private readonly pool: pg.Pool;
  private running: Promise<void> | undefined;
  private following: Promise<void> | undefined;
  private signer: LogSigner | undefined;

  constructor(private readonly options: CheckpointerOptions) {
    this.pool = new pg.Pool({
      connectionString: options.url,
      application_name: 'sluice-checkpoint',
      max: 1,
      connectionTimeoutMillis: QUERY_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      statement_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
    });
    this.pool.on('error', () => undefined);
  }

  /** The name of the log in this database. */
  async origin(): Promise<string> {
    const found = await this.pool.query<{ origin: string }>('SELECT origin FROM audit_log');
    return found.rows[0]!.origin;
  }

  /** From here on `keys.signer` signs. True: the log sees it for the first time. */
  async signWith({ signer, retired }: LogKeys): Promise<boolean> {
    const isNew = await this.exclusively(async (client) => {
      const size = '(SELECT coalesce(max(size), 0) FROM audit_checkpoint)';
      const added = await client.query(
        `INSERT INTO audit_key (kid, vkey, jwk, from_size) SELECT $1, $2, $3, ${size} ON CONFLICT DO NOTHING`,
        [signer.kid, signerVkey(signer), canonicalJson(publicJwk(signer.jws))],
      );
      await client.query(
        `INSERT INTO audit_key_end (kid, until_size)
         SELECT kid, ${size} FROM audit_key WHERE kid = ANY ($1::text[]) ON CONFLICT DO NOTHING`,
        [[...retired]],
      );
      return added.rowCount === 1;
    });
    this.signer = signer;
    return isNew;
  }

  /**
   * When it resolves, everything that was committed before the call is in the tree, signed, and can be
   * searched.
   */
  catchUp(): Promise<void> {
    if (this.running === undefined) {
      this.running = this.run().finally(() => {
        this.running = undefined;
      });
      return this.running;
    }
    // Whoever asks while one runs may have committed after it began: one more serves all of them.
    this.following ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.following = undefined;
        return this.catchUp();
      });
    return this.following;
  }

  /** Milliseconds since the last checkpoint; undefined before the first. */
  async quietMs(): Promise<number | undefined> {
    const found = await this.pool.query<{ at: Date }>(
      'SELECT at FROM audit_checkpoint ORDER BY size DESC LIMIT 1',
    );
    const at = found.rows[0]?.at;
    return at === undefined ? undefined : this.options.clock().getTime() - at.getTime();
  }

  async close(): Promise<void> {
    await this.running?.catch(() => undefined);
    await this.following?.catch(() => undefined);
    await this.pool.end();
  }

  private async run(): Promise<void> {
    const { signer } = this;
    if (signer === undefined) throw new Error('there is no key to sign with yet');
    if (!(await hasWork(this.pool))) return;
    const at = (): string => this.options.clock().toISOString();
    while ((await this.exclusively((client) => appendPending(client, signer, at()))) === PENDING_MAX);
    // Apart from the tree: nothing that goes wrong here may hold up a checkpoint.
    while (await this.exclusively(indexNext));
  }

  private async exclusively<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    // A connection that breaks between two queries tells nobody else; the next query fails.
    client.on('error', ignored);
    let failure: Error | undefined;
    try {
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock($1)', [CHECKPOINT_LOCK]);
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      client.off('error', ignored);
      // A connection that failed may be inside a transaction: a new one is cheap.
      client.release(failure);
    }
  }
}

const ignored = (): void => undefined;
