/**
 * The Spark Connect door: gRPC in, twelve calls and the health service. Bytes are decoded and encoded by us, so what was
 * judged is what is sent on.
 */
import {
  Server,
  type ServerCredentials,
  type ServerErrorResponse,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { CONNECT_METHODS, connectPath } from '../../proto/connect.js';
import { type ConnectMessage, encode } from '../../proto/message.js';
import { analyzePlan } from './analyze.js';
import { ArtifactUpload, artifactStatus } from './artifacts.js';
import { authenticateCall, type CallContext, readRequest } from './call.js';
import { config } from './config.js';
import type { DoorParts } from './door-parts.js';
import { AnswerEncoder } from './encode-answer.js';
import { rpcError } from './errors.js';
import { executePlan, reattachExecute } from './execute.js';
import { Health } from './health.js';
import {
  cloneSessionCall,
  fetchErrorDetailsCall,
  getStatusCall,
  interruptCall,
  releaseExecuteCall,
  releaseSessionCall,
  type UnaryCall,
} from './session-calls.js';
import { asBuffer, bytesMethod } from './wire.js';

/** As much as Spark's own server takes. */
const MESSAGE_BYTES_MAX = 128 * 2 ** 20;
/** A client that is gone without a word is noticed within a minute. */
const KEEPALIVE_MS = 40_000;
const KEEPALIVE_TIMEOUT_MS = 15_000;
const STREAMS_MAX = 500;

type StreamCall = (
  parts: DoorParts,
  context: CallContext,
  request: ConnectMessage,
  gone: AbortSignal,
) => AsyncGenerator<ConnectMessage>;

const UNARY: Readonly<Record<string, UnaryCall>> = {
  AnalyzePlan: analyzePlan,
  Config: config,
  ArtifactStatus: artifactStatus,
  Interrupt: interruptCall,
  ReleaseExecute: releaseExecuteCall,
  ReleaseSession: releaseSessionCall,
  FetchErrorDetails: fetchErrorDetailsCall,
  CloneSession: cloneSessionCall,
  GetStatus: getStatusCall,
};
const STREAMING: Readonly<Record<string, StreamCall>> = {
  ExecutePlan: executePlan,
  ReattachExecute: reattachExecute,
};

export interface ConnectServerOptions {
  readonly credentials: ServerCredentials;
  /** What nobody expected, for the log. */
  readonly onUnexpected: (method: string, error: unknown) => void;
}

export class ConnectServer {
  private readonly server = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.max_concurrent_streams': STREAMS_MAX,
  });
  private readonly health = new Health();

  constructor(
    private readonly parts: DoorParts,
    private readonly options: ConnectServerOptions,
  ) {
    const methods = [...CONNECT_METHODS.values()];
    this.server.addService(
      Object.fromEntries(
        methods.map(({ name, methodKind }) => [
          name,
          bytesMethod(connectPath(name), {
            requestStream: methodKind === 'client_streaming',
            responseStream: methodKind === 'server_streaming',
          }),
        ]),
      ),
      Object.fromEntries(
        methods.map(({ name }) => [name, this.handler(name)]),
      ) as UntypedServiceImplementation,
    );
    this.health.add(this.server);
  }

  /** Listens; gives the port. */
  listen(host: string, port: number): Promise<number> {
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    return new Promise((resolve, reject) => {
      this.server.bindAsync(address, this.options.credentials, (error, bound) => {
        if (error === null) resolve(bound);
        // gRPC puts the reason into the text.
        else reject(Object.assign(error, { code: /\bE[A-Z]{5,}\b/.exec(error.message)?.[0] }));
      });
    });
  }

  /** Takes nothing new, lets what runs end for `graceMs`, then ends it and records how. */
  async stop(graceMs: number): Promise<void> {
    this.health.stopServing();
    await this.parts.streams.close();
    await this.parts.operations.drain(graceMs);
    const closed = new Promise<void>((resolve) => this.server.tryShutdown(() => resolve()));
    const timer = setTimeout(() => this.server.forceShutdown(), 500);
    await closed;
    clearTimeout(timer);
    this.parts.sessions.close();
  }

  private handler(name: string): UntypedServiceImplementation[string] {
    const unary = UNARY[name];
    if (unary !== undefined) {
      return (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
        this.answer(name, unary, call).then(
          (answer) => callback(null, answer),
          (error: unknown) => callback(this.failed(name, error)),
        );
      };
    }
    const streaming = STREAMING[name];
    if (streaming !== undefined) {
      return (call: ServerWritableStream<Buffer, Buffer>) => void this.stream(name, streaming, call);
    }
    if (name !== 'AddArtifacts') throw new Error(`the call ${name} has no handler`);
    return (call: ServerReadableStream<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
      this.upload(call).then(
        (answer) => callback(null, answer),
        (error: unknown) => callback(this.failed(name, error)),
      );
    };
  }

  private async answer(name: string, run: UnaryCall, call: ServerUnaryCall<Buffer, Buffer>): Promise<Buffer> {
    const context = await authenticateCall(this.parts.authenticator, call.metadata, call.getPeer());
    return asBuffer(encode(await run(this.parts, context, readRequest(name, call.request))));
  }

  private async stream(
    name: string,
    run: StreamCall,
    call: ServerWritableStream<Buffer, Buffer>,
  ): Promise<void> {
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort());
    call.on('error', () => gone.abort());
    const encoder = new AnswerEncoder();
    let sent: Promise<void> = Promise.resolve();
    try {
      const context = await authenticateCall(this.parts.authenticator, call.metadata, call.getPeer());
      for await (const answer of run(this.parts, context, readRequest(name, call.request), gone.signal)) {
        if (call.cancelled) return;
        const before = sent;
        sent = written(call, encoder.encode(answer), gone.signal);
        await before;
      }
      call.end();
    } catch (error) {
      if (!call.cancelled) call.emit('error', this.failed(name, error));
    }
  }

  private async upload(call: ServerReadableStream<Buffer, Buffer>): Promise<Buffer> {
    const context = await authenticateCall(this.parts.authenticator, call.metadata, call.getPeer());
    const upload = new ArtifactUpload(this.parts, context);
    for await (const bytes of call) await upload.take(readRequest('AddArtifacts', bytes as Buffer));
    return asBuffer(encode(await upload.end()));
  }

  private failed(name: string, error: unknown): ServerErrorResponse {
    const response = rpcError(error);
    if (response.details?.startsWith('[INTERNAL]')) this.options.onUnexpected(name, error);
    return response;
  }
}

/**
 * Resolves when the answer is on its way, or nobody wants it. The stream itself would take sixteen answers of several MiB
 * before it said that the client reads more slowly than the server gives.
 */
function written(
  call: ServerWritableStream<Buffer, Buffer>,
  bytes: Buffer,
  gone: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      gone.removeEventListener('abort', go);
      resolve();
    };
    gone.addEventListener('abort', go, { once: true });
    call.write(bytes, go);
    if (gone.aborted) go();
  });
}
