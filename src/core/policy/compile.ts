/**
 * Documents to an index: by scope (catalog, schema, table, tag, column) and subject. A decision looks at the
 * handful of rules that can matter and never at all of them. Ten thousand documents are indexed again at
 * every change, so this makes no object that it can do without.
 */
import { foldName } from '../catalog/catalog.js';
import type { Action, Mask, RowRule, RuleReference } from './decision.js';
import type { PolicyDocument } from './document.js';
import { maskOf } from './masks.js';
import { ENGINE_IDS, type EngineId, type GroupLimits, limitsOf } from './resources.js';
import { ScopeRules } from './scope-rules.js';

/** Epoch milliseconds; absent: no bound. */
export interface Window {
  readonly from?: number;
  readonly until?: number;
}
interface Targeted extends RuleReference {
  /** Folded: `shop`, `shop.crm`, `shop.crm.customers`, `tag:x`, `shop.crm.customers.email`. */
  readonly scope: string;
  readonly to: readonly string[];
  readonly except: readonly string[];
  readonly windows: readonly Window[];
}
export interface GrantRule extends Targeted {
  readonly effect: 'allow' | 'deny';
  readonly actions: readonly Action[];
}
export interface FilterRule extends Targeted {
  readonly mode: RowRule['mode'];
  readonly where: string;
}
export interface MaskRule extends Targeted {
  readonly mask: Mask | undefined;
  readonly predicate: 'allow' | 'deny' | undefined;
}
export interface PurposeRule extends RuleReference {
  readonly scope: string;
  readonly require: readonly string[];
  readonly windows: readonly Window[];
}
/** A group as one document has it. */
export interface ResourceRule extends RuleReference {
  readonly to: readonly string[];
  readonly except: readonly string[];
  readonly engines: readonly EngineId[];
  readonly windows: readonly Window[];
  readonly limits: GroupLimits;
}
/** A catalog that a document opens, for as long as the document is valid. */
export interface Opening {
  readonly windows: readonly Window[];
}

export type Index<R extends Targeted> = ReadonlyMap<string, ScopeRules<R>>;

export interface CompiledPolicies {
  readonly version: number;
  readonly grants: Index<GrantRule>;
  readonly rows: Index<FilterRule>;
  readonly columns: Index<MaskRule>;
  readonly purposes: ReadonlyMap<string, readonly PurposeRule[]>;
  readonly open: ReadonlyMap<string, readonly Opening[]>;
  /** By subject. */
  readonly resources: ReadonlyMap<string, readonly ResourceRule[]>;
  /** Every moment at which a rule starts or ends, ascending. */
  readonly boundaries: readonly number[];
  readonly documents: readonly VersionedDocument[];
}

export interface VersionedDocument {
  readonly document: PolicyDocument;
  /** Version of this document. */
  readonly version: number;
}

export function compilePolicies(documents: readonly VersionedDocument[], version: number): CompiledPolicies {
  const builder = new Builder();
  for (const versioned of documents) builder.add(versioned);
  return builder.build(version, documents);
}

/** `shop.crm.*` and `shop.crm` are the same scope. */
export const foldScope = (pattern: string): string =>
  foldName(pattern.endsWith('.*') ? pattern.slice(0, -2) : pattern);

const NOBODY: readonly string[] = [];
const ALWAYS: readonly Window[] = [];

class Builder {
  private readonly grants = new Map<string, ScopeRules<GrantRule>>();
  private readonly rows = new Map<string, ScopeRules<FilterRule>>();
  private readonly columns = new Map<string, ScopeRules<MaskRule>>();
  private readonly purposes = new Map<string, PurposeRule[]>();
  private readonly open = new Map<string, Opening[]>();
  private readonly resources = new Map<string, ResourceRule[]>();
  private readonly boundaries = new Set<number>();

  add(versioned: VersionedDocument): void {
    const { document, version } = versioned;
    const policy = document.name;
    const windows = this.windows(document.valid, ALWAYS);
    this.addGrants(versioned, windows);
    for (const { name, on, to, except = NOBODY, mode, where, valid } of document.rows) {
      const both = this.windows(valid, windows);
      for (const pattern of on) {
        const scope = foldScope(pattern);
        put(this.rows, { policy, rule: name, version, scope, to, except, windows: both, mode, where });
      }
    }
    this.addColumns(versioned, windows);
    document.purposes.forEach((purpose, i) => {
      const rule = purpose.name ?? `purposes.${i}`;
      for (const pattern of purpose.on) {
        const scope = foldScope(pattern);
        append(this.purposes, scope, { policy, rule, version, scope, require: purpose.require, windows });
      }
    });
    for (const catalog of document.open ?? []) append(this.open, foldName(catalog), { windows });
    this.addResources(versioned, windows);
  }

  private addResources({ document, version }: VersionedDocument, ofDocument: readonly Window[]): void {
    for (const group of document.resources) {
      const rule: ResourceRule = {
        policy: document.name,
        rule: group.name,
        version,
        to: group.to,
        except: group.except ?? NOBODY,
        engines: group.engines ?? ENGINE_IDS,
        windows: this.windows(group.valid, ofDocument),
        limits: limitsOf(group),
      };
      for (const subject of new Set(group.to)) append(this.resources, subject, rule);
    }
  }

  private addGrants({ document, version }: VersionedDocument, ofDocument: readonly Window[]): void {
    document.grants.forEach(({ name, allow, deny, on, to, except = NOBODY, valid }, i) => {
      const rule = name ?? `grants.${i}`;
      const effect = allow === undefined ? 'deny' : 'allow';
      const actions = allow ?? deny ?? [];
      const windows = this.windows(valid, ofDocument);
      for (const pattern of on) {
        const scope = foldScope(pattern);
        put(this.grants, {
          policy: document.name,
          rule,
          version,
          scope,
          to,
          except,
          windows,
          effect,
          actions,
        });
      }
    });
  }

  private addColumns({ document, version }: VersionedDocument, ofDocument: readonly Window[]): void {
    document.columns.forEach(({ name, on, to, except = NOBODY, predicate, valid, mask: written }, i) => {
      const rule = name ?? `columns.${i}`;
      const mask = written === undefined ? undefined : maskOf(written);
      const windows = this.windows(valid, ofDocument);
      for (const pattern of on) {
        const scope = foldName(pattern);
        put(this.columns, {
          policy: document.name,
          rule,
          version,
          scope,
          to,
          except,
          windows,
          mask,
          predicate,
        });
      }
    });
  }

  /** Those of the document and one more. */
  private windows(valid: PolicyDocument['valid'], ofDocument: readonly Window[]): readonly Window[] {
    if (valid === undefined) return ofDocument;
    const from = valid.from === undefined ? {} : { from: this.boundary(valid.from) };
    const until = valid.until === undefined ? {} : { until: this.boundary(valid.until) };
    return [...ofDocument, { ...from, ...until }];
  }

  private boundary(text: string): number {
    const at = Date.parse(text);
    this.boundaries.add(at);
    return at;
  }

  build(version: number, documents: readonly VersionedDocument[]): CompiledPolicies {
    return {
      version,
      grants: this.grants,
      rows: this.rows,
      columns: this.columns,
      purposes: this.purposes,
      open: this.open,
      resources: this.resources,
      boundaries: [...this.boundaries].sort((a, b) => a - b),
      documents,
    };
  }
}

function put<R extends Targeted>(index: Map<string, ScopeRules<R>>, rule: R): void {
  let rules = index.get(rule.scope);
  if (rules === undefined) {
    rules = new ScopeRules<R>();
    index.set(rule.scope, rules);
  }
  rules.add(rule);
}

export function append<R>(lists: Map<string, R[]>, key: string, item: R): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

/** The keys under which rules speak of a principal. Compared as written: user names are case-sensitive. */
export const subjectKeys = (principal: {
  readonly user: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
}): readonly string[] => [
  'all',
  `user:${principal.user}`,
  ...principal.roles.map((role) => `role:${role}`),
  ...principal.groups.map((group) => `group:${group}`),
];

/** In force now? Every window (the rule's and its document's) must hold. */
export const inForce = (rule: { readonly windows: readonly Window[] }, nowMs: number): boolean =>
  rule.windows.every(
    (w) => (w.from === undefined || nowMs >= w.from) && (w.until === undefined || nowMs < w.until),
  );

/** The stretch of time around `nowMs` in which no rule starts or ends. */
export function stretchAround(
  { boundaries }: Pick<CompiledPolicies, 'boundaries'>,
  nowMs: number,
): { readonly from: number; readonly until: number } {
  let [low, high] = [0, boundaries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((boundaries[middle] ?? Number.POSITIVE_INFINITY) <= nowMs) low = middle + 1;
    else high = middle;
  }
  return {
    from: boundaries[low - 1] ?? Number.NEGATIVE_INFINITY,
    until: boundaries[low] ?? Number.POSITIVE_INFINITY,
  };
}
