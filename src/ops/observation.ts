/**
 * Everything the gateway reports about itself, as values. One observer turns them into log lines and metrics,
 * so that what is logged can be read in one place: no data values, no statement texts, no secrets, no names
 * of people.
 */

export type Observation =
  | {
      readonly kind: 'booting';
      readonly version: string;
      readonly settings: readonly (readonly [string, string])[];
    }
  | { readonly kind: 'stage-done'; readonly what: string; readonly elapsedMs: number }
  | {
      readonly kind: 'listening';
      readonly http: number | null;
      readonly connect: number | null;
      readonly admin: number;
    }
  | { readonly kind: 'migrated'; readonly migrations: readonly string[] }
  | { readonly kind: 'abandoned-statements'; readonly count: number }
  | { readonly kind: 'lake-problem'; readonly path: string; readonly problem: string }
  /** Tables that are new, of other files or columns, or gone. */
  | {
      readonly kind: 'lake-changed';
      readonly added: number;
      readonly changed: number;
      readonly vanished: number;
      /** The first of them. */
      readonly tables: readonly string[];
    }
  /** Its columns are not those that its policies were written for; 0: they are again. */
  | { readonly kind: 'schema-drifted'; readonly table: string; readonly columns: number }
  | { readonly kind: 'policy-changed'; readonly version: number }
  | { readonly kind: 'policy-problem'; readonly document: string; readonly problem: string }
  | { readonly kind: 'statement'; readonly statement: StatementEnd }
  | { readonly kind: 'login-failed'; readonly method: string }
  | { readonly kind: 'request-failed'; readonly requestId: string; readonly error: unknown }
  | { readonly kind: 'background-failed'; readonly what: string; readonly error: unknown }
  | { readonly kind: 'audit-alert'; readonly rule: string; readonly severity: string }
  | { readonly kind: 'database-lost' }
  | { readonly kind: 'stopping'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly elapsedMs: number };

export interface StatementEnd {
  readonly statementId: string;
  readonly state: string;
  readonly code?: string;
  readonly engine?: string;
  /** Milliseconds per stage. */
  readonly timings: Readonly<Partial<Record<string, number>>>;
  /** Each turn at a stage, when. */
  readonly laps: readonly { readonly stage: string; readonly startMs: number; readonly endMs: number }[];
  /** The trace that it is a part of. */
  readonly trace?: { readonly traceId: string; readonly spanId: string; readonly sampled: boolean };
  readonly rowCount?: number;
}

export type Observe = (observation: Observation) => void;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** How loud each kind is. Typed over every kind, so that a new one does not compile until it has a level. */
export const LEVELS: Readonly<Record<Observation['kind'], LogLevel>> = {
  booting: 'info',
  'stage-done': 'debug',
  listening: 'info',
  migrated: 'info',
  'abandoned-statements': 'warn',
  'lake-problem': 'warn',
  'lake-changed': 'info',
  'schema-drifted': 'warn',
  'policy-changed': 'info',
  'policy-problem': 'error',
  statement: 'info',
  'login-failed': 'warn',
  'request-failed': 'error',
  'background-failed': 'error',
  'audit-alert': 'warn',
  'database-lost': 'error',
  stopping: 'info',
  stopped: 'info',
};
