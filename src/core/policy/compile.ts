/**
 * Documents to an index: by scope (catalog, schema, table, tag, column) and subject. A decision looks at the
 * handful of rules that can matter and never at all of them.
 */
import { foldName } from '../catalog/catalog.js';
import type { Action, Mask, RowRule, RuleReference } from './decision.js';
import type { PolicyDocument } from './document.js';
import { maskOf } from './masks.js';

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
  readonly row: RowRule;
}
export interface MaskRule extends Targeted {
  readonly mask?: Mask;
  readonly predicate?: 'allow' | 'deny';
}
export interface PurposeRule extends RuleReference {
  readonly scope: string;
  readonly require: readonly string[];
}

/** Rules of one scope by subject key. */
export type BySubject<R> = ReadonlyMap<string, readonly R[]>;
type Index<R> = ReadonlyMap<string, BySubject<R>>;

export interface CompiledPolicies {
  readonly version: number;
  readonly grants: Index<GrantRule>;
  readonly rows: Index<FilterRule>;
  readonly columns: Index<MaskRule>;
  readonly purposes: ReadonlyMap<string, readonly PurposeRule[]>;
  readonly open: ReadonlySet<string>;
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
/** Subjects are compared as written: user names are case-sensitive. */
const instant = (text: string): number => Date.parse(text);

class Builder {
  private readonly grants = new Map<string, Map<string, GrantRule[]>>();
  private readonly rows = new Map<string, Map<string, FilterRule[]>>();
  private readonly columns = new Map<string, Map<string, MaskRule[]>>();
  private readonly purposes = new Map<string, PurposeRule[]>();
  private readonly open = new Set<string>();
  private readonly boundaries = new Set<number>();

  add({ document, version }: VersionedDocument): void {
    const base = { policy: document.name, version };
    for (const catalog of document.open ?? []) this.open.add(foldName(catalog));
    document.grants.forEach((grant, i) => {
      const effect = grant.allow === undefined ? 'deny' : 'allow';
      const rule = {
        ...base,
        rule: grant.name ?? `grants.${i}`,
        effect,
        actions: grant.allow ?? grant.deny ?? [],
      } as const;
      this.put(this.grants, grant, document, (target) => ({ ...rule, ...target }));
    });
    document.rows.forEach((row) => {
      this.put(this.rows, row, document, (target) => {
        const reference = { ...base, rule: row.name };
        return {
          ...reference,
          ...target,
          row: { ...reference, mode: row.mode, scope: target.scope, where: row.where },
        };
      });
    });
    document.columns.forEach((column, i) => {
      const mask = column.mask === undefined ? undefined : maskOf(column.mask);
      this.put(this.columns, column, document, (target) => ({
        ...base,
        ...target,
        rule: column.name ?? `columns.${i}`,
        ...(mask === undefined ? {} : { mask }),
        ...(column.predicate === undefined ? {} : { predicate: column.predicate }),
      }));
    });
    document.purposes.forEach((purpose, i) => {
      for (const pattern of purpose.on) {
        const scope = foldScope(pattern);
        const rule = { ...base, rule: purpose.name ?? `purposes.${i}`, scope, require: purpose.require };
        this.purposes.set(scope, [...(this.purposes.get(scope) ?? []), rule]);
      }
    });
  }

  private put<R>(
    index: Map<string, Map<string, R[]>>,
    written: Pick<PolicyDocument['grants'][number], 'on' | 'to' | 'except' | 'valid'>,
    document: PolicyDocument,
    make: (target: Pick<Targeted, 'scope' | 'to' | 'except' | 'windows'>) => R,
  ): void {
    const windows = [written.valid, document.valid].flatMap((valid) => {
      if (valid === undefined) return [];
      return [
        {
          ...(valid.from === undefined ? {} : { from: this.boundary(valid.from) }),
          ...(valid.until === undefined ? {} : { until: this.boundary(valid.until) }),
        },
      ];
    });
    for (const pattern of written.on) {
      const scope = foldScope(pattern);
      const rule = make({ scope, to: written.to, except: written.except ?? [], windows });
      const bySubject = index.get(scope) ?? new Map<string, R[]>();
      index.set(scope, bySubject);
      for (const subject of new Set(written.to)) {
        const list = bySubject.get(subject);
        if (list === undefined) bySubject.set(subject, [rule]);
        else list.push(rule);
      }
    }
  }

  private boundary(text: string): number {
    const at = instant(text);
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
      boundaries: [...this.boundaries].sort((a, b) => a - b),
      documents,
    };
  }
}

/** The keys under which rules speak of a principal. */
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
