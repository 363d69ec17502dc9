/** That an event is in the log, in two steps: event to batch, batch to a checkpoint. */
import { parseRecord } from '../crypto/canonical-json.js';
import type { TreeHead } from './checkpoint.js';
import { leafHash } from './merkle.js';
import { proofOf, provesInclusion } from './merkle-proof.js';
import { batchClaim } from './verify-batch.js';

export interface EventProof {
  /** Texts as they are in the log; their bytes are what is hashed. */
  readonly event: string;
  readonly batch: string;
  /** Of the event in its batch. Hashes in base64, from the leaf upwards. */
  readonly inBatch: readonly string[];
  /** Of the batch in the log, from 0. */
  readonly position: number;
  readonly inLog: readonly string[];
}

/** What the event says, when it is in the log with this head; otherwise undefined. */
export function provenEvent(
  proof: unknown,
  head: Pick<TreeHead, 'size' | 'root'>,
): Readonly<Record<string, unknown>> | undefined {
  if (typeof proof !== 'object' || proof === null) return undefined;
  const { event, batch, inBatch, position, inLog } = proof as Partial<Record<keyof EventProof, unknown>>;
  const [toBatch, toLog] = [proofOf(inBatch), proofOf(inLog)];
  if (typeof event !== 'string' || typeof batch !== 'string' || toBatch === undefined || toLog === undefined)
    return undefined;
  if (!Number.isSafeInteger(position) || (position as number) < 0) return undefined;
  const claim = batchClaim(batch);
  const record = parseRecord(event);
  if (claim === undefined || record?.shard !== claim.shard || !Number.isSafeInteger(record.seq))
    return undefined;
  const index = (record.seq as number) - claim.firstSeq;
  const holds =
    index >= 0 &&
    provesInclusion(leafHash(event), index, claim.count, toBatch, claim.root) &&
    provesInclusion(leafHash(batch), position as number, head.size, toLog, head.root);
  return holds ? record : undefined;
}
