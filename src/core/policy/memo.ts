/**
 * Decisions remembered: the same principal, objects, purpose and policy version give the same answer until
 * the next moment at which a rule starts or ends.
 */
import { LRUCache } from 'lru-cache';
import type { TableMeta } from '../catalog/catalog.js';
import type { CompiledPolicies } from './compile.js';
import { canBrowse, type DecideRequest, decide, holdsAnywhere } from './decide.js';
import type { Action, Decision, Principal } from './decision.js';

const DECISIONS_MAX = 20_000;
const BROWSE_MAX = 100_000;
const ID_SEPARATOR = '\u0001';

/** Policies of one version with the decisions already made under it. */
export class DecidingPolicies {
  readonly version: number;
  private readonly decisions = new LRUCache<string, Decision>({ max: DECISIONS_MAX });
  private readonly browsable = new LRUCache<string, { readonly allowed: boolean; readonly until: number }>({
    max: BROWSE_MAX,
  });
  private readonly keys = new WeakMap<Principal, string>();

  constructor(readonly compiled: CompiledPolicies) {
    this.version = compiled.version;
  }

  decide(request: DecideRequest): Decision {
    const key = this.keyOf(request.principal, request.purpose, request.tables);
    const known = this.decisions.get(key);
    if (known !== undefined && (known.validUntil === undefined || request.now < known.validUntil))
      return known;
    const decision = decide(this.compiled, request);
    this.decisions.set(key, decision);
    return decision;
  }

  canBrowse(principal: Principal, table: TableMeta, nowMs: number): boolean {
    const key = this.keyOf(principal, undefined, [table]);
    const known = this.browsable.get(key);
    if (known !== undefined && nowMs < known.until) return known.allowed;
    const allowed = canBrowse(this.compiled, principal, table, nowMs);
    const until = this.compiled.boundaries.find((boundary) => boundary > nowMs) ?? Number.POSITIVE_INFINITY;
    this.browsable.set(key, { allowed, until });
    return allowed;
  }

  holdsAnywhere(principal: Principal, action: Action, nowMs: number): boolean {
    return holdsAnywhere(this.compiled, principal, action, nowMs);
  }

  /** A table is its id and version: other columns or tags make another decision. */
  private keyOf(principal: Principal, purpose: string | undefined, tables: readonly TableMeta[]): string {
    let key = this.principalKey(principal) + ID_SEPARATOR + (purpose ?? '');
    for (const table of tables) key += ID_SEPARATOR + table.id + ID_SEPARATOR + table.version;
    return key;
  }

  /** Attributes do not change a decision (they are values in row rules), subjects do. */
  private principalKey(principal: Principal): string {
    const known = this.keys.get(principal);
    if (known !== undefined) return known;
    const key = JSON.stringify([principal.user, [...principal.roles].sort(), [...principal.groups].sort()]);
    this.keys.set(principal, key);
    return key;
  }
}
