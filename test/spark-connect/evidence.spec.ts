/** No evidence, no data, at the Spark Connect door: what is on record before and after, whatever happens in between. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceError } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { GovernanceError } from '../../src/core/errors.js';
import type { PlanMessage } from '../../src/core/plan/connect/message.js';
import { connectPath, connectType } from '../../src/proto/connect.js';
import { decode, encode, make } from '../../src/proto/message.js';
import { type FakeDoor, type FakeOptions, openFakeDoor } from '../support/fake-connect.js';

const SESSION = '11111111-2222-3333-4444-555555555555';
const OPERATION = '99999999-2222-3333-4444-555555555555';
const range = { relType: { case: 'range', value: { end: 3n, step: 1n } } };
const plan = { opType: { case: 'root', value: range } };
const request = (fields: object = {}) =>
  encode(make('ExecutePlanRequest', { sessionId: SESSION, plan, ...fields }));
const reattachable = {
  operationId: OPERATION,
  requestOptions: [{ requestOption: { case: 'reattachOptions', value: { reattachable: true } } }],
};
const unavailable = new GovernanceError('EVIDENCE_UNAVAILABLE', 'The record cannot be written.');

const answer = (responseType: object): PlanMessage =>
  make('ExecutePlanResponse', { responseId: 'r', responseType });
const batch = answer({ case: 'arrowBatch', value: { rowCount: 2n, data: Uint8Array.of(1) } });
const complete = answer({ case: 'resultComplete', value: {} });

async function withDoor<T>(options: FakeOptions, work: (door: FakeDoor) => Promise<T>): Promise<T> {
  const door = await openFakeDoor(options);
  try {
    return await work(door);
  } finally {
    await door.close();
  }
}

const failure = async (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'went through',
    (error: ServiceError) => error.details,
  );

describe('an intent', () => {
  it('that cannot be written keeps the plan from the server', () =>
    withDoor({ recorder: { intent: () => Promise.reject(unavailable) } }, async (door) => {
      expect(await failure(door.send('ExecutePlan', request()))).toMatch(/^\[EVIDENCE_UNAVAILABLE]/);
      expect(door.asked).toEqual([]);
    }));

  it('under a token that was revoked is none', () =>
    withDoor({ recorder: { intent: async () => 'token-revoked' } }, async (door) => {
      expect(await failure(door.send('ExecutePlan', request()))).toMatch(/^\[UNAUTHENTICATED]/);
      expect(door.asked).toEqual([]);
    }));

  it('under policies that changed is decided again', () => {
    let version = 1;
    const tried: number[] = [];
    return withDoor(
      {
        policyVersion: () => version,
        recorder: {
          intent: async (_, versions) => {
            tried.push(versions.policyVersion);
            version += 1;
            return tried.length < 3 ? 'policy-changed' : 'recorded';
          },
        },
      },
      async (door) => {
        expect(await door.send('ExecutePlan', request())).toHaveLength(2);
        expect(tried).toEqual([1, 2, 3]);
      },
    );
  });

  it('under policies that never rest is given up', () =>
    withDoor({ recorder: { intent: async () => 'policy-changed' } }, async (door) => {
      expect(await failure(door.send('ExecutePlan', request()))).toMatch(/^\[POLICY_VERSION_BEHIND]/);
      expect(door.asked).toEqual([]);
    }));
});

describe('an outcome', () => {
  it('is on record before the word that all was sent', () => {
    const order: string[] = [];
    return withDoor(
      {
        recorder: {
          outcome: async () => {
            await sleep(20);
            order.push('recorded');
          },
        },
      },
      async (door) => {
        const heard = await door.send('ExecutePlan', request());
        order.push('heard');
        expect(order).toEqual(['recorded', 'heard']);
        const last = decode(connectType('ExecutePlanResponse'), heard.at(-1) as Buffer);
        expect(last.responseType).toMatchObject({ case: 'resultComplete' });
      },
    );
  });

  it('that cannot be written makes the result an error', () =>
    withDoor({ recorder: { outcome: () => Promise.reject(unavailable) } }, async (door) => {
      expect(await failure(door.send('ExecutePlan', request()))).toMatch(/^\[EVIDENCE_UNAVAILABLE]/);
    }));

  it('of a server that fails is its failure', () =>
    withDoor(
      {
        async *answers() {
          yield batch;
          throw new GovernanceError('ENGINE_UNAVAILABLE', 'The Spark server cannot be reached.', {
            retryable: true,
          });
        },
      },
      async (door) => {
        expect(await failure(door.send('ExecutePlan', request()))).toMatch(
          /ENGINE_UNAVAILABLE.*Trying again may help/,
        );
        expect(door.outcomes).toMatchObject([{ state: 'failed', code: 'ENGINE_UNAVAILABLE' }]);
      },
    ));
});

describe('a client that is gone', () => {
  /** Sends one batch and hangs until it is interrupted. */
  const hanging = (door: () => FakeDoor): FakeOptions => ({
    async *answers() {
      yield batch;
      while (!door().asked.some(({ method }) => method === 'Interrupt')) await sleep(5);
      throw new GovernanceError('STATEMENT_CANCELED', 'The statement was cancelled.');
    },
  });
  /** Goes away after the first answer. */
  const leave = (door: FakeDoor, fields: object): Promise<void> =>
    new Promise((resolve) => {
      const same = (bytes: Buffer): Buffer => bytes;
      const call = door.client.makeServerStreamRequest(
        connectPath('ExecutePlan'),
        same,
        same,
        Buffer.from(request(fields)),
        door.metadata('ana'),
      );
      call.on('error', () => resolve());
      call.once('data', () => call.cancel());
    });
  const until = async (true_: () => boolean): Promise<void> => {
    for (let i = 0; i < 400 && !true_(); i += 1) await sleep(5);
    expect(true_()).toBe(true);
  };

  it('ends what cannot be taken up again, on the server too', async () => {
    const door: FakeDoor = await openFakeDoor(hanging(() => door));
    await leave(door, {});
    await until(() => door.outcomes.length === 1);
    expect(door.outcomes).toMatchObject([{ state: 'canceled' }]);
    expect(door.asked.map(({ method }) => method)).toContain('Interrupt');
    await door.close();
  });

  it('may come back for what can, and the record has it once', async () => {
    let calls = 0;
    const options: FakeOptions = {
      async *answers() {
        calls += 1;
        yield batch;
        // The first stream never ends by itself.
        if (calls === 1) await sleep(60_000, undefined, { ref: false });
        yield complete;
      },
    };
    await withDoor(options, async (door) => {
      await leave(door, reattachable);
      const again = encode(make('ReattachExecuteRequest', { sessionId: SESSION, operationId: OPERATION }));
      expect(await door.send('ReattachExecute', again)).toHaveLength(2);
      expect(door.outcomes).toMatchObject([{ state: 'succeeded' }]);
      expect(await door.send('ReattachExecute', again)).toHaveLength(2);
      expect(door.outcomes).toHaveLength(1);
    });
  });

  it('comes back to what never ran, and hears why', () =>
    withDoor({ recorder: { intent: () => Promise.reject(unavailable) } }, async (door) => {
      const refusal = await failure(door.send('ExecutePlan', request(reattachable)));
      expect(refusal).toMatch(/^\[EVIDENCE_UNAVAILABLE]/);
      const again = encode(make('ReattachExecuteRequest', { sessionId: SESSION, operationId: OPERATION }));
      expect(await failure(door.send('ReattachExecute', again))).toBe(refusal);
    }));

  it(
    'leaves room for others of its session, though it let go of nothing',
    () =>
      withDoor({}, async (door) => {
        for (let i = 0; i < 6; i += 1) {
          const many = Array.from({ length: 100 }, () =>
            failure(door.send('ExecutePlan', request({ plan: undefined }))),
          );
          for (const refusal of await Promise.all(many)) expect(refusal).toMatch(/^\[FEATURE_NOT_ALLOWED]/);
        }
        expect(await door.send('ExecutePlan', request())).toHaveLength(2);
      }),
    30_000,
  );

  it('is let go of when the gateway stops', async () => {
    const door: FakeDoor = await openFakeDoor(hanging(() => door));
    await leave(door, reattachable);
    expect(door.outcomes).toEqual([]);
    await door.close();
    expect(door.outcomes).toMatchObject([{ state: 'canceled' }]);
  });

  it('ends what the server begins after it was told to end it', async () => {
    const interrupts = (): number => door.asked.filter(({ method }) => method === 'Interrupt').length;
    const door: FakeDoor = await openFakeDoor({
      async *answers() {
        while (interrupts() === 0) await sleep(5);
        yield batch;
        await sleep(60_000, undefined, { ref: false });
      },
    });
    const running = failure(door.send('ExecutePlan', request(reattachable)));
    await until(() => door.asked.length > 0);
    const all = { sessionId: SESSION, interruptType: 1 };
    await door.send('Interrupt', encode(make('InterruptRequest', all)));
    expect(await running).toMatch(/^\[STATEMENT_CANCELED]/);
    expect(interrupts()).toBe(2);
    await door.close();
  });

  it('of many operations hears which were ended, by tag', async () => {
    const door: FakeDoor = await openFakeDoor(hanging(() => door));
    const running = failure(door.send('ExecutePlan', request({ ...reattachable, tags: ['a'] })));
    await until(() => door.asked.length > 0);
    const interrupt = (tag: string) =>
      door.send(
        'Interrupt',
        encode(
          make('InterruptRequest', {
            sessionId: SESSION,
            interruptType: 2,
            interrupt: { case: 'operationTag', value: tag },
          }),
        ),
      );
    const ids = async (tag: string) =>
      decode(connectType('InterruptResponse'), (await interrupt(tag))[0] as Buffer).interruptedIds;
    expect(await ids('b')).toEqual([]);
    expect(await ids('a')).toEqual([OPERATION]);
    expect(await running).toMatch(/^\[STATEMENT_CANCELED]/);
    await door.close();
  });
});
