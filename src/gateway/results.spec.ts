import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
const open = (bytesMax = 2 ** 30): Promise<Results> =>
  Results.open({ directory: join(directory, 'results'), bytesMax });
const files = (): readonly string[] =>
  readdirSync(join(directory, 'results'), { recursive: true }) as string[];
const rowsOf = async (result: StoredResult): Promise<number> => {
  let count = 0;
  for (let n = 0; n < result.chunkCount; n += 1)
    count += (JSON.parse(`[${await result.chunk(n)}]`) as unknown[]).length;
  return count;
};

describe('results', () => {
  it('that are small stay in memory, others go to files of ours alone; chunks are the whole', async () => {
    const results = await open();
    const small = await results.store('small', rows(3));
    expect([small.chunkCount, await rowsOf(small), files()]).toEqual([1, 3, []]);
    const empty = await results.store('empty', rows(0));
    expect([empty.chunkCount, await empty.chunk(0)]).toEqual([1, '']);
    const large = await results.store('large', rows(25_000));
    expect(large.chunkCount).toBeGreaterThan(2);
    expect(await rowsOf(large)).toBe(25_000);
    expect(statSync(join(directory, 'results', 'large')).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'results', 'large', '0.json')).mode & 0o777).toBe(0o600);
    await large.remove();
    expect(files()).toEqual([]);
    expect(large.expired).toBe(true);
    await expect(large.chunk(0)).rejects.toMatchObject({ code: 'RESULT_EXPIRED' });
  });

  it('in memory are bounded together: past that small ones go to files', async () => {
    const results = await open();
    const wide = JSON.stringify(['x'.repeat(240 * 1_024)]);
    for (let n = 0; n < 280; n += 1) await results.store(`r${n}`, rows(1, wide));
    expect(files().length).toBeGreaterThan(10);
    expect(files().length).toBeLessThan(100);
  });

  it('make room for newer ones, oldest first, and refuse what does not fit alone', async () => {
    const results = await open(500_000);
    const first = await results.store('first', rows(20_000));
    const second = await results.store('second', rows(20_000));
    expect([first.expired, second.expired]).toEqual([true, false]);
    await expect(results.store('huge', rows(60_000))).rejects.toMatchObject({ code: 'BYTE_LIMIT_EXCEEDED' });
    expect(files().some((file) => file.startsWith('huge'))).toBe(false);
    expect(await rowsOf(second)).toBe(20_000);
  });

  it('leave nothing when the disk is full, and say so', async () => {
    const results = await open();
    const full = Object.assign(new Error('write failed'), { code: 'ENOSPC' });
    await expect(results.store('full', rows(25_000, ROW, full))).rejects.toMatchObject({
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
