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

const TIMEOUT_MS = 120_000;

export class ApiClient {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  get(path: string): Promise<unknown> {
    return this.send('GET', path);
  }

  post(path: string, body: unknown): Promise<unknown> {
    return this.send('POST', path, JSON.stringify(body), 'application/json');
  }

  async send(method: string, path: string, body?: string, type?: string): Promise<unknown> {
    const answer = await fetch(new URL(path, this.url), {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(type === undefined ? {} : { 'content-type': type }),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    const value: unknown = text === '' ? undefined : JSON.parse(text);
    if (!answer.ok) throw new ApiProblem({ status: answer.status, ...(value as object) });
    return value;
  }
}
