import { describe, expect, it } from '@jest/globals';
import { versionOf } from './version.js';

const at = { line: 1, column: 20 };
const table = {
  id: 'work.ana.t',
  columns: [],
  versions: [
    { logVersion: 0, committedAt: '2026-01-01T00:00:00.000Z' },
    { logVersion: 1, committedAt: '2026-01-02T10:00:00.500Z' },
    { logVersion: 4, committedAt: '2026-01-03T00:00:00.000Z' },
  ],
};
const then = (text: string) => versionOf({ kind: 'timestamp', text, at }, table);

describe('time travel', () => {
  it('goes to versions that were committed, and to no other', () => {
    expect(versionOf({ kind: 'version', version: 1, at }, table)).toBe(1);
    for (const version of [2, 3, 5, Number.MAX_SAFE_INTEGER]) {
      expect(() => versionOf({ kind: 'version', version, at }, table)).toThrow(`no version ${version}`);
    }
  });

  it.each([
    ['2026-01-01', 0],
    ['2026-01-02 10:00:00.499999', 0],
    ['2026-01-02 10:00:00.5', 1],
    ['2026-01-02T12:00:00.5+02:00', 1],
    ['2026-01-02 23:59:59', 1],
    ['2999-01-01', 4],
  ])('goes to what was there at %s', (text, version) => expect(then(text)).toBe(version));

  it('goes not before the beginning, nor to what is no moment', () => {
    expect(() => then('2025-12-31 23:59:59.999')).toThrow('not there then');
    expect(() => then('yesterday')).toThrow('not a timestamp');
  });

  it('is for tables that remember', () => {
    const { versions: _, ...plain } = table;
    expect(() => versionOf({ kind: 'version', version: 0, at }, plain)).toThrow('does not remember');
  });
});
