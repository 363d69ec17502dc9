/**
 * Events to an HTTP endpoint, one POST a batch, compressed. It counts when the whole answer is here and says
 * yes: an answer that is cut, endless, or points elsewhere is none. No redirect is followed, so neither
 * events nor the token go to a host that nobody chose.
 */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent, request as requestHttps } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Sink, type SinkBatch, SinkProblem } from './sink.js';

const TIMEOUT_MS = 30_000;
const ANSWER_BYTES_MAX = 64 * 1_024;
const TOO_LARGE = 413;

const compressed = promisify(gzip);

export interface HttpSinkOptions {
  readonly url: URL;
  readonly contentType: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  /** PEM. */
  readonly ca?: string;
  readonly timeoutMs?: number;
}

export class HttpSink implements Sink {
  private readonly agent: Agent | undefined;

  constructor(private readonly options: HttpSinkOptions) {
    const { url, ca } = options;
    if (url.protocol === 'https:')
      this.agent = new Agent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) });
  }

  async send({ lines }: SinkBatch, signal: AbortSignal): Promise<void> {
    const body = await compressed(lines.map((line) => `${line}\n`).join(''));
    const timed = AbortSignal.any([signal, AbortSignal.timeout(this.options.timeoutMs ?? TIMEOUT_MS)]);
    const status = await this.post(body, timed);
    if (status >= 200 && status < 300) return;
    throw new SinkProblem(`the receiver answered ${status}`, status === TOO_LARGE);
  }

  async close(): Promise<void> {
    this.agent?.destroy();
  }

  /** The status, once the answer is here to its end. */
  private post(body: Buffer, signal: AbortSignal): Promise<number> {
    const { url, contentType, token } = this.options;
    const headers = {
      'content-type': contentType,
      'content-encoding': 'gzip',
      'content-length': body.length,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    return new Promise((resolve, reject) => {
      const answered = (answer: IncomingMessage): void => {
        readToEnd(answer).then(() => resolve(answer.statusCode ?? 0), reject);
      };
      const request =
        this.agent === undefined
          ? requestHttp(url, { method: 'POST', headers, signal }, answered)
          : requestHttps(url, { method: 'POST', headers, signal, agent: this.agent }, answered);
      request.on('error', reject);
      request.end(body);
    });
  }
}

async function readToEnd(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).length;
    // Leaving the loop ends the connection.
    if (bytes > ANSWER_BYTES_MAX) throw new SinkProblem('the answer of the receiver has no end');
  }
  if (!answer.complete) throw new SinkProblem('the answer of the receiver was cut off');
}
