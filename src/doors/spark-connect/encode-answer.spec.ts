import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { connectType } from '../../proto/connect.js';
import { type ConnectMessage, decode, encode, make } from '../../proto/message.js';
import { AnswerEncoder } from './encode-answer.js';
import { asBuffer } from './wire.js';

const type = connectType('ExecutePlanResponse');

/** Small and large ones, around the size where data is taken apart from the rest. Made late: nobody wants to read them. */
const data = fc.record({
  length: fc.constantFrom(0, 1, 2 ** 16 - 1, 2 ** 16, 2 ** 16 + 1, 3 * 2 ** 20),
  byte: fc.nat(255),
});
const batch = fc.record(
  {
    data,
    rowCount: fc.bigInt(0n, 2n ** 40n),
    startOffset: fc.bigInt(0n, 2n ** 40n),
    chunkIndex: fc.bigInt(0n, 9n),
  },
  { requiredKeys: ['data', 'rowCount'] },
);
const answer = fc.record({
  sessionId: fc.string(),
  responseId: fc.uuid(),
  observedMetrics: fc.array(fc.record({ name: fc.string(), keys: fc.array(fc.string()) }), { maxLength: 2 }),
  kind: fc.constantFrom('arrowBatch', 'arrowBatch', 'resultComplete', undefined),
  batch,
});

function messageOf({
  kind,
  batch: { data, ...counts },
  ...fields
}: typeof answer extends fc.Arbitrary<infer T> ? T : never) {
  const value = kind === 'arrowBatch' ? { ...counts, data: new Uint8Array(data.length).fill(data.byte) } : {};
  return make('ExecutePlanResponse', { ...fields, responseType: { case: kind, value } });
}

it('bytes say what the general encoder says, also of the answer before, which may still be on its way', () => {
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 5 }), (answers) => {
      const encoder = new AnswerEncoder();
      let before: { readonly bytes: Buffer; readonly meant: ConnectMessage } | undefined;
      for (const meant of answers.map(messageOf)) {
        const bytes = encoder.encode(meant);
        for (const sent of [{ bytes, meant }, ...(before === undefined ? [] : [before])])
          expect(asBuffer(encode(decode(type, sent.bytes))).equals(encode(sent.meant))).toBe(true);
        before = { bytes, meant };
      }
    }),
    { numRuns: 60 },
  );
});
