import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AuditEvent } from '../../core/audit/event.js';
import { LoginFailures } from './login-failures.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const make = () => {
  const events: AuditEvent[] = [];
  const failures = new LoginFailures({
    record: async (event) => void events.push(event),
    clock: () => new Date(0),
    onProblem: () => undefined,
  });
  const told = () =>
    events.map(({ fields, personal }) => [(fields as { count: number }).count, personal?.address]);
  return { failures, told };
};

describe('LoginFailures', () => {
  it('tells the first at once and the rest of a moment together', () => {
    const { failures, told } = make();
    for (let i = 0; i < 1_000; i += 1) failures.note('token', '10.0.0.1');
    failures.note('token', '10.0.0.2');
    expect(told()).toEqual([
      [1, '10.0.0.1'],
      [1, '10.0.0.2'],
    ]);
    jest.advanceTimersByTime(1_000);
    expect(told().slice(2)).toEqual([[999, '10.0.0.1']]);
    jest.advanceTimersByTime(10_000);
    expect(told()).toHaveLength(3);
  });

  it('is not flooded by a thousand addresses, and loses none of the count', () => {
    const { failures, told } = make();
    for (let i = 0; i < 1_000; i += 1) failures.note('jwt', `10.0.${i >> 8}.${i & 255}`);
    expect(told().length).toBeLessThan(60);
    jest.advanceTimersByTime(1_000);
    expect(told().length).toBeLessThan(61);
    expect(told().reduce((sum, [count]) => sum + Number(count), 0)).toBe(1_000);
  });
});
