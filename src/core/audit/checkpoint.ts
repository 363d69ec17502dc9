/**
 * A checkpoint says: the log had this many leaves and this root. It is signed twice over the same facts: as a
 * C2SP signed note, which the tools of transparency logs read and witnesses cosign, and as a JWS, which also
 * carries the time and reads with any JOSE library.
 */
import type { KeyObject } from 'node:crypto';
import { openJws, type SigningJwk, signJws } from '../crypto/jws.js';
import {
  checkNote,
  type NoteKey,
  noteKey,
  parseNote,
  publicBytes,
  signNote,
  vkeyOf,
} from '../crypto/signed-note.js';
import { AUDIT_VERSION } from './event.js';
import type { Hash } from './merkle.js';
import { hashOf } from './merkle-proof.js';

const CHECKPOINT_TYPE = 'sluice-checkpoint+jws';
const SIZE = /^(0|[1-9]\d{0,14})$/;

export interface TreeHead {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
}

export interface SignedCheckpoint extends TreeHead {
  /** Size of the checkpoint before; 0 for the first: none can be taken out unseen. */
  readonly previousSize: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly note: string;
  readonly jws: string;
}

/** The private halves that sign a log, and what the public ones are called. */
export interface LogSigner {
  readonly origin: string;
  readonly kid: string;
  readonly note: KeyObject;
  readonly jws: Readonly<Record<string, unknown>>;
}

export const signerVkey = ({ origin, note }: LogSigner): string => vkeyOf(noteKey(origin, publicBytes(note)));

/** The note text: origin, size, root (C2SP tlog-checkpoint), no extension lines. */
export const headText = ({ origin, size, root }: TreeHead): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`;

export async function signCheckpoint(
  signer: LogSigner,
  head: { readonly size: number; readonly root: Hash; readonly previousSize: number },
  at: string,
): Promise<SignedCheckpoint> {
  const { origin } = signer;
  const { size, root, previousSize } = head;
  const payload = { v: AUDIT_VERSION, origin, size, root: root.toString('base64'), previousSize, at };
  return {
    origin,
    size,
    root,
    previousSize,
    at,
    note: signNote(headText({ origin, size, root }), origin, signer.note),
    jws: await signJws(payload, CHECKPOINT_TYPE, signer.jws),
  };
}

/** What the text of a note says, whoever signed it. Extension lines are allowed and not looked at. */
export function parseHead(text: string): TreeHead | undefined {
  const lines = text.split('\n');
  const [origin, size, root64] = lines;
  const root = hashOf(root64);
  if (origin === undefined || origin === '' || size === undefined || !SIZE.test(size)) return undefined;
  if (root === undefined || lines.length < 4 || lines.slice(3, -1).includes('')) return undefined;
  return { origin, size: Number(size), root };
}

export type CheckpointProblem = 'malformed' | 'unknown-key' | 'bad-signature' | 'contradiction';

/** Both signatures, and that they say the same. */
export function openCheckpoint(
  note: unknown,
  jws: unknown,
  noteKeys: readonly NoteKey[],
  jwk: SigningJwk | undefined,
): Omit<SignedCheckpoint, 'note' | 'jws'> | CheckpointProblem {
  const parsed = parseNote(note);
  const head = parsed && parseHead(parsed.text);
  if (parsed === undefined || head === undefined) return 'malformed';
  const checks = noteKeys.map((key) => checkNote(parsed, key)).filter((check) => check !== 'unknown');
  if (checks.includes(false)) return 'bad-signature';
  if (checks.length === 0 || jwk === undefined) return 'unknown-key';
  const payload = openJws(jws, CHECKPOINT_TYPE, jwk);
  if (payload === undefined) return 'bad-signature';
  const { origin, size, root, previousSize, at } = payload;
  const same = origin === head.origin && size === head.size && root === head.root.toString('base64');
  if (!same || typeof at !== 'string' || !isSizeBelow(previousSize, head.size)) return 'contradiction';
  return { ...head, at, previousSize };
}

/** Checkpoints grow; only the one of an empty log follows nothing. */
const isSizeBelow = (value: unknown, size: number): value is number =>
  Number.isSafeInteger(value) && ((value as number) < size || (value === 0 && size === 0));
