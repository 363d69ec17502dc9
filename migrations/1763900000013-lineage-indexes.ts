import type { MigrationInterface, QueryRunner } from 'typeorm';

const ENDS = [
  ['source', 'target'],
  ['target', 'source'],
] as const;

/** What a walk through the lineage graph asks of an edge stands in the index: the table need not be read for it. */
export class LineageIndexes1763900000013 implements MigrationInterface {
  name = 'LineageIndexes1763900000013';

  async up(runner: QueryRunner): Promise<void> {
    for (const [near, far] of ENDS) {
      await runner.query(`DROP INDEX lineage_edge_${near}`);
      await runner.query(
        `CREATE INDEX lineage_edge_${near} ON lineage_edge (${near}, ${near}_column)
           INCLUDE (${far}, ${far}_column, type, masking)`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [near] of ENDS) {
      await runner.query(`DROP INDEX lineage_edge_${near}`);
      await runner.query(`CREATE INDEX lineage_edge_${near} ON lineage_edge (${near}, ${near}_column)`);
    }
  }
}
