/** Requests to a gateway process, answers read whole. */
import { BUILT_MAIN, type GatewayProcess, startGatewayProcess } from './gateway-process.js';

/** Small enough to be made in a moment. */
export const SMALL_DEMO = { SLUICE_DEMO: 'true', SLUICE_DEMO_SCALE: '0.01' };

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined when the body is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: what is in it is what the specs ask.
  readonly json: any;
}

export interface Rest {
  readonly gateway: GatewayProcess;
  /** `user`: a demo user, a token, or undefined for nobody. A body that is no text or bytes goes as JSON. */
  ask(
    user: string | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers?: object,
  ): Promise<Answer>;
  /** POST /v1/statements. */
  run(user: string, statement: string, body?: object, headers?: object): Promise<Answer>;
}

export async function startRest(env: Readonly<Record<string, string>> = {}): Promise<Rest> {
  return restOf(await startGatewayProcess(BUILT_MAIN, { ...SMALL_DEMO, ...env }));
}

export function restOf(gateway: GatewayProcess): Rest {
  const ask: Rest['ask'] = async (user, method, path, body, headers = {}) => {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: {
        ...(user === undefined ? {} : { authorization: `Bearer ${gateway.tokens[user] ?? user}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  };
  return {
    gateway,
    ask,
    run: (user, statement, body = {}, headers = {}) =>
      ask(user, 'POST', '/v1/statements', { statement, ...body }, headers),
  };
}

const raw = (body: unknown): BodyInit =>
  typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Runs until it is stopped: many more pairs than anyone could count in a test. */
export const ENDLESS = `SELECT count(*) FROM shop.sales.order_items a, shop.sales.order_items b, shop.sales.order_items c
  WHERE a.quantity + b.quantity > c.quantity`;

export interface EngineShown {
  readonly running: number;
  readonly queued: number;
}

export async function engineOf(rest: Rest): Promise<EngineShown> {
  return (await rest.ask('admin', 'GET', '/v1/engines')).json.items[0];
}

/** True as soon as `check` is; false when that takes longer than `ms`. */
export async function within(ms: number, check: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (Date.now() < deadline) {
    if (await check()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
