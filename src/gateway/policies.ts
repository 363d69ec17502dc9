/** What the gateway asks of policies. */
import type { TableMeta } from '../core/catalog/catalog.js';
import type { Decision, Principal } from '../core/policy/decision.js';
import type { EngineId, ResourceLimits } from '../core/policy/resources.js';

/** Policies as one version sees them. */
export interface PolicyView {
  readonly version: number;
  canBrowse(principal: Principal, table: TableMeta, nowMs: number): boolean;
  decide(request: DecideRequest): Decision;
  /** What a statement of this principal gets on that engine. */
  resources(principal: Principal, engine: EngineId, nowMs: number): ResourceLimits;
}
export interface DecideRequest {
  readonly principal: Principal;
  readonly purpose?: string;
  readonly tables: readonly TableMeta[];
  readonly now: number;
}

export interface Policies {
  /** The newest version that this gateway has in force. */
  current(): PolicyView;
  /** Resolves when a version above `version` is in force or a short wait is over. */
  waitForNewer(version: number): Promise<void>;
}
