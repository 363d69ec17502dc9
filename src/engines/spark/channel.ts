/**
 * The wire to one Spark Connect server. Messages go in as protobuf-es messages; answers are decoded one by one, the
 * Arrow bytes in them left as they are.
 */

import { getDefaultHighWaterMark, setDefaultHighWaterMark } from 'node:stream';
import type { DescMethod } from '@bufbuild/protobuf';
import {
  type CallOptions,
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { CONNECT_METHODS, connectPath } from '../../proto/connect.js';
import { type ConnectMessage, decode, encode } from '../../proto/message.js';
import type { SparkAddress } from './connect-url.js';
import { sparkError } from './errors.js';

/** Largest answer that is taken: an Arrow batch is 4 MiB as Spark cuts them, unless one row is larger. */
const ANSWER_BYTES_MAX = 256 * 2 ** 20;
/** What the server may send before it hears that we took it: with HTTP/2's 64 KiB it would wait most of the time. */
const WINDOW_BYTES = 8 * 2 ** 20;
/** Answers that wait here for who reads them; a stream would take sixteen of several MiB each. */
const ANSWERS_AHEAD_MAX = 1;
const KEEPALIVE_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;
/** Answers to everything but a run come at once. */
const UNARY_TIMEOUT_MS = 60_000;

const pass = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const keep = (bytes: Buffer): Buffer => bytes;

export class SparkChannel {
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor({ host, port, token, tls }: SparkAddress) {
    this.#client = new Client(
      `${host}:${port}`,
      tls ? credentials.createSsl() : credentials.createInsecure(),
      {
        'grpc.max_receive_message_length': ANSWER_BYTES_MAX,
        'grpc.max_send_message_length': ANSWER_BYTES_MAX,
        'grpc-node.flow_control_window': WINDOW_BYTES,
        'grpc.keepalive_time_ms': KEEPALIVE_MS,
        'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
        // A server that comes back is found again within a moment.
        'grpc.max_reconnect_backoff_ms': 2_000,
        'grpc.initial_reconnect_backoff_ms': 100,
      },
    );
    if (token !== undefined) this.#metadata.set('authorization', `Bearer ${token}`);
  }

  /** One question, one answer. Throws GovernanceError. */
  unary(name: string, request: ConnectMessage, timeoutMs = UNARY_TIMEOUT_MS): Promise<ConnectMessage> {
    const method = methodOf(name);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        connectPath(name),
        pass,
        keep,
        encode(request),
        this.#metadata,
        deadline(timeoutMs),
        (error: ServiceError | null, answer?: Buffer) => {
          if (error !== null || answer === undefined) reject(sparkError(error));
          else resolve(decode(method.output, answer));
        },
      );
    });
  }

  /** One question, a stream of answers. `signal`, or leaving the loop, cancels the call. Throws GovernanceError. */
  async *stream(name: string, request: ConnectMessage, signal?: AbortSignal): AsyncGenerator<ConnectMessage> {
    const method = methodOf(name);
    const call = withFewAhead(
      (): ClientReadableStream<Buffer> =>
        this.#client.makeServerStreamRequest(connectPath(name), pass, keep, encode(request), this.#metadata),
    );
    const cancel = (): void => call.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    try {
      for await (const answer of call) yield decode(method.output, answer as Buffer);
    } catch (error) {
      throw sparkError(error);
    } finally {
      signal?.removeEventListener('abort', cancel);
      cancel();
    }
  }

  /** A stream of questions, one answer. Throws GovernanceError. */
  upload(name: string, requests: readonly ConnectMessage[]): Promise<ConnectMessage> {
    const method = methodOf(name);
    return new Promise((resolve, reject) => {
      const call = this.#client.makeClientStreamRequest(
        connectPath(name),
        pass,
        keep,
        this.#metadata,
        deadline(UNARY_TIMEOUT_MS),
        (error: ServiceError | null, answer?: Buffer) => {
          if (error !== null || answer === undefined) reject(sparkError(error));
          else resolve(decode(method.output, answer));
        },
      );
      for (const request of requests) call.write(encode(request));
      call.end();
    });
  }

  close(): void {
    this.#client.close();
  }
}

/** gRPC makes its streams with the default of the process and takes no other. */
function withFewAhead<T>(make: () => T): T {
  const before = getDefaultHighWaterMark(true);
  setDefaultHighWaterMark(true, ANSWERS_AHEAD_MAX);
  try {
    return make();
  } finally {
    setDefaultHighWaterMark(true, before);
  }
}

const deadline = (timeoutMs: number): CallOptions => ({ deadline: Date.now() + timeoutMs });

export function methodOf(name: string): DescMethod {
  const method = CONNECT_METHODS.get(name);
  if (method === undefined) throw new Error(`Spark Connect has no call ${name}`);
  return method;
}
