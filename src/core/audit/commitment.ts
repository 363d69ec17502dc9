/**
 * The personal part of an event is not in the log: a commitment to it is. With the salt gone, nobody can tell
 * what was committed to, not even by trying all names; with the salt there, nobody can claim another text.
 */
import { type Hash, sha256 } from './merkle.js';

export const SALT_BYTES = 32;
const LENGTH_BYTES = 4;
const BUCKET_BYTES_MIN = 256;

/** Length and bytes, filled up with zeros to 256 bytes or the next power of two: sizes tell little. */
export function bucketPad(bytes: Uint8Array): Buffer {
  let size = BUCKET_BYTES_MIN;
  while (size < LENGTH_BYTES + bytes.length) size *= 2;
  const padded = Buffer.alloc(size);
  padded.writeUInt32BE(bytes.length);
  padded.set(bytes, LENGTH_BYTES);
  return padded;
}

export const commitment = (salt: Uint8Array, text: string): Hash =>
  sha256(Buffer.concat([salt, bucketPad(Buffer.from(text))]));
