/** The columns that the policies of each table of the lake were written for, and which drift is on record. */
import type { ObjectId } from '../core/catalog/catalog.js';
import type { ShapeColumn } from '../core/catalog/drift.js';
import type { Database } from './database.js';

export interface TableSchema {
  readonly object: ObjectId;
  readonly columns: readonly ShapeColumn[];
}

export class TableSchemas {
  constructor(private readonly database: Database) {}

  async all(): Promise<ReadonlyMap<ObjectId, readonly ShapeColumn[]>> {
    const { rows } = await this.database.query<TableSchema>(
      'SELECT object, columns FROM table_schema',
      [],
      'sluice-table-schemas',
    );
    return new Map(rows.map(({ object, columns }) => [object, columns]));
  }

  /** Of tables that are seen for the first time: whoever is second finds them there. */
  async adopt(schemas: readonly TableSchema[]): Promise<void> {
    if (schemas.length === 0) return;
    await this.database.query(
      `INSERT INTO table_schema (object, columns)
       SELECT * FROM unnest($1::text[], $2::jsonb[]) ON CONFLICT (object) DO NOTHING`,
      [schemas.map(({ object }) => object), schemas.map(({ columns }) => JSON.stringify(columns))],
    );
  }

  async accept({ object, columns }: TableSchema, acceptedBy: string): Promise<void> {
    await this.database.query(
      `INSERT INTO table_schema (object, columns, accepted_by) VALUES ($1, $2, $3)
       ON CONFLICT (object) DO UPDATE SET columns = excluded.columns, accepted_by = excluded.accepted_by,
         accepted_at = clock_timestamp()`,
      [object, JSON.stringify(columns), acceptedBy],
    );
  }

  /** Runs `record` unless this drift is on record already, whichever gateway saw it. */
  report(object: ObjectId, drift: string, record: () => Promise<void>): Promise<void> {
    return this.database.transaction(async (client) => {
      const { rows } = await client.query<{ reported: string }>(
        'SELECT reported FROM table_schema WHERE object = $1 FOR UPDATE',
        [object],
      );
      if (rows[0] === undefined || rows[0].reported === drift) return;
      await record();
      await client.query('UPDATE table_schema SET reported = $2 WHERE object = $1', [object, drift]);
    });
  }
}
