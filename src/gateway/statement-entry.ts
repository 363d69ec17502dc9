/** A statement while this gateway holds it: where it is on its way, and what is left of it afterwards. */
import { GovernanceError } from '../core/errors.js';
import type { RegisteredStatement } from '../store/statement-register.js';
import type { StoredResult } from './results.js';
import type { GovernedStatement } from './run-statement.js';
import type { StatementRequest, Timings } from './statement.js';

export type StatementState =
  | 'queued'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'canceled'
  | 'timed_out'
  | 'expired';

export interface Statement {
  readonly id: string;
  readonly user: string;
  readonly submittedAt: Date;
  /** Of the request, what is still asked for later; its text is not kept. */
  readonly asked: Pick<StatementRequest, 'purpose' | 'format' | 'tags'>;
  state: StatementState;
  /** When its turn had come. */
  startedAt?: Date;
  finishedAt?: Date;
  governed?: GovernedStatement;
  /** Of a statement that succeeded. */
  end?: { readonly rowCount: number; readonly truncated: boolean };
  result?: StoredResult;
  timings: Timings;
  /** Of its result, made so far. */
  bytes: number;
  /** How much of it is done, for those with the explain right. */
  fraction?: () => Promise<number | undefined>;
  error?: unknown;
  readonly abort: AbortController;
  /** Resolves when it has ended, however; `settle` does it. */
  readonly ended: Promise<void>;
  readonly settle: () => void;
}

export function newStatement(
  id: string,
  user: string,
  { purpose, format, tags }: StatementRequest,
  submittedAt: Date,
): Statement {
  let settle = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return {
    id,
    user,
    submittedAt,
    asked: {
      tags,
      ...(purpose === undefined ? {} : { purpose }),
      ...(format === undefined ? {} : { format }),
    },
    state: 'queued',
    timings: {},
    bytes: 0,
    abort: new AbortController(),
    ended,
    settle,
  };
}

export const failedState = (error: unknown): StatementState => {
  const code = error instanceof GovernanceError ? error.code : 'INTERNAL';
  if (code === 'STATEMENT_CANCELED') return 'canceled';
  return code === 'STATEMENT_TIMEOUT' ? 'timed_out' : 'failed';
};

/** What the register keeps of it, as it is now. */
export function registerRow({
  id,
  user,
  state,
  submittedAt,
  finishedAt,
  error,
  asked,
}: Statement): RegisteredStatement {
  const code = error instanceof GovernanceError ? error.code : 'INTERNAL';
  return {
    id,
    principal: user,
    state,
    submittedAt,
    finishedAt: finishedAt ?? null,
    code: error === undefined ? null : code,
    header: { tags: asked.tags },
  };
}
