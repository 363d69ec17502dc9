/**
 * Signed notes (C2SP signed-note): a text and lines of Ed25519 signatures under it, each by a named key. Key
 * names and ids are those of the format, so any tool that reads checkpoints of transparency logs reads ours.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

const NOTE_BYTES_MAX = 64 * 1024;
const SIGNATURES_MAX = 64;
const KEY_ID_BYTES = 4;
const ED25519_BYTES = 32;
const SIGNATURE_BYTES = 64;
const TIME_BYTES = 8;
/** Signature types of the format: a log's own signature, a witness' cosignature with its time. */
export const NOTE_TYPE = { ed25519: 1, cosignature: 4 } as const;
export type NoteType = (typeof NOTE_TYPE)[keyof typeof NOTE_TYPE];

const SIGNATURE_LINE = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/;
/** All but the newline. */
const CONTROL = /[^\P{Cc}\n]/u;
const KEY_NAME = /^[^\s+]+$/u;

/** A public key with the name it signs under. */
export interface NoteKey {
  readonly name: string;
  readonly type: NoteType;
  /** 32 bytes. */
  readonly publicKey: Buffer;
  readonly id: Buffer;
}

export interface NoteSignature {
  readonly name: string;
  readonly id: Buffer;
  readonly signature: Buffer;
}

export interface Note {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export function noteKey(name: string, publicKey: Buffer, type: NoteType = NOTE_TYPE.ed25519): NoteKey {
  const id = createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([type]))
    .update(publicKey)
    .digest()
    .subarray(0, KEY_ID_BYTES);
  return { name, type, publicKey, id };
}

/** `name+hex id+base64(type || key)`: how such keys are written down. */
export const vkeyOf = ({ name, id, type, publicKey }: NoteKey): string =>
  `${name}+${id.toString('hex')}+${Buffer.concat([Buffer.from([type]), publicKey]).toString('base64')}`;

/** Undefined when it is no key of ours, or its id is not that of its name and bytes. */
export function parseVkey(text: unknown): NoteKey | undefined {
  if (typeof text !== 'string') return undefined;
  const parts = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u.exec(text);
  const bytes = Buffer.from(parts?.[3] ?? '', 'base64');
  const type = Object.values(NOTE_TYPE).find((known) => known === bytes[0]);
  if (parts === null || type === undefined || bytes.length !== 1 + ED25519_BYTES) return undefined;
  const key = noteKey(parts[1]!, bytes.subarray(1), type);
  return vkeyOf(key) === text ? key : undefined;
}

/** The raw public half of an Ed25519 private key. */
export function publicBytes(privateKey: KeyObject): Buffer {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url');
}

export const ed25519Key = (jwk: Record<string, unknown>): KeyObject =>
  createPrivateKey({ key: jwk, format: 'jwk' });

/** `text` ends in a newline and holds no control characters. */
export function signNote(text: string, name: string, privateKey: KeyObject): string {
  if (!text.endsWith('\n') || CONTROL.test(text) || !KEY_NAME.test(name)) throw new TypeError('not a note');
  const { id } = noteKey(name, publicBytes(privateKey));
  const signature = sign(null, Buffer.from(text), privateKey);
  return `${text}\n${signatureLine({ name, id, signature })}`;
}

export const signatureLine = ({ name, id, signature }: NoteSignature): string =>
  `\u2014 ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;

/** Undefined when it does not have the form. Says nothing about the signatures yet. */
export function parseNote(note: unknown): Note | undefined {
  if (typeof note !== 'string' || note.length > NOTE_BYTES_MAX || CONTROL.test(note)) return undefined;
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) return undefined;
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > SIGNATURES_MAX) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const parts = SIGNATURE_LINE.exec(line);
    const bytes = Buffer.from(parts?.[2] ?? '', 'base64');
    if (parts === null || bytes.length <= KEY_ID_BYTES || bytes.toString('base64') !== parts[2])
      return undefined;
    signatures.push({
      name: parts[1]!,
      id: bytes.subarray(0, KEY_ID_BYTES),
      signature: bytes.subarray(KEY_ID_BYTES),
    });
  }
  return { text: note.slice(0, end + 1), signatures };
}

/**
 * `unknown`: no line is by this key. A line that is by it decides: false when it is wrong, else true, or for
 * a cosignature the time it names.
 */
export function checkNote(note: Note, key: NoteKey): 'unknown' | false | { readonly at?: Date } {
  const line = note.signatures.find(({ name, id }) => name === key.name && id.equals(key.id));
  if (line === undefined) return 'unknown';
  return key.type === NOTE_TYPE.ed25519
    ? checkPlain(note.text, line, key)
    : checkCosigned(note.text, line, key);
}

function checkPlain(
  text: string,
  { signature }: NoteSignature,
  key: NoteKey,
): false | { readonly at?: Date } {
  const valid = signature.length === SIGNATURE_BYTES && verifies(Buffer.from(text), key, signature);
  return valid ? {} : false;
}

/** C2SP tlog-cosignature, version 1: a big-endian time in seconds, then the signature over both. */
function checkCosigned(
  text: string,
  { signature }: NoteSignature,
  key: NoteKey,
): false | { readonly at: Date } {
  if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) return false;
  const seconds = Number(signature.readBigUInt64BE());
  const signed = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
  const valid = Number.isSafeInteger(seconds) && verifies(signed, key, signature.subarray(TIME_BYTES));
  return valid ? { at: new Date(seconds * 1_000) } : false;
}

/** Making a key from its bytes costs as much as a signature; a log has few keys and many signatures. */
const keyObjects = new WeakMap<NoteKey, KeyObject>();

function keyObject(key: NoteKey): KeyObject {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.publicKey.toString('base64url') };
  const made = keyObjects.get(key) ?? createPublicKey({ key: jwk, format: 'jwk' });
  keyObjects.set(key, made);
  return made;
}

function verifies(data: Buffer, key: NoteKey, signature: Buffer): boolean {
  try {
    return verify(null, data, keyObject(key), signature);
  } catch {
    // Bytes that are no point of the curve.
    return false;
  }
}
