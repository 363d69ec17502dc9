/** DataFrame plans wait in the same line as statements, keep the limits of their group, and leave no place behind. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceError } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import type { PlanMessage } from '../../src/core/plan/connect/message.js';
import { encode, make } from '../../src/proto/message.js';
import { type FakeDoor, openFakeDoor } from '../support/fake-connect.js';

const TIMEOUT_MS = 30_000;
const SESSION = '11111111-2222-3333-4444-555555555555';
const range = { relType: { case: 'range', value: { end: 3n, step: 1n } } };
const plan = { opType: { case: 'root', value: range } };
const id = (n: number): string => `99999999-2222-3333-4444-${String(n).padStart(12, '0')}`;
const request = (n: number, fields: object = {}) =>
  encode(make('ExecutePlanRequest', { sessionId: SESSION, operationId: id(n), plan, ...fields }));
const REATTACHABLE = {
  requestOptions: [{ requestOption: { case: 'reattachOptions', value: { reattachable: true } } }],
};

const answer = (responseType: object): PlanMessage =>
  make('ExecutePlanResponse', { responseId: 'r', responseType });
const batch = answer({ case: 'arrowBatch', value: { rowCount: 2n, data: Uint8Array.of(1) } });
const complete = answer({ case: 'resultComplete', value: {} });

/** A server that ends a plan when it is told to. */
class Slow {
  private readonly open: (() => void)[] = [];
  running = 0;

  readonly answers = async function* (this: Slow): AsyncGenerator<PlanMessage> {
    this.running += 1;
    try {
      await new Promise<void>((resolve) => this.open.push(resolve));
      yield batch;
      yield complete;
    } finally {
      this.running -= 1;
    }
  }.bind(this);

  end(): void {
    this.open.shift()?.();
  }
}

const until = async (isSo: () => boolean): Promise<void> => {
  for (let n = 0; n < 1_000 && !isSo(); n += 1) await sleep(5);
  expect(isSo()).toBe(true);
};
const failure = async (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'went through',
    (error: ServiceError) => error.details,
  );
const executed = ({ asked }: FakeDoor): number =>
  asked.filter(({ method }) => method === 'ExecutePlan').length;

describe('plans of a group', () => {
  it(
    'run as many at once as it may, the others in their order, and past its places none',
    async () => {
      const slow = new Slow();
      const door = await openFakeDoor({ answers: slow.answers, limits: { concurrency: 1, queue: 1 } });
      const first = door.send('ExecutePlan', request(1));
      await until(() => executed(door) === 1);
      const second = door.send('ExecutePlan', request(2));
      await until(() => door.intents.length === 2);
      await sleep(50);
      expect(executed(door)).toBe(1);
      expect(await failure(door.send('ExecutePlan', request(3)))).toMatch(/^\[QUEUE_FULL]/);
      expect(door.outcomes).toMatchObject([{ state: 'failed', code: 'QUEUE_FULL' }]);
      slow.end();
      expect(await first).toHaveLength(2);
      await until(() => executed(door) === 2);
      slow.end();
      expect(await second).toHaveLength(2);
      expect(door.outcomes.map(({ state }) => state)).toEqual(['failed', 'succeeded', 'succeeded']);
      await door.close();
    },
    TIMEOUT_MS,
  );

  it(
    'that are interrupted while they wait leave no place behind',
    async () => {
      const slow = new Slow();
      const door = await openFakeDoor({ answers: slow.answers, limits: { concurrency: 1, queue: 1 } });
      const first = door.send('ExecutePlan', request(1));
      await until(() => executed(door) === 1);
      const second = failure(door.send('ExecutePlan', request(2)));
      await until(() => door.intents.length === 2);
      const interrupt = make('InterruptRequest', {
        sessionId: SESSION,
        interruptType: 3,
        interrupt: { case: 'operationId', value: id(2) },
      });
      await door.send('Interrupt', encode(interrupt));
      expect(await second).toMatch(/^\[STATEMENT_CANCELED]/);
      const third = door.send('ExecutePlan', request(3));
      slow.end();
      await first;
      await until(() => executed(door) === 2);
      slow.end();
      expect(await third).toHaveLength(2);
      await door.close();
    },
    TIMEOUT_MS,
  );

  it(
    'that are taken up again while they wait begin when their turn has come, once',
    async () => {
      const slow = new Slow();
      const door = await openFakeDoor({ answers: slow.answers, limits: { concurrency: 1 } });
      const first = door.send('ExecutePlan', request(1));
      await until(() => executed(door) === 1);
      void failure(door.send('ExecutePlan', request(2, REATTACHABLE)));
      await until(() => door.intents.length === 2);
      const reattach = make('ReattachExecuteRequest', { sessionId: SESSION, operationId: id(2) });
      const again = door.send('ReattachExecute', encode(reattach));
      await sleep(100);
      expect(executed(door)).toBe(1);
      slow.end();
      await first;
      await until(() => executed(door) === 2);
      slow.end();
      expect(await again).toHaveLength(2);
      expect(door.asked.filter(({ method }) => method === 'ReattachExecute')).toEqual([]);
      await door.close();
    },
    TIMEOUT_MS,
  );
});

describe('limits of a group', () => {
  it('end a plan with more rows, more bytes or more time than it has', async () => {
    const rows = await openFakeDoor({ limits: { rows: 1 }, answers: twoBatches });
    expect(await failure(rows.send('ExecutePlan', request(1)))).toMatch(/^\[ROW_LIMIT_EXCEEDED]/);
    expect(rows.outcomes).toMatchObject([{ state: 'failed', code: 'ROW_LIMIT_EXCEEDED' }]);
    await rows.close();
    const bytes = await openFakeDoor({ limits: { bytes: 1 }, answers: twoBatches });
    expect(await failure(bytes.send('ExecutePlan', request(1)))).toMatch(/^\[BYTE_LIMIT_EXCEEDED]/);
    await bytes.close();
    let stopped = (): void => undefined;
    const interrupted = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    const slow = await openFakeDoor({
      limits: { timeMs: 100 },
      async *answers() {
        await interrupted;
        yield batch;
      },
    });
    const late = failure(slow.send('ExecutePlan', request(1)));
    await until(() => slow.asked.some(({ method }) => method === 'Interrupt'));
    stopped();
    expect(await late).toMatch(/^\[STATEMENT_TIMEOUT]/);
    await slow.close();
  });
});

async function* twoBatches(): AsyncGenerator<PlanMessage> {
  yield batch;
  yield batch;
  yield complete;
}
