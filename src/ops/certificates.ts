/** How old the certificates are that the gateway shows, or holds others to, and when they end. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Gauge, type Registry } from 'prom-client';

const SECOND_MS = 1_000;
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const CERTIFICATES_MAX = 500;

interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface CertificatesOptions {
  readonly registry: Registry;
  /** PEM files by what they are for; what is not set is not there. */
  readonly files: Readonly<Record<string, string | undefined>>;
  readonly clock: () => Date;
}

/** As they were when the gateway began: a file that was replaced since is in use from its next start. */
export function watchCertificates({ registry, files, clock }: CertificatesOptions): void {
  const known = Object.entries(files).flatMap(([use, file]) => {
    const validity = file === undefined ? undefined : validityOf(file);
    return validity === undefined ? [] : [{ use, ...validity }];
  });
  gauge(
    registry,
    'sluice_certificate_not_after_seconds',
    'When the certificate ends, in seconds since 1970.',
    () => known.map(({ use, untilMs }) => [use, untilMs / SECOND_MS]),
  );
  gauge(registry, 'sluice_certificate_age_seconds', 'How long the certificate has been valid.', () =>
    known.map(({ use, fromMs }) => [use, (clock().getTime() - fromMs) / SECOND_MS]),
  );
}

/** Of a chain, the one that ends first says when it ends. A file that cannot be read is for its user to tell. */
function validityOf(file: string): Validity | undefined {
  try {
    const texts = readFileSync(resolve(file), 'utf8').match(PEM) ?? [];
    const found = texts.slice(0, CERTIFICATES_MAX).map((pem) => {
      const { validFrom, validTo } = new X509Certificate(pem);
      return { fromMs: Date.parse(validFrom), untilMs: Date.parse(validTo) };
    });
    return found.sort((a, b) => a.untilMs - b.untilMs)[0];
  } catch {
    return undefined;
  }
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  read: () => readonly (readonly [string, number])[],
): void {
  new Gauge({
    name,
    help,
    labelNames: ['use'],
    registers: [registry],
    collect() {
      for (const [use, value] of read()) this.set({ use }, value);
    },
  });
}
