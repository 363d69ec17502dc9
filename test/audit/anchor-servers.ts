/** What anchors are tried against: moto's S3 with object lock, aics-witness, and a witness that does anything. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { AwsClient } from 'aws4fetch';
import { within } from '../support/rest-client.js';

const START_MS = 30_000;
export const ACCESS = { accessKeyId: 'testing', secretAccessKey: 'secret-of-the-bucket' } as const;

export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startMoto(python: string, bucket: string): Promise<RunningServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  });
  await answering(`${url}/moto-api/`);
  const made = await new AwsClient({ ...ACCESS, service: 's3', region: 'us-east-1' }).fetch(
    `${url}/${bucket}`,
    {
      method: 'PUT',
      headers: { 'x-amz-bucket-object-lock-enabled': 'true' },
    },
  );
  if (!made.ok) throw new Error(await made.text());
  return { url, stop: () => ended(child) };
}

export interface RunningWitness extends RunningServer {
  readonly vkey: string;
}

/** Started again on the same folder it remembers what it signed. */
export async function startWitness(
  python: string,
  folder: string,
  origin: string,
  vkeys: readonly string[],
): Promise<RunningWitness> {
  const port = await freePort();
  const config = join(folder, 'witness.json');
  const run = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(python, ['-m', 'aics_witness', ...args], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  const said = run('init', '-c', config, '--name', 'witness.test/w1', '--listen', `127.0.0.1:${port}`);
  for (const vkey of vkeys) run('add-log', '-c', config, '--origin', origin, '--vkey', vkey);
  const vkey = /witness\.test\/w1\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+/.exec(said)?.[0] ?? '';
  const child = spawn(
    python,
    ['-m', 'aics_witness', 'serve', '-c', config, '--listen', `127.0.0.1:${port}`],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}`;
  await answering(`${url}/healthz`);
  return { url, vkey, stop: () => ended(child) };
}

export type WitnessAnswer = (request: IncomingMessage, body: string, response: ServerResponse) => void;

export async function startFakeWitness(answer: WitnessAnswer): Promise<RunningServer> {
  const server = createHttp((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => answer(request, body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Each answers the first request as it likes. */
export const LIARS: Readonly<Record<string, WitnessAnswer>> = {
  'signs with another key': (_, __, response) =>
    void response.end(`\u2014 witness.test/w1 ${Buffer.alloc(76, 7).toString('base64')}\n`),
  'says yes and nothing': (_, __, response) => void response.end(''),
  'has an answer without end': (_, __, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(16_384)));
    };
    response.on('drain', more);
    more();
  },
  'points elsewhere': (_, __, response) =>
    void response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(),
  'knows a size that is none': (_, __, response) => void response.writeHead(409).end('many\n'),
  'cuts its answer': (_, __, response) => {
    response.writeHead(200, { 'content-length': '500' }).write('\u2014 w');
    setTimeout(() => response.destroy(), 5);
  },
};

async function answering(url: string): Promise<void> {
  const up = await within(START_MS, () =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  );
  if (!up) throw new Error(`${url} does not answer`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
