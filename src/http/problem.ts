/** Errors as RFC 9457 problem details: one table from code to status. */
import { ERROR_CODES, type ErrorCode, GovernanceError } from '../core/errors.js';

export const STATUS: Readonly<Record<ErrorCode, number>> = {
  BAD_REQUEST: 400,
  BODY_TOO_LARGE: 413,
  METHOD_NOT_ALLOWED: 405,
  UNSUPPORTED_MEDIA_TYPE: 415,
  NOT_ACCEPTABLE: 406,
  IDEMPOTENCY_MISMATCH: 422,
  NOT_FOUND: 404,
  CONFLICT: 409,
  RANGE_NOT_SATISFIABLE: 416,
  PRECONDITION_FAILED: 412,
  UNAUTHENTICATED: 401,
  ACCESS_DENIED: 403,
  PURPOSE_REQUIRED: 403,
  TABLE_CLOSED: 403,
  CODE_NOT_ALLOWED: 403,
  CODE_FAILED: 400,
  EXPLAIN_NOT_ALLOWED: 403,
  SYNTAX_ERROR: 400,
  STATEMENT_NOT_ALLOWED: 400,
  FEATURE_NOT_ALLOWED: 400,
  CONFIG_NOT_ALLOWED: 400,
  FUNCTION_NOT_ALLOWED: 400,
  STATEMENT_TOO_LONG: 400,
  STATEMENT_TOO_DEEP: 400,
  STATEMENT_TOO_COMPLEX: 400,
  PARAMETER_MISSING: 400,
  PARAMETER_INVALID: 400,
  TABLE_OR_VIEW_NOT_FOUND: 404,
  SCHEMA_NOT_FOUND: 404,
  UNRESOLVED_COLUMN: 400,
  AMBIGUOUS_COLUMN: 400,
  TYPE_MISMATCH: 400,
  INVALID_GROUPING: 400,
  INVALID_STATEMENT: 400,
  TABLE_OR_VIEW_ALREADY_EXISTS: 409,
  TABLE_NOT_WRITABLE: 409,
  FORMAT_NEEDS_SPARK: 400,
  MASK_NEEDS_DUCKDB: 400,
  MASKED_WRITE_BACK: 403,
  COLUMN_PREDICATE_DENIED: 403,
  POLICY_INVALID: 422,
  POLICY_FILE_OWNED: 409,
  POLICY_VERSION_BEHIND: 503,
  SECOND_CHECK: 500,
  EVIDENCE_UNAVAILABLE: 503,
  LOG_DAMAGED: 500,
  QUEUE_FULL: 429,
  ENGINE_NOT_CONFIGURED: 400,
  ENGINE_UNAVAILABLE: 503,
  ENGINE_ERROR: 422,
  ARITHMETIC_ERROR: 422,
  CAST_INVALID_INPUT: 422,
  INVALID_INDEX: 422,
  STATEMENT_TIMEOUT: 422,
  STATEMENT_CANCELED: 409,
  STREAM_STOPPED: 403,
  WAIT_TIMEOUT_CANCELED: 408,
  BYTE_LIMIT_EXCEEDED: 422,
  ROW_LIMIT_EXCEEDED: 422,
  RECURSION_LIMIT: 422,
  RESOURCES_EXHAUSTED: 422,
  WRITE_CHECK_FAILED: 403,
  WRITE_CONFLICT: 409,
  WRITE_TOO_LARGE: 422,
  DATA_CHANGED: 409,
  RESULT_EXPIRED: 410,
  RATE_LIMITED: 429,
  INTERNAL: 500,
};

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly instance?: string;
  readonly [extension: string]: unknown;
}

/** What the caller may see of an error. Anything that is not ours says nothing but that it happened. */
export function problemOf(error: unknown, instance?: string): Problem {
  const known = error instanceof GovernanceError ? error : undefined;
  const code = known?.code ?? 'INTERNAL';
  const { retryAfterSeconds: _, retryable, ...details } = known?.details ?? {};
  return {
    type: `urn:sluice:error:${code}`,
    title: ERROR_CODES[code],
    status: STATUS[code],
    code,
    detail: known?.message ?? ERROR_CODES.INTERNAL,
    retryable: retryable ?? (STATUS[code] === 429 || STATUS[code] === 503),
    ...details,
    ...(instance === undefined ? {} : { instance }),
  };
}

/** Seconds for Retry-After, where waiting helps. */
export const retryAfter = (error: unknown): number | undefined => {
  if (!(error instanceof GovernanceError)) return undefined;
  const status = STATUS[error.code];
  const { retryable, retryAfterSeconds } = error.details;
  if (retryable === false) return undefined;
  return retryAfterSeconds ?? (status === 429 || status === 503 ? 1 : undefined);
};
