/**
 * Every error code of Sluice. Codes are a closed list: documented, never reused. Doors map a code to an HTTP
 * status or a gRPC status in one table each. `publicMessage` goes to the caller and never carries a data
 * value that the caller did not send; `cause` stays in the logs.
 */
export const ERROR_CODES = {
  // request
  BAD_REQUEST: 'The request body or a parameter is not what the API describes.',
  BODY_TOO_LARGE: 'The request body is larger than the gateway accepts.',
  METHOD_NOT_ALLOWED: 'The resource has no such method.',
  UNSUPPORTED_MEDIA_TYPE: 'The content type of the body is not one this resource reads.',
  NOT_ACCEPTABLE: 'None of the accepted media types can be produced.',
  IDEMPOTENCY_MISMATCH: 'The Idempotency-Key was used before with another body.',
  NOT_FOUND: 'There is no such resource, or you may not know of it.',
  CONFLICT: 'The resource is in a state that does not allow this.',
  RANGE_NOT_SATISFIABLE: 'The result has no such bytes.',
  PRECONDITION_FAILED: 'The resource changed since it was read (If-Match).',
  // authenticate
  UNAUTHENTICATED: 'No valid credentials were sent.',
  // authorise
  ACCESS_DENIED: 'A policy does not allow this.',
  TABLE_CLOSED: 'Columns that rules name are gone or of another type, so nobody may read the table.',
  PURPOSE_REQUIRED: 'A policy asks for a purpose.',
  CODE_NOT_ALLOWED: 'Running code needs the code action and an isolated engine.',
  EXPLAIN_NOT_ALLOWED: 'Seeing plans needs the explain action.',
  // decode
  SYNTAX_ERROR: 'The statement is not Spark SQL that Sluice can read.',
  STATEMENT_NOT_ALLOWED: 'This kind of statement is outside the closed world.',
  FEATURE_NOT_ALLOWED: 'This construct is outside the closed world.',
  CONFIG_NOT_ALLOWED: 'This setting of a session is not one that can be read or set.',
  FUNCTION_NOT_ALLOWED: 'This function is not in the function table.',
  STATEMENT_TOO_LONG: 'The statement is longer than the limit.',
  STATEMENT_TOO_DEEP: 'The statement nests deeper than the limit.',
  STATEMENT_TOO_COMPLEX: 'The statement has more parts than the limit.',
  PARAMETER_MISSING: 'A parameter of the statement has no value.',
  PARAMETER_INVALID: 'A parameter value does not fit its type.',
  // bind
  TABLE_OR_VIEW_NOT_FOUND: 'There is no such table, or you may not know of it.',
  SCHEMA_NOT_FOUND: 'There is no such catalog or schema, or you may not know of it.',
  UNRESOLVED_COLUMN: 'The column does not exist here.',
  AMBIGUOUS_COLUMN: 'The name fits more than one column.',
  TYPE_MISMATCH: 'An expression has a type that does not fit.',
  INVALID_GROUPING: 'A column is neither grouped nor aggregated, or an aggregate stands where none may.',
  INVALID_STATEMENT: 'The statement parses but does not make sense.',
  TABLE_OR_VIEW_ALREADY_EXISTS: 'There is a table of this name already.',
  TABLE_NOT_WRITABLE: 'This table cannot be changed in this way.',
  FORMAT_NEEDS_SPARK: 'Tables of this format are read and written on Spark only.',
  MASK_NEEDS_DUCKDB: 'A keyed hash stands over a column: its key would stand in plans of Spark.',
  MASKED_WRITE_BACK: 'Masked values would be written where the true ones belong.',
  COLUMN_PREDICATE_DENIED: 'A policy forbids this column in conditions, joins and sorting.',
  // policy
  POLICY_INVALID: 'The policy document does not validate.',
  POLICY_FILE_OWNED: 'The policy comes from a file and is read-only through the API.',
  POLICY_VERSION_BEHIND: 'This gateway has not reached the asked policy version.',
  // check
  SECOND_CHECK: 'The second judge refused the final plan. Nothing was run.',
  // record
  EVIDENCE_UNAVAILABLE: 'The record of the statement cannot be written, so no data is given.',
  // reports
  LOG_DAMAGED: 'The audit log does not fit its signed checkpoint, so nothing is reported from it.',
  // run
  QUEUE_FULL: 'Too many statements are waiting.',
  ENGINE_NOT_CONFIGURED: 'This gateway has no such engine.',
  ENGINE_UNAVAILABLE: 'The engine is not there.',
  ENGINE_ERROR: 'The engine could not run the statement.',
  ARITHMETIC_ERROR: 'A computation overflowed or divided by zero.',
  CAST_INVALID_INPUT: 'A value could not be cast.',
  INVALID_INDEX: 'An index is outside of its array.',
  STATEMENT_TIMEOUT: 'The statement ran longer than its limit.',
  STATEMENT_CANCELED: 'The statement was cancelled.',
  STREAM_STOPPED: 'A stream was ended because what was decided at its start no longer holds.',
  WAIT_TIMEOUT_CANCELED: 'The statement did not finish within waitTimeout and was cancelled as asked.',
  BYTE_LIMIT_EXCEEDED: 'The result is larger than its byte limit.',
  ROW_LIMIT_EXCEEDED: 'The result has more rows than its limit.',
  RECURSION_LIMIT: 'A recursive query goes on past its limit of levels or rows.',
  RESOURCES_EXHAUSTED: 'The engine ran out of memory or disk for this statement.',
  WRITE_CHECK_FAILED: 'A row to be written is not one that the writer may see.',
  WRITE_CONFLICT: 'The table was changed by somebody else in the meantime.',
  WRITE_TOO_LARGE: 'The write is larger than its limit.',
  DATA_CHANGED: 'Files of a table changed while the statement read them, or cannot be read any more.',
  CODE_FAILED: 'Code of the caller raised an error.',
  RESULT_EXPIRED: 'The result is no longer kept.',
  // anything else
  RATE_LIMITED: 'Too many requests.',
  INTERNAL: 'Something went wrong inside Sluice.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** 1-based line and column (in UTF-16 units) in the statement text. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface DeniedObject {
  readonly object: string;
  readonly columns?: readonly string[];
  readonly action: string;
}

export interface ErrorDetails {
  readonly position?: Position;
  /** What the caller can do next, one sentence. */
  readonly remedy?: string;
  readonly sqlState?: string;
  readonly retryable?: boolean;
  readonly retryAfterSeconds?: number;
  readonly decisionId?: string;
  readonly denied?: readonly DeniedObject[];
  /** Field-level problems of a body or policy document. */
  readonly problems?: readonly { readonly path: string; readonly message: string; readonly line?: number }[];
}

/** The only error the core throws. */
export class GovernanceError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, publicMessage: string, details: ErrorDetails = {}, cause?: unknown) {
    super(publicMessage, cause === undefined ? undefined : { cause });
    this.name = 'GovernanceError';
    this.code = code;
    this.details = details;
  }
}
