import { setMaxListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GovernanceError } from '../../core/errors.js';
import { FairQueue, type Release } from './queue.js';

const never = new AbortController().signal;
// Everything here waits on this one.
setMaxListeners(0, never);
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('FairQueue', () => {
  it('never runs more than it may, starts everyone it took, and forgets nobody', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('come' as const), key: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ kind: fc.constant('finish' as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant('leave' as const), which: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        async (steps, runningMax) => {
          const limits = { runningMax, waitingMax: 6, waitingPerKeyMax: 4 };
          const queue = new FairQueue(limits);
          const running: Release[] = [];
          const waiting: AbortController[] = [];
          let taken = 0;
          let ended = 0;
          for (const s of steps) {
            if (s.kind === 'come') {
              const leave = new AbortController();
              waiting.push(leave);
              taken += 1;
              queue.acquire(s.key, leave.signal).then(
                (release) => {
                  waiting.splice(waiting.indexOf(leave), 1);
                  running.push(release);
                },
                () => {
                  ended += 1;
                  if (waiting.includes(leave)) waiting.splice(waiting.indexOf(leave), 1);
                },
              );
            } else if (s.kind === 'finish' && running.length > 0) {
              const release = running.splice(s.which % running.length, 1)[0] as Release;
              release();
              release();
              ended += 1;
            } else if (s.kind === 'leave' && waiting.length > 0) {
              waiting[s.which % waiting.length]?.abort();
            }
            await settle();
            expect(queue.running).toBe(running.length);
            expect(queue.running).toBeLessThanOrEqual(runningMax);
            expect(queue.waiting).toBe(waiting.length);
            expect(queue.waiting).toBeLessThanOrEqual(limits.waitingMax);
            expect(queue.waiting === 0 || queue.running === runningMax).toBe(true);
            expect(running.length + waiting.length + ended).toBe(taken);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('serves principals in turn, however many one of them sends', async () => {
    const queue = new FairQueue({ runningMax: 1, waitingMax: 100, waitingPerKeyMax: 50 });
    const first = await queue.acquire('x', never);
    const order: string[] = [];
    const come = (key: string) =>
      queue.acquire(key, never).then((release) => {
        order.push(key);
        release();
      });
    const all = [...Array.from({ length: 20 }, () => come('greedy')), come('b'), come('c')];
    first();
    await Promise.all(all);
    expect(order.slice(0, 3).sort()).toEqual(['b', 'c', 'greedy']);
    expect(order).toHaveLength(22);
  });

  it('refuses with QUEUE_FULL and a time to come back, per principal and in total', async () => {
    const queue = new FairQueue({ runningMax: 1, waitingMax: 3, waitingPerKeyMax: 2 });
    await queue.acquire('a', never);
    const codes: unknown[] = [];
    for (const key of ['a', 'a', 'a', 'b', 'c']) {
      queue.acquire(key, never).catch((error: GovernanceError) => {
        codes.push([key, error.code, error.details.retryAfterSeconds]);
      });
    }
    await settle();
    expect(codes).toEqual([
      ['a', 'QUEUE_FULL', 2],
      ['c', 'QUEUE_FULL', 2],
    ]);
  });

  it('refuses who waits and who comes when it closes, and is closed when nothing runs', async () => {
    const queue = new FairQueue({ runningMax: 1, waitingMax: 3, waitingPerKeyMax: 2 });
    const release = await queue.acquire('a', never);
    const waiting = queue.acquire('b', never);
    let closed = false;
    const closing = queue.close().then(() => {
      closed = true;
    });
    await expect(waiting).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    await expect(queue.acquire('c', never)).rejects.toBeInstanceOf(GovernanceError);
    expect(closed).toBe(false);
    release();
    await closing;
  });
});
