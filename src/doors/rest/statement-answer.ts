/** A statement as the API shows it. */

import { ERROR_CODES, type ErrorCode, GovernanceError } from '../../core/errors.js';
import { STAGES, type Stage, type Timings } from '../../gateway/statement.js';
import type { RegisteredStatement, Statement } from '../../gateway/statements.js';
import { problemOf } from '../../http/problem.js';

/** The JSON text of an answer: rows are spliced in as they are kept, never parsed again. */
export function answerText(statement: Statement, rows: string | undefined, nextChunk: number | null): string {
  const { governed, end, result } = statement;
  const manifest = governed && {
    schema: governed.schema,
    rowCount: end?.rowCount ?? null,
    chunkCount: result?.chunkCount ?? null,
    truncated: end?.truncated ?? false,
  };
  const head = JSON.stringify({
    ...summary(statement),
    tags: statement.asked.tags,
    timings: allTimings(statement.timings),
    ...(governed === undefined ? {} : { engine: governed.engine, manifest, governance: governed.governance }),
  });
  if (rows === undefined) return head;
  return `${head.slice(0, -1)},"result":{"rows":[${rows}],"nextChunk":${nextChunk}}}`;
}

/** Milliseconds of each of the nine stages; 0 for one that did not take place. */
export const allTimings = (timings: Timings): Record<Stage, number> =>
  Object.fromEntries(STAGES.map((stage) => [stage, Math.round((timings[stage] ?? 0) * 100) / 100])) as Record<
    Stage,
    number
  >;

/** What lists show of a statement that this gateway holds. */
export const summary = (statement: Statement): Record<string, unknown> => ({
  statementId: statement.id,
  state: statement.state,
  submittedAt: statement.submittedAt.toISOString(),
  finishedAt: statement.finishedAt?.toISOString() ?? null,
  ...(statement.error === undefined
    ? {}
    : { error: problemOf(statement.error, `/v1/statements/${statement.id}`) }),
});

/** From the register: what is left of a statement that this gateway does not hold. */
export function registeredAnswer(statement: RegisteredStatement): Record<string, unknown> {
  const error = registeredError(statement);
  return {
    statementId: statement.id,
    // Of a plan of the other door nothing was kept that could expire.
    state:
      statement.state === 'succeeded' && statement.header.door === undefined ? 'expired' : statement.state,
    submittedAt: statement.submittedAt.toISOString(),
    finishedAt: statement.finishedAt?.toISOString() ?? null,
    ...(error === undefined ? {} : { error: problemOf(error, `/v1/statements/${statement.id}`) }),
  };
}

/** How it failed, as far as the register knows. */
export function registeredError({ code }: RegisteredStatement): GovernanceError | undefined {
  if (code === null) return undefined;
  const known = code as ErrorCode;
  return new GovernanceError(known, ERROR_CODES[known] ?? ERROR_CODES.INTERNAL);
}

export const isLive = (found: Statement | RegisteredStatement): found is Statement => 'abort' in found;
