import { describe, expect, it } from '@jest/globals';
import type { RegisteredStatement } from '../store/statement-register.js';
import { RegisterWriter } from './register-writer.js';

type State = RegisteredStatement['state'];

class FakeRegister {
  readonly writes: string[][] = [];
  broken = false;

  async put(rows: readonly RegisteredStatement[]): Promise<void> {
    if (this.broken) throw new Error('no database');
    this.writes.push(rows.map(({ id, state }) => `${id} ${state}`));
  }

  async expire(ids: readonly string[]): Promise<void> {
    this.writes.push(ids.map((id) => `${id} expired`));
  }
}

function opened() {
  const register = new FakeRegister();
  const problems: unknown[] = [];
  const writer = new RegisterWriter({ register, onProblem: (error) => void problems.push(error) });
  const states = new Map<string, State>();
  const note = (id: string, state: State): void => {
    states.set(id, state);
    writer.note(id, () => ({
      id,
      principal: 'ana',
      state: states.get(id) ?? 'queued',
      submittedAt: new Date(0),
      finishedAt: null,
      code: null,
      header: {},
    }));
  };
  return { register, problems, writer, note };
}

describe('the way into the register', () => {
  it('writes the newest state of each statement once, by itself', async () => {
    const { register, note } = opened();
    note('a', 'queued');
    note('b', 'queued');
    note('a', 'succeeded');
    expect(register.writes).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(register.writes).toEqual([['a succeeded', 'b queued']]);
  });

  it('has written what was known when a flush ends, also what another flush took along', async () => {
    const { register, writer, note } = opened();
    note('a', 'queued');
    const first = writer.flush();
    await writer.flush();
    expect(register.writes).toEqual([['a queued']]);
    note('a', 'succeeded');
    writer.expire('a');
    await Promise.all([first, writer.flush()]);
    expect(register.writes.slice(1)).toEqual([['a succeeded'], ['a expired']]);
  });

  it('goes on after a write that failed', async () => {
    const { register, problems, writer, note } = opened();
    register.broken = true;
    note('a', 'queued');
    await writer.flush();
    register.broken = false;
    note('a', 'failed');
    await writer.flush();
    expect([problems.length, register.writes]).toEqual([1, [['a failed']]]);
  });
});
