import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lineage of DataFrame plans goes by names, and says where these did not suffice. */
export class LineageApproximate1763900000012 implements MigrationInterface {
  name = 'LineageApproximate1763900000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE lineage_job ADD COLUMN approximate boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE lineage_job DROP COLUMN approximate');
  }
}
