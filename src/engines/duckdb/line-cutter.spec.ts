import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineCutter } from './line-cutter.js';

/** Whole rows of CSV or plain lines, with line breaks and quotes inside quoted fields. */
const field = fc.oneof(
  fc.stringMatching(/^[a-z é]{0,6}$/),
  fc.stringMatching(/^[a-z,"\n\r]{0,8}$/).map((text) => `"${text.replaceAll('"', '""')}"`),
);
const csvRow = fc.array(field, { minLength: 1, maxLength: 3 }).map((fields) => `${fields.join(',')}\r\n`);
const plainRow = fc.stringMatching(/^[a-z"é]{0,9}$/).map((text) => `${text}\n`);

const split = (text: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [0, ...[...cuts].map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, i) => text.subarray(at[i], end));
};

describe.each([
  ['csv', true, csvRow],
  ['plain', false, plainRow],
] as const)('LineCutter over %s', (_, quotes, row) => {
  it('keeps exactly the first rows, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.integer({ min: 1, max: 14 }),
        (rows, cuts, rowsMax) => {
          const cutter = new LineCutter({ quotes, rowsMax });
          const kept = Buffer.concat(
            split(Buffer.from(rows.join('')), cuts).map((chunk) => cutter.take(chunk)),
          );
          expect(kept.toString()).toBe(rows.slice(0, rowsMax).join(''));
          expect(cutter.rows).toBe(Math.min(rows.length, rowsMax));
          expect(cutter.truncated).toBe(rows.length > rowsMax);
        },
      ),
      { numRuns: 500 },
    );
  });
});
