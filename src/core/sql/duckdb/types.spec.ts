import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { array, type DataType, decimal, map, STRING, sameType, struct, typeName } from '../../plan/types.js';
import { duckDbType, fromDuckDbType } from './types.js';

const ATOMS = [
  'boolean',
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'float',
  'double',
  'string',
  'binary',
  'date',
  'timestamp',
  'timestamp_ntz',
] as const;
const { type: anyType } = fc.letrec<{ type: DataType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(...ATOMS).map((kind): DataType => ({ kind })),
    fc
      .integer({ min: 1, max: 38 })
      .chain((p) => fc.integer({ min: 0, max: p }).map((s): DataType => decimal(p, s))),
    tie('type').map((t): DataType => array(t)),
    fc.tuple(tie('type'), tie('type')).map(([k, v]): DataType => map(k, v)),
    fc
      .array(
        fc.tuple(
          fc.string({ unit: fc.constantFrom('a', 'B', ' ', '"', '(', ')', ',', 'é', '1') }),
          tie('type'),
        ),
        { minLength: 1, maxLength: 3 },
      )
      .map((fields): DataType => struct(fields.map(([name, t]) => ({ name, type: t })))),
  ),
}));

describe('fromDuckDbType', () => {
  it('reads back every type that duckDbType writes', () => {
    fc.assert(
      fc.property(anyType, (type) => {
        const back = fromDuckDbType(duckDbType(type));
        expect(back === undefined ? undefined : typeName(back)).toBe(typeName(type));
      }),
    );
  });

  it.each([
    ['UTINYINT', 'smallint'],
    ['USMALLINT', 'int'],
    ['UINTEGER', 'bigint'],
    ['UBIGINT', 'decimal(20,0)'],
    ['UUID', 'string'],
    ['JSON', 'string'],
    ["ENUM('a', 'it''s, (b)')", 'string'],
    ['INTEGER[3]', 'array<int>'],
    ['STRUCT(a INTEGER, "b c" VARCHAR[])', 'struct<a:int,b c:array<string>>'],
    ['MAP(VARCHAR, STRUCT(x DOUBLE))', 'map<string,struct<x:double>>'],
    ['TIMESTAMP_MS', 'timestamp_ntz'],
  ])('widens %s as Spark reads it', (text, name) => {
    const type = fromDuckDbType(text);
    expect(type && typeName(type)).toBe(name);
  });

  it.each([
    'HUGEINT',
    'UHUGEINT',
    'TIME',
    'INTERVAL',
    'BIT',
    'TIMESTAMP_NS',
    'UNION(a INTEGER)',
    'STRUCT(a TIME)',
    'TIME[]',
    'GEOMETRY',
    'INTEGER)',
    'STRUCT(a INTEGER',
    '',
    'mood',
  ])('serves no column of type %s', (text) => {
    expect(fromDuckDbType(text)).toBeUndefined();
  });

  it('gives up on types that nest without end', () => {
    const deep = `${'STRUCT(a '.repeat(10_000)}INTEGER${')'.repeat(10_000)}`;
    expect(fromDuckDbType(deep)).toBeUndefined();
    expect(sameType(STRING, fromDuckDbType('VARCHAR') ?? array(STRING))).toBe(true);
  });
});
