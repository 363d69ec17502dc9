/** Resource groups: how many statements of whom run at once, and how long and large they may be. */
import type { RuleReference } from './decision.js';
import type { PolicyDocument } from './document.js';
import { bytesOf, millisecondsOf } from './quantity.js';

export const ENGINE_IDS = ['duckdb', 'spark'] as const;
export type EngineId = (typeof ENGINE_IDS)[number];

/** Of groups that say none, and of those who are in no group. */
export const PRIORITY_DEFAULT = 10;
export const UNGROUPED_NAME = 'default';

/** What a statement of a principal gets on one engine. What is left out is bounded by the settings alone. */
export interface ResourceLimits {
  /** `policy/name` of the group whose places it takes, or `default`. */
  readonly group: string;
  /** Statements of the group that run at once. */
  readonly concurrency?: number;
  /** Statements of the group that may wait. */
  readonly queue?: number;
  /** Weight of the group among the others. */
  readonly priority: number;
  readonly timeMs?: number;
  readonly bytes?: number;
  readonly rows?: number;
  /** Told, and kept by no engine: both have their threads for all statements together. */
  readonly cores?: number;
  /** The groups that count. */
  readonly rules: readonly RuleReference[];
  /** Policies that said so: of two definitions of a group the later holds. */
  readonly policyVersion: number;
}

export type GroupLimits = Omit<ResourceLimits, 'group' | 'rules' | 'policyVersion'>;

type ResourceDocument = PolicyDocument['resources'][number];

export const limitsOf = (group: ResourceDocument): GroupLimits => ({
  priority: group.priority ?? PRIORITY_DEFAULT,
  ...(group.concurrency === undefined ? {} : { concurrency: group.concurrency }),
  ...(group.queue === undefined ? {} : { queue: group.queue }),
  ...(group.time === undefined ? {} : { timeMs: millisecondsOf(group.time) }),
  ...(group.bytes === undefined ? {} : { bytes: bytesOf(group.bytes) }),
  ...(group.rows === undefined ? {} : { rows: group.rows }),
  ...(group.cores === undefined ? {} : { cores: group.cores }),
});

export const ungrouped = (policyVersion: number): ResourceLimits => ({
  group: UNGROUPED_NAME,
  priority: PRIORITY_DEFAULT,
  rules: [],
  policyVersion,
});
