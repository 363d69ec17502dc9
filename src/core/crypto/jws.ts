/**
 * Signatures as JWS (ES256, compact form): made by node-jose, checked by node:crypto, so that no signature
 * is judged by the code that made it. One algorithm, one header, nothing else is accepted: no key comes from
 * a token, nothing is inflated.
 */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import jose from 'node-jose';
import { canonicalJson, type JsonRecord, parseRecord } from './canonical-json.js';

const ALGORITHM = 'ES256';
const CURVE = 'P-256';
const JWS_CHARS_MAX = 1_000_000;
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/** A public key of ours: nothing private in it. */
export interface SigningJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

export function publicJwk(jwk: Readonly<Record<string, unknown>>): SigningJwk | undefined {
  const { kty, crv, x, y } = jwk;
  const fits = kty === 'EC' && crv === CURVE && typeof x === 'string' && typeof y === 'string';
  return fits ? { kty, crv, x, y } : undefined;
}

/** RFC 7638 thumbprint: the name of a key is made from the key. */
export const keyId = ({ kty, crv, x, y }: SigningJwk): string =>
  createHash('sha256').update(canonicalJson({ crv, kty, x, y })).digest('base64url');

/** `typ` says what is signed, so that no signature can stand for something else. */
export async function signJws(
  payload: JsonRecord,
  typ: string,
  privateJwk: Readonly<Record<string, unknown>>,
): Promise<string> {
  const jwk = publicJwk(privateJwk);
  if (jwk === undefined) throw new TypeError('not a P-256 key');
  const key = await jose.JWK.asKey({ ...privateJwk, kid: keyId(jwk), use: 'sig', alg: ALGORITHM });
  const options = { format: 'compact', fields: { alg: ALGORITHM, kid: keyId(jwk), typ } } as const;
  const signer = jose.JWS.createSign(options, key);
  return String(await signer.update(canonicalJson(payload), 'utf8').final());
}

/** The `kid` a signature claims; undefined when it does not have the form. */
export const kidOf = (jws: unknown): string | undefined => {
  const header = typeof jws === 'string' ? decoded(COMPACT.exec(jws)?.[1]) : undefined;
  return typeof header?.kid === 'string' ? header.kid : undefined;
};

/** The payload, if `jws` is signed by this key as this type; otherwise undefined, whatever is wrong. */
export function openJws(
  jws: unknown,
  typ: string,
  jwk: SigningJwk,
): Readonly<Record<string, unknown>> | undefined {
  if (typeof jws !== 'string' || jws.length > JWS_CHARS_MAX) return undefined;
  const [, header64, payload64, signature64] = COMPACT.exec(jws) ?? [];
  const header = decoded(header64);
  const known = header?.alg === ALGORITHM && header.typ === typ && header.kid === keyId(jwk);
  if (!known || Object.keys(header).length !== 3 || !isCanonical(signature64)) return undefined;
  const signed = verifies(`${header64}.${payload64}`, signature64!, jwk);
  return signed ? decoded(payload64) : undefined;
}

const keyObjects = new WeakMap<SigningJwk, KeyObject>();

function verifies(signed: string, signature: string, jwk: SigningJwk): boolean {
  try {
    const key = keyObjects.get(jwk) ?? createPublicKey({ key: jwk as unknown as JsonWebKey, format: 'jwk' });
    keyObjects.set(jwk, key);
    const bytes = Buffer.from(signature, 'base64url');
    return verify('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, bytes);
  } catch {
    // Coordinates that are no point of the curve.
    return false;
  }
}

const decoded = (part: string | undefined): Readonly<Record<string, unknown>> | undefined =>
  part !== undefined && isCanonical(part)
    ? parseRecord(Buffer.from(part, 'base64url').toString('utf8'))
    : undefined;

/** Base64url can spell the same bytes in more than one way; one of them is ours. */
const isCanonical = (part: string | undefined): boolean =>
  part !== undefined && Buffer.from(part, 'base64url').toString('base64url') === part;
