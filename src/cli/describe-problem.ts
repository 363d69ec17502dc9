/** What went wrong, for people: code, text, the place in the SQL with a caret under it, remedy. */
import type { ProblemAnswer } from './api-client.js';
import { shownText, widthOf } from './text-width.js';

/** Of the SQL around the place: a statement on one long line stays readable. */
const CONTEXT_BEFORE = 60;
const CONTEXT_AFTER = 40;

/** `sql`: the text that the problem speaks of, when it is known. */
export function describeProblem(problem: ProblemAnswer, sql?: string): string {
  const { code, status, detail, position, remedy } = problem;
  const at = position === undefined ? '' : ` (line ${position.line}, column ${position.column})`;
  const lines = [`${code ?? status}: ${detail ?? 'the request failed'}${at}`];
  if (position !== undefined && sql !== undefined) lines.push(...caretLines(sql, position));
  if (remedy !== undefined) lines.push(remedy);
  return lines.join('\n');
}

function caretLines(sql: string, position: { line: number; column: number }): readonly string[] {
  const line = sql.split('\n')[position.line - 1];
  if (line === undefined) return [];
  const offset = Math.min(position.column - 1, line.length);
  const start = Math.max(0, offset - CONTEXT_BEFORE);
  const end = Math.min(line.length, offset + CONTEXT_AFTER);
  const before = (start > 0 ? '…' : '') + shownText(line.slice(start, offset));
  const after = shownText(line.slice(offset, end)) + (end < line.length ? '…' : '');
  const number = String(position.line);
  return [
    `  ${number} | ${(before + after).trimEnd()}`,
    `  ${' '.repeat(number.length)} | ${' '.repeat(widthOf(before))}^`,
  ];
}
