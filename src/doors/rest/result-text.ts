/**
 * Kept rows (JSON array texts) in the other text formats. Cells are cut out of the text as they stand: values
 * that were read and written again would lose zeros, digits and the order of keys.
 */
import { uniqueNames } from '../../core/plan/output-names.js';
import type { ManifestColumn } from '../../gateway/statement.js';

/** Rows between which other work gets its turn. */
const ROWS_AT_ONCE = 250;
const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPENING = [91, 123];
const CLOSING = [93, 125];

/** One chunk of rows, in pieces; CSV has its header only where `header` says so. */
export async function* chunkText(
  json: string,
  schema: readonly ManifestColumn[],
  format: 'csv' | 'ndjson',
  header: boolean,
): AsyncGenerator<string> {
  const line = format === 'csv' ? csvLine : ndjsonLine(schema);
  let text = format === 'csv' && header ? csvHeader(schema) : '';
  let rows = 0;
  for (const cells of rowsOf(json)) {
    text += line(cells);
    rows += 1;
    if (rows % ROWS_AT_ONCE !== 0) continue;
    yield text;
    text = '';
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield text;
}

const csvHeader = (schema: readonly ManifestColumn[]): string =>
  `${schema.map((column) => csvField(column.name)).join(',')}\r\n`;

const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

function ndjsonLine(schema: readonly ManifestColumn[]): (cells: readonly string[]) => string {
  const labels = uniqueNames(schema).map((name, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  return (cells) => `${cells.map((cell, i) => `${labels[i]}${cell}`).join('')}}\n`;
}

/** RFC 4180; NULL is empty, empty text is `""`; nested values are their JSON. */
function csvCell(json: string): string {
  if (json === 'null') return '';
  return csvField(json.startsWith('"') ? (JSON.parse(json) as string) : json);
}

const csvField = (text: string): string =>
  text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** Rows of `[...],[...]` as the JSON texts of their cells. */
function* rowsOf(json: string): Generator<readonly string[]> {
  let depth = 0;
  let cells: string[] = [];
  let start = 0;
  const take = (end: number): void => {
    if (end > start) cells.push(json.slice(start, end));
    start = end + 1;
  };
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfText(json, at);
    else if (code === COMMA && depth === 1) take(at);
    else if (OPENING.includes(code)) {
      depth += 1;
      if (depth === 1) start = at + 1;
    } else if (CLOSING.includes(code)) {
      depth -= 1;
      if (depth > 0) continue;
      take(at);
      yield cells;
      cells = [];
    }
  }
}

/** Where the quote stands that ends the text which begins at `start`. */
function endOfText(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end;
}

function isEscaped(json: string, at: number): boolean {
  let slashes = 0;
  while (json.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
  return slashes % 2 === 1;
}
