import { describe, expect, it } from '@jest/globals';
import { decimalText, doubleText, floatText } from './numbers.js';
import { dateText, intervalText, timestampText } from './times.js';

/** What DuckDB writes; test/spark/engine.spec.ts holds a row of every type to it. */
describe('texts of numbers', () => {
  it.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-1.5, '-1.5'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [123456789012345.6, '123456789012345.6'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [1.5e300, '1.5e+300'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('of the double %d', (value, text) => {
    expect(doubleText(value)).toBe(text);
  });

  it('of floats have the fewest digits', () => {
    expect(floatText(Math.fround(0.1))).toBe('0.1');
    expect(floatText(Math.fround(3.4028235e38))).toBe('3.4028235e+38');
    expect(floatText(16_777_216)).toBe('16777216.0');
  });

  it('of decimals have every digit', () => {
    const words = (value: bigint) =>
      new Uint32Array([0n, 32n, 64n, 96n].map((shift) => Number(BigInt.asUintN(32, value >> shift))));
    expect(decimalText(words(1230n), 0, 2)).toBe('12.30');
    expect(decimalText(words(-5n), 0, 2)).toBe('-0.05');
    expect(decimalText(words(-(10n ** 37n) - 1n), 0, 10)).toBe('-1000000000000000000000000000.0000000001');
    expect(decimalText(words(2n ** 53n), 0, 0)).toBe('9007199254740992');
  });
});

describe('texts of times', () => {
  it('of dates agree with the calendar', () => {
    for (let days = -719_000; days < 2_900_000; days += 997)
      expect(dateText(days)).toBe(new Date(days * 86_400_000).toISOString().slice(0, 10));
    expect(dateText(-719_163)).toBe('0001-12-31 (BC)');
  });

  it('of moments keep what microseconds there are', () => {
    expect(timestampText(0n)).toBe('1970-01-01T00:00:00');
    expect(timestampText(-1n)).toBe('1969-12-31T23:59:59.999999');
    expect(timestampText(1_500_000n)).toBe('1970-01-01T00:00:01.5');
    expect(timestampText(253_402_300_799_999_999n)).toBe('9999-12-31T23:59:59.999999');
  });

  it('of intervals are literals of Spark', () => {
    const dayTime = { kind: 'interval', family: 'day-time', from: 'day', to: 'second' } as const;
    const yearMonth = { kind: 'interval', family: 'year-month', from: 'year', to: 'month' } as const;
    expect(intervalText(-93_784_500_000n, dayTime)).toBe(`INTERVAL '-1 02:03:04.5' DAY TO SECOND`);
    expect(intervalText(14n, yearMonth)).toBe(`INTERVAL '1-2' YEAR TO MONTH`);
  });
});
