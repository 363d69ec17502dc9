/** Work on an engine that is asked past its own `rows` and `bytes`: it takes a turn as they do. */
import type { EngineTurns, RunOptions } from '../../engines/engine.js';

export async function inTurn<T>(
  turns: EngineTurns,
  { turn, signal }: Pick<RunOptions, 'turn' | 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  const release = await turns.enter(turn, signal);
  try {
    return await work();
  } finally {
    release();
  }
}
