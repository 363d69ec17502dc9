/**
 * How a gRPC error of Spark says what it is: `google.rpc.Status` in the trailer `grpc-status-details-bin`, in it an
 * `ErrorInfo` with the error class in its metadata.
 */
import { create, createFileRegistry, type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf';
import { AnySchema, file_google_protobuf_any, file_google_protobuf_timestamp } from '@bufbuild/protobuf/wkt';
import { readSchema } from './read-schema.js';

export const STATUS_TRAILER = 'grpc-status-details-bin';

const PACKAGE = 'google.rpc';
const { file } = readSchema(
  PACKAGE,
  `message Status { code 1 int32, message 2 string, details 3 .google.protobuf.Any* }
   message ErrorInfo { reason 1 string, domain 2 string, metadata 3 <string string> }`,
);
const registry = createFileRegistry(file, (name) =>
  name === file_google_protobuf_any.proto.name ? file_google_protobuf_any : file_google_protobuf_timestamp,
);
const type = (name: string): DescMessage => registry.getMessage(`${PACKAGE}.${name}`) as DescMessage;
const STATUS = type('Status');
const ERROR_INFO = type('ErrorInfo');

export interface ErrorInfo {
  /** Class of the exception on the server. */
  readonly reason: string;
  /** `errorClass`, `sqlState`, `errorId`, `messageParameters` (JSON) ... */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What the trailer tells; undefined when it has no ErrorInfo or is none. */
export function readErrorInfo(trailer: Uint8Array): ErrorInfo | undefined {
  try {
    const status = fromBinary(STATUS, trailer) as unknown as {
      readonly details: readonly { readonly typeUrl: string; readonly value: Uint8Array }[];
    };
    const detail = status.details.find((each) => each.typeUrl.endsWith(`/${ERROR_INFO.typeName}`));
    return detail === undefined ? undefined : (fromBinary(ERROR_INFO, detail.value) as unknown as ErrorInfo);
  } catch {
    return undefined;
  }
}

/** The trailer that tells a Spark client of an error as Spark itself would. */
export function writeErrorInfo(code: number, message: string, info: ErrorInfo): Uint8Array {
  const detail = create(ERROR_INFO, { ...info, domain: 'org.apache.spark' } as never);
  const any = create(AnySchema, {
    typeUrl: `type.googleapis.com/${ERROR_INFO.typeName}`,
    value: toBinary(ERROR_INFO, detail),
  });
  return toBinary(STATUS, create(STATUS, { code, message, details: [any] } as never));
}
