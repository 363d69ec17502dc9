/**
 * The export: one file that carries everything a stranger needs to check the log. One JSON object a line, in
 * this order: manifest, keys, then each batch with its events, checkpoints where they were taken, tombstones,
 * and an end that counts, hashes and signs what stands before it.
 */
import { createHash, type Hash as Digest } from 'node:crypto';
import { canonicalJson, type JsonRecord } from '../crypto/canonical-json.js';
import { openJws, type SigningJwk, signJws } from '../crypto/jws.js';
import type { LogSigner } from './checkpoint.js';
import { AUDIT_VERSION } from './event.js';

export const EXPORT_FORMAT = 'sluice-audit-export';
const EXPORT_TYPE = 'sluice-export+jws';

export interface ManifestLine {
  readonly line: 'manifest';
  readonly format: typeof EXPORT_FORMAT;
  readonly version: number;
  readonly origin: string;
  /** Batches in the file, which is the size of the global tree, and events in them. */
  readonly size: number;
  readonly events: number;
  readonly exportedAt: string;
}
export interface KeyLine {
  readonly line: 'key';
  readonly kid: string;
  readonly vkey: string;
  readonly jwk: SigningJwk;
  /** Sizes of the log between which it may sign. A clock can be set back, a log cannot. */
  readonly fromSize: number;
  readonly untilSize: number | null;
}
export interface BatchLine {
  readonly line: 'batch';
  readonly text: string;
}
/** `sealed`: there, and the key was not where the export was made. */
export type PersonalShown =
  | 'withheld'
  | 'erased'
  | 'sealed'
  | { readonly salt: string; readonly text: string };
export interface EventLine {
  readonly line: 'event';
  readonly text: string;
  /** Absent: the event has no personal part. */
  readonly personal?: PersonalShown;
}
export interface CheckpointLine {
  readonly line: 'checkpoint';
  readonly size: number;
  readonly note: string;
  readonly jws: string;
}
export interface TombstoneLine {
  readonly line: 'tombstone';
  readonly event: string;
  readonly erasedBy: string;
}
export interface EndLine {
  readonly line: 'end';
  /** Lines before this one, and the SHA-256 (hex) of their bytes. */
  readonly lines: number;
  readonly sha256: string;
  readonly jws: string;
}
export type ExportLine =
  | ManifestLine
  | KeyLine
  | BatchLine
  | EventLine
  | CheckpointLine
  | TombstoneLine
  | EndLine;

/** Lines of an export as text, counted and hashed on the way. */
export class ExportWriter {
  private readonly digest: Digest = createHash('sha256');
  private lines = 0;

  /** With its newline. */
  write(line: Exclude<ExportLine, EndLine>): string {
    const text = `${canonicalJson(line)}\n`;
    this.digest.update(text);
    this.lines += 1;
    return text;
  }

  /** The last line. */
  async end(signer: LogSigner): Promise<string> {
    const claim = endClaim(signer.origin, this.lines, this.digest.digest('hex'));
    const jws = await signJws(claim, EXPORT_TYPE, signer.jws);
    const line: EndLine = { line: 'end', lines: claim.lines, sha256: claim.sha256, jws };
    return `${canonicalJson(line)}\n`;
  }
}

/** What the end of an export signs. */
const endClaim = (origin: string, lines: number, sha256: string) =>
  ({ v: AUDIT_VERSION, origin, lines, sha256 }) satisfies JsonRecord;

export function endIsSigned(line: EndLine, origin: string, jwk: SigningJwk): boolean {
  const payload = openJws(line.jws, EXPORT_TYPE, jwk);
  return (
    payload !== undefined &&
    canonicalJson(payload) === canonicalJson(endClaim(origin, line.lines, line.sha256))
  );
}

/** The line of a text, if all that its kind needs is there; says nothing about whether it is true. */
export function exportLineOf(record: Readonly<Record<string, unknown>>): ExportLine | undefined {
  const shape = SHAPES[record.line as ExportLine['line']];
  return shape !== undefined && Object.hasOwn(SHAPES, record.line as string) && shape(record)
    ? (record as unknown as ExportLine)
    : undefined;
}

type Shape = (record: Readonly<Record<string, unknown>>) => boolean;
const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const SHAPES: Readonly<Record<ExportLine['line'], Shape>> = {
  manifest: ({ format, version, origin, size, events }) =>
    format === EXPORT_FORMAT && isCount(version) && isText(origin) && isCount(size) && isCount(events),
  key: ({ kid, vkey, jwk, fromSize, untilSize }) =>
    isText(kid) &&
    isText(vkey) &&
    typeof jwk === 'object' &&
    jwk !== null &&
    isCount(fromSize) &&
    (untilSize === null || isCount(untilSize)),
  batch: ({ text }) => isText(text),
  event: ({ text, personal }) => isText(text) && isPersonal(personal),
  checkpoint: ({ size, note, jws }) => isCount(size) && isText(note) && isText(jws),
  tombstone: ({ event, erasedBy }) => isText(event) && isText(erasedBy),
  end: ({ lines, sha256, jws }) => isCount(lines) && isText(sha256) && isText(jws),
};

function isPersonal(value: unknown): boolean {
  if (value === undefined || value === 'withheld' || value === 'erased' || value === 'sealed') return true;
  if (typeof value !== 'object' || value === null) return false;
  const { salt, text } = value as { salt?: unknown; text?: unknown };
  return isText(salt) && isText(text);
}
