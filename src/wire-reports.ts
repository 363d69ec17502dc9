/** Reports wired: made on request and when they are due, over the audit log of this gateway. */
import { hkdfSync } from 'node:crypto';
import type { Provider } from '@nestjs/common';
import { AuditTrail } from './admin/audit/audit-trail.js';
import { ReportNaming } from './admin/reports/report-naming.js';
import { ReportRenderer } from './admin/reports/report-renderer.js';
import { ReportRunner } from './admin/reports/report-runner.js';
import { ReportService } from './admin/reports/report-service.js';
import { ReportTrail } from './admin/reports/report-trail.js';
import type { SecretKey } from './core/reports/keys.js';
import { LiveCatalog } from './gateway/live-catalog.js';
import { PolicyHolder } from './gateway/policy-holder.js';
import type { GatewayContext } from './start-gateway.js';
import { ReportNames } from './store/report-personal.js';
import { ReportResults } from './store/report-results.js';
import { ReportSchedules } from './store/report-schedules.js';

const FINGERPRINT_BYTES = 8;

const clock = (): Date => new Date();

export function reportProviders(context: GatewayContext): readonly Provider[] {
  const { store, observe } = context;
  const results = new ReportResults(store.database);
  const schedules = new ReportSchedules(store.database);
  return [
    { provide: ReportTrail, inject: [AuditTrail], useFactory: (trail: AuditTrail): ReportTrail => trail },
    { provide: ReportResults, useValue: results },
    { provide: ReportSchedules, useValue: schedules },
    ReportRenderer,
    {
      provide: ReportNaming,
      inject: [ReportTrail],
      useFactory: (trail: ReportTrail) =>
        new ReportNaming(trail, new ReportNames(store.database, store.privateParts), store.principals),
    },
    {
      provide: ReportService,
      inject: [ReportTrail, LiveCatalog, PolicyHolder],
      useFactory: (trail: ReportTrail, catalog: LiveCatalog, policies: PolicyHolder) =>
        new ReportService({
          url: store.url,
          trail,
          results,
          catalog,
          policies,
          principals: store.principals,
          secrets: secretsOf(context),
          clock,
        }),
    },
    {
      // Runs for as long as the HTTP application: Nest starts and stops it.
      provide: ReportRunner,
      inject: [ReportTrail, ReportService],
      useFactory: (trail: ReportTrail, reports: ReportService) =>
        new ReportRunner({
          url: store.url,
          trail,
          reports,
          schedules,
          clock,
          onProblem: (error) => observe({ kind: 'background-failed', what: 'a scheduled report', error }),
        }),
    },
  ];
}

/** The one secret of the gateway, and what is derived from it. */
function secretsOf({ config, maskKey }: GatewayContext): readonly SecretKey[] {
  const origin = config.maskKey === undefined ? 'keys/mask.key in the data folder' : 'SLUICE_MASK_KEY';
  const fingerprint = Buffer.from(
    hkdfSync('sha256', maskKey, '', 'sluice key fingerprint', FINGERPRINT_BYTES),
  ).toString('hex');
  return [
    { name: 'mask key', use: 'hash masks, one key derived per domain', origin, fingerprint },
    {
      name: 'pseudonym key',
      use: 'names of people in the log',
      origin: 'derived from the mask key',
      fingerprint,
    },
  ];
}
