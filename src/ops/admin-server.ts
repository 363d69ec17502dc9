/** Health and metrics on a port of their own, for probes and scrapers: no credentials, no data. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from 'prom-client';

const CHECK_TIMEOUT_MS = 1_500;
const REQUEST_TIMEOUT_MS = 5_000;

/** Resolves: well. Rejects or takes too long: not. */
export type Check = () => Promise<void>;

export interface AdminServerOptions {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
}

export class AdminServer {
  private readonly server: Server;
  private readonly checks = new Map<string, Check>();
  private serving = false;

  constructor(private readonly options: AdminServerOptions) {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(() => response.destroy());
    });
    this.server.requestTimeout = REQUEST_TIMEOUT_MS;
    this.server.headersTimeout = REQUEST_TIMEOUT_MS;
  }

  /** Resolves with the port; rejects with EADDRINUSE and the like. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.options.port, this.options.host, () => resolve());
    });
    return (this.server.address() as AddressInfo).port;
  }

  addCheck(name: string, check: Check): void {
    this.checks.set(name, check);
  }

  /** Ready only between boot and stop. */
  setServing(serving: boolean): void {
    this.serving = serving;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (path === '/health/live') {
      json(response, 200, { status: 'live' });
    } else if (path === '/health/ready') {
      const { ready, checks } = await this.readiness();
      json(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', checks });
    } else if (path === '/metrics') {
      const text = await this.options.registry.metrics();
      response.writeHead(200, { 'content-type': this.options.registry.contentType }).end(text);
    } else {
      json(response, 404, { status: 'no such page', pages: ['/health/live', '/health/ready', '/metrics'] });
    }
  }

  private async readiness(): Promise<{ ready: boolean; checks: Record<string, 'ok' | 'failed'> }> {
    const results = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await passes(check)] as const),
    );
    const checks = Object.fromEntries(
      results.map(([name, ok]) => [name, ok ? ('ok' as const) : ('failed' as const)]),
    );
    return { ready: this.serving && results.every(([, ok]) => ok), checks };
  }
}

async function passes(check: Check): Promise<boolean> {
  const timer = new AbortController();
  const timeout = sleep(CHECK_TIMEOUT_MS, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([
      check().then(
        () => true,
        () => false,
      ),
      timeout,
    ]);
  } finally {
    timer.abort();
  }
}

const json = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
};
