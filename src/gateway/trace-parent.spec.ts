import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readTraceParent } from './trace-parent.js';

const hex = (chars: number) =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${chars}}$`)).filter((text) => /[^0]/.test(text));

describe('readTraceParent', () => {
  it('reads what W3C says a client sends', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, sampled) => {
        const flags = sampled ? '01' : '00';
        expect(readTraceParent(`00-${traceId}-${spanId}-${flags}`)).toEqual({ traceId, spanId, sampled });
      }),
    );
  });

  it.each([
    undefined,
    '',
    ['00-ab'],
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`,
    `ff-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
    `00-${'A'.repeat(32)}-${'1'.repeat(16)}-01`,
    `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01${'-x'.repeat(500)}`,
  ])('begins anew for %j', (header) => {
    expect(readTraceParent(header)).toBeUndefined();
  });

  it('reads anything without a fuss', () => {
    fc.assert(fc.property(fc.anything(), (header) => void readTraceParent(header)));
  });
});
