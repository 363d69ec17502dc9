/**
 * Answers of one call as bytes. The Arrow data of a batch, several MiB of it, is copied once, to memory that is used again: the
 * general encoder would grow a buffer for it, move it to make room for its length, and cut it out again; and V8 marks its whole
 * heap for every 64 MiB of buffers that are made, which cost more than all the copying.
 * Source: the Protocol Buffers encoding; fields of a message may come in any order.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { PlanMessage } from '../../core/plan/connect/message.js';
import { connectType } from '../../proto/connect.js';
import { type ConnectMessage, encode } from '../../proto/message.js';
import { asBuffer } from './wire.js';

/** Below it the general encoder is as fast. */
const APART_BYTES_MIN = 64 * 2 ** 10;
const NOTHING = new Uint8Array();

const BATCH_FIELD = numberOf('ExecutePlanResponse', 'arrow_batch');
const DATA_FIELD = numberOf('ExecutePlanResponse.ArrowBatch', 'data');

/** Who encodes an answer has seen all but the last one on their way: two buffers do. */
const ON_THEIR_WAY_MAX = 2;

export class AnswerEncoder {
  readonly #buffers: Buffer[] = Array.from({ length: ON_THEIR_WAY_MAX }, () => Buffer.alloc(0));
  #next = 0;

  /** The bytes are good until the answer after the next one is encoded. */
  encode(answer: ConnectMessage): Buffer {
    const { case: kind, value: batch } = (answer.responseType ?? {}) as {
      readonly case?: string;
      readonly value?: PlanMessage;
    };
    const data = kind === 'arrowBatch' ? (batch?.data as Uint8Array) : NOTHING;
    if (data.length < APART_BYTES_MIN) return asBuffer(encode(answer));
    const envelope = encode({ ...answer, responseType: { case: undefined } } as ConnectMessage);
    const rest = encode({ ...batch, data: NOTHING } as unknown as ConnectMessage);
    const dataHead = headOf(DATA_FIELD, data.length);
    const batchHead = headOf(BATCH_FIELD, rest.length + dataHead.length + data.length);
    return this.#joined([envelope, batchHead, rest, dataHead, data]);
  }

  #joined(parts: readonly Uint8Array[]): Buffer {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const buffer = this.#buffer(length);
    let at = 0;
    for (const part of parts) {
      buffer.set(part, at);
      at += part.length;
    }
    return buffer.subarray(0, length);
  }

  #buffer(length: number): Buffer {
    const index = this.#next;
    this.#next = (index + 1) % ON_THEIR_WAY_MAX;
    const buffer = this.#buffers[index];
    if (buffer !== undefined && buffer.length >= length) return buffer;
    const larger = Buffer.allocUnsafeSlow(length);
    this.#buffers[index] = larger;
    return larger;
  }
}

/** What stands before a field of so many bytes. */
const headOf = (field: number, length: number): Uint8Array =>
  new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length).finish();

function numberOf(message: string, name: string): number {
  const field = connectType(message).fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`${message} has no field ${name}`);
  return field.number;
}
