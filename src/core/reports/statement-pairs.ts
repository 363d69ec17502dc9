/**
 * Statements as they ended: an intent waits here for its outcome. Whatever the log is, no more wait than so
 * many; the oldest is then told as without an end, as is what still waits when the log is over.
 */
import { type LogEvent, type ReportFilter, textOf } from './report.js';
import { isAsked } from './statement-filter.js';

const WAITING_MAX = 20_000;

export type OnStatement = (intent: LogEvent, outcome: LogEvent | undefined) => void;

export class StatementPairs {
  private readonly waiting = new Map<string, LogEvent>();

  constructor(
    private readonly filter: ReportFilter,
    private readonly onStatement: OnStatement,
  ) {}

  take(event: LogEvent): void {
    const id = textOf(event.record.statementId);
    if (event.kind === 'statement.intent') {
      if (!isAsked(this.filter, event)) return;
      this.waiting.set(id, event);
      const [oldest] = this.waiting;
      if (this.waiting.size > WAITING_MAX && oldest !== undefined) this.end(...oldest, undefined);
    } else if (event.kind === 'statement.outcome') {
      // Told twice (a spool that was drained, an answer that was lost): the first one stands.
      const intent = this.waiting.get(id);
      if (intent !== undefined) this.end(id, intent, event);
    }
  }

  finish(): void {
    for (const [id, intent] of [...this.waiting]) this.end(id, intent, undefined);
  }

  private end(id: string, intent: LogEvent, outcome: LogEvent | undefined): void {
    this.waiting.delete(id);
    this.onStatement(intent, outcome);
  }
}
