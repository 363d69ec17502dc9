/**
 * What a statement is on its way through the gateway: the request a door hands in, and what doors may show of
 * it.
 */
import type { WriteMode } from '../core/plan/write.js';
import type { Decision, Mask, Notice, Principal } from '../core/policy/decision.js';
import type { EngineId, ResourceLimits } from '../core/policy/resources.js';
import type { TraceParent } from './trace-parent.js';

export interface StatementParameter {
  /** Absent: positional, for `?`. */
  readonly name?: string;
  /** Spark type name; absent: taken from the JSON value. */
  readonly type?: string;
  readonly value: string | number | boolean | null;
}

export interface StatementRequest {
  readonly statement: string;
  readonly parameters: readonly StatementParameter[];
  readonly catalog?: string;
  readonly schema?: string;
  readonly engine: 'auto' | 'duckdb' | 'spark';
  readonly purpose?: string;
  readonly justification?: string;
  readonly rowLimit?: number;
  readonly byteLimit?: number;
  readonly timeoutMs?: number;
  readonly minPolicyVersion?: number;
  /** False: an answer that was made before will not do. */
  readonly cache?: boolean;
  /** What the caller wants the result as, where nothing else says. */
  readonly format?: 'json' | 'ndjson' | 'csv' | 'arrow' | 'parquet';
  readonly tags: Readonly<Record<string, string>>;
}

/** Where a request came from: personal, recorded apart. */
export interface Caller {
  readonly principal: Principal;
  /** The token that was used; looked at again when the intent is recorded. */
  readonly tokenId?: string;
  /** Of credentials that are not a token of ours. */
  readonly validUntil?: Date;
  /** How long the credentials took to check. */
  readonly authenticateMs?: number;
  readonly address?: string;
  readonly userAgent?: string;
  /** The trace that its request is a part of. */
  readonly trace?: TraceParent;
}

export interface ManifestColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly masked: boolean;
  /** Kind of the strictest mask that reaches this column, e.g. `email`. */
  readonly mask: string | null;
}

export interface Governance {
  readonly policyVersion: number;
  readonly decisionId: string;
  /** Tables that were read, canonical ids. */
  readonly objects: readonly string[];
  readonly filteredTables: readonly { readonly object: string; readonly rules: readonly string[] }[];
  readonly maskedColumns: readonly {
    readonly object: string;
    readonly column: string;
    readonly mask: string;
    readonly rule: string;
  }[];
  readonly purpose: string | null;
  readonly notices: readonly Notice[];
  /** Absent where nothing is to run. */
  readonly resources?: ShownResources;
  /** The table that is written, and how. */
  readonly written?: {
    readonly object: string;
    readonly mode: WriteMode | 'row-change' | 'drop' | 'nothing';
  };
}

/** What policies give a principal on each engine. */
export type ResourcesByEngine = Readonly<Record<EngineId, ResourceLimits>>;

/** What a statement gets of its engine. */
export interface ShownResources {
  readonly group: string;
  readonly rules: readonly string[];
  readonly priority: number;
  readonly concurrency: number | null;
  readonly queue: number | null;
  readonly timeoutMs: number;
  readonly byteLimit: number;
  readonly rowLimit: number;
}

export interface ExplainAnswer {
  readonly decision: 'allow' | 'deny';
  readonly governance: Governance;
  readonly schema: readonly ManifestColumn[];
  readonly tables: readonly {
    readonly object: string;
    readonly allowed: boolean;
    /** Names for everyone; expressions only with the `explain` action on that table. */
    readonly filters: readonly { readonly rule: string; readonly mode: string; readonly where?: string }[];
    readonly masks: readonly { readonly column: string; readonly mask: Mask; readonly rule: string }[];
  }[];
  readonly denied: Decision['denied'];
  readonly remedy?: string;
  readonly resources: ResourcesByEngine;
  /** Printed engine SQL and the engine's plan: only with `explain` on every table. */
  readonly securedPlan?: string;
  readonly enginePlan?: string;
}

/** The nine words, in order: code, logs, metrics and Server-Timing use them. */
export const STAGES = [
  'authenticate',
  'decode',
  'bind',
  'decide',
  'rewrite',
  'check',
  'record',
  'run',
  'reveal',
] as const;
export type Stage = (typeof STAGES)[number];
/** Milliseconds per stage. */
export type Timings = Partial<Record<Stage, number>>;
