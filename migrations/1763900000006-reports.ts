import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Reports that were made, and when others are to be made. Neither holds a name: people are pseudonyms. */
export class Reports1763900000006 implements MigrationInterface {
  name = 'Reports1763900000006';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE report_result, report_schedule');
  }
}

const STATEMENTS = [
  `CREATE TABLE report_schedule (
     id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
     kind text NOT NULL,
     filter jsonb NOT NULL,
     every text NOT NULL CHECK (every IN ('day', 'week', 'month')),
     hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
     -- 0 is Sunday.
     weekday smallint CHECK (weekday BETWEEN 0 AND 6),
     day smallint CHECK (day BETWEEN 1 AND 28),
     created_by text NOT NULL,
     created_at timestamptz NOT NULL,
     due_at timestamptz NOT NULL,
     -- After a failure; the due time stays.
     retry_at timestamptz,
     last_code text,
     CHECK ((weekday IS NOT NULL) = (every = 'week') AND (day IS NOT NULL) = (every = 'month')))`,
  // The text is what was signed, byte for byte. A due report is kept once, whoever made it.
  `CREATE TABLE report_result (
     id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
     kind text NOT NULL,
     schedule_id uuid,
     due_at timestamptz,
     made_at timestamptz NOT NULL,
     filter jsonb NOT NULL,
     log_size bigint NOT NULL,
     root text NOT NULL,
     sha256 text NOT NULL,
     body text NOT NULL,
     UNIQUE (schedule_id, due_at),
     CHECK ((schedule_id IS NULL) = (due_at IS NULL)))`,
  'CREATE INDEX report_result_made ON report_result (made_at DESC, id)',
  'CREATE INDEX report_result_kind ON report_result (kind, made_at DESC)',
];
