/** Copies of the audit log wired: each sink of the settings with its delivery. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AuditTrail } from './admin/audit/audit-trail.js';
import type { NamedTarget } from './config/named-targets.js';
import type { Config } from './config.js';
import { FileSink } from './ops/audit-sinks/file-sink.js';
import { HttpSink } from './ops/audit-sinks/http-sink.js';
import type { Sink } from './ops/audit-sinks/sink.js';
import { SinkDelivery, type SinkTarget } from './ops/audit-sinks/sink-delivery.js';
import { SyslogSink } from './ops/audit-sinks/syslog-sink.js';
import type { AuditWatch } from './ops/audit-watch.js';
import type { StopList } from './ops/shutdown.js';
import { type GatewayContext, StartError } from './start-gateway.js';
import { VERSION } from './version.js';

const STOP_STEP_MS = 3_000;
const ROTATE_BYTES = 256 * 2 ** 20;
const UNITS = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;

export function openSinks(
  { config, store, observe }: GatewayContext,
  trail: AuditTrail,
  watch: AuditWatch,
  stops: StopList,
): void {
  for (const named of config.auditSinks ?? []) {
    const target = sinkTarget(named);
    const delivery = new SinkDelivery({
      url: store.url,
      target,
      sink: sinkOf(named, target, config),
      parts: store.privateParts,
      source: { origin: trail.signer.origin, version: VERSION },
      configured: ({ name, place, format, personal }, after) =>
        trail.record({
          kind: 'sink.configured',
          fields: { sink: name, target: place, format, disclosed: personal, after },
        }),
      onDelivered: (events) => watch.deliveredTo(target.name, events),
      onProblem: (error) => {
        watch.failed('sink', target.name);
        observe({ kind: 'background-failed', what: `the audit sink ${target.name}`, error });
      },
    });
    stops.add(`audit sink ${target.name}`, STOP_STEP_MS, () => delivery.stop());
  }
}

function sinkTarget({ name, url, options }: NamedTarget): SinkTarget {
  const { format, personal, from, kinds } = options;
  return {
    name,
    // A path of an endpoint may be a secret; where it is, is not.
    place: url.protocol === 'file:' ? `file:${url.pathname}` : `${url.protocol}//${url.host}`,
    format: format === 'cef' ? 'cef' : 'ocsf',
    personal: personal === 'true',
    fromNow: from === 'now',
    ...(kinds === undefined ? {} : { kinds: kinds.split(',') }),
  };
}

function sinkOf({ name, url, options }: NamedTarget, { format }: SinkTarget, config: Config): Sink {
  const ca = authorities(config);
  if (url.protocol === 'file:') {
    const { keep } = options;
    return new FileSink({
      file: fileURLToPath(url),
      rotateBytes: bytesOf(options.rotate),
      ...(keep === undefined ? {} : { keep: Number(keep) }),
    });
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') {
    const token = config.auditSinkTokens?.get(name);
    const contentType = format === 'cef' ? 'text/plain; charset=utf-8' : 'application/x-ndjson';
    return new HttpSink({ url, contentType, ...(token === undefined ? {} : { token }), ...ca });
  }
  const tls = url.protocol === 'syslog+tls:';
  const port = Number(url.port) || (tls ? 6_514 : 601);
  return new SyslogSink({ host: url.hostname.replaceAll(/^\[|\]$/g, ''), port, tls, ...ca });
}

function bytesOf(size: string | undefined): number {
  const [, digits, unit] = /^(\d+)(KiB|MiB|GiB)$/.exec(size ?? '') ?? [];
  return digits === undefined ? ROTATE_BYTES : Number(digits) * UNITS[unit as keyof typeof UNITS];
}

function authorities({ auditSinkCa }: Config): { readonly ca?: string } {
  if (auditSinkCa === undefined) return {};
  try {
    return { ca: readFileSync(auditSinkCa, 'utf8') };
  } catch (error) {
    throw new StartError(`SLUICE_AUDIT_SINK_CA ${auditSinkCa} cannot be read.`, error);
  }
}
