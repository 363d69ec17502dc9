import { describe, expect, it } from '@jest/globals';
import { columnNameParts, quoteParts, tableNameParts } from './identifiers.js';

describe('tableNameParts', () => {
  it.each([
    ['customers', ['customers']],
    ['shop.crm.Customers', ['shop', 'crm', 'Customers']],
    ['`a.b`.`c``d`.e', ['a.b', 'c`d', 'e']],
    ['größe._x.2a', ['größe', '_x', '2a']],
  ])('reads %s', (text, parts) => expect(tableNameParts(text)).toEqual(parts));

  it.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'a b',
    'a -- b',
    'a/**/',
    'a\n',
    ' a',
    '`a',
    '`a`b',
    '``',
    'a;',
    '(a)',
    '1',
    '2.3',
    "a'b",
    'a"b',
    'a@v1',
    'a VERSION AS OF 1',
    'parquet.`/x` t',
    'a'.repeat(5_000),
    '🦆',
  ])('refuses %j', (text) => expect(() => tableNameParts(text)).toThrow('not the name of a table'));
});

describe('columnNameParts', () => {
  it.each([
    ['a', ['a']],
    ['count(1)', ['count(1)']],
    ['t.a b', ['t', 'a b']],
    ['`a.b`.c', ['a.b', 'c']],
    ['`a``b`', ['a`b']],
    ['a.`b`', ['a', 'b']],
  ])('reads %s', (text, parts) => expect(columnNameParts(text)).toEqual(parts));

  it.each(['', '.', 'a.', '.a', 'a..b', '`a', '`a`b', 'a`b`', '``', '`a`.'])('refuses %j', (text) =>
    expect(() => columnNameParts(text)).toThrow('A column name'),
  );

  it.each(['_metadata', '_METADATA.file_path', 't._metadata', '`_metadata`.x'])('refuses %s', (text) =>
    expect(() => columnNameParts(text)).toThrow('hidden column'),
  );

  it('reads what quoteParts has written', () => {
    for (const parts of [['a'], ['a.b', 'c'], ['`', '``'], ['x y', '']].filter(
      (each) => !each.includes(''),
    )) {
      expect(columnNameParts(quoteParts(parts))).toEqual(parts);
      expect(tableNameParts(quoteParts(parts))).toEqual(parts);
    }
  });
});
