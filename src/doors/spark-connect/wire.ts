/** gRPC without generated code: bytes in, bytes out. */
import type { MethodDefinition } from '@grpc/grpc-js';

const same = (bytes: Buffer): Buffer => bytes;

export const bytesMethod = (
  path: string,
  streams: { readonly requestStream: boolean; readonly responseStream: boolean },
): MethodDefinition<Buffer, Buffer> => ({
  path,
  ...streams,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});

/** The bytes of a message as gRPC takes them, not copied. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
