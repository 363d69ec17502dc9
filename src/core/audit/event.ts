/**
 * What can be an event of the audit log. The header holds no personal data: people appear as pseudonyms, and
 * whatever names them is in the personal part, which is committed to and kept apart.
 */
import type { JsonRecord } from '../crypto/canonical-json.js';

/** Of the event texts, batch texts and exports made by this code. */
export const AUDIT_VERSION = 1;

export interface MaskedColumn {
  readonly object: string;
  readonly column: string;
  readonly mask: string;
  readonly rule: string;
}

/** What each kind of event says. `actor` and `subject` are pseudonyms. */
export interface EventFields {
  'statement.intent': {
    readonly statementId: string;
    readonly actor: string;
    readonly decisionId: string;
    readonly policyVersion: number;
    /** The statement with `?` for every literal. */
    readonly shape: string;
    /** Of the plan as bound, and as secured. */
    readonly boundPlanHash: string;
    readonly planHash: string;
    /** Table references that were replaced. */
    readonly leaves: number;
    readonly objects: readonly string[];
    /** `object.column` of what the statement reads. */
    readonly columns: readonly string[];
    readonly filters: readonly { readonly object: string; readonly rules: readonly string[] }[];
    readonly masks: readonly MaskedColumn[];
    readonly engine: string;
    /** Code of the caller's that is to run, by the hash of its bytes, and on which engine. */
    readonly callerCode?: {
      readonly engine: string;
      readonly functions: readonly { readonly kind: string; readonly sha256: string }[];
    };
    /** The table that is to be written, and how. */
    readonly target?: { readonly object: string; readonly mode: string };
    readonly purpose?: string;
  };
  'statement.denied': {
    readonly statementId: string;
    readonly actor: string;
    readonly policyVersion: number;
    readonly code: string;
    readonly objects: readonly string[];
    readonly decisionId?: string;
    readonly shape?: string;
    readonly purpose?: string;
  };
  'statement.outcome': {
    readonly statementId: string;
    readonly state: 'succeeded' | 'failed' | 'canceled' | 'timed_out';
    readonly code?: string;
    /** Of a write: what was written. */
    readonly rowCount?: number;
    readonly bytes?: number;
    readonly truncated?: boolean;
    /** SHA-256 hex of what was handed out, and of which form of it. */
    readonly resultDigest?: string;
    readonly resultFormat?: string;
    /** It was not run: an answer that was so old was given again. */
    readonly cacheAgeMs?: number;
    readonly timings: Readonly<Record<string, number>>;
  };
  /** How far a stream is: `rows` of what it gave, batches since its start. Its intent and outcome are a statement's. */
  'stream.progress': {
    readonly statementId: string;
    readonly query: string;
    readonly run: string;
    readonly batches: number;
    readonly rows: number;
    /** The table that it goes into. */
    readonly target?: string;
  };
  /** `count`: attempts in a moment that one event tells. */
  'login.failed': { readonly method: string; readonly count: number };
  /** The columns of a table are not, or are again, those that its policies were written for. */
  'schema.drifted': {
    readonly object: string;
    readonly schemaVersion: string;
    readonly columns: readonly {
      readonly column: string;
      readonly change: string;
      readonly before: string | null;
      readonly after: string | null;
    }[];
  };
  /** An attempt to change something over the API, recorded before it is made ... */
  'admin.intent': {
    readonly requestId: string;
    readonly actor: string;
    readonly action: string;
    readonly noun: string;
    /** Absent where it would name a person. */
    readonly object?: string;
  };
  /** ... and how it ended, before the answer leaves. */
  'admin.outcome': {
    readonly requestId: string;
    readonly decision: 'allow' | 'deny';
    readonly status: number;
    readonly code?: string;
  };
  /** One document, whichever way it was changed. */
  'policy.changed': {
    readonly policyVersion: number;
    readonly name: string;
    readonly version: number;
    readonly change: string;
    readonly source: string;
    /** SHA-256 hex of the document in canonical JSON; absent when it was removed. */
    readonly documentHash?: string;
  };
  /** `spool`: what the gateway may take onto its own disk while Postgres is away. */
  'gateway.started': { readonly version: string; readonly gateway: string; readonly spool: string };
  'gateway.stopped': { readonly gateway: string };
  heartbeat: { readonly everySeconds: number };
  /** What was recorded on the disk is in the log now; or what was there was not what had been written. */
  'spool.drained': { readonly count: number };
  'spool.broken': { readonly kept: string };
  'key.added': { readonly kid: string; readonly vkey: string };
  /** From here on the log is copied there; `disclosed`: with what names people. */
  'sink.configured': {
    readonly sink: string;
    readonly target: string;
    readonly format: string;
    readonly disclosed: boolean;
    readonly after: number;
  };
  /** From here on checkpoints are kept there. */
  'anchor.configured': { readonly anchor: string; readonly target: string };
  /** A rule found what it looks for; `actor` or `subject` says with whom or what. */
  'alert.fired': {
    readonly alertId: string;
    readonly rule: string;
    readonly condition: string;
    readonly severity: string;
    readonly windowStart: string;
    readonly actor?: string;
    readonly subject?: string;
    readonly detail: { readonly [key: string]: string | number | readonly string[] };
  };
  /** Somebody took a right that they do not have in ordinary times. */
  'break-glass.opened': {
    readonly actor: string;
    readonly grant: string;
    readonly objects: readonly string[];
  };
  /** Somebody saw the log with its personal parts, or took a copy. */
  'audit.read': { readonly actor: string; readonly what: string };
  /** The personal parts of these events were removed. */
  'audit.erased': { readonly events: readonly string[]; readonly reason: string };
}

export type EventKind = keyof EventFields;

/** Names and texts that point at a person. */
export type PersonalFields = JsonRecord;

export type AuditEvent = {
  [K in EventKind]: {
    readonly kind: K;
    /** ISO 8601, UTC. */
    readonly at: string;
    readonly fields: EventFields[K];
    readonly personal?: PersonalFields;
  };
}[EventKind];

/** Where an event stands: `shard` is one writer of one gateway's life, `seq` counts in it without gaps. */
export interface EventPlace {
  readonly shard: string;
  readonly seq: number;
}

export const eventId = ({ shard, seq }: EventPlace): string => `${shard}.${seq}`;

const EVENT_ID = /^([0-9a-z-]{1,64})\.(0|[1-9]\d{0,14})$/;

export function parseEventId(id: string): EventPlace | undefined {
  const parts = EVENT_ID.exec(id);
  return parts === null ? undefined : { shard: parts[1]!, seq: Number(parts[2]) };
}
