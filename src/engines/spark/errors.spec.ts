import { Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { STATUS_TRAILER, writeErrorInfo } from '../../proto/rpc-status.js';
import { sparkError } from './errors.js';

const SECRET = "The value 'hidden-value' of lake_0123 cannot be cast";

/** As grpc-js gives what Spark said. */
function rpcError(code: number, errorClass?: string, message = SECRET): Error {
  const metadata = new Metadata();
  if (errorClass !== undefined) {
    const info = { reason: 'org.apache.spark.SparkException', metadata: { errorClass, sqlState: 'XX000' } };
    metadata.set(STATUS_TRAILER, Buffer.from(writeErrorInfo(code, message, info)));
  }
  return Object.assign(new Error(message), { code, metadata });
}

describe('sparkError', () => {
  it.each([
    ['CAST_INVALID_INPUT', 'CAST_INVALID_INPUT'],
    ['CANNOT_PARSE_TIMESTAMP', 'CAST_INVALID_INPUT'],
    ['DIVIDE_BY_ZERO', 'ARITHMETIC_ERROR'],
    ['ARITHMETIC_OVERFLOW.WITH_TRY_SUGGESTION', 'ARITHMETIC_ERROR'],
    ['DATETIME_FIELD_OUT_OF_BOUNDS.WITH_SUGGESTION', 'ARITHMETIC_ERROR'],
    ['INVALID_ARRAY_INDEX', 'INVALID_INDEX'],
    ['SCALAR_SUBQUERY_TOO_MANY_ROWS', 'ENGINE_ERROR'],
    ['FAILED_READ_FILE.NO_HINT', 'ENGINE_ERROR'],
    ['UNABLE_TO_ACQUIRE_MEMORY', 'RESOURCES_EXHAUSTED'],
    ['OPERATION_CANCELED', 'STATEMENT_CANCELED'],
    ['INVALID_HANDLE.SESSION_CHANGED', 'ENGINE_UNAVAILABLE'],
    ['INVALID_HANDLE.SESSION_NOT_FOUND', 'ENGINE_UNAVAILABLE'],
    ['TABLE_OR_VIEW_NOT_FOUND', 'ENGINE_ERROR'],
    ['SOMETHING_NEW', 'ENGINE_ERROR'],
  ])('tells %s as %s, and nothing of its text', (errorClass, code) => {
    const error = sparkError(rpcError(13, errorClass));
    expect(error.code).toBe(code);
    expect(JSON.stringify([error.message, error.details])).not.toMatch(/hidden-value|lake_/);
  });

  it.each([
    [1, 'STATEMENT_CANCELED'],
    [4, 'ENGINE_UNAVAILABLE'],
    [8, 'RESOURCES_EXHAUSTED'],
    [13, 'ENGINE_ERROR'],
    [14, 'ENGINE_UNAVAILABLE'],
    [16, 'ENGINE_UNAVAILABLE'],
  ])('tells gRPC status %i without a class as %s', (status, code) => {
    expect(sparkError(rpcError(status)).code).toBe(code);
  });

  it('knows a server that is going away, and what is no error of the wire', () => {
    const stopped = 'Cannot call methods on a stopped SparkContext. hidden-value';
    expect(sparkError(rpcError(13, undefined, stopped)).code).toBe('ENGINE_UNAVAILABLE');
    expect(sparkError('odd').code).toBe('ENGINE_ERROR');
    expect(sparkError(rpcError(13, 'DIVIDE_BY_ZERO')).cause).toBeDefined();
  });
});
