/** When reports are to be made, and the lock that lets one gateway at a time make them. */
import pg from 'pg';
import type { ReportFilter, ReportKind } from '../core/reports/report.js';
import type { SignedReport } from '../core/reports/signed-report.js';
import type { Database } from './database.js';
import { keepReport } from './report-results.js';

/** Any number that nothing else in the database locks. */
const REPORT_LOCK = 7_758_442_304;
const SCHEDULES_MAX = 200;
const QUERY_TIMEOUT_MS = 10_000;

export interface Recurrence {
  readonly every: 'day' | 'week' | 'month';
  readonly hour: number;
  /** 0 is Sunday; with `week`. */
  readonly weekday: number | null;
  /** With `month`. */
  readonly day: number | null;
}

export interface NewSchedule extends Recurrence {
  readonly kind: ReportKind;
  readonly filter: ReportFilter;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly dueAt: Date;
}

export interface ReportSchedule extends NewSchedule {
  readonly id: string;
  readonly retryAt: Date | null;
  readonly lastCode: string | null;
}

const COLUMNS = `id, kind, filter, every, hour, weekday, day, created_by AS "createdBy", created_at AS "createdAt",
  due_at AS "dueAt", retry_at AS "retryAt", last_code AS "lastCode"`;

export class ReportSchedules {
  constructor(private readonly database: Database) {}

  /** Undefined: there are as many as there may be. */
  async add(schedule: NewSchedule): Promise<ReportSchedule | undefined> {
    const { kind, filter, every, hour, weekday, day, createdBy, createdAt, dueAt } = schedule;
    const made = await this.database.query<ReportSchedule>(
      `INSERT INTO report_schedule (kind, filter, every, hour, weekday, day, created_by, created_at, due_at)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE (SELECT count(*) FROM report_schedule) < $10
       RETURNING ${COLUMNS}`,
      [kind, JSON.stringify(filter), every, hour, weekday, day, createdBy, createdAt, dueAt, SCHEDULES_MAX],
    );
    return made.rows[0];
  }

  async all(): Promise<readonly ReportSchedule[]> {
    const found = await this.database.query<ReportSchedule>(
      `SELECT ${COLUMNS} FROM report_schedule ORDER BY created_at, id`,
    );
    return found.rows;
  }

  /** False: there was none. */
  async remove(id: string): Promise<boolean> {
    const removed = await this.database.query('DELETE FROM report_schedule WHERE id = $1', [id]);
    return removed.rowCount === 1;
  }

  /** What is due first, if anything is. */
  async due(now: Date): Promise<ReportSchedule | undefined> {
    const found = await this.database.query<ReportSchedule>(
      `SELECT ${COLUMNS} FROM report_schedule WHERE due_at <= $1 AND (retry_at IS NULL OR retry_at <= $1)
        ORDER BY due_at, id LIMIT 1`,
      [now],
    );
    return found.rows[0];
  }

  /** The report and the next time, both or neither; nothing when the schedule was removed meanwhile. */
  async done(schedule: ReportSchedule, dueAt: Date, signed: SignedReport, nextAt: Date): Promise<void> {
    await this.database.transaction(async (client) => {
      const moved = await client.query(
        `UPDATE report_schedule SET due_at = $3, retry_at = NULL, last_code = NULL WHERE id = $1 AND due_at = $2`,
        [schedule.id, schedule.dueAt, nextAt],
      );
      if (moved.rowCount === 1) await keepReport(client, signed, { scheduleId: schedule.id, dueAt });
    });
  }

  async failed(id: string, code: string, retryAt: Date): Promise<void> {
    await this.database.query('UPDATE report_schedule SET retry_at = $2, last_code = $3 WHERE id = $1', [
      id,
      retryAt,
      code,
    ]);
  }
}

/**
 * Runs `work` if no other gateway does. The lock is the connection's: a gateway that is killed gives it back
 * by being gone.
 */
export async function ifAloneWithReports(url: string, work: () => Promise<void>): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'sluice-report-lock',
    connectionTimeoutMillis: QUERY_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const locked = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
      REPORT_LOCK,
    ]);
    if (locked.rows[0]?.mine === true) await work();
  } finally {
    await client.end().catch(() => undefined);
  }
}
