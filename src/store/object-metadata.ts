/** Owners and tags that people gave tables and columns. */
import type { DataSource, Repository } from 'typeorm';
import type { ObjectId } from '../core/catalog/catalog.js';
import { foldName } from '../core/catalog/catalog.js';
import { GovernanceError } from '../core/errors.js';
import { whileDatabaseIsThere } from './database.js';
import { ObjectMetadataEntity } from './entities/object-metadata.entity.js';

export const METADATA_CHANNEL = 'sluice_metadata';

export interface ObjectMetadataChange {
  readonly object: ObjectId;
  /** Absent: the table itself. */
  readonly column?: string;
  readonly owner?: string | null;
  readonly tags: readonly string[];
  readonly updatedBy: string;
  /** The version the change was made on; 0: there was nothing. Absent: whatever is there is replaced. */
  readonly version?: number;
}

export class ObjectMetadataRepository {
  private readonly rows: Repository<ObjectMetadataEntity>;

  constructor(dataSource: DataSource) {
    this.rows = dataSource.getRepository(ObjectMetadataEntity);
  }

  all(): Promise<ObjectMetadataEntity[]> {
    return whileDatabaseIsThere(() => this.rows.find({ order: { object: 'ASC', column: 'ASC' } }));
  }

  find(object: ObjectId, column = ''): Promise<ObjectMetadataEntity | null> {
    return whileDatabaseIsThere(() => this.rows.findOneBy({ object, column: foldName(column) }));
  }

  async set(change: ObjectMetadataChange): Promise<ObjectMetadataEntity> {
    const column = foldName(change.column ?? '');
    await whileDatabaseIsThere(async () => {
      const written: unknown = await this.rows.query(
        `INSERT INTO object_metadata AS m (object, "column", owner, tags, updated_by)
         SELECT $1, $2, $3, $4, $5 WHERE $6::int IS NULL OR $6 = 0
            OR EXISTS (SELECT FROM object_metadata WHERE object = $1 AND "column" = $2)
         ON CONFLICT (object, "column") DO UPDATE SET owner = excluded.owner, tags = excluded.tags,
            updated_by = excluded.updated_by, updated_at = clock_timestamp(), version = m.version + 1
          WHERE $6::int IS NULL OR m.version = $6
         RETURNING version`,
        [
          change.object,
          column,
          change.owner ?? null,
          [...change.tags],
          change.updatedBy,
          change.version ?? null,
        ],
      );
      if ((written as unknown[]).length === 0) {
        throw new GovernanceError('PRECONDITION_FAILED', 'The metadata changed since it was read.');
      }
    });
    const found = await this.find(change.object, column);
    if (found === null) throw new GovernanceError('CONFLICT', 'The metadata was removed at the same time.');
    return found;
  }
}
