/**
 * Evidence in Postgres. One batch is one statement, one transaction and one fsync; it re-reads, under a share
 * lock, the versions that each intent was decided under. A policy or token that changed first refuses only
 * the intents it concerns; one that changes later waits for us. So a revocation that returned is never
 * overtaken by an older decision.
 */
import pg from 'pg';
import type {
  DeniedRecord,
  IntentOutcome,
  IntentRecord,
  OutcomeRecord,
  PersonalPart,
  Recorder,
  Versions,
} from '../gateway/recorder.js';
import type { EvidenceKind } from './entities/evidence.entity.js';
import { GroupCommit } from './group-commit.js';

const WRITERS_MAX = 2;
const BATCH_MAX = 200;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** SQLSTATE classes that speak of data: 22 data exception, 23 integrity, 54 program limit. */
const ITEM_FAULT = /^(22|23|54)/;

interface Item {
  readonly kind: EvidenceKind;
  readonly statementId: string;
  readonly header: string;
  readonly personal: PersonalPart | undefined;
  readonly versions: Versions | undefined;
}

export interface RecorderOptions {
  readonly url: string;
  readonly timeoutMs: number;
  readonly queueMax: number;
}

export class EvidenceRecorder implements Recorder {
  private readonly pool: pg.Pool;
  private readonly commits: GroupCommit<Item, IntentOutcome>;

  constructor(options: RecorderOptions) {
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

  intent(record: IntentRecord, versions: Versions): Promise<IntentOutcome> {
    // A credential that is not in our store (a JWT) is not re-read: its own expiry bounds it.
    const { personal, ...header } = record;
    return this.commits.add({
      kind: 'intent',
      statementId: record.statementId,
      header: JSON.stringify(header),
      personal,
      versions,
    });
  }

  async outcome(record: OutcomeRecord): Promise<void> {
    await this.commits.add({
      kind: 'outcome',
      statementId: record.statementId,
      header: JSON.stringify(record),
      personal: undefined,
      versions: undefined,
    });
  }

  async denied(record: DeniedRecord): Promise<void> {
    const { personal, ...header } = record;
    await this.commits.add({
      kind: 'denied',
      statementId: record.statementId,
      header: JSON.stringify(header),
      personal,
      versions: undefined,
    });
  }

  /** What waits is written, then the connections are closed. */
  async close(): Promise<void> {
    await this.commits.drain();
    await this.pool.end();
  }

  private async write(items: readonly Item[]): Promise<readonly IntentOutcome[]> {
    const answer = await this.pool.query<{ verdict: IntentOutcome }>({
      name: 'sluice-evidence',
      text: WRITE,
      values: columnsOf(items),
    });
    return answer.rows.map((row) => row.verdict);
  }
}

/** One array per column: the statement is prepared once for every batch size. */
function columnsOf(items: readonly Item[]): unknown[] {
  const personal = (value: (part: PersonalPart) => string | undefined): (string | null)[] =>
    items.map(({ personal: part }) =>
      part === undefined ? null : (value(part)?.replaceAll('\0', '') ?? null),
    );
  return [
    items.map((item) => item.kind),
    items.map((item) => item.statementId),
    items.map((item) => item.header),
    items.map((item) => item.versions?.policyVersion ?? null),
    // A token id that cannot be one of ours must find no token, and must not fail the batch.
    items.map((item) => tokenIdOf(item.versions)),
    personal((part) => part.user),
    personal((part) => part.via),
    personal((part) => part.address),
    personal((part) => part.userAgent),
    personal((part) => JSON.stringify(part.literals)),
    personal((part) => part.justification),
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
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::uuid[],
      $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[]) WITH ORDINALITY
      AS i (kind, statement_id, header, policy_version, token_id,
        "user", via, address, user_agent, literals, justification, n)
  ),
  policy AS MATERIALIZED (SELECT version FROM policy_version FOR SHARE),
  live AS MATERIALIZED (
    SELECT t.id FROM token t JOIN principal p ON p."user" = t.principal
     WHERE t.id = ANY ($5::uuid[]) AND t.revoked_at IS NULL AND p.active
       AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp())
     ORDER BY t.id FOR SHARE
  ),
  judged AS MATERIALIZED (
    SELECT item.*, CASE
        WHEN token_id IS NOT NULL AND token_id NOT IN (SELECT id FROM live) THEN 'token-revoked'
        WHEN policy_version IS NOT NULL AND policy_version IS DISTINCT FROM (SELECT version FROM policy)
          THEN 'policy-changed'
        ELSE 'recorded' END AS verdict
      FROM item
  ),
  event AS (
    INSERT INTO evidence_event (statement_id, kind, header)
    SELECT statement_id, kind, header FROM judged WHERE verdict = 'recorded' ORDER BY n
  ),
  personal AS (
    INSERT INTO evidence_private (statement_id, "user", via, address, user_agent, literals, justification)
    SELECT statement_id, "user", via, address, user_agent, literals, justification
      FROM judged WHERE verdict = 'recorded' AND "user" IS NOT NULL ORDER BY n
  )
  SELECT verdict FROM judged ORDER BY n`;
