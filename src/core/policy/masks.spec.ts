import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { combined, stricter } from '../../../test/support/policy-reference.js';
import { maskText } from '../../../test/support/random-policies.js';
import {
  BIGINT,
  BOOLEAN,
  DATE,
  type DataType,
  DOUBLE,
  decimal,
  INT,
  STRING,
  TIMESTAMP,
} from '../plan/types.js';
import type { Mask } from './decision.js';
import { compareMasks, maskFits, maskOf, strictest } from './masks.js';

const mask = maskText.map((written) => maskOf(written as never));
const masks = fc.array(maskText, { maxLength: 5 });
const strictestOf = (written: readonly unknown[]): Mask => strictest(written.map((m) => maskOf(m as never)));

describe('the order of masks', () => {
  it('is a partial order', () => {
    fc.assert(
      fc.property(mask, mask, mask, (a, b, c) => {
        expect(compareMasks(a, a)).toBe(0);
        const [ab, ba] = [compareMasks(a, b), compareMasks(b, a)];
        expect(ba).toBe(ab === undefined ? undefined : ab === 0 ? 0 : -ab);
        if (ab === 0) expect(a).toEqual(b);
        const bc = compareMasks(b, c);
        if (ab === 1 && bc === 1) expect(compareMasks(a, c)).toBe(1);
      }),
    );
  });

  it('is hide, null, constant, every other kind, clear', () => {
    const order: readonly Mask[][] = [
      [{ kind: 'hide' }],
      [{ kind: 'null' }],
      [{ kind: 'constant', value: 'x' }],
      [
        { kind: 'redact' },
        { kind: 'email' },
        { kind: 'year' },
        { kind: 'showLast', count: 0 },
        { kind: 'hash', domain: 'd' },
        { kind: 'round', to: 10 },
        { kind: 'bucket', bounds: [0] },
      ],
      [{ kind: 'clear' }],
    ];
    order.forEach((above, i) => {
      for (const below of order.slice(i + 1).flat())
        for (const one of above) expect(compareMasks(one, below)).toBe(1);
      for (const one of above)
        for (const other of above) expect(compareMasks(one, other)).toBe(one === other ? 0 : undefined);
    });
  });

  it('has declared what is coarser', () => {
    const chain = (...ordered: readonly Mask[]): void =>
      ordered.forEach((one, i) => {
        for (const finer of ordered.slice(i + 1)) expect(compareMasks(one, finer)).toBe(1);
      });
    chain({ kind: 'year' }, { kind: 'month' }, { kind: 'day' });
    chain({ kind: 'showLast', count: 0 }, { kind: 'showLast', count: 2 }, { kind: 'showLast', count: 4 });
    chain({ kind: 'showFirst', count: 1 }, { kind: 'showFirst', count: 3 });
    const apart: readonly (readonly [Mask, Mask])[] = [
      [
        { kind: 'showFirst', count: 1 },
        { kind: 'showLast', count: 4 },
      ],
      [
        { kind: 'hash', domain: 'a' },
        { kind: 'hash', domain: 'b' },
      ],
      [
        { kind: 'round', to: 10 },
        { kind: 'round', to: 100 },
      ],
      [
        { kind: 'constant', value: 'a' },
        { kind: 'constant', value: 'b' },
      ],
      [{ kind: 'year' }, { kind: 'redact' }],
    ];
    for (const [a, b] of apart) {
      expect(compareMasks(a, b)).toBeUndefined();
      expect(strictest([a, b])).toEqual({ kind: 'null' });
    }
  });
});

describe('several masks on a column', () => {
  it('make what an associative, commutative, idempotent operation makes of them', () => {
    fc.assert(
      fc.property(masks, masks, masks, (a, b, c) => {
        const fold = (list: readonly unknown[]): unknown => list.reduce(stricter, 'clear');
        expect(fold([fold(a), fold([...b, ...c])])).toEqual(fold([fold([...a, ...b]), fold(c)]));
        expect(fold([...a, ...b])).toEqual(fold([...b, ...a]));
        expect(fold([...a, ...a])).toEqual(fold(a));
        expect(strictestOf([...a, ...b, ...c])).toEqual(maskOf(combined([...a, ...b, ...c]) as never));
      }),
    );
  });

  it('do not depend on order, and one more never shows more', () => {
    fc.assert(
      fc.property(masks, maskText, (list, more) => {
        expect(strictestOf([more, ...list])).toEqual(strictestOf([...list, more]));
        const [before, after] = [strictestOf(list), strictestOf([...list, more])];
        // A constant tells no more of a value than NULL does: two that disagree may end in a third's constant.
        const silent = after.kind === 'constant' && before.kind === 'null';
        expect(silent || (compareMasks(after, before) ?? -1) >= 0).toBe(true);
      }),
    );
  });

  it('of no rule are clear', () => {
    expect(strictest([])).toEqual({ kind: 'clear' });
  });
});

describe('a mask on a type', () => {
  const TYPES: Readonly<Record<string, DataType>> = {
    string: STRING,
    int: INT,
    bigint: BIGINT,
    double: DOUBLE,
    decimal: decimal(6, 2),
    date: DATE,
    timestamp: TIMESTAMP,
    boolean: BOOLEAN,
    array: { kind: 'array', element: STRING },
  };
  const every = Object.keys(TYPES);
  const cases: readonly (readonly [Mask, readonly string[]])[] = [
    [{ kind: 'clear' }, every],
    [{ kind: 'hide' }, every],
    [{ kind: 'null' }, every],
    [{ kind: 'redact' }, ['string']],
    [{ kind: 'email' }, ['string']],
    [{ kind: 'showFirst', count: 2 }, ['string']],
    [{ kind: 'showLast', count: 2 }, ['string']],
    [{ kind: 'hash', domain: 'd' }, ['string']],
    [{ kind: 'year' }, ['date', 'timestamp']],
    [{ kind: 'month' }, ['date', 'timestamp']],
    [{ kind: 'day' }, ['date', 'timestamp']],
    [{ kind: 'round', to: 1000 }, ['int', 'bigint', 'double', 'decimal']],
    [{ kind: 'round', to: 0.5 }, ['double', 'decimal']],
    [{ kind: 'bucket', bounds: [0, 100] }, ['int', 'bigint', 'double', 'decimal']],
    [{ kind: 'bucket', bounds: [0.5] }, ['double', 'decimal']],
    [{ kind: 'bucket', bounds: [0, 10_000] }, ['int', 'bigint', 'double']],
    [{ kind: 'constant', value: 'x' }, ['string']],
    [{ kind: 'constant', value: true }, ['boolean']],
    [{ kind: 'constant', value: 7 }, ['int', 'bigint', 'double', 'decimal']],
    [{ kind: 'constant', value: 7.5 }, ['double', 'decimal']],
    [{ kind: 'constant', value: 3_000_000_000 }, ['bigint', 'double']],
    [{ kind: 'constant', value: -12_345 }, ['int', 'bigint', 'double']],
  ];

  it.each(cases)('%j stands on %j only', (one, types) => {
    expect(every.filter((name) => maskFits(one, TYPES[name] ?? STRING))).toEqual(types);
  });
});
