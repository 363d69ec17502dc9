/** How columns differ from what they were. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { schemaVersion, shapeOf } from '../plan/table-shape.js';
import { INT, STRING } from '../plan/types.js';
import { driftBetween, type ShapeColumn } from './drift.js';

const column = (name: string, type = 'int', nullable = true): ShapeColumn => ({ name, type, nullable });
const between = (before: readonly ShapeColumn[], now: readonly ShapeColumn[]) =>
  driftBetween(before, now, (name) => (name === 'email' ? ['pii'] : [])).map(({ tags, ...drift }) => [
    ...Object.values(drift),
    ...tags,
  ]);

describe('driftBetween', () => {
  it('tells what came, went and changed, with the tags of what is gone', () => {
    const before = [column('id'), column('email', 'string'), column('size'), column('at', 'date', false)];
    const now = [column('ID'), column('size', 'double'), column('at', 'date'), column('e_mail', 'string')];
    expect(between(before, now)).toEqual([
      ['email', 'removed', 'string', null, 'pii'],
      ['size', 'retyped', 'int', 'double'],
      ['at', 'nullability', 'not null', 'nullable'],
      ['e_mail', 'added', null, 'string'],
    ]);
  });

  it('is nothing for the same columns in any order and case, and something for all others', () => {
    const shape = fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        type: fc.constantFrom('int', 'string'),
        nullable: fc.boolean(),
      }),
      { selector: ({ name }) => name },
    );
    const key = (columns: readonly ShapeColumn[]) =>
      JSON.stringify(columns.map((c) => JSON.stringify(c)).sort());
    fc.assert(
      fc.property(shape, shape, (before, now) => {
        const shouted = before.map((c) => ({ ...c, name: c.name.toUpperCase() })).reverse();
        expect(between(before, shouted)).toEqual([]);
        expect(between(before, now).length === 0).toBe(key(before) === key(now));
      }),
    );
  });
});

describe('schemaVersion', () => {
  it('is another one for other columns, not for other tags', () => {
    const id = { name: 'id', type: INT, nullable: true, tags: [] };
    expect(schemaVersion([id])).toMatch(/^[0-9a-f]{32}$/);
    expect(schemaVersion([{ ...id, tags: ['x'] }])).toBe(schemaVersion([id]));
    for (const other of [
      { ...id, name: 'ie' },
      { ...id, type: STRING },
      { ...id, nullable: false },
    ])
      expect(schemaVersion([other])).not.toBe(schemaVersion([id]));
    expect(shapeOf([id])).toEqual([{ name: 'id', type: 'int', nullable: true }]);
  });
});
