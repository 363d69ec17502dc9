/**
 * Rows as a table that fits the terminal: the widest columns give way first; where even that does not do, each
 * row becomes a record of its own.
 */
import { cutText, padText, shownText, terminalWidth, widthOf } from './text-width.js';

/** Below this a column says nothing any more. */
const COLUMN_MIN = 6;
const GAP = '  ';
const NULL_TEXT = 'NULL';

export interface TableColumn {
  readonly name: string;
  readonly numeric?: boolean;
}

export function printTable(names: readonly string[], rows: readonly (readonly unknown[])[]): void {
  const columns = names.map((name) => ({ name }));
  console.log(tableText(columns, rows, terminalWidth()).join('\n'));
}

export function tableText(
  columns: readonly TableColumn[],
  rows: readonly (readonly unknown[])[],
  terminal: number,
): readonly string[] {
  const head = columns.map(({ name }) => shownText(name));
  const cells = rows.map((row) => columns.map((_, i) => cellText(row[i])));
  const wanted = head.map((name, i) =>
    cells.reduce((most, row) => Math.max(most, widthOf(row[i] ?? '')), widthOf(name)),
  );
  const count = `${rows.length} row${rows.length === 1 ? '' : 's'}`;
  const widths = fitted(wanted, terminal - GAP.length * (columns.length - 1));
  if (widths === undefined) return [...recordLines(head, cells, terminal), count];
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => {
        const width = widths[i] ?? 0;
        return padText(cutText(cell, width), width, columns[i]?.numeric === true ? 'left' : 'right');
      })
      .join(GAP)
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join(GAP), ...cells.map(line), count];
}

/** Undefined: not even the least of each column has room. */
function fitted(wanted: readonly number[], room: number): readonly number[] | undefined {
  if (wanted.reduce((sum, width) => sum + Math.min(width, COLUMN_MIN), 0) > room) return undefined;
  let left = room;
  // From the narrowest on: each takes what it needs of its share, the rest is for those that need more.
  const widths = [...wanted];
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  order.forEach((column, n) => {
    const share = Math.floor(left / (order.length - n));
    widths[column] = Math.min(wanted[column] ?? 0, share);
    left -= widths[column] ?? 0;
  });
  return widths;
}

function recordLines(
  head: readonly string[],
  cells: readonly (readonly string[])[],
  terminal: number,
): readonly string[] {
  const width = Math.min(Math.max(...head.map(widthOf)), Math.max(1, Math.floor(terminal / 3)));
  return cells.flatMap((row, n) => [
    `-- row ${n + 1}`,
    ...row.map((cell, i) =>
      cutText(`${padText(cutText(head[i] ?? '', width), width, 'right')}${GAP}${cell}`, terminal).trimEnd(),
    ),
  ]);
}

/** NULL is told from the empty text, which is blank, and from the text that reads like it. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return NULL_TEXT;
  if (value === NULL_TEXT) return `'${NULL_TEXT}'`;
  return shownText(typeof value === 'object' ? JSON.stringify(value) : String(value));
}
