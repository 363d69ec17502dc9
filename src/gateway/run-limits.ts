/** What bounds one run: the lowest of what was asked for, what the settings allow and what the resource group gets. */
import type { Principal } from '../core/policy/decision.js';
import type { ResourceLimits } from '../core/policy/resources.js';
import type { RunLimits } from '../engines/engine.js';
import type { PolicyView } from './policies.js';
import type { StatementLimits } from './run-statement.js';
import type { ResourcesByEngine, ShownResources, StatementRequest } from './statement.js';

export type AskedLimits = Pick<StatementRequest, 'rowLimit' | 'byteLimit' | 'timeoutMs'>;

export function runLimits(
  limits: StatementLimits,
  asked: AskedLimits,
  group: ResourceLimits,
): Required<RunLimits> {
  const { rows, bytes, timeMs } = group;
  return {
    rowLimit: lowest(asked.rowLimit, limits.rowLimitMax, rows),
    byteLimit: lowest(asked.byteLimit ?? limits.byteLimitDefault, limits.byteLimitMax, bytes),
    timeoutMs: lowest(asked.timeoutMs ?? limits.timeoutMsDefault, limits.timeoutMsMax, timeMs),
  };
}

const lowest = (...limits: readonly (number | undefined)[]): number =>
  Math.min(...limits.filter((limit) => limit !== undefined));

/** What a statement of this principal gets on each engine. */
export const resourcesOf = (
  policies: PolicyView,
  principal: Principal,
  nowMs: number,
): ResourcesByEngine => ({
  duckdb: policies.resources(principal, 'duckdb', nowMs),
  spark: policies.resources(principal, 'spark', nowMs),
});

export const shownResources = (group: ResourceLimits, limits: Required<RunLimits>): ShownResources => ({
  group: group.group,
  rules: group.rules.map(({ policy, rule }) => `${policy}/${rule}`),
  priority: group.priority,
  concurrency: group.concurrency ?? null,
  queue: group.queue ?? null,
  timeoutMs: limits.timeoutMs,
  byteLimit: limits.byteLimit,
  rowLimit: limits.rowLimit,
});
