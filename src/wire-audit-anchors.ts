/** Anchors of the audit log wired: each of the settings with its delivery. */
import { fileURLToPath } from 'node:url';
import type { AuditTrail } from './admin/audit/audit-trail.js';
import type { NamedTarget } from './config/named-targets.js';
import type { Config } from './config.js';
import { parseVkey } from './core/crypto/signed-note.js';
import type { Anchor } from './ops/audit-anchors/anchor.js';
import { AnchorDelivery, type AnchoredLog } from './ops/audit-anchors/anchor-delivery.js';
import { BucketAnchor } from './ops/audit-anchors/bucket-anchor.js';
import { FileAnchor } from './ops/audit-anchors/file-anchor.js';
import { WitnessAnchor } from './ops/audit-anchors/witness-anchor.js';
import type { AuditWatch } from './ops/audit-watch.js';
import type { StopList } from './ops/shutdown.js';
import { type GatewayContext, StartError } from './start-gateway.js';

const STOP_STEP_MS = 3_000;
const RETENTION_DAYS = 400;
const REGION = 'us-east-1';

export function openAnchors(
  { config, store, observe }: GatewayContext,
  trail: AuditTrail,
  watch: AuditWatch,
  stops: StopList,
): void {
  for (const named of config.auditAnchors ?? []) {
    const { name, url } = named;
    const delivery = new AnchorDelivery({
      url: store.url,
      name,
      place:
        url.protocol === 'file:' ? `file:${url.pathname}` : `${url.protocol}//${url.host}${url.pathname}`,
      anchor: anchorOf(named, config, trail.signer.origin),
      log: logOf(trail),
      everyMs: config.auditAnchorEveryMs,
      configured: (anchor, target) => trail.record({ kind: 'anchor.configured', fields: { anchor, target } }),
      onProblem: (error) => {
        watch.failed('anchor', name);
        observe({ kind: 'background-failed', what: `the audit anchor ${name}`, error });
      },
    });
    stops.add(`audit anchor ${name}`, STOP_STEP_MS, () => delivery.stop());
  }
}

const logOf = ({ reader, proofs }: AuditTrail): AnchoredLog => ({
  lastCheckpoint: () => reader.lastCheckpoint(),
  rootAt: (size) => proofs.rootAt(size),
  ofConsistency: (first, second) => proofs.ofConsistency(first, second),
  keys: async () => (await reader.keys()).flatMap(({ vkey }) => parseVkey(vkey) ?? []),
});

function anchorOf({ name, url, options }: NamedTarget, config: Config, origin: string): Anchor {
  if (url.protocol === 'file:') return new FileAnchor(fileURLToPath(url));
  const [kind] = url.protocol.split('+');
  const address = new URL(url.href.slice(`${kind}+`.length));
  if (kind === 'witness') {
    const key = parseVkey(config.auditWitnessKeys?.get(name));
    if (key === undefined)
      throw new StartError(`SLUICE_AUDIT_WITNESS_KEYS has no key (name+id+base64) of the witness ${name}.`);
    return new WitnessAnchor({ url: address, origin, key });
  }
  const [, accessKeyId, secretAccessKey] =
    /^([^:]+):(.+)$/.exec(config.auditAnchorKeys?.get(name) ?? '') ?? [];
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new StartError(`SLUICE_AUDIT_ANCHOR_KEYS has no key (id:secret) for the bucket ${name}.`);
  return new BucketAnchor({
    url: address,
    region: options.region ?? REGION,
    accessKeyId,
    secretAccessKey,
    days: Number(options.days ?? RETENTION_DAYS),
    clock: () => new Date(),
  });
}
