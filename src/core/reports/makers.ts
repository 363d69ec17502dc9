/** Who counts for which report. */
import { AccessReport } from './access.js';
import { BreachReport } from './breach.js';
import { DeniedReport } from './denied.js';
import { type EntitlementSources, EntitlementsReport } from './entitlements.js';
import { type KeySources, KeysReport } from './keys.js';
import { PolicyChangesReport } from './policy-changes.js';
import { CcpaMetricsReport, DsrReport } from './privacy-requests.js';
import type { Report, ReportFilter, ReportKind, ReportMaker } from './report.js';
import { type PersonalCounts, RetentionReport } from './retention.js';
import { RopaReport } from './ropa.js';

/** What is true now, beside the log. */
export interface ReportSources extends EntitlementSources, KeySources {
  readonly personal: PersonalCounts;
  readonly previous?: Report;
}

type Make = (filter: ReportFilter, sources: ReportSources) => ReportMaker;

const MAKERS: Readonly<Record<ReportKind, Make>> = {
  access: (filter) => new AccessReport(filter),
  denied: (filter) => new DeniedReport(filter),
  breach: (filter) => new BreachReport(filter),
  'policy-changes': (filter) => new PolicyChangesReport(filter),
  entitlements: (filter, sources) => new EntitlementsReport(filter, sources),
  ropa: (filter, sources) => new RopaReport(filter, sources),
  keys: (filter, sources) => new KeysReport(filter, sources),
  retention: (filter, { personal }) => new RetentionReport(filter, personal),
  dsr: (filter) => new DsrReport(filter),
  'ccpa-metrics': (filter) => new CcpaMetricsReport(filter),
};

export const reportMaker = (kind: ReportKind, filter: ReportFilter, sources: ReportSources): ReportMaker =>
  MAKERS[kind](filter, sources);
