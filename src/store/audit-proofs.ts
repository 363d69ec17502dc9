/** Proofs that something is in the log, made from a few rows however large the log is. */
import type { EventPlace } from '../core/audit/event.js';
import type { EventProof } from '../core/audit/event-proof.js';
import { type Hash, leafHash, peakNodes, rootOf } from '../core/audit/merkle.js';
import {
  consistencyProof,
  inclusionProof,
  nodesNeeded,
  nodesOf,
  proofTexts,
  type ReadNode,
} from '../core/audit/merkle-proof.js';
import { nodeHashes } from './audit-tree.js';
import type { Database } from './database.js';

interface BatchRow {
  readonly shard: string;
  readonly firstSeq: number;
  readonly count: number;
  readonly body: string;
  readonly position: number | null;
}

export class AuditProofs {
  constructor(private readonly database: Database) {}

  /** Undefined: there is no such event, or the tree of this size does not have it yet. */
  async ofEvent(place: EventPlace, size: number): Promise<EventProof | undefined> {
    const found = await this.database.query<BatchRow>(
      `SELECT b.shard, b.first_seq::float8 AS "firstSeq", b.count, b.body, l.position::float8 AS position
         FROM audit_batch b LEFT JOIN audit_leaf l USING (shard, batch)
        WHERE b.shard = $1 AND b.first_seq <= $2 ORDER BY b.first_seq DESC LIMIT 1`,
      [place.shard, place.seq],
      'sluice-audit-batch',
    );
    const batch = found.rows[0];
    const index = place.seq - (batch?.firstSeq ?? 0);
    if (batch === undefined || index >= batch.count) return undefined;
    const { position } = batch;
    if (position === null || position >= size) return undefined;
    const events = await this.eventsOf(batch);
    const read = await this.reader((node) => inclusionProof(position, size, node));
    return {
      event: events[index]!,
      batch: batch.body,
      inBatch: proofTexts(inclusionProof(index, batch.count, nodesOf(events.map(leafHash)))),
      position,
      inLog: proofTexts(inclusionProof(position, size, read)),
    };
  }

  /** That the log of the first size is the beginning of the log of the second. */
  async ofConsistency(first: number, second: number): Promise<readonly string[]> {
    const read = await this.reader((node) => consistencyProof(first, second, node));
    return proofTexts(consistencyProof(first, second, read));
  }

  /** Of the log when it had this size. */
  async rootAt(size: number): Promise<Hash> {
    return rootOf({ size, peaks: await nodeHashes(this.database, peakNodes(size)) });
  }

  /** The events of a statement, by kind; undefined where there is none. */
  async placesOf(
    statementId: string,
    kinds: readonly string[],
  ): Promise<readonly (EventPlace | undefined)[]> {
    const found = await this.database.query<EventPlace & { readonly kind: string }>(
      'SELECT shard, seq::float8 AS seq, kind FROM audit_event WHERE statement_id = $1 ORDER BY shard, seq',
      [statementId],
    );
    return kinds.map((kind) => found.rows.find((row) => row.kind === kind));
  }

  private async eventsOf({ shard, firstSeq, count }: BatchRow): Promise<readonly string[]> {
    const found = await this.database.query<{ body: string }>(
      'SELECT body FROM audit_event WHERE shard = $1 AND seq >= $2 AND seq < $3 ORDER BY seq',
      [shard, firstSeq, firstSeq + count],
      'sluice-audit-events',
    );
    return found.rows.map(({ body }) => body);
  }

  /** Asks for all nodes at once. */
  private async reader(make: (read: ReadNode) => unknown): Promise<ReadNode> {
    const nodes = nodesNeeded(make);
    const hashes = await nodeHashes(this.database, nodes);
    const known = new Map(nodes.map(({ level, index }, i) => [`${level}/${index}`, hashes[i]!]));
    return ({ level, index }) => known.get(`${level}/${index}`)!;
  }
}
