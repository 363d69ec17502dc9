/** Everything that Postgres holds, opened and closed together. */
import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { SealingKey } from '../core/crypto/sealed-text.js';
import { createDataSource } from './data-source.js';
import { Database } from './database.js';
import { EvidenceRecorder } from './evidence-recorder.js';
import { EvidenceSpool } from './evidence-spool.js';
import { IdempotencyKeys } from './idempotency-keys.js';
import { LineageGraphStore } from './lineage-graph.js';
import { ObjectMetadataRepository } from './object-metadata.js';
import { PolicyDocuments } from './policy-documents.js';
import { PrincipalRepository } from './principals.js';
import { PrivateParts } from './private-parts.js';
import { SpoolingRecorder, type SpoolMode } from './spooling-recorder.js';
import { StatementRegister } from './statement-register.js';
import { TableSchemas } from './table-schemas.js';
import { TokenRepository } from './tokens.js';

const ACTOR_KEY_BYTES = 32;

export interface StoreOptions {
  readonly url: string;
  readonly connectionsMax: number;
  readonly evidenceTimeoutMs: number;
  readonly evidenceQueueMax: number;
  /** Makes pseudonyms in the audit log. Absent: one of this process alone, for those who record nothing. */
  readonly actorKey?: Uint8Array;
  /** What personal parts of the log are sealed with; the last key seals, all open. Absent: nothing is. */
  readonly privateKeys?: readonly SealingKey[];
  /** Where and what may be recorded on the disk while Postgres is away. Absent: nothing. */
  readonly spool?: { readonly directory: string; readonly mode: SpoolMode };
}

export interface Store {
  /** As the gateway's role; listeners of one's own connect with it. */
  readonly url: string;
  readonly dataSource: DataSource;
  readonly database: Database;
  readonly recorder: EvidenceRecorder | SpoolingRecorder;
  readonly privateParts: PrivateParts;
  readonly policies: PolicyDocuments;
  readonly principals: PrincipalRepository;
  readonly tokens: TokenRepository;
  readonly statements: StatementRegister;
  readonly idempotencyKeys: IdempotencyKeys;
  readonly objectMetadata: ObjectMetadataRepository;
  readonly tableSchemas: TableSchemas;
  readonly lineage: LineageGraphStore;
  /** Statements that an earlier gateway left running, now failed. */
  readonly abandoned: number;
  close(): Promise<void>;
}

/** Over a migrated database. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { url } = options;
  const half = Math.max(1, Math.floor(options.connectionsMax / 2));
  const dataSource = await createDataSource(url, half).initialize();
  const database = new Database({ url, connectionsMax: half, applicationName: 'sluice' });
  const privateParts = new PrivateParts(options.privateKeys ?? []);
  const recorder = await openRecorder(options, database, privateParts);
  const tokens = new TokenRepository(database, url);
  const statements = new StatementRegister(database, url);
  const close = async (): Promise<void> => {
    await tokens.stop();
    await recorder.close();
    await statements.stop();
    await database.close();
    await dataSource.destroy();
  };
  try {
    await tokens.start();
    const abandoned = await statements.start();
    return {
      url,
      dataSource,
      database,
      recorder,
      privateParts,
      policies: new PolicyDocuments(database),
      principals: new PrincipalRepository(dataSource),
      tokens,
      statements,
      idempotencyKeys: new IdempotencyKeys(database),
      objectMetadata: new ObjectMetadataRepository(dataSource),
      tableSchemas: new TableSchemas(database),
      lineage: new LineageGraphStore(database),
      abandoned,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openRecorder(
  options: StoreOptions,
  database: Database,
  parts: PrivateParts,
): Promise<EvidenceRecorder | SpoolingRecorder> {
  const limits = { timeoutMs: options.evidenceTimeoutMs, queueMax: options.evidenceQueueMax };
  const actorKey = options.actorKey ?? randomBytes(ACTOR_KEY_BYTES);
  const direct = new EvidenceRecorder({ url: options.url, ...limits, actorKey, parts });
  if (options.spool === undefined) return direct;
  const { spool, keptAside } = await EvidenceSpool.open({ ...limits, directory: options.spool.directory });
  if (keptAside !== undefined) {
    const at = new Date().toISOString();
    await direct.record({ kind: 'spool.broken', at, fields: { kept: keptAside } });
  }
  return new SpoolingRecorder(direct, spool, options.spool.mode, database);
}
