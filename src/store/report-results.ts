/** Reports that were made, as they were signed: so many of each kind and schedule, the newest. */
import type { ClientBase } from 'pg';
import { canonicalJson } from '../core/crypto/canonical-json.js';
import { digestOf, type ReportFilter, type ReportKind } from '../core/reports/report.js';
import type { SignedReport } from '../core/reports/signed-report.js';
import type { Database } from './database.js';

/** Of one kind that were asked for, and of one schedule. */
const ASKED_KEPT_MAX = 20;
const SCHEDULED_KEPT_MAX = 400;
/** What is larger is handed out and not kept. */
const RESULT_CHARS_MAX = 16 * 2 ** 20;

export interface StoredReport {
  readonly id: string;
  readonly kind: ReportKind;
  readonly scheduleId: string | null;
  readonly dueAt: Date | null;
  readonly madeAt: Date;
  readonly filter: ReportFilter;
  readonly logSize: number;
  readonly root: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** When a schedule asked for it. */
export interface DueReport {
  readonly scheduleId: string;
  readonly dueAt: Date;
}

const COLUMNS = `id, kind, schedule_id AS "scheduleId", due_at AS "dueAt", made_at AS "madeAt", filter,
  log_size::float8 AS "logSize", root, sha256, octet_length(body)::float8 AS bytes`;

export class ReportResults {
  constructor(private readonly database: Database) {}

  /** Returns its id; undefined when it is too large to be kept. */
  keep(signed: SignedReport): Promise<string | undefined> {
    return this.database.transaction((client) => keepReport(client, signed, undefined));
  }

  /** Newest first. */
  async list(
    filter: { readonly kind?: string | undefined; readonly scheduleId?: string | undefined },
    before: { readonly madeAt: Date; readonly id: string } | undefined,
    limit: number,
  ): Promise<readonly StoredReport[]> {
    const found = await this.database.query<StoredReport>(
      `SELECT ${COLUMNS} FROM report_result
        WHERE ($1::text IS NULL OR kind = $1) AND ($2::uuid IS NULL OR schedule_id = $2)
          AND ($3::timestamptz IS NULL OR (date_trunc('milliseconds', made_at), id) < ($3, $4::uuid))
        ORDER BY date_trunc('milliseconds', made_at) DESC, id DESC LIMIT $5`,
      [filter.kind ?? null, filter.scheduleId ?? null, before?.madeAt ?? null, before?.id ?? null, limit],
    );
    return found.rows;
  }

  /** The text that was signed. */
  async body(id: string): Promise<string | undefined> {
    const found = await this.database.query<{ body: string }>(
      'SELECT body FROM report_result WHERE id = $1',
      [id],
    );
    return found.rows[0]?.body;
  }

  /** Whether this key signs, or has signed, the log. */
  async isLogKey(kid: string): Promise<boolean> {
    const found = await this.database.query('SELECT FROM audit_key WHERE kid = $1', [kid]);
    return found.rowCount === 1;
  }

  /** The last one of this kind with the same filter, times aside: what a new one is compared with. */
  async lastBody(
    kind: ReportKind,
    { from: _, to: __, ...filter }: ReportFilter,
  ): Promise<string | undefined> {
    const found = await this.database.query<{ body: string }>(
      `SELECT body FROM report_result WHERE kind = $1 AND filter - 'from' - 'to' = $2::jsonb
        ORDER BY made_at DESC, id LIMIT 1`,
      [kind, JSON.stringify(filter)],
    );
    return found.rows[0]?.body;
  }
}

/** In the caller's transaction; what is beyond the numbers above goes. */
export async function keepReport(
  client: ClientBase,
  signed: SignedReport,
  due: DueReport | undefined,
): Promise<string | undefined> {
  const body = canonicalJson(signed);
  if (body.length > RESULT_CHARS_MAX) return undefined;
  const { kind, madeAt, filter, log } = signed.report;
  const kept = await client.query<{ id: string }>(
    `INSERT INTO report_result (kind, schedule_id, due_at, made_at, filter, log_size, root, sha256, body)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (schedule_id, due_at) DO NOTHING RETURNING id`,
    [
      kind,
      due?.scheduleId ?? null,
      due?.dueAt ?? null,
      madeAt,
      JSON.stringify(filter),
      log.size,
      log.root,
      digestOf(signed.report),
      body,
    ],
  );
  await client.query(
    `DELETE FROM report_result WHERE id IN (
       SELECT id FROM report_result
        WHERE CASE WHEN $2::uuid IS NULL THEN kind = $1 AND schedule_id IS NULL ELSE schedule_id = $2 END
        ORDER BY made_at DESC, id OFFSET $3)`,
    [kind, due?.scheduleId ?? null, due === undefined ? ASKED_KEPT_MAX : SCHEDULED_KEPT_MAX],
  );
  return kept.rows[0]?.id;
}
