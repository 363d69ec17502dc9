/** What goes wrong, as it is thrown. No error holds a token or what else was in a request. */
import type { components } from './generated/api.js';

export type Problem = components['schemas']['Problem'];
/** Codes that this version knows; a newer gateway may have more. */
export type ErrorCode = Problem['code'];

/** The gateway said no, or a statement failed. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';
  readonly code: ErrorCode | 'NOT_A_PROBLEM';
  readonly status: number;
  readonly title: string;
  readonly remedy: string | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Where in the statement, from 1. */
  readonly position: Problem['position'];
  readonly sqlState: string | undefined;
  readonly decisionId: string | undefined;
  readonly denied: NonNullable<Problem['denied']>;
  readonly requestId: string | undefined;
  /** The statement, where one was there already. */
  readonly statementId: string | undefined;
  /** All that was said. */
  readonly problem: Partial<Problem>;

  constructor(status: number, problem: Partial<Problem>, statementId?: string) {
    super(problem.detail ?? problem.title ?? `The gateway, or what is before it, answered ${status}.`);
    this.status = status;
    this.problem = problem;
    this.code = problem.code ?? 'NOT_A_PROBLEM';
    this.title = problem.title ?? '';
    this.remedy = problem.remedy;
    this.retryable = problem.retryable ?? RETRYABLE.includes(status);
    this.position = problem.position;
    this.sqlState = problem.sqlState;
    this.decisionId = problem.decisionId;
    this.denied = problem.denied ?? [];
    this.requestId = problem.requestId;
    this.statementId = statementId;
  }
}

/** No answer, or one that broke off: it says nothing of whether the gateway did what was asked. */
export class SluiceConnectionError extends Error {
  override readonly name = 'SluiceConnectionError';
}

/** What says that waiting helps, problem or not. */
export const RETRYABLE: readonly number[] = [429, 502, 503, 504];

export async function errorOf(response: Response): Promise<SluiceError> {
  const body: unknown = await response.json().catch(() => undefined);
  const isProblem = typeof body === 'object' && body !== null && 'code' in body;
  return new SluiceError(response.status, isProblem ? (body as Partial<Problem>) : {});
}

/** Without what it came from: that could quote headers. */
export function connectionError(url: string, cause: unknown): SluiceConnectionError {
  const { code } = ((cause as Error | undefined)?.cause ?? {}) as { readonly code?: unknown };
  const why = typeof code === 'string' ? ` (${code})` : '';
  return new SluiceConnectionError(`${new URL(url).origin} could not be reached, or broke off${why}.`);
}
