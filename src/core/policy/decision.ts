/**
 * What a decision is: plain data that `rewrite` turns into plans, doors turn into answers and evidence keeps.
 */
import type { ObjectId } from '../catalog/catalog.js';
import type { DeniedObject } from '../errors.js';

export type Action = 'browse' | 'read' | 'write' | 'explain' | 'code' | 'administer';

export interface Principal {
  readonly user: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** Values for `:principal.name` in row rules. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** How they came in: `token:<id>`, `jwt:<issuer>`; for the record, never for decisions. */
  readonly via: string;
}
export type AttributeValue = string | number | boolean | readonly (string | number)[];

export type Mask =
  | { readonly kind: 'clear' }
  | { readonly kind: 'hide' }
  | { readonly kind: 'null' }
  | { readonly kind: 'constant'; readonly value: string | number | boolean }
  | { readonly kind: 'redact' }
  | { readonly kind: 'email' }
  | { readonly kind: 'showFirst'; readonly count: number }
  | { readonly kind: 'showLast'; readonly count: number }
  | { readonly kind: 'hash'; readonly domain: string }
  | { readonly kind: 'year' }
  | { readonly kind: 'month' }
  | { readonly kind: 'day' }
  | { readonly kind: 'round'; readonly to: number }
  | { readonly kind: 'bucket'; readonly bounds: readonly number[] };

/** Which line of which document, at which version. */
export interface RuleReference {
  readonly policy: string;
  readonly rule: string;
  readonly version: number;
}

export interface RowRule extends RuleReference {
  readonly mode: 'permissive' | 'restrictive';
  /** Object pattern or tag it was written for: `shop`, `shop.crm`, `shop.crm.customers`, `tag:pii`. */
  readonly scope: string;
  /** Spark SQL condition over raw columns; `:principal.x` are attributes. */
  readonly where: string;
}

/**
 * The row condition of one table as a tree over rules: permissive rules OR inside one scope, restrictive
 * rules AND on top, scopes AND each other. `none`: a permissive set exists and nothing in it applies to this
 * principal: zero rows.
 */
export type RowCondition =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'rule'; readonly rule: RowRule }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly RowCondition[] };

export interface ColumnDecision {
  readonly column: string;
  readonly mask: Mask;
  /** The rules that led to the mask, strictest first. Empty when clear by default. */
  readonly rules: readonly RuleReference[];
  readonly predicate: 'allow' | 'deny';
}

export interface TableDecision {
  readonly object: ObjectId;
  readonly actions: Readonly<Record<Action, boolean>>;
  /** Why: the grants that allowed or denied `read`. */
  readonly grants: readonly (RuleReference & {
    readonly effect: 'allow' | 'deny';
    readonly action: Action;
  })[];
  readonly rows: RowCondition;
  /** Every column of the table, by its catalogue name, in table order. */
  readonly columns: readonly ColumnDecision[];
}

export interface Notice {
  readonly code: string;
  readonly text: string;
}

export interface Decision {
  readonly policyVersion: number;
  readonly purpose?: string;
  /** read allowed on every table asked for. */
  readonly allowed: boolean;
  readonly tables: ReadonlyMap<ObjectId, TableDecision>;
  readonly denied: readonly DeniedObject[];
  readonly remedy?: string;
  readonly notices: readonly Notice[];
  /** Epoch milliseconds of the next moment at which a time-bound rule starts or ends; the memo ends there. */
  readonly validUntil?: number;
}
