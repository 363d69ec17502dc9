import { describe, expect, it } from '@jest/globals';
import { readMetadataJson, readSchemaJson } from './schema-json.js';

const struct = (type: unknown) =>
  JSON.stringify({ type: 'struct', fields: [{ name: 'a', type, nullable: true, metadata: {} }] });

describe('readSchemaJson', () => {
  it.each(['string', 'long', 'decimal(10,2)', 'timestamp_ntz', 'interval day to second', 'char(3)', 'void'])(
    'keeps %s',
    (type) => expect(readSchemaJson(struct(type))).toBe(struct(type)),
  );

  it('keeps what nests', () => {
    const type = {
      type: 'map',
      keyType: 'string',
      valueType: { type: 'array', elementType: JSON.parse(struct('date')), containsNull: true },
      valueContainsNull: false,
    };
    expect(JSON.parse(readSchemaJson(struct(type)))).toEqual(JSON.parse(struct(type)));
  });

  it('leaves out what it does not know', () => {
    const text = '{"type":"struct","fields":[],"class":"x.Y"}';
    expect(readSchemaJson(text)).toBe('{"type":"struct","fields":[]}');
  });

  it.each([
    ['a class', struct({ type: 'udt', class: 'x.Y', sqlType: 'string' })],
    ['a class of Python', struct({ type: 'udt', pyClass: 'x.Y' })],
    ['a type of its own', struct('x.Y')],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a number', '1'],
    ['a struct without fields', '{"type":"struct"}'],
    ['too deep a schema', `${'{"type":"array","elementType":'.repeat(200)}"int"${'}'.repeat(200)}`],
    ['too long a schema', ' '.repeat(2_000_000)],
  ])('refuses %s', (_, text) => expect(() => readSchemaJson(text)).toThrow('outside of what Sluice'));
});

describe('readMetadataJson', () => {
  it('keeps comments', () => expect(readMetadataJson('{ "comment": "x" }')).toBe('{"comment":"x"}'));
  it.each(['{"__metadata_col":1}', '{"__qualified_access_only":true}', '[]', 'x'])('refuses %s', (text) =>
    expect(() => readMetadataJson(text)).toThrow('outside of what Sluice'),
  );
});
