import { describe, expect, it } from '@jest/globals';
import { make } from '../../proto/message.js';
import { sqlParameters } from './sql-parameters.js';

/** The value of the one argument of this kind. */
const parameter = (kind: string, value: unknown) => {
  const literal = make('Expression.Literal', { literalType: { case: kind, value } });
  return sqlParameters(make('SQL', { posArgs: [literal] }))[0];
};

describe('sqlParameters', () => {
  it.each([
    ['boolean', true, 'boolean', true],
    ['byte', -1, 'tinyint', '-1'],
    ['long', 9_007_199_254_740_993n, 'bigint', '9007199254740993'],
    ['double', 1.5, 'double', 1.5],
    ['string', "it's", 'string', "it's"],
    ['binary', Uint8Array.of(1, 255), 'binary', 'Af8='],
    ['date', -1, 'date', '1969-12-31'],
    ['timestamp', -1n, 'timestamp', '1969-12-31 23:59:59.999999'],
    ['timestampNtz', 1_500_000n, 'timestamp_ntz', '1970-01-01 00:00:01.500000'],
    ['decimal', { value: '-1.50' }, 'decimal(3,2)', '-1.50'],
    ['decimal', { value: '1', precision: 5, scale: 2 }, 'decimal(5,2)', '1'],
  ])('takes %s %p', (kind, given, type, value) => expect(parameter(kind, given)).toEqual({ type, value }));

  it('takes nothing for NULL', () => expect(parameter('null', {})).toEqual({ value: null }));

  it('takes names', () => {
    const literal = { exprType: { case: 'literal', value: { literalType: { case: 'integer', value: 3 } } } };
    const sql = make('SQL', { namedArguments: { a: literal }, posArguments: [literal] });
    expect(sqlParameters(sql)).toEqual([
      { name: 'a', type: 'int', value: '3' },
      { type: 'int', value: '3' },
    ]);
  });

  it('takes constants only', () => {
    const call = { exprType: { case: 'unresolvedFunction', value: { functionName: 'now' } } };
    expect(() => sqlParameters(make('SQL', { posArguments: [call] }))).toThrow('not a constant');
    expect(() => parameter('array', { elements: [] })).toThrow('not taken');
  });
});
