/**
 * The TypeORM data source: which entities and migrations there are. Both are named here, never found by a
 * path pattern.
 */
import { DataSource } from 'typeorm';
import { Initial1763900000001 } from '../../migrations/1763900000001-initial.js';
import { Policies1763900000002 } from '../../migrations/1763900000002-policies.js';
import { Audit1763900000003 } from '../../migrations/1763900000003-audit.js';
import { Lineage1763900000004 } from '../../migrations/1763900000004-lineage.js';
import { ManagedTables1763900000005 } from '../../migrations/1763900000005-managed-tables.js';
import { Reports1763900000006 } from '../../migrations/1763900000006-reports.js';
import { AuditCopies1763900000007 } from '../../migrations/1763900000007-audit-copies.js';
import { AuditKeeping1763900000008 } from '../../migrations/1763900000008-audit-keeping.js';
import { LineageApproximate1763900000012 } from '../../migrations/1763900000012-lineage-approximate.js';
import { LineageIndexes1763900000013 } from '../../migrations/1763900000013-lineage-indexes.js';
import { StatementTimes1763900000020 } from '../../migrations/1763900000020-statement-times.js';
import { TableSchemas1763900000030 } from '../../migrations/1763900000030-table-schemas.js';
import { IdempotencyKeyEntity } from './entities/idempotency-key.entity.js';
import { ObjectMetadataEntity } from './entities/object-metadata.entity.js';
import { PolicyDocumentEntity } from './entities/policy-document.entity.js';
import { PrincipalEntity } from './entities/principal.entity.js';
import { StatementEntity } from './entities/statement.entity.js';
import { TokenEntity } from './entities/token.entity.js';

export const ENTITIES = [
  PrincipalEntity,
  TokenEntity,
  StatementEntity,
  IdempotencyKeyEntity,
  ObjectMetadataEntity,
  PolicyDocumentEntity,
];

/** In order; each class name ends in its timestamp. */
export const MIGRATIONS = [
  Initial1763900000001,
  Policies1763900000002,
  Audit1763900000003,
  Lineage1763900000004,
  ManagedTables1763900000005,
  Reports1763900000006,
  AuditCopies1763900000007,
  AuditKeeping1763900000008,
  LineageApproximate1763900000012,
  LineageIndexes1763900000013,
  StatementTimes1763900000020,
  TableSchemas1763900000030,
];

const CONNECT_TIMEOUT_MS = 5_000;

/** A data source over `url`, not yet connected. The schema is only ever changed by migrations. */
export const createDataSource = (url: string, connectionsMax: number): DataSource =>
  new DataSource({
    type: 'postgres',
    url,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
    applicationName: 'sluice',
    poolSize: connectionsMax,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    installExtensions: false,
  });
