/** The audit log wired: kept from the first to the last moment of the gateway, and served. */
import type { Provider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { AdminAuditInterceptor } from './admin/audit/admin-audit.js';
import { AuditTrail } from './admin/audit/audit-trail.js';
import { LoginFailures } from './admin/audit/login-failures.js';
import { AuditWatch } from './ops/audit-watch.js';
import type { StopList } from './ops/shutdown.js';
import type { GatewayContext } from './start-gateway.js';
import { AuditRetention } from './store/audit-retention.js';
import { auditStatus } from './store/audit-status.js';
import { VERSION } from './version.js';
import { openAnchors } from './wire-audit-anchors.js';
import { openSinks } from './wire-audit-copies.js';

const STOP_STEP_MS = 5_000;

const clock = (): Date => new Date();

export interface OpenAudit {
  readonly trail: AuditTrail;
  readonly watch: AuditWatch;
  readonly providers: readonly Provider[];
}

/** What the controllers of the log are given, and what records every change over the API. */
export async function openAudit(context: GatewayContext, stops: StopList): Promise<OpenAudit> {
  const { config, dataDir, store, observe, metrics } = context;
  const trail = await AuditTrail.open({
    url: store.url,
    database: store.database,
    recorder: store.recorder,
    dataDir,
    parts: store.privateParts,
    version: VERSION,
    spool: config.evidenceSpool,
    checkpointMs: config.auditCheckpointMs,
    heartbeatMs: config.auditHeartbeatMs,
    clock,
    onProblem: (error) => observe({ kind: 'background-failed', what: 'the audit log', error }),
  });
  stops.add('audit log', STOP_STEP_MS, () => trail.stop());
  if (config.auditPrivateDays > 0) {
    const retention = new AuditRetention({
      url: store.url,
      erasure: trail.erasure,
      days: config.auditPrivateDays,
      clock,
      onProblem: (error) => observe({ kind: 'background-failed', what: 'erasing what had its time', error }),
    });
    stops.add('audit retention', STOP_STEP_MS, () => retention.stop());
  }
  const sinks = (config.auditSinks ?? []).map(({ name }) => name);
  const anchors = (config.auditAnchors ?? []).map(({ name }) => name);
  const watch = new AuditWatch({
    registry: metrics.registry,
    look: () => auditStatus(store.database, clock(), sinks, anchors),
    keyMadeAt: trail.keyMadeAt,
    clock,
  });
  stops.add('watching the audit log', STOP_STEP_MS, () => watch.stop());
  openSinks(context, trail, watch, stops);
  openAnchors(context, trail, watch, stops);
  const providers = [
    { provide: AuditTrail, useValue: trail },
    { provide: APP_INTERCEPTOR, useValue: new AdminAuditInterceptor(trail) },
  ];
  return { trail, watch, providers };
}

/** A sign-in that failed: told, and on record. */
export function loginFailed({ store, observe }: GatewayContext): (method: string, address: string) => void {
  const failures = new LoginFailures({
    record: (event) => store.recorder.record(event),
    clock,
    onProblem: (error) => observe({ kind: 'background-failed', what: 'recording a sign-in', error }),
  });
  return (method, address) => {
    observe({ kind: 'login-failed', method });
    failures.note(method, address);
  };
}
