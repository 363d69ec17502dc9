/**
 * Bytes at rest, as a text, under a key that is kept elsewhere: AES-256-GCM, a nonce of its own each, the key's name in front.
 * Which place they belong to is not said here: whoever opens them holds them against their commitment.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

export const SEALING_KEY_BYTES = 32;
export const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';
const FORM = /^sealed:([a-z0-9-]{1,64}):([A-Za-z0-9+/]+={0,2})$/;

export interface SealingKey {
  readonly kid: string;
  readonly key: Uint8Array;
}

/** `nonce`: fresh random bytes. */
export function seal({ kid, key }: SealingKey, plain: Uint8Array, nonce: Uint8Array): string {
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(kid));
  const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return `sealed:${kid}:${sealed.toString('base64')}`;
}

export const isSealed = (text: string): boolean => text.startsWith('sealed:');

/** Undefined: no such key is here, or it is not the one that sealed this. */
export function unseal(text: string, keys: ReadonlyMap<string, Uint8Array>): Buffer | undefined {
  const [, kid = '', bytes64 = ''] = FORM.exec(text) ?? [];
  const key = keys.get(kid);
  const bytes = Buffer.from(bytes64, 'base64');
  if (key === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(kid));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const body = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    // Another key of that name, or other bytes.
    return undefined;
  }
}
