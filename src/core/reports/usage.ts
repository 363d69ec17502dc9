/** What statements of one group came to. Plain additions, so that anybody can count them again. */
import { column, countOf, type LogEvent, type ReportColumn, type ReportRow, textOf } from './report.js';

export interface Usage {
  statements: number;
  succeeded: number;
  /** Failed, cancelled, timed out: rows may have been handed out before. */
  otherwise: number;
  /** No outcome on record: the gateway was killed, or it runs yet. */
  unanswered: number;
  rows: number;
  first: string;
  last: string;
}

export const noUsage = (): Usage => ({
  statements: 0,
  succeeded: 0,
  otherwise: 0,
  unanswered: 0,
  rows: 0,
  first: '',
  last: '',
});

export function addUsage(usage: Usage | undefined, intent: LogEvent, outcome: LogEvent | undefined): void {
  if (usage === undefined) return;
  usage.statements += 1;
  if (outcome === undefined) usage.unanswered += 1;
  else if (textOf(outcome.record.state) === 'succeeded') usage.succeeded += 1;
  else usage.otherwise += 1;
  usage.rows += countOf(outcome?.record.rowCount);
  addTime(usage, intent.at);
}

/** Clocks may go back: the earliest and the latest are told, not those that came first and last. */
export function addTime(span: { first: string; last: string } | undefined, at: string): void {
  if (span === undefined) return;
  if (span.first === '' || at < span.first) span.first = at;
  if (at > span.last) span.last = at;
}

export const usageCells = (usage: Usage): ReportRow => ({ ...usage });

export const USAGE_COLUMNS: readonly ReportColumn[] = [
  column('statements', 'Statements', 'number'),
  column('succeeded', 'Succeeded', 'number'),
  column('otherwise', 'Ended otherwise', 'number'),
  column('unanswered', 'No outcome', 'number'),
  column('rows', 'Rows', 'number'),
  column('first', 'First', 'time'),
  column('last', 'Last', 'time'),
];

export const dayOf = (at: string): string => at.slice(0, 'YYYY-MM-DD'.length);
