/** Receivers of copies of the log as they are met: good, slow, lying, hostile. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import { createServer as createTls, type TlsOptions } from 'node:tls';
import { gunzipSync } from 'node:zlib';

export interface Receiver {
  readonly port: number;
  /** Lines or messages that it took, in the order they came. */
  readonly taken: string[];
  stop(): Promise<void>;
}

export type Behaviour = 'take' | 'hang' | 'cut' | 'endless' | 'elsewhere' | 'reset' | 'busy' | 'too large';

export interface HttpReceiver extends Receiver {
  /** What it does with the requests to come, one after another; then it takes. */
  readonly behaviours: Behaviour[];
  readonly tokens: (string | undefined)[];
}

export async function httpReceiver(elsewhere = 'http://127.0.0.1:9/'): Promise<HttpReceiver> {
  const taken: string[] = [];
  const behaviours: Behaviour[] = [];
  const tokens: (string | undefined)[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    tokens.push(request.headers.authorization);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const lines = gunzipSync(Buffer.concat(chunks)).toString().split('\n').slice(0, -1);
    const behaviour = behaviours.shift() ?? 'take';
    if (behaviour === 'take') {
      taken.push(...lines);
      response.end('{"ok":true}');
    } else if (behaviour === 'cut') {
      response.writeHead(200, { 'content-length': '100' }).write('{"ok":');
      setTimeout(() => response.destroy(), 5);
    } else if (behaviour === 'endless') {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    } else if (behaviour === 'elsewhere') response.writeHead(307, { location: elsewhere }).end();
    else if (behaviour === 'reset') request.socket.resetAndDestroy();
    else if (behaviour === 'busy') response.writeHead(503).end();
    else if (behaviour === 'too large') response.writeHead(413).end();
  };
  const server = createServer(
    (request, response) => void answer(request, response).catch(() => response.destroy()),
  );
  await listen(server);
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: portOf(server), taken, behaviours, tokens, stop };
}

export interface SyslogReceiver extends Receiver {
  /** Of the connections to come: hung up at once, reset while it reads, or never read. Then they are read. */
  readonly behaviours: ('hang up' | 'reset' | 'hang')[];
}

export async function syslogReceiver(tls?: TlsOptions): Promise<SyslogReceiver> {
  const taken: string[] = [];
  const behaviours: SyslogReceiver['behaviours'] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    const behaviour = behaviours.shift();
    if (behaviour === 'hang up') socket.end();
    else if (behaviour === 'hang') socket.pause();
    else if (behaviour === 'reset') socket.once('data', () => socket.resetAndDestroy());
    if (behaviour !== undefined) return;
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // Only a connection that came to its end is taken, as a receiver would that dies in between.
    socket.on('end', () => {
      taken.push(...messagesOf(Buffer.concat(chunks)));
      socket.end();
    });
  };
  const server: Server = tls === undefined ? createTcp(serve) : createTls(tls, serve);
  await listen(server);
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: portOf(server), taken, behaviours, stop };
}

function messagesOf(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(' ', at);
    const end = space + 1 + Number(bytes.toString('latin1', at, space));
    found.push(bytes.toString('utf8', space + 1, end));
    at = end;
  }
  return found;
}

const listen = (server: Server): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
