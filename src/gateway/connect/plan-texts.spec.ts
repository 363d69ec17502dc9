import { describe, expect, it } from '@jest/globals';
import { planTexts } from './plan-texts.js';

const texts = planTexts({ user: "o'ana", catalog: 'shop', schema: 'crm' });

describe('an expression in a plan', () => {
  it.each([
    ['a + 1', '`a` + 1'],
    ['a AS b', '`a` AS `b`'],
    ['t.*', '`t`.*'],
    ['*', '*'],
    ['count(*) FILTER (WHERE a > 1)', '`count`(*) FILTER (WHERE `a` > 1)'],
    ["current_user() || 'x'", "'o\\'ana' || 'x'"],
    ['upper(current_database())', "`upper`('crm')"],
    ['sha2(a, 256) /* c */ -- d', '`sha2`(`a`, 256)'],
  ])('%s is %s', (text, printed) => expect(texts.expression(text).text).toBe(printed));

  it.each([
    ['(SELECT 1)', 'subquery'],
    ['EXISTS (SELECT * FROM t)', 'subquery'],
    ['a IN (SELECT b FROM t)', 'subquery'],
    ['a FROM t', 'query in the place'],
    ['a WHERE true', 'query in the place'],
    ['a UNION SELECT 1', 'query in the place'],
    ['a LIMIT 1', 'query in the place'],
    ['DISTINCT a', 'query in the place'],
    ['a, b', 'More than one'],
    ["reflect('x', 'y')", 'not allowed'],
    ['no_such_function(a)', 'may be called'],
    ['sluice_mask_email(a)', 'may be called'],
    ['system.builtin.upper(a)', 'may be called'],
    ['_metadata.file_path', 'hidden column'],
    ['a; b', ''],
    [':x', ''],
  ])('%s is refused', (text, says) => expect(() => texts.expression(text)).toThrow(says));

  it('is where its error is', () => {
    expect(() => texts.expression('a = = b')).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ position: { line: 1, column: 5 } }) }),
    );
  });
});

describe('types in a plan', () => {
  it('are printed again', () => {
    expect(texts.type('ARRAY<long>')).toBe('ARRAY<BIGINT>');
    expect(texts.columns('a int, `b c` STRUCT<x: date> NOT NULL')).toBe('`a` INT, `b c` STRUCT<`x`: DATE>');
    expect(() => texts.type('int) OR (1')).toThrow();
    expect(() => texts.columns('a x.Y')).toThrow();
  });
});
