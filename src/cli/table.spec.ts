import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cellText, tableText } from './table.js';
import { cutText, padText, widthOf } from './text-width.js';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('日本語', 'e\u0301', '👩‍👩‍👧', '\u202eabc', 'NULL', '', 'a\tb\nc'),
);
const value = fc.oneof(text, fc.constant(null), fc.integer(), fc.record({ a: text }));
const table = fc
  .integer({ min: 1, max: 12 })
  .chain((columns) =>
    fc.tuple(
      fc.array(fc.record({ name: text, numeric: fc.boolean() }), { minLength: columns, maxLength: columns }),
      fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { maxLength: 8 }),
      fc.integer({ min: 10, max: 120 }),
    ),
  );

describe('tableText', () => {
  it('never is wider than the terminal, and its lines are lines', () => {
    fc.assert(
      fc.property(table, ([columns, rows, terminal]) => {
        for (const line of tableText(columns, rows, terminal)) {
          expect(widthOf(line)).toBeLessThanOrEqual(Math.max(terminal, '100 rows'.length));
          expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        }
      }),
    );
  });

  it('cuts nothing where there is room', () => {
    fc.assert(
      fc.property(table, ([columns, rows]) => {
        const shown = tableText(columns, rows, Number.POSITIVE_INFINITY).join('\n');
        for (const cell of rows.flat()) expect(shown).toContain(cellText(cell).trimEnd());
      }),
    );
  });
});

describe('cellText', () => {
  it('tells NULL from every text', () => {
    fc.assert(fc.property(text, (one) => expect(cellText(one)).not.toBe(cellText(null))));
  });
});

describe('cutText and padText', () => {
  it('keep to the cells that there are', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 30 }), (one, cells) => {
        expect(widthOf(cutText(one, cells))).toBeLessThanOrEqual(cells);
        expect(widthOf(padText(cutText(one, cells), cells, 'left'))).toBe(cells);
      }),
    );
  });
});
