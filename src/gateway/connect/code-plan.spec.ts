import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextLimit } from './code-plan.js';

const LIMIT_MAX = 2 ** 31 - 1;
const count = (max: number) => fc.integer({ min: 1, max });

describe('how many rows are asked for next', () => {
  it('is more each time, and no more than can be said', () => {
    fc.assert(
      fc.property(count(LIMIT_MAX - 1), count(2 ** 30), count(2 ** 30), (rows, bytes, bytesMax) => {
        const next = nextLimit(rows, bytes, bytesMax);
        expect(next).toBeGreaterThan(rows);
        expect(next).toBeLessThanOrEqual(LIMIT_MAX);
      }),
    );
  });

  it('is enough to see that they are too many, and not much more', () => {
    fc.assert(
      fc.property(count(100_000), count(1_000), count(2 ** 26), (rows, width, bytesMax) => {
        fc.pre(rows * width <= bytesMax);
        const bytes = nextLimit(rows, rows * width, bytesMax) * width;
        expect(bytes).toBeGreaterThan(bytesMax);
        expect(bytes).toBeLessThanOrEqual(Math.max(2 * rows * width, 1.1 * bytesMax + width));
      }),
    );
  });

  it('grows where rows have no bytes at all', () => {
    expect(nextLimit(100, 0, 10)).toBe(1_100);
    expect(nextLimit(LIMIT_MAX - 1, 0, 10)).toBe(LIMIT_MAX);
  });
});
