/**
 * Evidence in Postgres. One batch is one statement, one transaction and one fsync: events, their personal
 * parts, and the batch with its Merkle root and its link to the batch before. The same statement re-reads,
 * under a share lock, the versions that each intent was decided under. A policy or token that changed first
 * refuses only the intents it concerns; one that changes later waits for us. So a revocation that returned is
 * never overtaken by an older decision.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import {
  headAfter,
  newShard,
  pseudonym,
  type SealedBatch,
  type ShardHead,
  sealBatch,
} from '../core/audit/batch.js';
import { SALT_BYTES } from '../core/audit/commitment.js';
import type { AuditEvent } from '../core/audit/event.js';
import type {
  DeniedRecord,
  IntentOutcome,
  IntentRecord,
  OutcomeRecord,
  Recorder,
  Versions,
} from '../gateway/recorder.js';
import { deniedEvent, intentEvent, outcomeEvent } from './audit-events.js';
import { GroupCommit } from './group-commit.js';
import { PrivateParts } from './private-parts.js';

const WRITERS_MAX = 2;
const BATCH_MAX = 200;
const SHARD_BYTES = 8;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** SQLSTATE classes that speak of data: 22 data exception, 23 integrity, 54 program limit. */
const ITEM_FAULT = /^(22|23|54)/;

interface Item {
  readonly event: AuditEvent;
  readonly versions: Versions | undefined;
}

export interface RecorderOptions {
  readonly url: string;
  readonly timeoutMs: number;
  readonly queueMax: number;
  /** Makes pseudonyms: the same on every gateway, or a person has several. */
  readonly actorKey: Uint8Array;
  /** How personal parts are stored; absent: as they are. */
  readonly parts?: PrivateParts;
}

export class EvidenceRecorder implements Recorder {
  private readonly pool: pg.Pool;
  private readonly commits: GroupCommit<Item, IntentOutcome>;
  /** Heads of the shards that nobody writes to at the moment: one shard per writer. */
  private readonly heads: ShardHead[] = [];
  private readonly parts: PrivateParts;

  constructor(private readonly options: RecorderOptions) {
    this.parts = options.parts ?? new PrivateParts([]);
    this.pool = new pg.Pool({
      connectionString: options.url,
      application_name: 'sluice-evidence',
      max: WRITERS_MAX,
      connectionTimeoutMillis: options.timeoutMs,
      query_timeout: options.timeoutMs,
      // A lock that is held for longer must not keep a writer that nobody waits for.
      statement_timeout: options.timeoutMs,
      keepAlive: true,
      idleTimeoutMillis: 0,
    });
    // An idle connection that breaks is replaced at the next use; the failure shows there.
    this.pool.on('error', () => undefined);
    this.commits = new GroupCommit({
      write: (items) => this.write(items),
      writersMax: WRITERS_MAX,
      batchMax: BATCH_MAX,
      queueMax: options.queueMax,
      timeoutMs: options.timeoutMs,
      isItemFault: (error) => ITEM_FAULT.test((error as { code?: string }).code ?? ''),
    });
  }

  /** Records that wait to be written; a metric. */
  get waiting(): number {
    return this.commits.waiting;
  }

  readonly pseudonymOf = (user: string): string => pseudonym(this.options.actorKey, user);

  intent(record: IntentRecord, versions: Versions): Promise<IntentOutcome> {
    // A credential that is not in our store (a JWT) is not re-read: its own expiry bounds it.
    return this.commits.add({ event: intentEvent(record, this.pseudonymOf), versions });
  }

  async outcome(record: OutcomeRecord): Promise<void> {
    await this.record(outcomeEvent(record));
  }

  async denied(record: DeniedRecord): Promise<void> {
    await this.record(deniedEvent(record, this.pseudonymOf));
  }

  async record(event: AuditEvent): Promise<void> {
    await this.commits.add({ event, versions: undefined });
  }

  /** What waits is written, then the connections are closed. */
  async close(): Promise<void> {
    await this.commits.drain();
    await this.pool.end();
  }

  /**
   * Sequence numbers and hashes are made for what will be recorded, so a batch is written whole or not at
   * all: when an intent in it is refused, the others are sealed and judged anew.
   */
  private async write(items: readonly Item[]): Promise<readonly IntentOutcome[]> {
    const verdicts = new Map<Item, IntentOutcome>();
    let head = this.heads.pop() ?? newShard(randomBytes(SHARD_BYTES).toString('hex'));
    for (let rest = items; rest.length > 0; ) {
      // On a failure the shard is given up: whether it was committed is not known, and no number is used twice.
      const batch = sealBatch(
        head,
        rest.map(({ event }) => event),
        new Date().toISOString(),
        newSalt,
      );
      const judged = await this.insert(batch, rest);
      for (const [i, item] of rest.entries()) verdicts.set(item, judged[i]!);
      const recordable = rest.filter((item) => verdicts.get(item) === 'recorded');
      if (recordable.length === rest.length) {
        head = headAfter(batch);
        break;
      }
      rest = recordable;
    }
    this.heads.push(head);
    return items.map((item) => verdicts.get(item)!);
  }

  /** One verdict per item, in order; when not all are `recorded`, nothing was written. */
  private async insert(batch: SealedBatch, items: readonly Item[]): Promise<readonly IntentOutcome[]> {
    const answer = await this.pool.query<{ verdict: IntentOutcome }>({
      name: 'sluice-evidence',
      text: WRITE,
      values: valuesOf(batch, items, this.parts),
    });
    if (answer.rows.length !== items.length) throw new Error('the writer lost items');
    return answer.rows.map((row) => row.verdict);
  }
}

const newSalt = (): Buffer => randomBytes(SALT_BYTES);

/** One array per column: the statement is prepared once for every batch size. */
function valuesOf(batch: SealedBatch, items: readonly Item[], parts: PrivateParts): unknown[] {
  const personal = batch.events.flatMap((event) =>
    event.personal === undefined ? [] : [{ seq: event.place.seq, ...parts.store(event.personal) }],
  );
  return [
    items.map(({ versions }) => versions?.policyVersion ?? null),
    // A token id that cannot be one of ours must find no token, and must not fail the batch.
    items.map(({ versions }) => tokenIdOf(versions)),
    batch.shard,
    batch.firstSeq,
    items.map(({ event }) => event.kind),
    items.map(({ event }) => ('statementId' in event.fields ? event.fields.statementId : null)),
    batch.events.map(({ text }) => text),
    personal.map(({ seq }) => seq),
    personal.map(({ salt }) => salt),
    personal.map(({ body }) => body),
    batch.batch,
    batch.text,
    personal.map(({ kid }) => kid),
  ];
}

const NO_TOKEN = '00000000-0000-0000-0000-000000000000';
const tokenIdOf = (versions: Versions | undefined): string | null => {
  if (versions?.tokenId === undefined) return null;
  const id = versions.tokenId.toLowerCase();
  return UUID.test(id) ? id : NO_TOKEN;
};

const WRITE = `
  WITH item AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::uuid[]) WITH ORDINALITY AS i (policy_version, token_id, n)
  ),
  policy AS MATERIALIZED (SELECT version FROM policy_version FOR SHARE),
  live AS MATERIALIZED (
    SELECT t.id FROM token t JOIN principal p ON p."user" = t.principal
     WHERE t.id = ANY ($2::uuid[]) AND t.revoked_at IS NULL AND p.active
       AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp())
     ORDER BY t.id FOR SHARE
  ),
  judged AS MATERIALIZED (
    SELECT n, CASE
        WHEN token_id IS NOT NULL AND token_id NOT IN (SELECT id FROM live) THEN 'token-revoked'
        WHEN policy_version IS NOT NULL AND policy_version IS DISTINCT FROM (SELECT version FROM policy)
          THEN 'policy-changed'
        ELSE 'recorded' END AS verdict
      FROM item
  ),
  accepted AS MATERIALIZED (
    SELECT FROM (SELECT bool_and(verdict = 'recorded') AS all_of_them FROM judged) AS j WHERE all_of_them
  ),
  event AS (
    INSERT INTO audit_event (shard, seq, kind, statement_id, body)
    SELECT $3, $4::bigint + n - 1, kind, statement_id, body
      FROM accepted, unnest($5::text[], $6::text[], $7::text[]) WITH ORDINALITY AS e (kind, statement_id, body, n)
  ),
  personal AS (
    INSERT INTO audit_private (shard, seq, salt, body, kid)
    SELECT $3, seq, salt, body, kid
      FROM accepted, unnest($8::bigint[], $9::text[], $10::text[], $13::text[]) AS p (seq, salt, body, kid)
  ),
  batch AS (
    INSERT INTO audit_batch (shard, batch, first_seq, count, body)
    SELECT $3, $11::int, $4, cardinality($7::text[]), $12 FROM accepted
  ),
  pending AS (INSERT INTO audit_pending (shard, batch) SELECT $3, $11 FROM accepted)
  SELECT verdict FROM judged ORDER BY n`;
