/** A gateway over HTTP. */
import { describeProblem } from './describe-problem.js';
import { UnreachableError } from './unreachable.js';

export interface ProblemAnswer {
  readonly status: number;
  readonly code?: string;
  readonly detail?: string;
  readonly remedy?: string;
  readonly position?: { readonly line: number; readonly column: number };
}

/** The gateway said no; the message is for people. */
export class ApiProblem extends Error {
  constructor(
    readonly problem: ProblemAnswer,
    /** The SQL that `position` points into. */
    readonly sql?: string,
  ) {
    super(describeProblem(problem, sql));
    this.name = 'ApiProblem';
  }
}

/** Problems of what `work` asks point into `sql`. */
export async function pointingInto<T>(sql: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiProblem) throw new ApiProblem(error.problem, sql);
    throw error;
  }
}

/** A request that waits for a statement takes a minute at most. */
const TIMEOUT_MS = 120_000;
const JSON_TYPE = 'application/json';

export class ApiClient {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  get(path: string): Promise<unknown> {
    return this.send('GET', path);
  }

  /** Undefined: there is none. */
  async find(path: string): Promise<unknown> {
    try {
      return await this.get(path);
    } catch (error) {
      if (error instanceof ApiProblem && error.problem.status === 404) return undefined;
      throw error;
    }
  }

  post(path: string, body: unknown): Promise<unknown> {
    return this.send('POST', path, JSON.stringify(body), JSON_TYPE);
  }

  /** The answer as it comes, however long that takes. */
  open(path: string): Promise<Response> {
    return this.request('GET', path, undefined, {}, {});
  }

  async send(method: string, path: string, body?: string, type?: string): Promise<unknown> {
    const answer = await this.request(
      method,
      path,
      body,
      type === undefined ? {} : { 'content-type': type },
      {
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
    );
    const text = await answer.text();
    return text === '' ? undefined : JSON.parse(text);
  }

  /** The bytes of an answer as they come, however long that takes. */
  async *stream(path: string, body: unknown, accept: string): AsyncGenerator<Uint8Array> {
    const headers = { 'content-type': JSON_TYPE, accept };
    const answer = await this.request('POST', path, JSON.stringify(body), headers, {});
    try {
      for await (const chunk of answer.body ?? []) yield chunk;
    } catch (cause) {
      throw new Error(`the answer broke off, it is not whole (${reasonOf(cause)})`, { cause });
    }
  }

  private async request(
    method: string,
    path: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
    init: RequestInit,
  ): Promise<Response> {
    const answer = await fetch(new URL(path, this.url), {
      ...init,
      method,
      headers: { ...headers, authorization: `Bearer ${this.token}` },
      ...(body === undefined ? {} : { body }),
    }).catch((cause: unknown) => {
      throw new UnreachableError(`${this.url} cannot be reached: ${reasonOf(cause)}`, { cause });
    });
    if (answer.ok) return answer;
    const problem: unknown = await answer.json().catch(() => ({}));
    throw new ApiProblem({ status: answer.status, ...(problem as object) });
  }
}

/** fetch says only that it failed; why is in its cause. */
const reasonOf = (error: unknown): string => {
  const { cause, message } = error as Error;
  return (cause as { code?: string } | undefined)?.code ?? message;
};
