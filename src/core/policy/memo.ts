/**
 * Decisions remembered: the same principal, objects, purpose and policy version give the same answer until
 * the next moment at which a rule starts or ends.
 */
import { LRUCache } from 'lru-cache';
import type { TableMeta } from '../catalog/catalog.js';
import { type CompiledPolicies, stretchAround } from './compile.js';
import { canBrowse, type DecideRequest, decide, holdsAnywhere } from './decide.js';
import { decideResources } from './decide-resources.js';
import type { Action, Decision, Principal } from './decision.js';
import type { EngineId, ResourceLimits } from './resources.js';

const DECISIONS_MAX = 20_000;
/** Columns in all decisions kept: what their memory grows with. */
const DECISION_COLUMNS_MAX = 500_000;
const ANSWERS_MAX = 100_000;
const ID_SEPARATOR = '\u0001';

/** Policies of one version with the decisions already made under it. */
export class DecidingPolicies {
  readonly version: number;
  private readonly decisions = new LRUCache<string, Decision>({
    max: DECISIONS_MAX,
    maxSize: DECISION_COLUMNS_MAX,
    sizeCalculation: columnsIn,
  });
  private readonly answers = new LRUCache<string, boolean>({ max: ANSWERS_MAX });
  private readonly resourceLimits = new LRUCache<string, ResourceLimits>({ max: ANSWERS_MAX });
  private readonly keys = new WeakMap<Principal, string>();
  /** What is remembered holds in this stretch of time. */
  private from = Number.NaN;
  private until = Number.NaN;

  constructor(readonly compiled: CompiledPolicies) {
    this.version = compiled.version;
  }

  decide(request: DecideRequest): Decision {
    this.enter(request.now);
    const key = this.keyOf(request.principal, JSON.stringify(request.purpose) ?? '', request.tables);
    const known = this.decisions.get(key);
    if (known !== undefined) return known;
    const decision = decide(this.compiled, request);
    this.decisions.set(key, decision);
    return decision;
  }

  canBrowse(principal: Principal, table: TableMeta, nowMs: number): boolean {
    this.enter(nowMs);
    return this.answer(this.keyOf(principal, 'browse', [table]), () =>
      canBrowse(this.compiled, principal, table, nowMs),
    );
  }

  holdsAnywhere(principal: Principal, action: Action, nowMs: number): boolean {
    this.enter(nowMs);
    return this.answer(this.keyOf(principal, action, []), () =>
      holdsAnywhere(this.compiled, principal, action, nowMs),
    );
  }

  resources(principal: Principal, engine: EngineId, nowMs: number): ResourceLimits {
    this.enter(nowMs);
    const key = this.keyOf(principal, engine, []);
    const known = this.resourceLimits.get(key);
    if (known !== undefined) return known;
    const limits = decideResources(this.compiled, principal, engine, nowMs);
    this.resourceLimits.set(key, limits);
    return limits;
  }

  private answer(key: string, ask: () => boolean): boolean {
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    const answer = ask();
    this.answers.set(key, answer);
    return answer;
  }

  /** A clock may be set back too: what lies on the other side of a boundary is forgotten either way. */
  private enter(nowMs: number): void {
    if (nowMs >= this.from && nowMs < this.until) return;
    const { from, until } = stretchAround(this.compiled, nowMs);
    this.from = from;
    this.until = until;
    this.decisions.clear();
    this.answers.clear();
    this.resourceLimits.clear();
  }

  /** A table is its id and version: other columns or tags make another decision. */
  private keyOf(principal: Principal, what: string, tables: readonly TableMeta[]): string {
    let key = this.principalKey(principal) + ID_SEPARATOR + what;
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

const columnsIn = (decision: Decision): number =>
  [...decision.tables.values()].reduce((sum, table) => sum + table.columns.length, 1);
