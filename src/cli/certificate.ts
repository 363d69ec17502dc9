/** X.509 certificates for tests on one's own machine: a root of one's own, and a server below it. ECDSA on P-256. */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { isIP } from 'node:net';
import { bits, der, integer, octets, oid, sequence, setOf, tagged, utcTime, utf8, yes } from './der.js';

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKey: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;
const SERIAL_BYTES = 16;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** `keyCertSign` and `cRLSign`; `digitalSignature`. */
const SIGNS_CERTIFICATES = bits(Buffer.from([0x06]), 1);
const SIGNS = bits(Buffer.from([0x80]), 7);

export interface Identity {
  readonly name: string;
  readonly key: KeyObject;
}

export const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** A root that signs servers and nothing below them. PEM. */
export const rootCertificate = (root: Identity, now: Date, days: number): string =>
  certificate(root, root, now, days, [
    extension(OID.basicConstraints, sequence(yes(), integer(Buffer.from([0]))), true),
    extension(OID.keyUsage, SIGNS_CERTIFICATES, true),
    extension(OID.subjectKey, octets(keyId(root.key))),
  ]);

/** A server of these names and addresses. PEM. */
export const serverCertificate = (
  server: Identity,
  root: Identity,
  hosts: readonly string[],
  now: Date,
  days: number,
): string =>
  certificate(server, root, now, days, [
    extension(OID.basicConstraints, sequence(), true),
    extension(OID.keyUsage, SIGNS, true),
    extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth))),
    extension(OID.subjectAltName, sequence(...hosts.map(altName))),
    extension(OID.subjectKey, octets(keyId(server.key))),
    extension(OID.authorityKey, sequence(der(0x80, keyId(root.key)))),
  ]);

function certificate(
  subject: Identity,
  issuer: Identity,
  now: Date,
  days: number,
  extensions: readonly Buffer[],
): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  // Positive, and never of more bytes than there are.
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const signed = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    nameOf(issuer),
    // A clock that is a little behind is no reason to be refused.
    sequence(utcTime(new Date(now.getTime() - HOUR_MS)), utcTime(new Date(now.getTime() + days * DAY_MS))),
    nameOf(subject),
    publicKey(subject.key),
    tagged(3, sequence(...extensions)),
  );
  return pem('CERTIFICATE', sequence(signed, algorithm, bits(sign('sha256', signed, issuer.key))));
}

const nameOf = ({ name }: Identity): Buffer => sequence(setOf(sequence(oid(OID.commonName), utf8(name))));

const publicKey = (key: KeyObject): Buffer =>
  createPublicKey(key as unknown as string).export({ type: 'spki', format: 'der' });

const keyId = (key: KeyObject): Buffer => createHash('sha1').update(publicKey(key)).digest();

const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(oid(id), ...(critical ? [yes()] : []), octets(value));

function altName(host: string): Buffer {
  switch (isIP(host)) {
    case 4:
      return der(0x87, Buffer.from(host.split('.').map(Number)));
    case 6:
      return der(0x87, ipv6(host));
    default:
      return der(0x82, Buffer.from(host, 'latin1'));
  }
}

/** Sixteen bytes; `::` is as many zeros as are left. */
function ipv6(host: string): Buffer {
  const [head = '', tail] = host.split('::');
  const groups = (text: string | undefined): readonly string[] => (text ? text.split(':') : []);
  const left = groups(head);
  const right = groups(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Buffer.from([...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
