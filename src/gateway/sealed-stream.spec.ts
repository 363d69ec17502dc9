import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { GovernanceError } from '../core/errors.js';
import { type Seal, sealedStream } from './sealed-stream.js';

const END = { rowCount: 3, truncated: false };
const unavailable = new GovernanceError('EVIDENCE_UNAVAILABLE', 'It cannot be written.');
const broken = new GovernanceError('ENGINE_ERROR', 'It broke.');

/** A run that gives these chunks and then ends, fails, or goes on for ever. */
function run(chunks: readonly string[], then: 'end' | 'fail' | 'hang' = 'end') {
  const body = Readable.from(
    (async function* () {
      for (const chunk of chunks) yield Buffer.from(chunk);
      if (then === 'fail') throw broken;
      if (then === 'hang') await sleep(60_000, undefined, { ref: false });
    })(),
    { objectMode: false },
  );
  body.on('error', () => undefined);
  return { body, done: then === 'fail' ? Promise.reject(broken) : Promise.resolve(END) };
}

/** What was recorded, in order, with how much had left by then. */
function seal(left: () => number, failing = false) {
  const recorded: unknown[] = [];
  const made: Seal = {
    onEnd: async ({ bytes, rowCount }) => {
      await sleep(20);
      recorded.push(['end', { bytes, rowCount, left: left() }]);
      if (failing) throw unavailable;
    },
    onFailure: async (error) => void recorded.push(['failure', error]),
  };
  return { recorded, seal: made };
}

describe('a sealed stream', () => {
  it('gives its last chunk when the outcome is on record', async () => {
    let text = '';
    const { recorded, seal: seals } = seal(() => text.length);
    const { body, done } = await sealedStream(run(['one', 'two', 'three']), seals);
    for await (const chunk of body) text += String(chunk);
    expect(text).toBe('onetwothree');
    expect(recorded).toEqual([['end', { bytes: 11, rowCount: 3, left: 6 }]]);
    expect(await done).toMatchObject({ ...END, bytes: 11 });
  });

  it('of no bytes ends after its outcome too', async () => {
    const { recorded, seal: seals } = seal(() => 0);
    const { body } = await sealedStream(run([]), seals);
    expect(await body.toArray()).toEqual([]);
    expect(recorded).toEqual([['end', { bytes: 0, rowCount: 3, left: 0 }]]);
  });

  it('that fails before anything has left is thrown, recorded or not', async () => {
    const first = seal(() => 0);
    await expect(sealedStream(run(['one'], 'fail'), first.seal)).rejects.toBe(broken);
    expect(first.recorded).toEqual([['failure', broken]]);
    const second = seal(() => 0, true);
    await expect(sealedStream(run(['one']), second.seal)).rejects.toBe(unavailable);
  });

  it('that fails later is cut, never ended', async () => {
    for (const [chunks, then, failing] of [
      [['one', 'two', 'three'], 'fail', false],
      [['one', 'two', 'three'], 'end', true],
    ] as const) {
      const { seal: seals } = seal(() => 0, failing);
      const { body, done } = await sealedStream(run(chunks, then), seals);
      await expect(body.toArray()).rejects.toBeInstanceOf(GovernanceError);
      await expect(done).rejects.toBeInstanceOf(GovernanceError);
    }
  });

  it('whose reader goes away, read or unread, ends the run and is recorded as that', async () => {
    for (const reads of [0, 1]) {
      const { recorded, seal: seals } = seal(() => 0);
      const going = run(['one', 'two', 'three'], 'hang');
      const { body, done } = await sealedStream(going, seals);
      if (reads > 0) await new Promise((resolve) => body.once('data', resolve));
      body.destroy();
      await expect(done).rejects.toMatchObject({ code: 'STATEMENT_CANCELED' });
      expect(going.body.destroyed).toBe(true);
      expect(recorded).toEqual([['failure', undefined]]);
    }
  });
});
