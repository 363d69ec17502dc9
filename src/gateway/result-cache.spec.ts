/** What the result cache keeps, for how long, and what makes it let go. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CatalogSnapshot, TableMeta } from '../core/catalog/catalog.js';
import type { Governed } from './govern.js';
import { type CachePlace, type KeptAnswer, keptRows, ResultCache, rowsOf } from './result-cache.js';

const BYTES_MAX = 50_000;
const ENTRY_BYTES_MAX = 10_000;
const AGE_MS_MAX = 1_000;
/** What an entry costs beside its rows. */
const OVERHEAD = 1_024;

/** Policies and data of now. */
const world = { policyVersion: 1, data: 'v1' };
beforeEach(() => {
  Object.assign(world, { policyVersion: 1, data: 'v1' });
});

function cacheAt(clock: { ms: number }, bytesMax = BYTES_MAX): ResultCache {
  return new ResultCache({
    current: () => ({ policyVersion: world.policyVersion, catalog: catalog(world.data) }),
    bytesMax,
    entryBytesMax: ENTRY_BYTES_MAX,
    ageMsMax: AGE_MS_MAX,
    now: () => clock.ms,
  });
}
const answer = (text: string, statementId = 's'): KeptAnswer => ({
  statementId,
  rowCount: 1,
  truncated: false,
  resultDigest: text,
  parts: [{ rows: 1, bytes: Buffer.from(text) }],
});
const place = (key: string, version = 'v1', policyVersion = 1): CachePlace => ({
  key,
  tables: new Map([['a', version]]),
  policyVersion,
});
const catalog = (version: string): CatalogSnapshot => ({
  version,
  tables: new Map([['a', { id: 'a', version } as TableMeta]]),
});
const digest = (cache: ResultCache, key: string): string | undefined =>
  cache.find(place(key))?.answer.resultDigest;

describe('a kept answer', () => {
  it('is found with its age, until it is too old by a clock that never jumps', () => {
    const clock = { ms: 0 };
    const cache = cacheAt(clock);
    cache.keep(place('k'), answer('x'));
    clock.ms = AGE_MS_MAX;
    expect(cache.find(place('k'))).toMatchObject({ ageMs: AGE_MS_MAX, answer: { resultDigest: 'x' } });
    clock.ms += 1;
    expect(cache.find(place('k'))).toBeUndefined();
    expect([cache.hits, cache.misses]).toEqual([1, 1]);
    expect(cache.count).toBe(1);
    cache.follow();
    expect(cache.count).toBe(0);
  });

  it.each([
    ['its table changes', { data: 'v2' }],
    ['its policies change', { policyVersion: 2 }],
  ])('goes when %s, and no sooner', (_, change) => {
    const cache = cacheAt({ ms: 0 });
    cache.keep(place('k'), answer('x'));
    cache.follow();
    expect(digest(cache, 'k')).toBe('x');
    Object.assign(world, change);
    cache.follow();
    expect(cache.count).toBe(0);
  });

  it('goes when it is forgotten', () => {
    const cache = cacheAt({ ms: 0 });
    cache.keep(place('k'), answer('x', 'mine'));
    cache.forget('other');
    expect(cache.count).toBe(1);
    cache.forget('mine');
    expect(cache.count).toBe(0);
  });

  it.each([{ data: 'v2' }, { policyVersion: 2 }])(
    'is not kept when what it was made of went: %j',
    (change) => {
      const cache = cacheAt({ ms: 0 });
      Object.assign(world, change);
      cache.keep(place('k'), answer('x'));
      expect(cache.count).toBe(0);
    },
  );

  it('is no larger than it may be; without room nothing is kept', () => {
    const cache = cacheAt({ ms: 0 });
    cache.keep(place('fits'), answer('x'.repeat(ENTRY_BYTES_MAX)));
    cache.keep(place('not'), answer('x'.repeat(ENTRY_BYTES_MAX + 1)));
    expect([digest(cache, 'fits')?.length, digest(cache, 'not')]).toEqual([ENTRY_BYTES_MAX, undefined]);
    const off = cacheAt({ ms: 0 }, 0);
    off.keep(place('k'), answer('x'));
    expect([off.count, off.bytes, digest(off, 'k')]).toEqual([0, 0, undefined]);
    expect(off.place(GOVERNED, 'rows', LIMITS)).toBeUndefined();
  });

  it('of however many, they stay within their bytes, and none is ever another', () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 20 }),
      size: fc.integer({ min: 0, max: 12_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const cache = cacheAt({ ms: 0 });
        const last = new Map<number, string>();
        for (const { key, size } of steps) {
          const text = `${key}:`.padEnd(size, 'x');
          cache.keep(place(String(key)), answer(text));
          if (text.length <= ENTRY_BYTES_MAX) last.set(key, text);
          expect(cache.bytes).toBeLessThanOrEqual(BYTES_MAX);
          expect(cache.bytes).toBeGreaterThanOrEqual(cache.count * OVERHEAD);
        }
        for (const [key, text] of last) expect([undefined, text]).toContain(digest(cache, String(key)));
      }),
    );
  });
});

const LIMITS = { rowLimit: 10, byteLimit: 100, timeoutMs: 1 };
const GOVERNED = {
  repeatable: true,
  engine: { id: 'duckdb' },
  planHash: 'p',
  bound: { output: [{ id: 1, name: 'n' }] },
  governance: { policyVersion: 1 },
  secured: { leaves: [{ table: 'a' }, { table: 'a' }] },
  prepared: { statement: { catalog: catalog('v1') } },
} as unknown as Governed;

describe('the place of an answer', () => {
  const keyOf = (changed: object, form: 'rows' | 'csv' = 'rows', limits = LIMITS): string | undefined =>
    cacheAt({ ms: 0 }).place({ ...GOVERNED, ...changed } as Governed, form, limits)?.key;
  const base = keyOf({});

  it('is the same for the same, however long it may take', () => {
    expect(base).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOf({})).toBe(base);
    expect(keyOf({}, 'rows', { ...LIMITS, timeoutMs: 2 })).toBe(base);
  });

  it.each([
    ['plan', keyOf({ planHash: 'q' })],
    ['engine', keyOf({ engine: { id: 'spark' } })],
    ['form', keyOf({}, 'csv')],
    ['output name', keyOf({ bound: { output: [{ id: 1, name: 'm' }] } })],
    ['policy version', keyOf({ governance: { policyVersion: 2 } })],
    ['data', keyOf({ prepared: { statement: { catalog: catalog('v2') } } })],
    ['row limit', keyOf({}, 'rows', { ...LIMITS, rowLimit: 11 })],
    ['byte limit', keyOf({}, 'rows', { ...LIMITS, byteLimit: 101 })],
  ])('is another for another %s', (_, key) => {
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(key).not.toBe(base);
  });

  it('is none for what reads no table, or may differ the next time', () => {
    expect(keyOf({ secured: { leaves: [] } })).toBeUndefined();
    expect(keyOf({ repeatable: false })).toBeUndefined();
  });
});

describe('rows of a run', () => {
  it('come back as they were, unless they are too many', async () => {
    const kept = await keptRows(rowsOf(answer('[1,"é"]')), 100);
    const batches: unknown[] = [];
    for await (const batch of rowsOf({ ...answer(''), parts: kept ?? [] }).batches()) batches.push(batch);
    expect(batches).toEqual([{ rows: 1, json: '[1,"é"]' }]);
    expect(await keptRows(rowsOf(answer('xxx')), 3)).toHaveLength(1);
    expect(await keptRows(rowsOf(answer('xxx')), 2)).toBeUndefined();
  });
});
