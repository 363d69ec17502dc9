/** What the dashboard and the alert rules ask for is what a gateway tells. */
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ERROR_CODES } from '../src/core/errors.js';
import { AuditWatch } from '../src/ops/audit-watch.js';
import { watchCertificates } from '../src/ops/certificates.js';
import { Metrics } from '../src/ops/metrics.js';
import { LEVELS } from '../src/ops/observation.js';
import { readProjectFile } from './support/sources.js';

const METRIC = /\bsluice_[a-z0-9_]+/g;

async function told(): Promise<ReadonlySet<string>> {
  const metrics = new Metrics();
  const zero = () => 0;
  metrics.watch({
    evidenceWaiting: zero,
    engines: () => [],
    policyVersion: zero,
    catalogTables: zero,
    driftedTables: zero,
  });
  watchCertificates({ registry: metrics.registry, files: {}, clock: () => new Date() });
  const watch = new AuditWatch({
    registry: metrics.registry,
    look: () => Promise.reject(new Error('not now')),
    keyMadeAt: new Date(),
    clock: () => new Date(),
  });
  await watch.stop();
  return new Set((await metrics.registry.getMetricsAsJSON()).map((metric) => metric.name));
}
const base = (name: string): string => name.replace(/_(bucket|sum|count)$/, '');

const dashboard = JSON.parse(readProjectFile('deploy/monitoring/grafana-dashboard.json'));
const alerts = parse(readProjectFile('deploy/monitoring/alerts.yaml'));
const dashboardQueries: string[] = dashboard.panels.flatMap((panel: { targets: { expr: string }[] }) =>
  panel.targets.map((target) => target.expr),
);
const alertQueries: string[] = alerts.groups.flatMap((group: { rules: { expr: string }[] }) =>
  group.rules.map((rule) => rule.expr),
);

describe('monitoring files', () => {
  it('speak of metrics that there are', async () => {
    const known = await told();
    const asked = [...dashboardQueries, ...alertQueries].flatMap((query) => query.match(METRIC) ?? []);
    expect(asked.length).toBeGreaterThan(15);
    expect(asked.filter((name) => !known.has(name) && !known.has(base(name)))).toEqual([]);
  });

  it('speak of codes and kinds of problems that there are', () => {
    const values = (label: string) =>
      alertQueries.flatMap((query) =>
        [...query.matchAll(new RegExp(`${label}="([^"]+)"`, 'g'))].map((m) => m[1] ?? ''),
      );
    expect(values('code').filter((code) => !(code in ERROR_CODES))).toEqual([]);
    expect(values('kind').filter((kind) => !(kind in LEVELS))).toEqual([]);
  });
});
