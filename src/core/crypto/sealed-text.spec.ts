import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSealed, NONCE_BYTES, SEALING_KEY_BYTES, seal, unseal } from './sealed-text.js';

const key = randomBytes(SEALING_KEY_BYTES);
const keys = new Map([
  ['a', key],
  ['b', randomBytes(SEALING_KEY_BYTES)],
]);
const text = fc.uint8Array({ maxLength: 300 });

describe('a sealed text', () => {
  it('opens with its key, and with nothing else', () => {
    fc.assert(
      fc.property(text, (plain) => {
        const sealed = seal({ kid: 'a', key }, plain, randomBytes(NONCE_BYTES));
        expect(isSealed(sealed)).toBe(true);
        expect(unseal(sealed, keys)).toEqual(Buffer.from(plain));
        expect(unseal(sealed, new Map())).toBeUndefined();
        expect(unseal(sealed, new Map([['a', randomBytes(SEALING_KEY_BYTES)]]))).toBeUndefined();
        expect(unseal(sealed.replace('sealed:a:', 'sealed:b:'), keys)).toBeUndefined();
      }),
    );
  });

  it('is nothing when anything of it was changed, or it was none', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.integer({ min: 1, max: 255 }), (plain, at, flip) => {
        const [head, bytes64] = seal({ kid: 'a', key }, plain, randomBytes(NONCE_BYTES)).split(
          /(?<=sealed:a:)/,
        );
        const bytes = Buffer.from(bytes64!, 'base64');
        bytes[at % bytes.length]! ^= flip;
        expect(unseal(head + bytes.toString('base64'), keys)).toBeUndefined();
        expect(unseal(head + bytes.subarray(0, at % bytes.length).toString('base64'), keys)).toBeUndefined();
        expect(unseal(Buffer.from(plain).toString('latin1'), keys)).toBeUndefined();
      }),
    );
  });
});
