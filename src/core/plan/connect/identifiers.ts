/**
 * Names as they arrive in plans, read strictly. A table name is identifiers with dots between them and nothing else: no
 * comment, no path, no VERSION AS OF. A column name may hold anything, as in Spark, between its dots and back quotes.
 */
import { GovernanceError } from '../../errors.js';
import { notAllowed } from './require-allowed.js';

const NAME_CHARS_MAX = 4_096;
const NAME_PARTS_MAX = 32;
const TABLE_PART = /(?:`((?:[^`]|``)+)`|([\p{L}_][\p{L}\p{Nd}_]*|[\p{Nd}]+[\p{L}_][\p{L}\p{Nd}_]*))(\.|$)/uy;
/** What Spark calls the hidden column with path, size and position of a row's file. */
const METADATA_COLUMN = '_metadata';

/** The parts of a table name. Throws SYNTAX_ERROR. */
export function tableNameParts(text: string): readonly string[] {
  const parts: string[] = [];
  TABLE_PART.lastIndex = 0;
  let end = text.length === 0 || text.length > NAME_CHARS_MAX ? undefined : '.';
  while (end === '.') {
    const found = TABLE_PART.exec(text);
    if (found === null) break;
    parts.push(found[1]?.replaceAll('``', '`') ?? found[2] ?? '');
    end = found[3];
  }
  if (end !== '') {
    throw new GovernanceError('SYNTAX_ERROR', 'This is not the name of a table.', {
      remedy: 'Write catalog.schema.table, with back quotes around a part that is not a plain word.',
      sqlState: '42601',
    });
  }
  return parts;
}

/** The parts of a column name, as Spark's own attribute names are cut. */
export function columnNameParts(text: string): readonly string[] {
  if (text.length > NAME_CHARS_MAX) throw badColumn('is too long');
  const parts: string[] = [];
  let part = '';
  let i = 0;
  while (i <= text.length) {
    const c = text[i];
    if (c === '`' && part === '') {
      const end = closingQuote(text, i + 1);
      parts.push(text.slice(i + 1, end).replaceAll('``', '`'));
      if (text[end + 1] !== '.' && end + 1 < text.length) throw badColumn('has text behind a back quote');
      i = end + 2;
      if (i > text.length) break;
      if (i === text.length) throw badColumn('ends in a dot');
      continue;
    }
    if (c === '`') throw badColumn('has a back quote inside a part');
    if (c === undefined || c === '.') {
      if (part === '') throw badColumn('has an empty part');
      parts.push(part);
      part = '';
    } else {
      part += c;
    }
    i += 1;
  }
  if (parts.length > NAME_PARTS_MAX) throw badColumn('has too many parts');
  for (const each of parts) requireNoMetadata(each);
  return parts;
}

function closingQuote(text: string, from: number): number {
  for (let i = from; i < text.length; i += 1) {
    if (text[i] !== '`') continue;
    if (text[i + 1] !== '`') {
      if (i === from) throw badColumn('has an empty part');
      return i;
    }
    i += 1;
  }
  throw badColumn('has a back quote without its end');
}

/** The parts as text that Spark reads as the same parts, whatever is in them. */
export const quoteParts = (parts: readonly string[]): string =>
  parts.map((part) => `\`${part.replaceAll('`', '``')}\``).join('.');

/** Throws for the hidden column that tells where the rows of a table are stored. */
export function requireNoMetadata(name: string): void {
  if (name.toLowerCase() !== METADATA_COLUMN) return;
  throw notAllowed(`The hidden column ${METADATA_COLUMN}`, 'Name the columns that the table shows.');
}

const badColumn = (why: string): GovernanceError =>
  new GovernanceError('SYNTAX_ERROR', `A column name ${why}.`, {
    remedy: 'Put back quotes around a part that has dots or back quotes in it, and double the latter.',
    sqlState: '42601',
  });
