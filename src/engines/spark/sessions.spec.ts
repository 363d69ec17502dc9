import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ConnectMessage, make } from '../../proto/message.js';
import type { SparkChannel } from './channel.js';
import { SparkSessions } from './sessions.js';

/** A channel that says yes to everything, and notes what it was asked. */
class FakeChannel {
  readonly asked: string[] = [];
  refuses = false;
  async unary(name: string): Promise<ConnectMessage> {
    this.asked.push(name);
    if (this.refuses) throw new Error('no');
    return make('ConfigResponse', { serverSideSessionId: 'one' });
  }
  async *stream(): AsyncGenerator<ConnectMessage> {
    for (;;) yield make('ExecutePlanResponse', { serverSideSessionId: 'one' });
  }
}

let sessions: SparkSessions;
const open = (options?: { idleMs?: number; sessionsMax?: number }) => {
  const channel = new FakeChannel();
  sessions = new SparkSessions(channel as unknown as SparkChannel, options);
  return channel;
};
afterEach(() => sessions.close());

describe('engine sessions', () => {
  it('are one per client session and policy version', async () => {
    open();
    const first = await sessions.get({ clientSession: 'a', policyVersion: 1 });
    expect(await sessions.get({ clientSession: 'a', policyVersion: 1 })).toBe(first);
    expect(await sessions.get({ clientSession: 'a', policyVersion: 2 })).not.toBe(first);
    expect(await sessions.get({ clientSession: 'b', policyVersion: 1 })).not.toBe(first);
    expect(sessions.size).toBe(3);
  });

  it('end with their client, or but for the policy in force', async () => {
    const channel = open();
    for (const clientSession of ['a', 'a 1', 'b'])
      for (const policyVersion of [1, 12]) await sessions.get({ clientSession, policyVersion });
    sessions.end('a', 12);
    await sleep(0);
    expect(sessions.size).toBe(5);
    sessions.end('a');
    expect(sessions.size).toBe(4);
    await sessions.close();
    expect(channel.asked.filter((name) => name === 'ReleaseSession')).toHaveLength(6);
  });

  it('of a policy that is past go on until what runs in them has ended', async () => {
    const channel = open();
    const old = await sessions.get({ clientSession: 'a', policyVersion: 1 });
    const listening = old.answers('ExecutePlan', {}, new AbortController().signal);
    await listening.next();
    await sessions.get({ clientSession: 'a', policyVersion: 2 });
    sessions.end('a', 2);
    await sleep(0);
    expect(channel.asked).not.toContain('ReleaseSession');
    await listening.return(undefined);
    sessions.end('a', 2);
    await sleep(0);
    expect(channel.asked).toContain('ReleaseSession');
  });

  it('that the server has forgotten are made anew, those of others stay', async () => {
    open();
    const [gone, other] = [
      { clientSession: 'a', policyVersion: 1 },
      { clientSession: 'b', policyVersion: 1 },
    ];
    const [first, second] = [await sessions.get(gone), await sessions.get(other)];
    sessions.forget(first);
    await sleep(0);
    expect(await sessions.get(gone)).not.toBe(first);
    expect(await sessions.get(other)).toBe(second);
  });

  it('make room for others, and go when they are idle', async () => {
    const channel = open({ sessionsMax: 2, idleMs: 30 });
    for (const clientSession of ['a', 'b', 'c']) await sessions.get({ clientSession, policyVersion: 1 });
    expect(sessions.size).toBe(2);
    await sleep(50);
    const again = await sessions.get({ clientSession: 'c', policyVersion: 1 });
    expect(again).toBeDefined();
    expect(channel.asked.filter((name) => name === 'ReleaseSession').length).toBeGreaterThan(0);
  });

  it('that could not be made are made anew', async () => {
    const channel = open();
    channel.refuses = true;
    await expect(sessions.get({ clientSession: 'a', policyVersion: 1 })).rejects.toThrow('no');
    channel.refuses = false;
    await sessions.get({ clientSession: 'a', policyVersion: 1 });
  });
});
