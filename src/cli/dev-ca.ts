/**
 * `sluice keys dev-ca`: a certificate authority for one's own machine, and a certificate of it for the Spark Connect port,
 * because PySpark asks for TLS wherever the host is not spelled `localhost`. The authority stays when it is run again.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { newKey, rootCertificate, serverCertificate } from './certificate.js';
import { print } from './connection.js';

const ROOT_NAME = 'Sluice development CA';
const ROOT_DAYS = 825;
const SERVER_DAYS = 397;
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63})*|\[?[0-9A-Fa-f:.]+\]?)$/;

export interface DevCa {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly hosts: readonly string[];
  /** The authority was there already. */
  readonly kept: boolean;
}

/** Makes them and says how they are used. */
export function devCa(
  options: { readonly host?: readonly string[]; readonly out?: string },
  asJson: boolean,
): void {
  const folder = options.out ?? join(process.env.SLUICE_DATA_DIR ?? '.sluice', 'tls');
  const made = makeDevCa(folder, options.host ?? [], new Date());
  print(asJson, made, () =>
    console.log(
      [
        `${made.kept ? 'Kept' : 'Made'} the authority ${made.ca}; the certificate is for ${made.hosts.join(', ')}.`,
        'Start the gateway with',
        `  SLUICE_CONNECT_TLS_CERT=${made.certificate}`,
        `  SLUICE_CONNECT_TLS_KEY=${made.key}`,
        'and clients with',
        `  GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=${made.ca}`,
        'This authority is for tests: whoever has its key can pretend to be any of your hosts to those who trust it.',
      ].join('\n'),
    ),
  );
}

/** Writes `ca.pem`, `ca-key.pem`, `server.pem` and `server-key.pem` into the folder; keys are for the owner only. */
export function makeDevCa(folder: string, hosts: readonly string[], now: Date): DevCa {
  const wrong = hosts.find((host) => !HOST.test(host));
  if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} is not the name or address of a host`);
  const directory = resolve(folder);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const ca = join(directory, 'ca.pem');
  const known = knownRoot(ca, join(directory, 'ca-key.pem'), now);
  const root = { name: ROOT_NAME, key: known ?? newKey() };
  if (known === undefined) {
    writeKey(join(directory, 'ca-key.pem'), root.key);
    writeFileSync(ca, rootCertificate(root, now, ROOT_DAYS));
  }
  const names = [...new Set(['localhost', '127.0.0.1', '::1', hostname(), ...hosts])];
  const server = { name: names[0] ?? 'localhost', key: newKey() };
  const certificate = join(directory, 'server.pem');
  const key = join(directory, 'server-key.pem');
  writeKey(key, server.key);
  writeFileSync(certificate, serverCertificate(server, root, names, now, SERVER_DAYS));
  return { ca, certificate, key, hosts: names, kept: known !== undefined };
}

/** The key of an authority that outlives what it is to sign. */
function knownRoot(certificateFile: string, keyFile: string, now: Date): KeyObject | undefined {
  if (!existsSync(certificateFile) || !existsSync(keyFile)) return undefined;
  const { validTo } = new X509Certificate(readFileSync(certificateFile));
  if (Date.parse(validTo) < now.getTime() + SERVER_DAYS * 86_400_000) return undefined;
  return createPrivateKey(readFileSync(keyFile));
}

const writeKey = (file: string, key: KeyObject): void =>
  writeFileSync(file, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
