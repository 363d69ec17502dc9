/**
 * Requests with their token, sent again where that is safe and waiting helps: for as long as the gateway asks,
 * within bounds.
 */
import { connectionError, errorOf, RETRYABLE, type SluiceError } from './errors.js';

/** Text that may stand in a header: what else is in it would be quoted by the error of whoever refuses it. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/;
const ATTEMPTS_MAX = 5;
const WAIT_MS_MAX = 30_000;
const BACKOFF_MS = 200;
/** Nothing had begun, or nothing is left of it, when a gateway says one of these. */
const NOTHING_DONE: readonly string[] = [
  'RATE_LIMITED',
  'QUEUE_FULL',
  'POLICY_VERSION_BEHIND',
  'ENGINE_UNAVAILABLE',
];

/** A token, or what gives one, asked at each attempt. */
export type TokenSource = string | (() => string | Promise<string>);

export interface TransportOptions {
  /** Of the gateway: `https://sluice.example`. */
  readonly url: string;
  readonly token: TokenSource;
  /** Instead of the global one. */
  readonly fetch?: typeof globalThis.fetch;
  /** How often one request is sent, at most: 5 when not given. */
  readonly attemptsMax?: number;
  /** How long to wait between attempts, all together: 30,000 when not given. */
  readonly waitMsMax?: number;
}

export class Transport {
  readonly url: string;
  readonly #token: TokenSource;
  readonly #fetch: typeof globalThis.fetch;
  readonly #attemptsMax: number;
  readonly #waitMsMax: number;

  constructor(options: TransportOptions) {
    const url = new URL(options.url);
    if (url.username !== '' || url.password !== '') throw new TypeError('The url may not hold credentials.');
    this.url = url.href.replace(/\/$/, '');
    this.#token = typeof options.token === 'string' ? checked(options.token) : options.token;
    this.#fetch = options.fetch ?? ((request) => globalThis.fetch(request));
    this.#attemptsMax = options.attemptsMax ?? ATTEMPTS_MAX;
    this.#waitMsMax = options.waitMsMax ?? WAIT_MS_MAX;
  }

  /**
   * The answer when it is good; throws SluiceError and SluiceConnectionError. `again`: ends the sending again, where
   * that is another than the request's own.
   */
  async send(request: Request, again: AbortSignal = request.signal): Promise<Response> {
    const safe = isSafe(request);
    let waitMsLeft = this.#waitMsMax;
    for (let attempt = 1; ; attempt += 1) {
      const failure = await this.#attempt(request);
      if (failure instanceof Response) return failure;
      const { error, waitMs = backoffMs(attempt), when } = failure;
      if (when === 'never' || (when === 'safe' && !safe)) throw error;
      if (attempt >= this.#attemptsMax || waitMs > waitMsLeft) throw error;
      waitMsLeft -= waitMs;
      await sleep(waitMs, again);
    }
  }

  async #attempt(request: Request): Promise<Response | Failure> {
    const token = typeof this.#token === 'string' ? this.#token : checked(await this.#token());
    const sent = new Request(request.clone(), { redirect: 'error' });
    sent.headers.set('authorization', `Bearer ${token}`);
    let response: Response;
    try {
      response = await this.#fetch(sent);
    } catch (cause) {
      request.signal.throwIfAborted();
      return { error: connectionError(request.url, cause), when: 'safe' };
    }
    if (response.ok) return response;
    const error = await errorOf(response);
    const waitMs = retryAfterMs(response.headers.get('retry-after'));
    return { error, when: againAfter(error), ...(waitMs === undefined ? {} : { waitMs }) };
  }
}

interface Failure {
  readonly error: Error;
  /** To send it again: never; where twice is as once; or whatever was asked. */
  readonly when: 'never' | 'safe' | 'always';
  readonly waitMs?: number;
}

function againAfter(error: SluiceError): Failure['when'] {
  if (!error.retryable || !RETRYABLE.includes(error.status)) return 'never';
  return error.status === 429 || NOTHING_DONE.includes(error.code) ? 'always' : 'safe';
}

/** Twice is as once. */
const isSafe = (request: Request): boolean =>
  ['GET', 'HEAD'].includes(request.method) || request.headers.has('idempotency-key');

function checked(token: string): string {
  if (!TOKEN.test(token)) throw new TypeError('The token is empty, too long, or holds what headers cannot.');
  return token;
}

function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Longer each time, and not for everybody at the same moment. */
const backoffMs = (attempt: number): number => BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + Math.random());

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
