/** Reads the audit log: events by what they are about, checkpoints, keys. */
import type { Database } from './database.js';
import { PrivateParts } from './private-parts.js';

export interface AuditFilter {
  /** A pseudonym. */
  readonly actor?: string;
  readonly object?: string;
  /** `object.column`. */
  readonly column?: string;
  readonly purpose?: string;
  readonly decision?: string;
  readonly kind?: string;
  readonly statementId?: string;
  readonly from?: Date;
  readonly to?: Date;
}

export interface FoundEvent {
  /** Where it stands among all events: pages and tails go on from here. */
  readonly number: number;
  readonly shard: string;
  readonly seq: number;
  /** The text that was hashed. */
  readonly body: string;
  /** Null: there is none, or it was erased. */
  readonly personal: string | null;
  /** It is there, and its key is not. */
  readonly isSealed: boolean;
}

export interface StoredCheckpoint {
  readonly size: number;
  readonly previousSize: number;
  readonly kid: string;
  readonly note: string;
  readonly jws: string;
  readonly at: Date;
}

export interface StoredKey {
  readonly kid: string;
  readonly vkey: string;
  readonly jwk: string;
  readonly fromSize: number;
  readonly untilSize: number | null;
}

export const KEYS = `
  SELECT k.kid, k.vkey, k.jwk, k.from_size::float8 AS "fromSize", e.until_size::float8 AS "untilSize"
    FROM audit_key k LEFT JOIN audit_key_end e USING (kid) ORDER BY k.added_at, k.kid`;

/** With what witnesses put under it. */
export const COSIGNED_NOTE = `note || coalesce(
  (SELECT string_agg(w.line, '' ORDER BY w.witness) FROM audit_cosignature w WHERE w.size = c.size), '') AS note`;
const CHECKPOINT = `size::float8 AS size, previous_size::float8 AS "previousSize", kid, ${COSIGNED_NOTE}, jws, at`;

export class AuditReader {
  constructor(
    private readonly database: Database,
    private readonly parts: PrivateParts = new PrivateParts([]),
  ) {}

  /** Newest first, those before number `before`. */
  async search(
    filter: AuditFilter,
    before: number | undefined,
    limit: number,
  ): Promise<readonly FoundEvent[]> {
    return this.find(filter, { below: before }, 'DESC', limit);
  }

  /** Oldest first, those after number `after`: for following the log. */
  async following(filter: AuditFilter, after: number, limit: number): Promise<readonly FoundEvent[]> {
    return this.find(filter, { above: after }, 'ASC', limit);
  }

  /** Number of the last event. */
  async lastNumber(): Promise<number> {
    const found = await this.database.query<{ last: number | null }>(
      'SELECT max(id)::float8 AS last FROM audit_search',
    );
    return found.rows[0]?.last ?? -1;
  }

  /** Newest first, those smaller than `below`. */
  async checkpoints(below: number | undefined, limit: number): Promise<readonly StoredCheckpoint[]> {
    const found = await this.database.query<StoredCheckpoint>(
      `SELECT ${CHECKPOINT} FROM audit_checkpoint c WHERE $1::bigint IS NULL OR size < $1 ORDER BY size DESC LIMIT $2`,
      [below ?? null, limit],
    );
    return found.rows;
  }

  async lastCheckpoint(): Promise<StoredCheckpoint | undefined> {
    return (await this.checkpoints(undefined, 1))[0];
  }

  async keys(): Promise<readonly StoredKey[]> {
    return (await this.database.query<StoredKey>(KEYS)).rows;
  }

  private async find(
    filter: AuditFilter,
    range: { readonly below?: number | undefined; readonly above?: number },
    order: 'ASC' | 'DESC',
    limit: number,
  ): Promise<readonly FoundEvent[]> {
    const values: unknown[] = [limit];
    const conditions = [
      ...CONDITIONS.map(([name, condition]) => [filter[name], condition] as const),
      [range.below, 's.id < ?::bigint'] as const,
      [range.above, 's.id > ?::bigint'] as const,
    ].flatMap(([value, condition]) =>
      value === undefined ? [] : [condition.replace('?', `$${values.push(value)}`)],
    );
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const found = await this.database.query<Omit<FoundEvent, 'isSealed'>>(
      `SELECT s.id::float8 AS number, s.shard, s.seq::float8 AS seq, e.body, p.body AS personal
         FROM (SELECT s.id, s.shard, s.seq FROM audit_search s ${where} ORDER BY s.id ${order} LIMIT $1) AS s
         JOIN audit_event e USING (shard, seq) LEFT JOIN audit_private p USING (shard, seq)
        ORDER BY s.id ${order}`,
      values,
    );
    return found.rows.map((row) => {
      const personal = this.parts.text(row.personal) ?? null;
      return { ...row, personal, isSealed: row.personal !== null && personal === null };
    });
  }
}

const CONDITIONS: readonly (readonly [keyof AuditFilter, string])[] = [
  ['actor', 's.actor = ?'],
  ['object', 's.objects @> ARRAY[?::text]'],
  ['column', 's.columns @> ARRAY[?::text]'],
  ['purpose', 's.purpose = ?'],
  ['decision', 's.decision = ?'],
  ['kind', 's.kind = ?'],
  ['statementId', 's.statement_id = ?'],
  ['from', 's.at >= ?'],
  ['to', 's.at < ?'],
];
