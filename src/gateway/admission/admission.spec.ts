/** What waits for a turn may be cancelled, run out of time or lose its engine, and leaves nothing behind. */
import { describe, expect, it } from '@jest/globals';
import { ungrouped } from '../../core/policy/resources.js';
import type { Turn } from '../../engines/engine.js';
import { Admission, type AdmissionEvent } from './admission.js';

const never = new AbortController().signal;
const turn = (statementId: string, user = 'ana'): Turn => ({ statementId, user, group: ungrouped(1) });
const LIMITS = { runningMax: 1, waitingMax: 3, waitingPerPrincipalMax: 2 };

function opened(waitMsMax = 60_000): { admission: Admission; events: AdmissionEvent[] } {
  const events: AdmissionEvent[] = [];
  const observe = (event: AdmissionEvent): void => void events.push(event);
  return {
    admission: new Admission({ engines: { duckdb: LIMITS, spark: LIMITS }, waitMsMax, observe }),
    events,
  };
}

describe('admission', () => {
  it('lets who is cancelled go, with no place left behind, and tells of each', async () => {
    const { admission, events } = opened();
    const turns = admission.turns('duckdb');
    const release = await turns.enter(turn('one'), never);
    const abort = new AbortController();
    const canceled = turns.enter(turn('two'), abort.signal);
    const third = turns.enter(turn('three'), never);
    expect(admission.place('two')).toMatchObject({ position: 1, waitingFor: { kind: 'engineSlots' } });
    expect(admission.place('three')?.position).toBe(2);
    abort.abort();
    await expect(canceled).rejects.toMatchObject({ code: 'STATEMENT_CANCELED' });
    expect(admission.place('two')).toBeUndefined();
    expect(admission.place('three')?.position).toBe(1);
    release();
    release();
    (await third)();
    expect([turns.running, turns.waiting, admission.counts('duckdb')]).toEqual([0, 0, []]);
    expect(events.map(({ kind }) => kind)).toEqual(['started', 'left', 'started']);
    await expect(turns.enter(turn('four'), abort.signal)).rejects.toMatchObject({
      code: 'STATEMENT_CANCELED',
    });
  });

  it('keeps nobody waiting for longer than it may', async () => {
    const { admission } = opened(50);
    const turns = admission.turns('duckdb');
    const release = await turns.enter(turn('one'), never);
    await expect(turns.enter(turn('two'), never)).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' });
    expect(turns.waiting).toBe(0);
    release();
    (await turns.enter(turn('three'), never))();
  });

  it('refuses past its places, per principal and in total, with a time to come back', async () => {
    const { admission, events } = opened();
    const turns = admission.turns('duckdb');
    const release = await turns.enter(turn('0'), never);
    const waiting = ['ana', 'ana', 'ben'].map((user, i) => turns.enter(turn(String(i + 1), user), never));
    for (const user of ['ana', 'cy'])
      await expect(turns.enter(turn('x', user), never)).rejects.toMatchObject({
        code: 'QUEUE_FULL',
        details: { retryable: true, retryAfterSeconds: 2 },
      });
    // The other engine has a line of its own.
    (await admission.turns('spark').enter(turn('y'), never))();
    release();
    await Promise.all(waiting.map((one) => one.then((end) => end())));
    expect(events.filter(({ kind }) => kind === 'rejected')).toHaveLength(2);
  });

  it('of an engine that goes away refuses who waits for it, waits for what runs, and serves the next engine', async () => {
    const { admission } = opened();
    const old = admission.turns('spark');
    const release = await old.enter(turn('one'), never);
    const waiting = old.enter(turn('two'), never);
    const next = admission.turns('spark').enter(turn('three'), never);
    let closed = false;
    const closing = old.close().then(() => {
      closed = true;
    });
    await expect(waiting).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    await expect(old.enter(turn('four'), never)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    expect(closed).toBe(false);
    release();
    await closing;
    (await next)();
  });
});
