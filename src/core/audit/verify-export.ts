/**
 * Checks an export, line by line, in memory that does not grow with it. Nothing outside is asked and nothing
 * is believed but arithmetic and signatures; whatever the input, the result is a verdict.
 */
import { createHash } from 'node:crypto';
import { parseRecord } from '../crypto/canonical-json.js';
import { keyId, publicJwk, type SigningJwk } from '../crypto/jws.js';
import { checkNote, type NoteKey, parseNote, parseVkey } from '../crypto/signed-note.js';
import { type CheckpointProblem, openCheckpoint, parseHead } from './checkpoint.js';
import { AUDIT_VERSION } from './event.js';
import {
  type BatchLine,
  type CheckpointLine,
  type EndLine,
  type EventLine,
  type ExportLine,
  endIsSigned,
  exportLineOf,
  type KeyLine,
  type ManifestLine,
} from './export-format.js';
import type { KnownCheckpoint } from './known-checkpoint.js';
import { appendLeaf, EMPTY_FRONTIER, type Frontier, type Hash, leafHash, rootOf } from './merkle.js';
import { type Finding, type FindingCode, Findings, type Verdict } from './verdict.js';
import { BatchCheck, batchClaim } from './verify-batch.js';
import { Story } from './verify-story.js';
import { cosignedBy, type WitnessPolicy } from './witness.js';

export interface VerifyOptions {
  /** Kept elsewhere; every one of them must be of this log's history. */
  readonly known?: readonly KnownCheckpoint[];
  readonly witnesses?: WitnessPolicy;
}

export interface Verification {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly counts: ReadonlyMap<FindingCode, number>;
  readonly origin: string | undefined;
  readonly events: number;
  readonly batches: number;
  readonly checkpoints: number;
  /** Base64. */
  readonly root: string;
  /** The largest checkpoint that enough witnesses signed. */
  readonly witnessedSize?: number;
}

interface LogKey {
  readonly note: NoteKey;
  readonly jwk: SigningJwk;
  readonly line: KeyLine;
}

const PROBLEMS: Readonly<Record<CheckpointProblem, FindingCode>> = {
  malformed: 'LINE_MALFORMED',
  'unknown-key': 'KEY_MISSING',
  'bad-signature': 'SIGNATURE_INVALID',
  contradiction: 'CHECKPOINT_MISMATCH',
};

export class ExportVerifier {
  private readonly findings = new Findings();
  private readonly story = new Story((code, detail) => this.findings.add(code, this.lineNumber, detail));
  private readonly digest = createHash('sha256');
  private readonly keys = new Map<string, LogKey>();
  private readonly shards = new Map<string, { batch: number; hash: Hash; nextSeq: number }>();
  private lineNumber = 0;
  private manifest: ManifestLine | undefined;
  private batch: BatchCheck | undefined;
  private tree: Frontier = EMPTY_FRONTIER;
  private events = 0;
  private checkpoints = 0;
  private lastSignedSize = 0;
  private ended = false;
  private witnessedSize: number | undefined;
  /** Those that the log has not grown to yet, by size. */
  private readonly awaited: Map<number, Hash[]>;
  private tombstones = false;

  constructor(private readonly options: VerifyOptions = {}) {
    this.awaited = new Map();
    for (const { head } of options.known ?? [])
      this.awaited.set(head.size, [...(this.awaited.get(head.size) ?? []), head.root]);
  }

  /** One line with its newline. */
  line(bytes: Buffer): void {
    this.lineNumber += 1;
    const text = bytes.toString('utf8');
    const record = parseRecord(text);
    const line = record && exportLineOf(record);
    if (this.manifest === undefined) {
      if (line?.line !== 'manifest')
        this.found(this.lineNumber === 1 ? 'NOT_AN_EXPORT' : 'LINE_OUT_OF_PLACE');
      else this.begin(line);
    } else if (this.ended || line?.line === 'manifest') this.found('LINE_OUT_OF_PLACE');
    else if (line === undefined) this.found(this.isNewer ? 'NEWER_VERSION' : 'LINE_MALFORMED');
    else this.accept(line);
    // The end hashes what stands before it.
    if (!this.ended) this.digest.update(bytes);
  }

  /** After the last whole line. `cutOff`: there was a piece of another one. */
  finish(cutOff = false): Verification {
    if (this.lineNumber === 0) this.found('NOT_AN_EXPORT');
    // What a cut took away is missing, not wrong.
    if (this.ended || this.batch?.complete === true) this.closeBatch();
    if (this.manifest !== undefined) this.finishLog(cutOff);
    if (this.ended) this.story.finish();
    return {
      verdict: this.findings.verdict(this.isAnchored()),
      findings: this.findings.all,
      counts: this.findings.countOf,
      origin: this.manifest?.origin,
      events: this.events,
      batches: this.tree.size,
      checkpoints: this.checkpoints,
      root: rootOf(this.tree).toString('base64'),
      ...(this.witnessedSize === undefined ? {} : { witnessedSize: this.witnessedSize }),
    };
  }

  private get isNewer(): boolean {
    return (this.manifest?.version ?? 0) > AUDIT_VERSION;
  }

  private found(code: FindingCode, detail?: string): void {
    this.findings.add(code, this.lineNumber, detail);
  }

  private begin(manifest: ManifestLine): void {
    this.manifest = manifest;
    if (this.isNewer) this.found('NEWER_VERSION', `format ${manifest.version}`);
    const { known = [] } = this.options;
    if (known.some(({ head }) => head.origin !== manifest.origin)) this.found('OTHER_LOG');
    this.compareKnown();
  }

  private accept(line: Exclude<ExportLine, ManifestLine>): void {
    if (this.batch !== undefined && line.line !== 'event') this.closeBatch();
    if (this.tombstones && line.line !== 'tombstone' && line.line !== 'end') this.found('LINE_OUT_OF_PLACE');
    if (line.line === 'key') this.key(line);
    else if (line.line === 'batch') this.openBatch(line);
    else if (line.line === 'event') this.event(line);
    else if (line.line === 'checkpoint') this.checkpoint(line);
    else if (line.line === 'end') this.end(line);
    else {
      this.tombstones = true;
      this.story.tombstone(line.event, line.erasedBy);
    }
  }

  private key(line: KeyLine): void {
    if (this.tree.size > 0 || this.batch !== undefined) this.found('LINE_OUT_OF_PLACE');
    const note = parseVkey(line.vkey);
    const jwk = publicJwk({ ...line.jwk });
    const isWhole = note !== undefined && jwk !== undefined && note.name === this.manifest?.origin;
    if (!isWhole || keyId(jwk) !== line.kid || this.keys.has(line.kid)) this.found('KEY_MALFORMED', line.kid);
    else this.keys.set(line.kid, { note, jwk, line });
  }

  private openBatch({ text }: BatchLine): void {
    const claim = batchClaim(text);
    if (claim === undefined) {
      this.found('LINE_MALFORMED');
      return;
    }
    if (claim.v > AUDIT_VERSION) this.found('NEWER_VERSION');
    const before = this.shards.get(claim.shard);
    const follows =
      before === undefined
        ? claim.batch === 0 && claim.firstSeq === 0 && claim.previous.every((byte) => byte === 0)
        : claim.batch === before.batch + 1 &&
          claim.firstSeq === before.nextSeq &&
          claim.previous.equals(before.hash);
    if (!follows) this.found('BATCH_CHAIN_BROKEN', `${claim.shard} batch ${claim.batch}`);
    const hash = leafHash(text);
    this.shards.set(claim.shard, { batch: claim.batch, hash, nextSeq: claim.firstSeq + claim.count });
    this.tree = appendLeaf(this.tree, hash);
    this.batch = new BatchCheck(claim);
    this.compareKnown();
  }

  private event(line: EventLine): void {
    if (this.batch === undefined || this.batch.complete) {
      this.found('LINE_OUT_OF_PLACE');
      return;
    }
    this.events += 1;
    const { id, record, problems } = this.batch.event(line.text, line.personal);
    for (const problem of problems) this.found(problem, id);
    if (line.personal === 'erased') this.story.isErased(id);
    if (line.personal === 'sealed') this.found('PERSONAL_SEALED', id);
    this.story.event(id, record);
  }

  private closeBatch(): void {
    const { batch } = this;
    this.batch = undefined;
    if (batch === undefined || batch.matches) return;
    this.found('BATCH_ROOT_MISMATCH', `${batch.claim.shard} batch ${batch.claim.batch}`);
  }

  private checkpoint({ size, note, jws }: CheckpointLine): void {
    this.checkpoints += 1;
    const key = [...this.keys.values()].find((known) => isNoteBy(note, known.note));
    const opened = openCheckpoint(note, jws, key === undefined ? [] : [key.note], key?.jwk);
    if (typeof opened === 'string' || key === undefined) {
      this.found(typeof opened === 'string' ? PROBLEMS[opened] : 'KEY_MISSING', `size ${size}`);
      return;
    }
    const fits = opened.origin === this.manifest?.origin && opened.size === size && size === this.tree.size;
    const { fromSize, untilSize, kid } = key.line;
    if (opened.previousSize !== this.lastSignedSize) this.found('CHECKPOINT_MISSING', `size ${size}`);
    if (!fits || !opened.root.equals(rootOf(this.tree))) this.found('CHECKPOINT_MISMATCH', `size ${size}`);
    else if (size < fromSize || size > (untilSize ?? size)) this.found('KEY_NOT_IN_FORCE', kid);
    else {
      this.lastSignedSize = size;
      const { witnesses } = this.options;
      if (witnesses !== undefined && cosignedBy(note, witnesses)) this.witnessedSize = size;
    }
  }

  private end(line: EndLine): void {
    this.ended = true;
    if (this.digest.copy().digest('hex') !== line.sha256) this.found('DIGEST_MISMATCH');
    const origin = this.manifest?.origin ?? '';
    if (this.keys.size === 0) this.found('KEY_MISSING');
    else if (![...this.keys.values()].some(({ jwk }) => endIsSigned(line, origin, jwk)))
      this.found('SIGNATURE_INVALID', 'the end of the file');
  }

  private finishLog(cutOff: boolean): void {
    const { size = 0, events = 0 } = this.manifest ?? {};
    if (!this.ended || cutOff) this.found('CUT_OFF');
    else if (size !== this.tree.size || events !== this.events)
      this.found('COUNT_MISMATCH', 'batches or events');
    if (this.lastSignedSize < this.tree.size) this.found('UNSIGNED_TAIL');
    if (this.options.witnesses !== undefined && this.witnessedSize === undefined) this.found('NOT_WITNESSED');
    const { known = [] } = this.options;
    if (this.ended)
      for (const awaited of this.awaited.keys()) this.found('ROLLED_BACK', `known size ${awaited}`);
    const keys = [...this.keys.values()];
    const isMade = ({ note: kept }: KnownCheckpoint): boolean =>
      keys.some(({ note }) => typeof checkNote(kept, note) === 'object');
    if (keys.length > 0 && !known.every(isMade)) this.found('OTHER_KEYS');
  }

  private compareKnown(): void {
    const { size } = this.tree;
    const roots = this.awaited.get(size);
    if (roots === undefined) return;
    this.awaited.delete(size);
    const root = rootOf(this.tree);
    if (!roots.every((known) => known.equals(root))) this.found('FORKED', `size ${size}`);
  }

  /** By checkpoints that were kept elsewhere, or by witnesses of one of them. */
  private isAnchored(): boolean {
    const { known = [] } = this.options;
    return known.length > 0 || this.witnessedSize !== undefined;
  }
}

/** Whether the note names this key: then the key judges it. */
function isNoteBy(text: string, key: NoteKey): boolean {
  const note = parseNote(text);
  return note !== undefined && parseHead(note.text) !== undefined && checkNote(note, key) !== 'unknown';
}
