import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Everybody's statements are listed by time, as one's own are. */
export class StatementTimes1763900000020 implements MigrationInterface {
  name = 'StatementTimes1763900000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX statement_times ON statement (submitted_at DESC, id DESC)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX statement_times');
  }
}
