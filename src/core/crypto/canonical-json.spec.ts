import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, parseJson, parseRecord } from './canonical-json.js';

describe('canonicalJson', () => {
  it('writes the examples of RFC 8785', () => {
    const numbers = [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001];
    const string = '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/';
    expect(canonicalJson({ numbers, string, literals: [null, true, false] })).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const keys = { '\u20ac': 5, '\r': 1, '\ufb33': 7, '1': 2, '\ud83d\ude00': 6, '\u0080': 3, '\u00f6': 4 };
    expect(Object.values(JSON.parse(canonicalJson(keys)))).toEqual([2, 1, 3, 4, 5, 6, 7]);
    expect(canonicalJson(keys).indexOf('\\r')).toBeLessThan(canonicalJson(keys).indexOf('"1"'));
  });

  it('says the same value, the same whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        const clean = JSON.parse(text);
        expect(canonicalJson(clean)).toBe(text);
        if (!/\\ud|\\u0000|\ufffd/i.test(JSON.stringify(value)))
          expect(clean).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(canonicalJson({ b: 1, a: { d: 1, c: 2 } })).toBe(canonicalJson({ a: { c: 2, d: 1 }, b: 1 }));
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(canonicalJson(-0)).toBe('0');
  });

  it('has one spelling for what has no UTF-8, and none for what is no JSON', () => {
    expect(canonicalJson('a\ud800b\0')).toBe('"a\ufffdb\ufffd"');
    expect(canonicalJson('\ud83d\ude00')).toBe('"\ud83d\ude00"');
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, 1n])
      expect(() => canonicalJson(wrong)).toThrow(TypeError);
  });

  it('is read back without throwing', () => {
    expect(parseJson('{')).toBeUndefined();
    expect(parseRecord('[]')).toBeUndefined();
    expect(parseRecord('null')).toBeUndefined();
    expect(parseRecord('{"a":1}')).toEqual({ a: 1 });
  });
});
