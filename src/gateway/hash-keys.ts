/**
 * Keys of hash masks, one per domain, derived from one master secret (HKDF-SHA-256, RFC 5869). The same
 * domain gives the same hash in every statement and on every gateway with the same master, so that joins over
 * hashed columns work.
 */
import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;

/** `master`: at least 32 random bytes. Returns 64 hex digits for a domain. */
export function hashKeys(master: Buffer): (domain: string) => string {
  if (master.length < KEY_BYTES) throw new Error(`the mask key must have at least ${KEY_BYTES} bytes`);
  const derived = new Map<string, string>();
  return (domain) => {
    const known = derived.get(domain);
    if (known !== undefined) return known;
    const key = Buffer.from(hkdfSync('sha256', master, 'sluice/hash-mask/v1', domain, KEY_BYTES)).toString(
      'hex',
    );
    derived.set(domain, key);
    return key;
  };
}
