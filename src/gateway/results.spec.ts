import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RowResult } from '../engines/engine.js';
import { Results, type StoredResult } from './results.js';

const ROW = '[1,"abcdefgh"]';
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-results-spec-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** `count` rows in batches of a thousand. */
const rows = (count: number, row = ROW, error?: Error): RowResult => ({
  rowCount: count,
  truncated: false,
  async *batches() {
    for (let left = count; left > 0; left -= 1_000) {
      const size = Math.min(left, 1_000);
      yield { rows: size, json: Array.from({ length: size }, () => row).join(',') };
    }
    if (error !== undefined) throw error;
  },
});
const open = (bytesMax = 2 ** 30, bytesPerUserMax = bytesMax): Promise<Results> =>
  Results.open({ directory: join(directory, 'results'), bytesMax, bytesPerUserMax });
const files = (): readonly string[] =>
  readdirSync(join(directory, 'results'), { recursive: true }) as string[];
/** None where the system does not tell. */
const openFiles = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);
const rowsOfChunk = async (result: StoredResult, n: number): Promise<number> => {
  const { rows, json } = await result.chunk(n);
  expect((JSON.parse(`[${json}]`) as unknown[]).length).toBe(rows);
  return rows;
};
const rowsOf = async (result: StoredResult): Promise<number> => {
  let count = 0;
  for (let n = 0; n < result.chunkCount; n += 1) count += await rowsOfChunk(result, n);
  return count;
};

describe('results', () => {
  it('that are small stay in memory, others go to files of ours alone; chunks are the whole', async () => {
    const results = await open();
    const small = await results.store('small', 'ana', rows(3));
    expect([small.chunkCount, await rowsOf(small), files()]).toEqual([1, 3, []]);
    const empty = await results.store('empty', 'ana', rows(0));
    expect([empty.chunkCount, await empty.chunk(0)]).toEqual([1, { rows: 0, json: '' }]);
    const large = await results.store('large', 'ana', rows(25_000));
    expect(large.chunkCount).toBeGreaterThan(2);
    expect(await rowsOf(large)).toBe(25_000);
    expect(statSync(join(directory, 'results')).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'results', 'large')).mode & 0o777).toBe(0o600);
    await large.remove();
    expect(files()).toEqual([]);
    expect(large.expired).toBe(true);
    await expect(large.chunk(0)).rejects.toMatchObject({ code: 'RESULT_EXPIRED' });
  });

  it('in memory are bounded together: past that small ones go to files', async () => {
    const results = await open();
    const wide = JSON.stringify(['x'.repeat(240 * 1_024)]);
    for (let n = 0; n < 280; n += 1) await results.store(`r${n}`, 'ana', rows(1, wide));
    expect(files().length).toBeGreaterThan(5);
    expect(files().length).toBeLessThan(100);
  });

  it('make room for newer ones, oldest first, and refuse what does not fit alone', async () => {
    const results = await open(500_000);
    const first = await results.store('first', 'ana', rows(20_000));
    const second = await results.store('second', 'ana', rows(20_000));
    expect([first.expired, second.expired]).toEqual([true, false]);
    await expect(results.store('huge', 'ana', rows(60_000))).rejects.toMatchObject({
      code: 'BYTE_LIMIT_EXCEEDED',
    });
    expect(files().some((file) => file.startsWith('huge'))).toBe(false);
    expect(await rowsOf(second)).toBe(20_000);
  });

  it('of one principal make room for their own, never out of those of others', async () => {
    const results = await open(10_000_000, 500_000);
    const theirs = await results.store('theirs', 'ben', rows(20_000));
    const first = await results.store('first', 'ana', rows(20_000));
    const second = await results.store('second', 'ana', rows(20_000));
    expect([theirs.expired, first.expired, second.expired]).toEqual([false, true, false]);
    expect(await rowsOf(theirs)).toBe(20_000);
    await second.remove();
    const third = await results.store('third', 'ana', rows(20_000));
    expect([theirs.expired, third.expired]).toEqual([false, false]);
  });

  it('on disk are noise to whoever has not the key, and an error once a byte of them has changed', async () => {
    const results = await open();
    const large = await results.store('large', 'ana', rows(25_000));
    const path = join(directory, 'results', 'large');
    const bytes = readFileSync(path);
    expect(bytes.length).toBeGreaterThan(25_000 * ROW.length);
    expect(bytes.includes('abcdefgh')).toBe(false);
    const again = await results.store('again', 'ana', rows(25_000));
    expect(readFileSync(join(directory, 'results', 'again')).equals(bytes)).toBe(false);
    expect(await rowsOf(again)).toBe(25_000);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(path, bytes);
    expect(await rowsOfChunk(large, 0)).toBeGreaterThan(0);
    await expect(large.chunk(large.chunkCount - 1)).rejects.toThrow();
  });

  it('have a file beside them that is made once, counts as they do and goes with them', async () => {
    const results = await open(10_000_000, 500_000);
    const result = await results.store('one', 'ana', rows(3));
    const parts = [Buffer.from('first part'), Buffer.alloc(400_000, 'x')];
    let made = 0;
    const make = async () => {
      made += 1;
      return Readable.from(parts) as AsyncIterable<Buffer>;
    };
    const [file, same] = await Promise.all([result.file(make), result.file(make)]);
    expect([made, file.sizes, same.sizes]).toEqual([1, [10, 400_000], [10, 400_000]]);
    expect(String(await file.part(0))).toBe('first part');
    const other = await results.store('other', 'ana', rows(20_000));
    expect([result.expired, other.expired]).toEqual([true, false]);
    await expect(file.part(1)).rejects.toMatchObject({ code: 'RESULT_EXPIRED' });
    const broken = (): Promise<AsyncIterable<Buffer>> => Promise.reject(new Error('not made'));
    await expect(other.file(broken)).rejects.toThrow('not made');
    expect((await other.file(make)).sizes).toEqual([10, 400_000]);
  });

  it('may be ten thousand: no file is held open, and memory stays small', async () => {
    const results = await open();
    const wide = JSON.stringify(['x'.repeat(20 * 1_024)]);
    const before = openFiles();
    // Other specs may have been here: what counts is what these results add.
    const memoryBefore = process.memoryUsage().rss;
    const kept: StoredResult[] = [];
    for (let n = 0; n < 10_000; n += 1)
      kept.push(await results.store(`r${n}`, `user${n % 7}`, rows(1, wide)));
    globalThis.gc?.();
    expect(openFiles() - before).toBeLessThan(20);
    expect(files().length).toBeGreaterThan(5_000);
    for (let n = 0; n < 10_000; n += 97) expect(await rowsOf(kept[n] as StoredResult)).toBe(1);
    expect(process.memoryUsage().rss - memoryBefore).toBeLessThan(2 ** 29);
    await results.close();
    expect(existsSync(join(directory, 'results'))).toBe(false);
  }, 60_000);

  it('leave nothing when the disk is full, and say so', async () => {
    const results = await open();
    const full = Object.assign(new Error('write failed'), { code: 'ENOSPC' });
    await expect(results.store('full', 'ana', rows(25_000, ROW, full))).rejects.toMatchObject({
      code: 'RESOURCES_EXHAUSTED',
    });
    expect(files()).toEqual([]);
  });

  it('of an earlier gateway are gone', async () => {
    await open();
    writeFileSync(join(directory, 'results', 'left'), 'x');
    await open();
    expect(files()).toEqual([]);
  });
});
