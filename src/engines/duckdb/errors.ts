/**
 * DuckDB's errors in our codes. Its texts print data values, paths and internal names, so none of them
 * reaches the caller: each code has a fixed text, and the original stays the cause.
 */
import { ERROR_CODES, type ErrorCode, type ErrorDetails, GovernanceError } from '../../core/errors.js';

/** Raised by what we print ourselves: `error('SLUICE:<CODE>')`. */
const OWN = /SLUICE:([A-Z_]+)/;

interface Meaning {
  readonly when: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: ErrorDetails;
}

const MEMORY: Omit<Meaning, 'when'> = {
  code: 'RESOURCES_EXHAUSTED',
  message: 'The engine ran out of memory or disk for this statement.',
  details: {
    sqlState: '53000',
    retryable: true,
    remedy: 'Select fewer rows or columns, or ask the operator for more memory or disk.',
  },
};
const FILE: Omit<Meaning, 'when'> = {
  code: 'ENGINE_ERROR',
  message: 'A file of the lake does not hold what its schema says, or cannot be read.',
  details: { sqlState: '58030', remedy: 'Ask the operator to look at the files of this table.' },
};

/** First that fits wins. */
const MEANINGS: readonly Meaning[] = [
  { when: /^Out of Memory Error|No space left on device|ENOSPC|max_temp_directory_size/, ...MEMORY },
  {
    when: /^(?:IO|HTTP|Permission) Error/,
    ...FILE,
  },
  {
    when: /^Invalid Input Error: (?:CSV Error|Malformed JSON|JSON transform error|.*(?:Parquet|schema mismatch))/i,
    ...FILE,
  },
  {
    when: /More than one row returned by a subquery/,
    code: 'ENGINE_ERROR',
    message: 'A subquery used as a value gave more than one row.',
    details: { sqlState: '21000', remedy: 'Make the subquery give one row, with an aggregate or LIMIT 1.' },
  },
  {
    when: /^Conversion Error/,
    code: 'CAST_INVALID_INPUT',
    message: 'A value could not be cast.',
    details: { sqlState: '22018', remedy: 'Use try_cast to get NULL instead.' },
  },
  {
    when: /^Out of Range Error/,
    code: 'ARITHMETIC_ERROR',
    message: 'A computation overflowed, divided by zero or left its domain.',
    details: { sqlState: '22003', remedy: 'Cast to a wider type, or use the try_ form of the function.' },
  },
];

const OWN_DETAILS: Partial<Record<ErrorCode, ErrorDetails>> = {
  RECURSION_LIMIT: {
    sqlState: '54K00',
    remedy: 'Give the recursion a condition that ends it, or say MAX RECURSION LEVEL.',
  },
  CAST_INVALID_INPUT: { sqlState: '22018', remedy: 'Use try_cast to get NULL instead.' },
  ARITHMETIC_ERROR: {
    sqlState: '22003',
    remedy: 'Cast to a wider type, or use the try_ form of the function.',
  },
};

/** What the caller sees of an error DuckDB gave. */
export function engineError(error: unknown): GovernanceError {
  if (error instanceof GovernanceError) return error;
  const text = messageOf(error);
  const own = OWN.exec(text)?.[1];
  if (own !== undefined && Object.hasOwn(ERROR_CODES, own)) {
    const code = own as ErrorCode;
    return new GovernanceError(code, ERROR_CODES[code], OWN_DETAILS[code] ?? {}, error);
  }
  const meaning = MEANINGS.find(({ when }) => when.test(text));
  if (meaning !== undefined) {
    return new GovernanceError(meaning.code, meaning.message, meaning.details ?? {}, error);
  }
  return new GovernanceError('ENGINE_ERROR', 'The engine could not run the statement.', {}, error);
}

/** DuckDB quotes the statement below its message; what stands there says nothing of the error. */
const QUOTED_STATEMENT = /\n\nLINE \d+: [\s\S]*$/;

/** DuckDB's errors are made by native code: they may be of another realm's Error. */
function messageOf(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : undefined;
  return (typeof message === 'string' ? message : String(error)).replace(QUOTED_STATEMENT, '');
}

/**
 * Errors that depend on the values an expression met; only these may have come from rows the caller cannot
 * see.
 */
export const raisedByData = (error: GovernanceError): boolean =>
  error.code !== 'RESOURCES_EXHAUSTED' &&
  error.code !== 'STATEMENT_TIMEOUT' &&
  error.code !== 'STATEMENT_CANCELED' &&
  error.code !== 'BYTE_LIMIT_EXCEEDED' &&
  error.code !== 'ENGINE_UNAVAILABLE';
