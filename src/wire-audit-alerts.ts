/** Alerts wired: rules held against the log, tags as the catalogue has them. */
import type { Provider } from '@nestjs/common';
import { AlertWatch } from './admin/audit/alert-watch.js';
import { type CatalogSnapshot, foldName } from './core/catalog/catalog.js';
import type { StopList } from './ops/shutdown.js';
import type { GatewayContext } from './start-gateway.js';
import { AlertRules } from './store/alert-rules.js';
import type { OpenAudit } from './wire-audit.js';

const STOP_STEP_MS = 3_000;

export function openAlerts(
  { store, observe }: GatewayContext,
  { trail, watch }: OpenAudit,
  catalog: () => CatalogSnapshot,
  stops: StopList,
): readonly Provider[] {
  const rules = new AlertRules(store.database);
  const alerts = new AlertWatch({
    url: store.url,
    rules,
    trail,
    status: () => watch.status,
    broken: () => [
      ...(trail.isBroken ? ['log'] : []),
      ...watch.status.copies.flatMap(({ name, diverged }) => (diverged === null ? [] : [`anchor ${name}`])),
    ],
    tagged: (tag) => taggedIn(catalog(), tag),
    clock: () => new Date(),
    onAlert: (rule, severity) => {
      watch.alerted(rule, severity);
      observe({ kind: 'audit-alert', rule, severity });
    },
    onProblem: (error) => observe({ kind: 'background-failed', what: 'alerts', error }),
  });
  stops.add('alerts', STOP_STEP_MS, () => alerts.stop());
  return [{ provide: AlertRules, useValue: rules }];
}

/** Objects and columns that carry the tag. */
function taggedIn({ tables }: CatalogSnapshot, tag: string): ReadonlySet<string> {
  const carries = (tags: readonly string[]): boolean => tags.some((each) => foldName(each) === foldName(tag));
  return new Set(
    [...tables.values()].flatMap((table) => [
      ...(carries(table.tags) ? [table.id] : []),
      ...table.columns
        .filter((column) => carries(column.tags))
        .map((column) => `${table.id}.${foldName(column.name)}`),
    ]),
  );
}
