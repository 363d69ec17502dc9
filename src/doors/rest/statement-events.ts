/**
 * A statement as server-sent events: `state` whenever it changes, `progress` while it goes on. Of progress
 * only time is told: how far a scan has come would count rows that the caller may not see.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Statement } from '../../gateway/statements.js';
import { summary } from './statement-answer.js';

const POLL_MS = 100;
const PROGRESS_MS = 1_000;

export async function* statementEvents(statement: Statement, gone: AbortSignal): AsyncGenerator<string> {
  let shown: string | undefined;
  let progressAt = Date.now() + PROGRESS_MS;
  while (!gone.aborted) {
    if (statement.state !== shown) {
      shown = statement.state;
      yield event('state', { ...summary(statement), rowCount: statement.end?.rowCount ?? null });
    }
    if (statement.finishedAt !== undefined) return;
    if (Date.now() >= progressAt) {
      progressAt += PROGRESS_MS;
      const elapsedMs = Date.now() - statement.submittedAt.getTime();
      yield event('progress', { statementId: statement.id, state: statement.state, elapsedMs });
    }
    await Promise.race([statement.ended, sleep(POLL_MS)]);
  }
}

export const event = (name: string, data: object): string =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
