import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { GroupCommit, type GroupCommitOptions } from './group-commit.js';

const make = (options: Partial<GroupCommitOptions<number, number>>): GroupCommit<number, number> =>
  new GroupCommit<number, number>({
    write: async (items) => items,
    writersMax: 1,
    batchMax: 100,
    queueMax: 1_000,
    timeoutMs: 5_000,
    isItemFault: () => false,
    ...options,
  });
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('GroupCommit', () => {
  it('gives every item its own result, writes each once and in order, within the limits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer(), { maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 10 }),
        async (items, writersMax, batchMax) => {
          let writing = 0;
          const written: number[] = [];
          const commits = make({
            writersMax,
            batchMax,
            write: async (batch) => {
              writing += 1;
              expect(writing).toBeLessThanOrEqual(writersMax);
              expect(batch.length).toBeLessThanOrEqual(batchMax);
              written.push(...batch);
              await tick();
              writing -= 1;
              return batch.map((item) => item * 2);
            },
          });
          const results = await Promise.all(items.map((item) => commits.add(item)));
          expect(results).toEqual(items.map((item) => item * 2));
          expect(written).toEqual(items);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('writes a lone item at once and gathers a crowd behind it', async () => {
    const batches: number[][] = [];
    const commits = make({
      write: async (batch) => {
        batches.push([...batch]);
        await tick();
        return batch;
      },
    });
    const first = commits.add(0);
    expect(batches).toEqual([[0]]);
    await Promise.all([first, ...[1, 2, 3, 4].map((item) => commits.add(item))]);
    expect(batches).toEqual([[0], [1, 2, 3, 4]]);
  });

  it('lets one bad item fail alone', async () => {
    const commits = make({
      isItemFault: () => true,
      write: async (batch) => {
        await tick();
        if (batch.includes(13)) throw new Error('bad item');
        return batch;
      },
    });
    const results = await Promise.allSettled([1, 2, 13, 4].map((item) => commits.add(item)));
    expect(results.map((result) => result.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
  });

  it('answers EVIDENCE_UNAVAILABLE in time when the writer hangs, and never writes what it gave up', async () => {
    const written: number[] = [];
    let release = (): void => undefined;
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    const commits = make({
      timeoutMs: 30,
      write: async (batch) => {
        written.push(...batch);
        await hanging;
        return batch;
      },
    });
    const results = await Promise.allSettled([commits.add(1), commits.add(2)]);
    for (const result of results) expect(result).toMatchObject({ reason: { code: 'EVIDENCE_UNAVAILABLE' } });
    release();
    await commits.drain();
    expect(written).toEqual([1]);
  });

  it('refuses at once when the queue is full', async () => {
    const commits = make({
      queueMax: 2,
      writersMax: 1,
      timeoutMs: 50,
      write: () => new Promise(() => undefined),
    });
    const waiting = [1, 2, 3].map((item) => commits.add(item).catch(() => undefined));
    await expect(commits.add(4)).rejects.toMatchObject({
      code: 'EVIDENCE_UNAVAILABLE',
      details: { retryable: true },
    });
    await Promise.all(waiting);
  });
});
