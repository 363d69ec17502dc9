/**
 * A statement as server-sent events: `state` whenever it changes, `progress` every second while it goes on, also as a sign
 * of life. How far a scan has come would count rows that the caller may not see: only who may see plans is told.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { GovernanceError } from '../../core/errors.js';
import type { Statement, StatementState } from '../../gateway/statement-entry.js';
import { summary } from './statement-answer.js';

const POLL_MS = 100;
const PROGRESS_MS = 1_000;
const PER_USER_MAX = 32;

export interface EventOptions {
  readonly gone: AbortSignal;
  /** The last event that the client has seen, from Last-Event-ID. */
  readonly seen: number;
  /** May the caller see how the engine runs it? */
  readonly mayExplain: () => boolean;
}

/** States come in this order; the number is the id of the event. */
export const stateNumber = (state: StatementState): number =>
  state === 'queued' ? 1 : state === 'running' ? 2 : 3;
/** Nothing comes after it. */
export const LAST_EVENT = 3;

export async function* statementEvents(
  statement: Statement,
  { gone, seen, mayExplain }: EventOptions,
): AsyncGenerator<string> {
  let told = seen;
  let progressAt = Date.now() + PROGRESS_MS;
  while (!gone.aborted) {
    const number = stateNumber(statement.state);
    if (number > told) {
      told = number;
      const state = { ...summary(statement), rowCount: statement.end?.rowCount ?? null };
      yield event('state', state, number);
    }
    if (statement.finishedAt !== undefined) return;
    if (Date.now() >= progressAt) {
      progressAt = Date.now() + PROGRESS_MS;
      yield event('progress', await progressOf(statement, mayExplain()));
    }
    await Promise.race([statement.ended, sleep(POLL_MS)]);
  }
}

async function progressOf(statement: Statement, mayExplain: boolean): Promise<object> {
  const { id: statementId, state, submittedAt, bytes } = statement;
  const fraction = mayExplain ? await statement.fraction?.().catch(() => undefined) : undefined;
  return {
    statementId,
    state,
    elapsedMs: Date.now() - submittedAt.getTime(),
    bytes,
    ...(fraction === undefined ? {} : { fraction: Math.round(fraction * 1_000) / 1_000 }),
  };
}

export const event = (name: string, data: object, id?: number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** Each holds a connection for as long as its statement runs. */
export class EventStreams {
  private readonly open = new Map<string, number>();

  /** Gives what takes it away again. */
  enter(user: string): () => void {
    const count = this.open.get(user) ?? 0;
    if (count >= PER_USER_MAX) {
      throw new GovernanceError('RATE_LIMITED', `You follow ${PER_USER_MAX} statements already.`, {
        retryable: true,
        retryAfterSeconds: 5,
        remedy: 'Close some of these connections, or ask with ?wait=20s.',
      });
    }
    this.open.set(user, count + 1);
    return () => {
      const left = (this.open.get(user) ?? 1) - 1;
      if (left > 0) this.open.set(user, left);
      else this.open.delete(user);
    };
  }
}
