/**
 * Errors as PySpark knows them: one table from our codes to its exception classes, our code as the error condition. What
 * the server said of a plan (a column that is not there, types that do not fit) is told again in our words, with names
 * that the caller wrote; nothing else of its text is.
 */
import { Metadata, type ServerErrorResponse, status } from '@grpc/grpc-js';
import { ERROR_CODES, type ErrorCode, GovernanceError } from '../../core/errors.js';
import { STATUS_TRAILER, writeErrorInfo } from '../../proto/rpc-status.js';
import { analysisError } from './analysis-errors.js';

const MESSAGE_CHARS_MAX = 4_096;

const CLASSES = {
  analysis: ['org.apache.spark.sql.AnalysisException'],
  parse: ['org.apache.spark.sql.catalyst.parser.ParseException', 'org.apache.spark.sql.AnalysisException'],
  arithmetic: ['org.apache.spark.SparkArithmeticException', 'java.lang.ArithmeticException'],
  number: ['org.apache.spark.SparkNumberFormatException', 'java.lang.NumberFormatException'],
  index: ['org.apache.spark.SparkArrayIndexOutOfBoundsException', 'java.lang.ArrayIndexOutOfBoundsException'],
  unsupported: ['java.lang.UnsupportedOperationException'],
  argument: ['java.lang.IllegalArgumentException'],
  spark: ['org.apache.spark.SparkException'],
  stream: ['org.apache.spark.sql.streaming.StreamingQueryException'],
} as const;
type Family = keyof typeof CLASSES;

const FAMILY: Partial<Record<ErrorCode, Family>> = {
  SYNTAX_ERROR: 'parse',
  STATEMENT_NOT_ALLOWED: 'parse',
  FEATURE_NOT_ALLOWED: 'unsupported',
  CODE_NOT_ALLOWED: 'unsupported',
  ARITHMETIC_ERROR: 'arithmetic',
  CAST_INVALID_INPUT: 'number',
  INVALID_INDEX: 'index',
  CONFIG_NOT_ALLOWED: 'argument',
  BAD_REQUEST: 'argument',
  PARAMETER_INVALID: 'argument',
  UNAUTHENTICATED: 'spark',
  RATE_LIMITED: 'spark',
  EVIDENCE_UNAVAILABLE: 'spark',
  POLICY_VERSION_BEHIND: 'spark',
  SECOND_CHECK: 'spark',
  QUEUE_FULL: 'spark',
  ENGINE_NOT_CONFIGURED: 'spark',
  ENGINE_UNAVAILABLE: 'spark',
  ENGINE_ERROR: 'spark',
  STATEMENT_TIMEOUT: 'spark',
  STATEMENT_CANCELED: 'spark',
  STREAM_STOPPED: 'spark',
  BYTE_LIMIT_EXCEEDED: 'spark',
  ROW_LIMIT_EXCEEDED: 'spark',
  RECURSION_LIMIT: 'spark',
  RESOURCES_EXHAUSTED: 'spark',
  CODE_FAILED: 'spark',
  NOT_FOUND: 'spark',
  INTERNAL: 'spark',
};

/** Conditions of the protocol itself: its clients look for these very words. */
export type ProtocolCondition =
  | 'CONNECT_INVALID_PLAN.CANNOT_PARSE'
  | 'INVALID_HANDLE.FORMAT'
  | 'INVALID_HANDLE.OPERATION_ALREADY_EXISTS'
  | 'INVALID_HANDLE.OPERATION_NOT_FOUND'
  | 'INVALID_HANDLE.SESSION_CHANGED'
  | 'INVALID_HANDLE.SESSION_CLOSED'
  | 'SQL_CONF_NOT_FOUND'
  | 'INVALID_CURSOR.DISCONNECTED';

export class ProtocolError extends Error {
  constructor(
    readonly condition: ProtocolCondition,
    message: string,
  ) {
    super(message);
    this.name = 'ProtocolError';
  }
}

/** Told to whoever waited for the end of a stream: how it ended. */
export class StreamEnded extends Error {
  constructor(readonly error: GovernanceError) {
    super(error.message);
    this.name = 'StreamEnded';
  }
}

/** What gRPC sends of an error. */
export function rpcError(thrown: unknown): ServerErrorResponse {
  if (thrown instanceof ProtocolError) {
    return response(status.INTERNAL, thrown.condition, 'HY000', 'spark', thrown.message);
  }
  if (thrown instanceof StreamEnded) {
    const { code, details } = thrown.error;
    return response(status.INTERNAL, code, details.sqlState ?? 'XXKST', 'stream', messageOf(thrown.error));
  }
  const error = thrown instanceof GovernanceError ? (analysisError(thrown) ?? thrown) : undefined;
  const code = error?.code ?? 'INTERNAL';
  const sqlState = error?.details.sqlState ?? 'HY000';
  const grpc = code === 'UNAUTHENTICATED' ? status.UNAUTHENTICATED : status.INTERNAL;
  return response(grpc, code, sqlState, FAMILY[code] ?? 'analysis', messageOf(error));
}

function messageOf(error: GovernanceError | undefined): string {
  if (error === undefined) return ERROR_CODES.INTERNAL;
  const { position, remedy, decisionId, retryable } = error.details;
  return [
    error.message,
    position === undefined ? '' : `(line ${position.line}, column ${position.column})`,
    remedy ?? '',
    retryable === true ? 'Trying again may help.' : '',
    decisionId === undefined ? '' : `Decision ${decisionId}.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function response(
  code: status,
  condition: string,
  sqlState: string,
  family: Family,
  text: string,
): ServerErrorResponse {
  const message = `[${condition}] ${text.slice(0, MESSAGE_CHARS_MAX)} SQLSTATE: ${sqlState}`;
  const metadata = new Metadata();
  const info = {
    reason: CLASSES[family][0],
    metadata: {
      classes: JSON.stringify(CLASSES[family]),
      errorClass: condition,
      sqlState,
      messageParameters: '{}',
    },
  };
  metadata.set(STATUS_TRAILER, Buffer.from(writeErrorInfo(code, message, info)));
  return Object.assign(new Error(message), { code, details: message, metadata });
}
