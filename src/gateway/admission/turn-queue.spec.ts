/** Laws of the line before an engine, over random comings, endings and leavings. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GovernanceError } from '../../core/errors.js';
import type { ResourceLimits } from '../../core/policy/resources.js';
import { type QueueLimits, TurnQueue } from './turn-queue.js';

const group = (name: string, limits: Partial<ResourceLimits> = {}): ResourceLimits => ({
  group: name,
  priority: 10,
  rules: [],
  policyVersion: 1,
  ...limits,
});
const ROOMY: QueueLimits = { runningMax: 1, waitingMax: 1_000, waitingPerPrincipalMax: 1_000 };

interface Run {
  readonly user: string;
  readonly group: ResourceLimits;
  readonly release: () => void;
}

/** A queue with the statements that run on it, and the order in which they began. */
class Line {
  readonly queue: TurnQueue;
  readonly running: Run[] = [];
  readonly started: { readonly user: string; readonly group: string }[] = [];
  readonly waiting: { readonly user: string; readonly group: string; leave(): boolean; place(): unknown }[] =
    [];
  private ids = 0;

  constructor(readonly limits: QueueLimits) {
    this.queue = new TurnQueue(limits);
  }

  /** The code of a refusal; undefined: it runs or waits. */
  come(user: string, of: ResourceLimits): string | undefined {
    this.ids += 1;
    let entry: (typeof this.waiting)[number] | undefined;
    let began = false;
    try {
      const entered = this.queue.enter({
        turn: { statementId: String(this.ids), user, group: of },
        start: (release) => {
          began = true;
          if (entry !== undefined) this.waiting.splice(this.waiting.indexOf(entry), 1);
          this.running.push({ user, group: of, release });
          this.started.push({ user, group: of.group });
        },
      });
      if (!began) {
        entry = { user, group: of.group, ...entered };
        this.waiting.push(entry);
      }
      return undefined;
    } catch (error) {
      return (error as GovernanceError).code;
    }
  }

  finish(which: number): void {
    const [run] = this.running.splice(which % this.running.length, 1);
    run?.release();
    run?.release();
  }

  leave(which: number): void {
    const [entry] = this.waiting.splice(which % this.waiting.length, 1);
    expect(entry?.leave()).toBe(true);
    expect(entry?.leave()).toBe(false);
  }

  runningOf(name: string): number {
    return this.running.filter((run) => run.group.group === name).length;
  }
}

const GROUPS = [
  group('one', { concurrency: 1, priority: 3 }),
  group('two', { concurrency: 2, queue: 2 }),
  group('none', { concurrency: 2, queue: 0 }),
  group('free', { priority: 50 }),
];
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('come'),
      user: fc.constantFrom('a', 'b', 'c'),
      which: fc.nat(3),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('finish'), user: fc.constant(''), which: fc.nat(20) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('leave'), user: fc.constant(''), which: fc.nat(20) }),
  },
);

describe('the line before an engine', () => {
  it('runs no more than it may, keeps nobody waiting who could run, loses nobody, and ends empty', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 4 }), (steps, runningMax) => {
        const line = new Line({ runningMax, waitingMax: 7, waitingPerPrincipalMax: 4 });
        let taken = 0;
        let ended = 0;
        const laws = (): void => {
          const { queue, running, waiting } = line;
          expect([queue.runningCount, queue.waitingCount]).toEqual([running.length, waiting.length]);
          expect(running.length).toBeLessThanOrEqual(runningMax);
          expect(waiting.length).toBeLessThanOrEqual(7);
          expect(running.length + waiting.length + ended).toBe(taken);
          for (const { group: name, concurrency = Number.POSITIVE_INFINITY, queue: places } of GROUPS) {
            expect(line.runningOf(name)).toBeLessThanOrEqual(concurrency);
            const waits = waiting.filter((entry) => entry.group === name);
            if (places !== undefined) expect(waits.length).toBeLessThanOrEqual(places);
            if (running.length < runningMax && line.runningOf(name) < concurrency) expect(waits).toEqual([]);
            for (const user of ['a', 'b', 'c'])
              expect(waits.filter((entry) => entry.user === user).length).toBeLessThanOrEqual(4);
          }
        };
        for (const { kind, user, which } of steps) {
          if (kind === 'come') {
            if (line.come(user, GROUPS[which] as ResourceLimits) === undefined) taken += 1;
          } else if (kind === 'finish' && line.running.length > 0) {
            line.finish(which);
            ended += 1;
          } else if (kind === 'leave' && line.waiting.length > 0) {
            line.leave(which);
            ended += 1;
          }
          laws();
        }
        // Whatever was taken runs in the end, if what runs ends.
        while (line.running.length > 0) {
          line.finish(0);
          ended += 1;
          laws();
        }
        expect([line.waiting.length, line.queue.counts()]).toEqual([0, []]);
      }),
      { numRuns: 150 },
    );
  });

  it('serves the principals of a group in turn: nobody has two while another waits', () => {
    const users = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 8, maxLength: 60 });
    fc.assert(
      fc.property(users, fc.integer({ min: 1, max: 3 }), (come, runningMax) => {
        const line = new Line({ ...ROOMY, runningMax });
        const of = group('g');
        for (const user of come) line.come(user, of);
        let before = line.started.length;
        while (line.running.length > 0) {
          const waits = new Set(line.waiting.map(({ user }) => user));
          const from = line.started.length;
          do line.finish(0);
          while (line.running.length > 0 && line.started.length < from + waits.size);
          // One round: everyone who waited at its beginning was served once.
          const round = line.started.slice(from, from + waits.size).map(({ user }) => user);
          expect(new Set(round)).toEqual(waits);
          before = line.started.length;
        }
        expect(before).toBe(come.length);
      }),
      { numRuns: 200 },
    );
  });

  it('serves groups by their weight, within one start of each', () => {
    const weight = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(fc.array(weight, { minLength: 2, maxLength: 5 }), (weights) => {
        const total = weights.reduce((sum, w) => sum + w, 0);
        const line = new Line(ROOMY);
        line.come('x', group('first'));
        const groups = weights.map((priority, i) => group(`g${i}`, { priority }));
        for (const of of groups) for (let n = 0; n < 3 * total; n += 1) line.come(`u${n % 3}`, of);
        for (let n = 1; n <= 2 * total; n += 1) {
          line.finish(0);
          for (const { group: name, priority } of groups) {
            const starts = line.started.filter((one) => one.group === name).length;
            expect(Math.abs(starts - (n * priority) / total)).toBeLessThanOrEqual(groups.length);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('lets a group of the smallest weight run however many come to the others', () => {
    const line = new Line(ROOMY);
    const [light, heavy] = [group('light', { priority: 1 }), group('heavy', { priority: 100 })];
    line.come('x', heavy);
    line.come('a', light);
    for (let n = 0; n < 300 && line.waiting.some(({ user }) => user === 'a'); n += 1) {
      line.come('x', heavy);
      line.finish(0);
    }
    expect(line.started.map(({ user }) => user)).toContain('a');
    // And who comes one by one gains nothing by it.
    const from = line.started.length;
    for (let n = 0; n < 404; n += 1) {
      line.come('x', heavy);
      if (line.waiting.every(({ user }) => user !== 'a')) line.come('a', light);
      line.finish(0);
    }
    const lights = line.started.slice(from).filter(({ user }) => user === 'a').length;
    expect(lights).toBeLessThanOrEqual(6);
  });

  it('gives a group that comes back no more than its share, however long it was away', () => {
    const line = new Line({ ...ROOMY, runningMax: 2 });
    const [away, steady] = [group('away'), group('steady')];
    line.come('a', away);
    for (let n = 0; n < 60; n += 1) line.come('b', steady);
    // The one of the group that is away runs on, so the group is not forgotten.
    for (let n = 0; n < 30; n += 1) line.finish(1);
    for (let n = 0; n < 30; n += 1) line.come('a', away);
    const from = line.started.length;
    for (let n = 0; n < 20; n += 1) line.finish(1);
    const starts = line.started.slice(from).filter(({ user }) => user === 'a').length;
    expect(starts).toBeGreaterThanOrEqual(9);
    expect(starts).toBeLessThanOrEqual(11);
  });

  it('tells the position and what is waited for, and keeps its word', () => {
    const users = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(users, (come) => {
        const line = new Line(ROOMY);
        const of = group('g');
        for (const user of come) line.come(user, of);
        const said = line.waiting.map((entry) => ({ entry, place: entry.place() as { position: number } }));
        const order = [...said].sort((one, other) => one.place.position - other.place.position);
        expect(order.map(({ place }) => place.position)).toEqual(order.map((_, i) => i + 1));
        for (const { entry } of order) {
          line.finish(0);
          expect(line.started.at(-1)?.user).toBe(entry.user);
          expect(entry.place()).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
    const line = new Line({ ...ROOMY, runningMax: 2 });
    line.come('a', group('g', { concurrency: 1 }));
    line.come('a', group('g', { concurrency: 1 }));
    expect(line.waiting[0]?.place()).toEqual({
      position: 1,
      waitingFor: { kind: 'groupConcurrency', running: 1, limit: 1 },
    });
    line.come('b', group('h'));
    line.come('b', group('h'));
    expect(line.waiting[1]?.place()).toEqual({
      position: 1,
      waitingFor: { kind: 'engineSlots', running: 2, limit: 2 },
    });
  });

  it('goes by the newest definition of a group', () => {
    const line = new Line({ ...ROOMY, runningMax: 3 });
    line.come('a', group('g', { concurrency: 1 }));
    line.come('a', group('g', { concurrency: 1 }));
    line.come('b', group('g', { concurrency: 3, policyVersion: 2 }));
    expect(line.running.length).toBe(3);
    line.come('c', group('g', { concurrency: 1, policyVersion: 1 }));
    line.finish(0);
    expect(line.running.length).toBe(3);
  });
});
