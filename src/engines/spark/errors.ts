/**
 * Spark's errors in our codes. Its texts print data values, plans, paths and internal names, so none of them reaches
 * the caller: the error class decides, each code has a fixed text, and the original stays the cause.
 */
import { type ErrorCode, type ErrorDetails, GovernanceError } from '../../core/errors.js';
import { readErrorInfo, STATUS_TRAILER } from '../../proto/rpc-status.js';

const RETRY_AFTER_SECONDS = 2;
/** gRPC status codes. */
const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

const STOPPED = /stopped SparkContext|SparkContext (was|has been) (shut ?down|stopped)/;

interface Meaning {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: ErrorDetails;
}

const CAST: Meaning = {
  code: 'CAST_INVALID_INPUT',
  message: 'A value could not be cast.',
  details: { sqlState: '22018', remedy: 'Use try_cast to get NULL instead.' },
};
const ARITHMETIC: Meaning = {
  code: 'ARITHMETIC_ERROR',
  message: 'A computation overflowed, divided by zero or left its domain.',
  details: { sqlState: '22003', remedy: 'Cast to a wider type, or use the try_ form of the function.' },
};
const INDEX: Meaning = {
  code: 'INVALID_INDEX',
  message: 'An index is outside of its array.',
  details: { sqlState: '22003', remedy: 'Use try_element_at, which gives NULL instead.' },
};
const RECURSION: Meaning = {
  code: 'RECURSION_LIMIT',
  message: 'A recursive query goes on past its limit of levels or rows.',
  details: {
    sqlState: '54K00',
    remedy: 'Give the recursion a condition that ends it, or say MAX RECURSION LEVEL.',
  },
};
const MEMORY: Meaning = {
  code: 'RESOURCES_EXHAUSTED',
  message: 'The engine ran out of memory or disk for this statement.',
  details: {
    sqlState: '53000',
    retryable: true,
    remedy: 'Select fewer rows or columns, or ask the operator for more memory or disk.',
  },
};
const FILE: Meaning = {
  code: 'ENGINE_ERROR',
  message: 'A file of the lake does not hold what its schema says, or cannot be read.',
  details: { sqlState: '58030', remedy: 'Ask the operator to look at the files of this table.' },
};
const CANCELED: Meaning = {
  code: 'STATEMENT_CANCELED',
  message: 'The statement was cancelled.',
  details: { sqlState: '57014' },
};
const SEVERAL_ROWS: Meaning = {
  code: 'ENGINE_ERROR',
  message: 'A subquery used as a value gave more than one row.',
  details: { sqlState: '21000', remedy: 'Make the subquery give one row, with an aggregate or LIMIT 1.' },
};
const CONFLICT: Meaning = {
  code: 'WRITE_CONFLICT',
  message: 'The table was changed by somebody else in the meantime.',
  details: { retryable: true, sqlState: '40001', remedy: 'Run the statement again.' },
};
const SEVERAL_SOURCES: Meaning = {
  code: 'ENGINE_ERROR',
  message: 'Several rows of the source match one row of the table.',
  details: { sqlState: '21506', remedy: 'Make the source of the MERGE give one row for each key.' },
};
const COLUMN_NAME: Meaning = {
  code: 'INVALID_STATEMENT',
  message: 'A column has a name that a Delta table cannot have.',
  details: { sqlState: '42K05', remedy: 'Give it a name without spaces and without , ; { } ( ) = (AS).' },
};
const NO_DELTA: Meaning = {
  code: 'ENGINE_ERROR',
  message: 'This Spark has no Delta Lake.',
  details: {
    sqlState: '0A000',
    remedy: 'docs/how-to/spark.md says how a cluster gets it; USING parquet does without.',
  },
};
const OTHER: Meaning = { code: 'ENGINE_ERROR', message: 'The engine could not run the statement.' };

/** By the first part of the error class: `CAST_INVALID_INPUT`, `DIVIDE_BY_ZERO.WITH_SUGGESTION`. First that fits wins. */
const CLASSES: readonly (readonly [RegExp, Meaning])[] = [
  [/^RECURSION_(?:LEVEL|ROW)_LIMIT_EXCEEDED/, RECURSION],
  [/^(?:INVALID_ARRAY_INDEX|INVALID_INDEX_OF_ZERO|MAP_KEY_DOES_NOT_EXIST)/, INDEX],
  [/^(?:CAST_INVALID_INPUT|CANNOT_PARSE_|INVALID_FORMAT|CONVERSION_INVALID_INPUT|INVALID_DATETIME)/, CAST],
  [/^(?:DATETIME_FIELD_OUT_OF_BOUNDS|CAST_OVERFLOW|NUMERIC_VALUE_OUT_OF_RANGE|NUMERIC_OUT_OF)/, ARITHMETIC],
  [/^(?:DIVIDE_BY_ZERO|REMAINDER_BY_ZERO|ARITHMETIC_OVERFLOW|BINARY_ARITHMETIC_OVERFLOW)/, ARITHMETIC],
  [/^(?:INTERVAL_|DATETIME_OVERFLOW|OVERFLOW|COLLECTION_SIZE_LIMIT)/, ARITHMETIC],
  [/^SCALAR_SUBQUERY_TOO_MANY_ROWS/, SEVERAL_ROWS],
  [/^(?:UNABLE_TO_ACQUIRE_MEMORY|.*OUT_OF_MEMORY|EXECUTOR_LOST)/, MEMORY],
  [/^(?:FAILED_READ_FILE|PATH_NOT_FOUND|FILE_NOT_EXIST|MALFORMED_RECORD|PARQUET_|CANNOT_READ_)/, FILE],
  [/^OPERATION_CANCEL/, CANCELED],
  [/^DELTA_(?:CONCURRENT_|METADATA_CHANGED|PROTOCOL_CHANGED)/, CONFLICT],
  [/^DELTA_MULTIPLE_SOURCE_ROW_MATCHING/, SEVERAL_SOURCES],
  [/^DELTA_INVALID_CHARACTERS_IN_COLUMN_NAME/, COLUMN_NAME],
  [/^DATA_SOURCE_NOT_FOUND/, NO_DELTA],
];

/** What an error that ends a write says when a row would leave what its writer sees. */
export const CHECK_FAILED = 'sluice: a row outside of the row rules';
const RAISED = 'USER_RAISED_EXCEPTION';
const WRITE_CHECK: Meaning = {
  code: 'WRITE_CHECK_FAILED',
  message: 'A row would be written that you could not see. Nothing was written.',
  details: { sqlState: '44000', remedy: 'Write only rows that your row rules on the table let you see.' },
};

const REPLACE_MISMATCH = 'DELTA_REPLACE_WHERE_MISMATCH';
const OUTSIDE_OF_CONDITION: Meaning = {
  code: 'WRITE_CHECK_FAILED',
  message:
    'A row to be written is outside of the rows that are replaced, or of those you may see. Nothing was written.',
  details: { sqlState: '44000', remedy: 'Write only rows for which the condition holds and your row rules.' },
};

interface RpcError {
  readonly code?: unknown;
  readonly metadata?: { get(key: string): readonly unknown[] };
}

/** Tasks of one stage that failed each in its own way. */
const SEVERAL = 'STAGE_MATERIALIZATION_MULTIPLE_FAILURES';
const CLASS_IN_TEXT = /\[([A-Z][A-Z_]{3,60}(?:\.[A-Z_]{3,60})?)\]/g;

/** The class of an error that Spark gave, if it said one. */
export function errorClassOf(error: unknown): string | undefined {
  const trailer = (error as RpcError | null)?.metadata?.get(STATUS_TRAILER)[0];
  if (!(trailer instanceof Uint8Array)) return undefined;
  const errorClass = readErrorInfo(trailer)?.metadata.errorClass;
  if (errorClass !== SEVERAL) return errorClass;
  // Of several failures in one stage, the text begins each with its class.
  const classes = String((error as Error).message).matchAll(CLASS_IN_TEXT);
  return [...classes].map(([, name]) => name).find((name) => name !== SEVERAL) ?? errorClass;
}

/** Is it one session that the server let go of, or that we did, and not the server that is lost? */
export const isClosedSession = (error: unknown): boolean =>
  error instanceof GovernanceError && errorClassOf(error.cause) === 'INVALID_HANDLE.SESSION_CLOSED';

/** What the caller sees of an error of the wire or of Spark. */
export function sparkError(error: unknown): GovernanceError {
  if (error instanceof GovernanceError) return error;
  const code = (error as RpcError | null)?.code;
  const errorClass = errorClassOf(error);
  // An exception of its own without a class, for all that come after.
  if (STOPPED.test(String((error as Error | null)?.message))) return sparkUnavailable(error);
  if (errorClass === undefined) {
    if (code === CANCELLED) return meant(CANCELED, error);
    if (code === RESOURCE_EXHAUSTED) return meant(MEMORY, error);
    if (code === UNAVAILABLE || code === DEADLINE_EXCEEDED || code === UNAUTHENTICATED)
      return sparkUnavailable(error);
    return meant(OTHER, error);
  }
  return classError(errorClass, String((error as Error).message), error);
}

/** What the caller sees of an error of this class. */
export function classError(errorClass: string, message: string, cause: unknown): GovernanceError {
  if (errorClass === RAISED && message.includes(CHECK_FAILED)) return meant(WRITE_CHECK, cause);
  if (errorClass.startsWith(REPLACE_MISMATCH)) return meant(OUTSIDE_OF_CONDITION, cause);
  // The server has begun anew, or has forgotten us.
  if (errorClass.startsWith('INVALID_HANDLE.SESSION_')) return sparkUnavailable(cause);
  return meant(CLASSES.find(([form]) => form.test(errorClass))?.[1] ?? OTHER, cause);
}

/** Of a task that failed while it wrote, Spark tells the reason only to who asks for it by this id. */
const WRITING = 'TASK_WRITE_FAILED';

export function unsaidReason(error: GovernanceError): string | undefined {
  const trailer = (error.cause as RpcError | undefined)?.metadata?.get?.(STATUS_TRAILER)[0];
  if (!(trailer instanceof Uint8Array)) return undefined;
  const { errorClass, errorId } = readErrorInfo(trailer)?.metadata ?? {};
  return errorClass === WRITING ? errorId : undefined;
}

interface ToldError {
  readonly message: string;
  readonly sparkThrowable?: { readonly errorClass?: string };
}

/** The innermost of these errors that has a class of its own. */
export function reasonIn(errors: readonly ToldError[], error: GovernanceError): GovernanceError {
  const known = errors.filter(({ sparkThrowable }) => sparkThrowable?.errorClass !== undefined);
  const reason = known.filter(({ sparkThrowable }) => sparkThrowable?.errorClass !== WRITING).at(-1);
  if (reason === undefined) return error;
  return classError(reason.sparkThrowable?.errorClass ?? '', reason.message, error.cause);
}

const meant = ({ code, message, details = {} }: Meaning, cause: unknown): GovernanceError =>
  new GovernanceError(code, message, details, cause);

export const sparkUnavailable = (cause?: unknown): GovernanceError =>
  new GovernanceError(
    'ENGINE_UNAVAILABLE',
    'The Spark server cannot be reached.',
    {
      retryable: true,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      remedy: 'Try again in a moment, or use engine: duckdb.',
    },
    cause,
  );
