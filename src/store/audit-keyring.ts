/**
 * The keys that sign the log: a file of private JWKs (0600), made at the first start. The last one signs; the
 * ones before are kept so that their end can be told.
 */
import { generateKeyPairSync } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { LogSigner } from '../core/audit/checkpoint.js';
import { keyId, publicJwk } from '../core/crypto/jws.js';
import { ed25519Key } from '../core/crypto/signed-note.js';

const KEYRING_VERSION = 1;

type Jwk = Readonly<Record<string, unknown>>;
interface Keyring {
  readonly version: number;
  readonly keys: readonly { readonly note: Jwk; readonly jws: Jwk; readonly madeAt: string }[];
}

export interface LogKeys {
  readonly signer: LogSigner;
  readonly madeAt: Date;
  /** `kid`s of this gateway that sign no more. */
  readonly retired: readonly string[];
}

/** `origin` is the name of the log that these keys sign for. */
export function openKeyring(dataDir: string, origin: string, now: Date): LogKeys {
  const file = keyringFile(dataDir);
  if (!existsSync(file)) write(dataDir, { version: KEYRING_VERSION, keys: [newKey(now)] });
  const { keys } = read(file);
  const signers = keys.map(({ note, jws }) => {
    const jwk = publicJwk(jws);
    if (jwk === undefined) throw new Error(`${file} holds a key that is not on the curve P-256`);
    return { origin, kid: keyId(jwk), note: ed25519Key(note), jws };
  });
  const signer = signers.at(-1);
  if (signer === undefined) throw new Error(`${file} holds no key`);
  const madeAt = new Date(keys.at(-1)?.madeAt ?? Number.NaN);
  if (Number.isNaN(madeAt.getTime())) throw new Error(`${file} does not say when its key was made`);
  return { signer, madeAt, retired: signers.slice(0, -1).map(({ kid }) => kid) };
}

/** From its next start on, the gateway signs with a new key. */
export function rotateKeyring(dataDir: string, now: Date): void {
  const file = keyringFile(dataDir);
  const keys = existsSync(file) ? read(file).keys : [];
  write(dataDir, { version: KEYRING_VERSION, keys: [...keys, newKey(now)] });
}

const keyringFile = (dataDir: string): string => join(dataDir, 'keys', 'audit.json');

function newKey(now: Date): Keyring['keys'][number] {
  const note = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const jws = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  return { note: { ...note }, jws: { ...jws }, madeAt: now.toISOString() };
}

function read(file: string): Keyring {
  try {
    const keyring = JSON.parse(readFileSync(file, 'utf8')) as Keyring;
    if (keyring.version === KEYRING_VERSION && Array.isArray(keyring.keys)) return keyring;
  } catch (error) {
    throw new Error(`${file} cannot be read as a keyring`, { cause: error });
  }
  throw new Error(`${file} is a keyring of another version`);
}

/** On disk before it is used: a signature by a key that is lost is worth nothing. */
function write(dataDir: string, keyring: Keyring): void {
  mkdirSync(join(dataDir, 'keys'), { recursive: true, mode: 0o700 });
  const file = keyringFile(dataDir);
  const handle = openSync(`${file}.new`, 'w', 0o600);
  try {
    writeSync(handle, `${JSON.stringify(keyring, null, 2)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(`${file}.new`, file);
}
