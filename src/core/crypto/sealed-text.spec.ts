import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSealed, NONCE_BYTES, openText, SEALING_KEY_BYTES, sealText } from './sealed-text.js';

const key = randomBytes(SEALING_KEY_BYTES);
const keys = new Map([
  ['a', key],
  ['b', randomBytes(SEALING_KEY_BYTES)],
]);
const text = fc.string({ unit: 'grapheme', maxLength: 300 });

describe('a sealed text', () => {
  it('opens with its key, and with nothing else', () => {
    fc.assert(
      fc.property(text, (plain) => {
        const sealed = sealText({ kid: 'a', key }, plain, randomBytes(NONCE_BYTES));
        expect(isSealed(sealed)).toBe(true);
        expect(openText(sealed, keys)).toBe(plain);
        expect(openText(sealed, new Map())).toBeUndefined();
        expect(openText(sealed, new Map([['a', randomBytes(SEALING_KEY_BYTES)]]))).toBeUndefined();
        expect(openText(sealed.replace('sealed:a:', 'sealed:b:'), keys)).toBeUndefined();
      }),
    );
  });

  it('is nothing when anything of it was changed, or it was none', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.integer({ min: 1, max: 255 }), (plain, at, flip) => {
        const [head, bytes64] = sealText({ kid: 'a', key }, plain, randomBytes(NONCE_BYTES)).split(
          /(?<=sealed:a:)/,
        );
        const bytes = Buffer.from(bytes64!, 'base64');
        bytes[at % bytes.length]! ^= flip;
        expect(openText(head + bytes.toString('base64'), keys)).toBeUndefined();
        expect(
          openText(head + bytes.subarray(0, at % bytes.length).toString('base64'), keys),
        ).toBeUndefined();
        expect(openText(plain, keys)).toBeUndefined();
      }),
    );
  });
});
