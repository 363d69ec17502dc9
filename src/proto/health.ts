/** The health service of gRPC, as orchestrators ask it. */
import { create, createFileRegistry, type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf';
import { file_google_protobuf_any, file_google_protobuf_timestamp } from '@bufbuild/protobuf/wkt';
import { readSchema } from './read-schema.js';

const PACKAGE = 'grpc.health.v1';
const { file } = readSchema(
  PACKAGE,
  `message HealthCheckRequest { service 1 string }
   message HealthCheckResponse { status 1 HealthCheckResponse.ServingStatus
     enum ServingStatus { UNKNOWN 0, SERVING 1, NOT_SERVING 2, SERVICE_UNKNOWN 3 } }`,
);
const registry = createFileRegistry(file, (name) =>
  name === file_google_protobuf_any.proto.name ? file_google_protobuf_any : file_google_protobuf_timestamp,
);
const type = (name: string): DescMessage => registry.getMessage(`${PACKAGE}.${name}`) as DescMessage;

export const HEALTH_PATHS = { check: `/${PACKAGE}.Health/Check`, watch: `/${PACKAGE}.Health/Watch` } as const;

export const HEALTH = { serving: 1, notServing: 2, serviceUnknown: 3 } as const;
export type HealthStatus = (typeof HEALTH)[keyof typeof HEALTH];

/** The service that is asked about; empty: all. */
export const readHealthRequest = (bytes: Uint8Array): string =>
  (fromBinary(type('HealthCheckRequest'), bytes) as unknown as { readonly service: string }).service;

export const writeHealthResponse = (status: HealthStatus): Uint8Array =>
  toBinary(type('HealthCheckResponse'), create(type('HealthCheckResponse'), { status } as never));
