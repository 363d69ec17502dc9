/** Checks one batch as its events go by: bytes to leaves, leaves to the batch's root, one after another. */
import { canonicalJson, parseRecord } from '../crypto/canonical-json.js';
import { commitment } from './commitment.js';
import { AUDIT_VERSION, eventId } from './event.js';
import type { PersonalShown } from './export-format.js';
import { appendLeaf, EMPTY_FRONTIER, type Frontier, type Hash, leafHash, rootOf } from './merkle.js';
import { hashOf } from './merkle-proof.js';
import type { FindingCode } from './verdict.js';

export interface BatchClaim {
  readonly v: number;
  readonly shard: string;
  readonly batch: number;
  readonly firstSeq: number;
  readonly count: number;
  readonly root: Hash;
  readonly previous: Hash;
}

/** What a batch text says; undefined when it is not in the one form it can have. */
export function batchClaim(text: string): BatchClaim | undefined {
  const record = parseRecord(text);
  if (record === undefined || !isCanonicalRecord(record, text)) return undefined;
  const { v, shard, batch, firstSeq, count } = record;
  const root = hashOf(record.root);
  const previous = hashOf(record.previous);
  const numbers = [v, batch, firstSeq, count].every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
  if (!numbers || typeof shard !== 'string' || root === undefined || previous === undefined) return undefined;
  return { ...(record as unknown as BatchClaim), root, previous };
}

export interface CheckedEvent {
  readonly id: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly problems: readonly FindingCode[];
}

export class BatchCheck {
  private tree: Frontier = EMPTY_FRONTIER;

  constructor(readonly claim: BatchClaim) {}

  get complete(): boolean {
    return this.tree.size >= this.claim.count;
  }

  /** Only when complete: are these the events the batch was made of? */
  get matches(): boolean {
    return this.tree.size === this.claim.count && rootOf(this.tree).equals(this.claim.root);
  }

  event(text: string, personal: PersonalShown | undefined): CheckedEvent {
    const { shard, firstSeq } = this.claim;
    const seq = firstSeq + this.tree.size;
    this.tree = appendLeaf(this.tree, leafHash(text));
    const id = eventId({ shard, seq });
    const record = parseRecord(text);
    if (record === undefined || !isCanonicalRecord(record, text))
      return { id, record: {}, problems: ['EVENT_NOT_CANONICAL'] };
    const problems: FindingCode[] = [];
    if (record.shard !== shard || record.seq !== seq) problems.push('EVENT_MISPLACED');
    if (!Number.isSafeInteger(record.v) || (record.v as number) > AUDIT_VERSION)
      problems.push('NEWER_VERSION');
    if (!personalFits(record.personal, personal)) problems.push('COMMITMENT_MISMATCH');
    return { id, record, problems };
  }
}

function isCanonicalRecord(record: Readonly<Record<string, unknown>>, text: string): boolean {
  try {
    return canonicalJson(record) === text;
  } catch {
    // A number beyond all bounds, or nested without end: nothing that we wrote.
    return false;
  }
}

/** Every committed personal part is shown, withheld or erased; none appears from nowhere. */
function personalFits(committed: unknown, shown: PersonalShown | undefined): boolean {
  if (committed === undefined) return shown === undefined;
  if (typeof committed !== 'string' || shown === undefined) return false;
  if (typeof shown === 'string') return true;
  const salt = hashOf(shown.salt);
  return salt !== undefined && commitment(salt, shown.text).toString('base64') === committed;
}
