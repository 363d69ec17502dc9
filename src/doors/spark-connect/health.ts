/** Health over gRPC: is the door open? Asked without credentials, as by any load balancer. */
import {
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import {
  HEALTH,
  HEALTH_PATHS,
  type HealthStatus,
  readHealthRequest,
  writeHealthResponse,
} from '../../proto/health.js';
import { bytesMethod } from './wire.js';

const SERVICES = new Set(['', 'spark.connect.SparkConnectService']);
const WATCHERS_MAX = 100;

export class Health {
  private state: HealthStatus = HEALTH.serving;
  private readonly watchers = new Set<ServerWritableStream<Buffer, Buffer>>();

  add(server: Server): void {
    server.addService(
      {
        check: bytesMethod(HEALTH_PATHS.check, { requestStream: false, responseStream: false }),
        watch: bytesMethod(HEALTH_PATHS.watch, { requestStream: false, responseStream: true }),
      },
      {
        check: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
          const known = this.answer(call.request);
          if (known === undefined) callback({ code: status.NOT_FOUND, details: 'unknown service' });
          else callback(null, known);
        },
        watch: (call: ServerWritableStream<Buffer, Buffer>) => this.watch(call),
      },
    );
  }

  /** Tells those who watch. */
  stopServing(): void {
    this.state = HEALTH.notServing;
    for (const call of this.watchers) {
      call.write(Buffer.from(writeHealthResponse(this.state)));
      call.end();
    }
    this.watchers.clear();
  }

  private watch(call: ServerWritableStream<Buffer, Buffer>): void {
    const known = this.answer(call.request);
    if (this.watchers.size >= WATCHERS_MAX || known === undefined) {
      call.write(Buffer.from(writeHealthResponse(known === undefined ? HEALTH.serviceUnknown : this.state)));
      call.end();
      return;
    }
    call.write(known);
    this.watchers.add(call);
    call.on('cancelled', () => this.watchers.delete(call));
  }

  private answer(request: Buffer): Buffer | undefined {
    try {
      return SERVICES.has(readHealthRequest(request))
        ? Buffer.from(writeHealthResponse(this.state))
        : undefined;
    } catch {
      return undefined;
    }
  }
}
