/**
 * One row as one line of text: the fixed frame that is put around a judged SELECT. The frame is ours alone:
 * nothing of the user's but output names, as constants, is in it, and it reads the judged SELECT by position.
 */
import { uniqueNames } from '../../core/plan/output-names.js';
import type { Column } from '../../core/plan/plan.js';
import { quoteText } from '../../core/sql/duckdb/identifier.js';
import { csvText, jsonText } from './value-text.js';

/** `json` is a JSON array per line, in schema order. */
export type LineFormat = 'json' | 'ndjson' | 'csv';

/** Past this DuckDB's LIMIT costs more than cutting the text. */
export const LIMIT_PRINTED_MAX = 1_000_000;

/** SQL that gives one VARCHAR per row of `inner`; one row more than `rowLimit` shows that there are more. */
export function rowsAsText(
  inner: string,
  output: readonly Column[],
  format: LineFormat,
  rowLimit: number | undefined,
): string {
  const names = output.map((_, i) => `o${i}`);
  const limit = rowLimit !== undefined && rowLimit <= LIMIT_PRINTED_MAX ? ` LIMIT ${rowLimit + 1}` : '';
  return `SELECT ${LINES[format](output)} AS line FROM (${inner}) AS q(${names.join(', ')})${limit}`;
}

/** Lines are ended by what writes them: CSV adds the carriage return that RFC 4180 wants. */
const LINES: Readonly<Record<LineFormat, (output: readonly Column[]) => string>> = {
  json: (output) => {
    const values = output.map((column, i) => `coalesce(${jsonText(`q.o${i}`, column.type)}, 'null')`);
    return `concat('[', ${values.join(", ',', ")}, ']')`;
  },
  ndjson: (output) => {
    const names = uniqueNames(output);
    const members = output.map((column, i) => {
      const label = quoteText(`${i === 0 ? '{' : ','}${JSON.stringify(names[i])}:`);
      return `${label}, coalesce(${jsonText(`q.o${i}`, column.type)}, 'null')`;
    });
    return `concat(${members.join(', ')}, '}')`;
  },
  csv: (output) => {
    const values = output.map((column, i) => csvText(`q.o${i}`, column.type));
    return `concat(${values.join(", ',', ")}, chr(13))`;
  },
};

/** Names may repeat in CSV; they are quoted as any other field. */
export const csvHeader = (output: readonly Column[]): string =>
  `${output.map(({ name }) => (/[",\r\n]/.test(name) || name === '' ? `"${name.replaceAll('"', '""')}"` : name)).join(',')}\r\n`;

/**
 * COPY that writes each line as it is: no quotes, no header, a delimiter that cannot matter as there is one
 * column.
 */
export const copyLines = (lines: string, path: string, ordered: boolean): string =>
  `COPY (${lines}) TO ${quoteText(path)}
   (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\\x01', NULLSTR '', USE_TMP_FILE false, PRESERVE_ORDER ${ordered})`;
