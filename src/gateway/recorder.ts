/**
 * Evidence, as the gateway needs it. Implemented in `store/` over Postgres. Every method resolves only when
 * the fact is durable and throws EVIDENCE_UNAVAILABLE (503) otherwise: no evidence, no data.
 */
import type { AuditEvent } from '../core/audit/event.js';
import type { Governance } from './statement.js';

export interface IntentRecord {
  readonly statementId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly decisionId: string;
  readonly policyVersion: number;
  /** Statement with every literal replaced by `?`: not personal. */
  readonly shape: string;
  /** SHA-256 hex of the plan as bound and as secured, canonical ids only. */
  readonly boundPlanHash: string;
  readonly planHash: string;
  /** Table references that were replaced. */
  readonly leaves: number;
  readonly objects: readonly string[];
  /** `object.column` of what it reads. */
  readonly columns: readonly string[];
  readonly governance: Governance;
  /** The table that is to be written. */
  readonly target?: WrittenTarget;
  readonly purpose?: string;
  readonly engine: string;
  /** Code of the caller's that is to run, and where. */
  readonly callerCode?: RecordedCode;
  readonly personal: PersonalPart;
}

export interface RecordedCode {
  readonly engine: string;
  readonly functions: readonly { readonly kind: string; readonly sha256: string }[];
}

export interface WrittenTarget {
  readonly object: string;
  readonly mode: string;
}

/** Kept apart from the rest so that it can be erased alone. */
export interface PersonalPart {
  readonly user: string;
  readonly via: string;
  readonly address?: string;
  readonly userAgent?: string;
  readonly literals: readonly string[];
  readonly justification?: string;
}

export interface DeniedRecord {
  readonly statementId: string;
  readonly at: string;
  readonly decisionId?: string;
  readonly policyVersion: number;
  readonly code: string;
  readonly shape?: string;
  readonly objects: readonly string[];
  readonly purpose?: string;
  readonly personal: PersonalPart;
}

export interface OutcomeRecord {
  readonly statementId: string;
  readonly at: string;
  readonly state: 'succeeded' | 'failed' | 'canceled' | 'timed_out';
  readonly code?: string;
  /** Of a write: rows and bytes that were written. */
  readonly rowCount?: number;
  readonly bytes?: number;
  readonly truncated?: boolean;
  /** SHA-256 hex of what was handed out, and of which form of it. */
  readonly resultDigest?: string;
  readonly resultFormat?: string;
  /** It was not run: an answer that was so old was given again. */
  readonly cacheAgeMs?: number;
  /** Milliseconds per stage. */
  readonly timings: Readonly<Record<string, number>>;
}

/** The versions that must still be in force when the intent commits (exact revocation). */
export interface Versions {
  readonly policyVersion: number;
  /** The token the caller used; a revoked or expired one refuses the intent. */
  readonly tokenId?: string;
}

export type IntentOutcome = 'recorded' | 'policy-changed' | 'token-revoked';

export interface Recorder {
  /** Commits the intent if `versions` still hold; otherwise records nothing and says what changed. */
  intent(record: IntentRecord, versions: Versions): Promise<IntentOutcome>;
  outcome(record: OutcomeRecord): Promise<void>;
  /** A statement that was refused (bind, decide, check), recorded with what is known of it. */
  denied(record: DeniedRecord): Promise<void>;
  /** Anything else that happened. */
  record(event: AuditEvent): Promise<void>;
  /** The name that a person has in events. */
  pseudonymOf(user: string): string;
}
