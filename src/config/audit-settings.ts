/** Settings of the audit log: how it is kept, where copies of it go. */
import { namedSecrets, namedTargets, type Options } from './named-targets.js';
import { group, optional } from './setting.js';
import { count, duration, text } from './values.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

const audit = group('Audit');

const SINK: Options = {
  format: /^(ocsf|cef)$/,
  personal: /^(true|false)$/,
  from: /^(start|now)$/,
  kinds: /^[a-z.-]+(,[a-z.-]+)*$/,
};
const BUCKET: Options = { region: /^[a-z0-9-]{1,40}$/, days: /^[1-9]\d{0,4}$/ };
const FILE: Options = { ...SINK, rotate: /^[1-9]\d{0,5}(KiB|MiB|GiB)$/, keep: /^[1-9]\d{0,4}$/ };

export const AUDIT_SETTINGS = {
  auditCheckpointMs: audit(
    'SLUICE_AUDIT_CHECKPOINT',
    duration(50, MINUTE_MS),
    '1s',
    'How often what was recorded is taken into the audit tree and signed.',
  ),
  auditHeartbeatMs: audit(
    'SLUICE_AUDIT_HEARTBEAT',
    duration(SECOND_MS, DAY_MS),
    '1m',
    'When nothing was recorded for so long, that is recorded.',
  ),
  auditPrivateDays: audit(
    'SLUICE_AUDIT_PRIVATE_DAYS',
    count(0, 36_500),
    '395',
    'Days that names, addresses and literals of events are kept; then they are erased, on record. 0: until somebody erases them.',
  ),
  auditPrivateKeys: optional('Audit', true)(
    'SLUICE_AUDIT_PRIVATE_KEYS',
    namedSecrets,
    'Keys that these are sealed with in Postgres: `name=64 hex digits`, several separated by spaces; the last one seals, all open. Without it: one that is made from the master key of hash masks.',
  ),
  auditSinks: optional('Audit', true)(
    'SLUICE_AUDIT_SINKS',
    namedTargets({
      protocols: {
        'file:': FILE,
        'syslog+tcp:': SINK,
        'syslog+tls:': SINK,
        'http:': SINK,
        'https:': SINK,
      },
      refused: {
        'syslog:': 'say syslog+tls:// or syslog+tcp://',
        'syslog+udp:': 'UDP loses messages without a word; use syslog+tls:// or syslog+tcp://',
        'udp:': 'UDP loses messages without a word; use syslog+tls:// or syslog+tcp://',
      },
    }),
    'Where every event is sent: `name=URL`, several separated by spaces; `file:///...`, `syslog+tcp://host:port`, `syslog+tls://host:port`, `https://...`; options behind `#` as `#format=cef&personal=true` (docs/how-to/audit.md).',
  ),
  auditSinkTokens: optional('Audit', true)(
    'SLUICE_AUDIT_SINK_TOKENS',
    namedSecrets,
    'Bearer tokens of HTTP sinks: `name=token`, several separated by spaces.',
  ),
  auditAnchors: optional('Audit')(
    'SLUICE_AUDIT_ANCHORS',
    namedTargets({
      protocols: {
        'file:': {},
        's3+https:': BUCKET,
        's3+http:': BUCKET,
        'witness+https:': {},
        'witness+http:': {},
      },
    }),
    'Where checkpoints are kept out of reach: `name=URL`, several separated by spaces; `file:///mnt/elsewhere/anchor.ndjson`, `s3+https://host/bucket/prefix#region=eu-central-1&days=400` (object lock), `witness+https://...` (docs/how-to/audit.md).',
  ),
  auditAnchorEveryMs: audit(
    'SLUICE_AUDIT_ANCHOR_EVERY',
    duration(50, DAY_MS),
    '5m',
    'How often the last checkpoint is taken to each anchor.',
  ),
  auditAnchorKeys: optional('Audit', true)(
    'SLUICE_AUDIT_ANCHOR_KEYS',
    namedSecrets,
    'Access keys of bucket anchors: `name=id:secret`, several separated by spaces.',
  ),
  auditWitnessKeys: optional('Audit')(
    'SLUICE_AUDIT_WITNESS_KEYS',
    namedSecrets,
    'Public keys of witness anchors: `name=vkey`, several separated by spaces.',
  ),
  auditSinkCa: optional('Audit')(
    'SLUICE_AUDIT_SINK_CA',
    text,
    'Certificate authorities (PEM file) that sinks over TLS are held to. Without it: those of Node.js.',
  ),
} as const;
