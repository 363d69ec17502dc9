/** A client that reads slowly holds up the server, not our memory: few answers wait in the door and in the channel to the server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { PlanMessage } from '../../src/core/plan/connect/message.js';
import { SparkChannel } from '../../src/engines/spark/channel.js';
import { make } from '../../src/proto/message.js';
import { type FakeDoor, openFakeDoor } from '../support/fake-connect.js';

const ANSWER_BYTES = 3 * 2 ** 20;
const ANSWERS = 24;
/** Two on their way, and what HTTP/2's window lets through. */
const IN_DOOR_MAX = 3;
/** Eight MiB of the channel's window, one that waits to be read, one that is read. */
const IN_CHANNEL_MAX = 4;

const plan = {
  opType: { case: 'root', value: { relType: { case: 'range', value: { end: 3n, step: 1n } } } },
};
const request = make('ExecutePlanRequest', {
  sessionId: '11111111-2222-3333-4444-555555555555',
  operationId: '99999999-2222-3333-4444-555555555555',
  plan,
});

/** `given`: answers that the door has taken from the server behind it. */
async function opened(): Promise<{ readonly door: FakeDoor; given(): number }> {
  let given = 0;
  const answer = (responseType: object): PlanMessage =>
    make('ExecutePlanResponse', { responseId: 'r', responseType });
  async function* answers(): AsyncGenerator<PlanMessage> {
    for (let n = 0; n < ANSWERS; n += 1) {
      given += 1;
      yield answer({ case: 'arrowBatch', value: { rowCount: 1n, data: new Uint8Array(ANSWER_BYTES) } });
    }
    yield answer({ case: 'resultComplete', value: {} });
  }
  return {
    door: await openFakeDoor({ answers, byteLimitMax: 2 * ANSWERS * ANSWER_BYTES }),
    given: () => given,
  };
}

/** Once nothing moves any more. */
async function settled(given: () => number): Promise<number> {
  for (let before = -1; before !== given() || before === 0; ) {
    before = given();
    await sleep(200);
  }
  return given();
}

it('the door sends two answers ahead, the channel to the server reads one', async () => {
  const { door, given } = await opened();
  const port = Number(/\d+$/.exec(door.client.getChannel().getTarget())?.[0]);
  const channel = new SparkChannel({ host: '127.0.0.1', port, token: 'ana', tls: false });
  const answers = channel.stream('ExecutePlan', request);
  await answers.next();
  expect(await settled(given)).toBeLessThanOrEqual(IN_DOOR_MAX + IN_CHANNEL_MAX);
  let heard = 1;
  for await (const _ of answers) heard += 1;
  expect(heard).toBe(ANSWERS + 1);
  channel.close();
  await door.close();
});
