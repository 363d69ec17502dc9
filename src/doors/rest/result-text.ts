/**
 * Kept rows (JSON array texts) in the other text formats. Values are already what the API shows, so this is a
 * change of clothes.
 */
import type { ManifestColumn } from '../../gateway/statement.js';
import type { ResultFormat } from './statement-request.js';

type Cell = string | number | boolean | null | object;

/** One chunk of rows; CSV has its header only where `header` says so. */
export function chunkText(
  json: string,
  schema: readonly ManifestColumn[],
  format: ResultFormat,
  header: boolean,
): string {
  if (format === 'json') return json;
  const rows = JSON.parse(`[${json}]`) as Cell[][];
  if (format === 'ndjson') {
    const names = objectNames(schema);
    return rows
      .map((row) => `${JSON.stringify(Object.fromEntries(row.map((cell, i) => [names[i], cell])))}\n`)
      .join('');
  }
  const head = header ? `${schema.map((column) => csvCell(column.name)).join(',')}\r\n` : '';
  return head + rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** Objects need different names: a repeated one gets a number. */
export function objectNames(schema: readonly { readonly name: string }[]): readonly string[] {
  const used = new Set<string>();
  return schema.map(({ name }) => {
    let unique = name;
    for (let n = 2; used.has(unique); n += 1) unique = `${name}_${n}`;
    used.add(unique);
    return unique;
  });
}

/** RFC 4180; NULL is empty, empty text is `""`. */
function csvCell(cell: Cell): string {
  if (cell === null) return '';
  const text = typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
