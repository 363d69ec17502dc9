/** A gateway over HTTP. */

export interface ProblemAnswer {
  readonly status: number;
  readonly code?: string;
  readonly detail?: string;
  readonly remedy?: string;
  readonly position?: { readonly line: number; readonly column: number };
}

/** The gateway said no; the message is for people. */
export class ApiProblem extends Error {
  constructor(readonly problem: ProblemAnswer) {
    const at =
      problem.position === undefined
        ? ''
        : ` (line ${problem.position.line}, column ${problem.position.column})`;
    const remedy = problem.remedy === undefined ? '' : `\n${problem.remedy}`;
    super(`${problem.code ?? problem.status}: ${problem.detail ?? 'the request failed'}${at}${remedy}`);
    this.name = 'ApiProblem';
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
    for await (const chunk of answer.body ?? []) yield chunk;
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
    });
    if (answer.ok) return answer;
    const problem: unknown = await answer.json().catch(() => ({}));
    throw new ApiProblem({ status: answer.status, ...(problem as object) });
  }
}
