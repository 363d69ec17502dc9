/**
 * A batch is what one writer commits at once: events in a row, the root of the tree over them, and the hash
 * of the writer's batch before. Its own text is a leaf of the one global tree, so a proof has two steps,
 * event to batch and batch to log.
 */
import { createHmac } from 'node:crypto';
import { canonicalJson } from '../crypto/canonical-json.js';
import { commitment } from './commitment.js';
import { AUDIT_VERSION, type AuditEvent, type EventPlace } from './event.js';
import { type Hash, leafHash, treeRoot } from './merkle.js';

/** An event in bytes: its text is what is hashed, stored and exported. */
export interface SealedEvent {
  readonly place: EventPlace;
  readonly text: string;
  readonly personal?: SealedPersonal;
}
export interface SealedPersonal {
  readonly salt: Buffer;
  readonly text: string;
}

export interface SealedBatch {
  readonly shard: string;
  readonly batch: number;
  readonly firstSeq: number;
  readonly text: string;
  /** Leaf of the global tree, and what the next batch of the shard names. */
  readonly hash: Hash;
  readonly events: readonly SealedEvent[];
}

/** How far a shard has come: what the next batch must follow. */
export interface ShardHead {
  readonly shard: string;
  readonly nextBatch: number;
  readonly nextSeq: number;
  /** Hash of the batch before; before the first one, 32 zero bytes. */
  readonly previous: Hash;
}

export const NO_BATCH: Hash = Buffer.alloc(32);

export const newShard = (shard: string): ShardHead => ({
  shard,
  nextBatch: 0,
  nextSeq: 0,
  previous: NO_BATCH,
});

/** `salt` gives 32 fresh random bytes for each personal part; `at` is when the batch is written. */
export function sealBatch(
  head: ShardHead,
  events: readonly AuditEvent[],
  at: string,
  salt: () => Buffer,
): SealedBatch {
  const sealed = events.map((event, i) =>
    sealEvent(event, { shard: head.shard, seq: head.nextSeq + i }, salt),
  );
  const text = canonicalJson({
    v: AUDIT_VERSION,
    shard: head.shard,
    batch: head.nextBatch,
    firstSeq: head.nextSeq,
    count: sealed.length,
    root: treeRoot(sealed.map((event) => leafHash(event.text))).toString('base64'),
    previous: head.previous.toString('base64'),
    at,
  });
  const { shard, nextBatch: batch, nextSeq: firstSeq } = head;
  return { shard, batch, firstSeq, text, hash: leafHash(text), events: sealed };
}

export const headAfter = (batch: SealedBatch): ShardHead => ({
  shard: batch.shard,
  nextBatch: batch.batch + 1,
  nextSeq: batch.firstSeq + batch.events.length,
  previous: batch.hash,
});

function sealEvent(event: AuditEvent, place: EventPlace, salt: () => Buffer): SealedEvent {
  const personal =
    event.personal === undefined ? undefined : { salt: salt(), text: canonicalJson(event.personal) };
  const text = canonicalJson({
    v: AUDIT_VERSION,
    ...place,
    kind: event.kind,
    at: event.at,
    ...event.fields,
    personal:
      personal === undefined ? undefined : commitment(personal.salt, personal.text).toString('base64'),
  });
  return { place, text, ...(personal === undefined ? {} : { personal }) };
}

const PSEUDONYM_HEX_DIGITS = 32;

/** The same for the same person under the same key, and nothing without the key. */
export const pseudonym = (key: Uint8Array, user: string): string =>
  createHmac('sha256', key).update(user).digest('hex').slice(0, PSEUDONYM_HEX_DIGITS);
