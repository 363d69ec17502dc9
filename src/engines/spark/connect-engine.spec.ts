import { setImmediate } from 'node:timers/promises';
import { Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { type ConnectMessage, make } from '../../proto/message.js';
import { STATUS_TRAILER, writeErrorInfo } from '../../proto/rpc-status.js';
import type { SparkChannel } from './channel.js';
import { SparkConnectEngine } from './connect-engine.js';
import { sparkError } from './errors.js';
import { SparkServer } from './server.js';
import type { SparkSlot } from './spark-slot.js';

const failure = (errorClass: string) => {
  const metadata = new Metadata();
  const info = { reason: 'org.apache.spark.SparkSQLException', metadata: { errorClass } };
  metadata.set(STATUS_TRAILER, Buffer.from(writeErrorInfo(13, errorClass, info)));
  return sparkError(Object.assign(new Error(errorClass), { code: 13, metadata }));
};

/** Answers every question; what it is told to, with an error. */
class PlayedChannel {
  readonly fails = new Map<string, string>();
  readonly released: string[] = [];
  async unary(name: string, request: ConnectMessage): Promise<ConnectMessage> {
    const errorClass = this.fails.get(name);
    if (errorClass !== undefined) throw failure(errorClass);
    if (name === 'ReleaseSession') this.released.push(String(request.sessionId));
    if (name !== 'AnalyzePlan') return make('ConfigResponse', { serverSideSessionId: 'one' });
    return make('AnalyzePlanResponse', { result: { case: 'sparkVersion', value: { version: '4.2.0' } } });
  }
  silent = false;
  async *stream(): AsyncGenerator<ConnectMessage> {
    await setImmediate();
    if (this.silent) return;
    yield make('ExecutePlanResponse', { responseType: { case: 'resultComplete', value: {} } });
  }
}

async function openTwo() {
  const channel = new PlayedChannel();
  const server = new SparkServer(channel as unknown as SparkChannel, {});
  const engine = new SparkConnectEngine({ current: () => ({ server }) } as unknown as SparkSlot);
  const sessions = await Promise.all(
    ['a', 'b'].map((clientSession) => engine.session({ clientSession, policyVersion: 1 }, {})),
  );
  return { channel, engine, server, one: sessions[0]! };
}

describe('a session of one client', () => {
  it('that has ended leaves those of others alone', async () => {
    const { channel, engine, server, one } = await openTwo();
    const connected = server.last;
    channel.fails.set('ReleaseExecute', 'INVALID_HANDLE.SESSION_CLOSED');
    await expect(one.call('ReleaseExecute', {})).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    expect(server.last).toBe(connected);
    expect(await engine.session({ clientSession: 'a', policyVersion: 1 }, {})).not.toBe(one);
    expect(channel.released).toHaveLength(1);
  });

  it.each(['INVALID_HANDLE.SESSION_NOT_FOUND', 'INVALID_HANDLE.SESSION_CHANGED'])(
    'that a server does not know (%s) says that all are gone',
    async (errorClass) => {
      const { channel, server, one } = await openTwo();
      channel.fails.set('ReleaseExecute', errorClass);
      await expect(one.call('ReleaseExecute', {})).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
      expect(server.last).toBeUndefined();
    },
  );
});

it('a server that ends stream after stream without a word is given up', async () => {
  const { channel, server } = await openTwo();
  channel.silent = true;
  await expect(server.last?.session.run({})).rejects.toMatchObject({ code: 'ENGINE_ERROR' });
});
