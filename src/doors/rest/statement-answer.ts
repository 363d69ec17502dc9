/** A statement as the API shows it. */

import { ERROR_CODES, type ErrorCode, GovernanceError } from '../../core/errors.js';
import type { RegisteredStatement, Statement } from '../../gateway/statements.js';
import { problemOf } from '../../http/problem.js';

/** The JSON text of an answer: rows are spliced in as they are kept, never parsed again. */
export function answerText(statement: Statement, rows: string | undefined): string {
  const { governed, result } = statement;
  const manifest = governed && {
    schema: governed.schema,
    rowCount: result?.rowCount ?? null,
    chunkCount: result?.chunkCount ?? null,
    truncated: result?.truncated ?? false,
  };
  const head = JSON.stringify({
    statementId: statement.id,
    state: statement.state,
    submittedAt: statement.submittedAt.toISOString(),
    finishedAt: statement.finishedAt?.toISOString() ?? null,
    ...(governed === undefined ? {} : { engine: governed.engine, manifest, governance: governed.governance }),
    ...(statement.error === undefined
      ? {}
      : { error: problemOf(statement.error, `/v1/statements/${statement.id}`) }),
  });
  if (rows === undefined || result === undefined) return head;
  const nextChunk = result.chunkCount > 1 ? 1 : null;
  return `${head.slice(0, -1)},"result":{"rows":[${rows}],"nextChunk":${nextChunk}}}`;
}

/** From the register: what is left of a statement that this gateway does not hold. */
export function registeredAnswer(statement: RegisteredStatement): Record<string, unknown> {
  const state = statement.state === 'succeeded' ? 'expired' : statement.state;
  const code = statement.code as ErrorCode | null;
  return {
    statementId: statement.id,
    state,
    submittedAt: statement.submittedAt.toISOString(),
    finishedAt: statement.finishedAt?.toISOString() ?? null,
    ...(code === null
      ? {}
      : { error: problemOf(new GovernanceError(code, ERROR_CODES[code] ?? ERROR_CODES.INTERNAL)) }),
  };
}

export const isLive = (found: Statement | RegisteredStatement): found is Statement => 'abort' in found;
