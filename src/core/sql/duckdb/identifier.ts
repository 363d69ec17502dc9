/**
 * Names and texts as DuckDB SQL. Everything of the user's or of the lake's that reaches SQL text passes one
 * of these two functions.
 */
import { GovernanceError } from '../../errors.js';

/** Any text as a quoted identifier. */
export function quoteIdentifier(name: string): string {
  requireWritable(name);
  if (name.includes('\0')) throw unwritable('a NUL character in a name');
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Any text as a string constant. SQL text cannot hold NUL, so such a text is concatenated from parts; a lone
 * surrogate is no character and has no UTF-8, so it is refused rather than changed on the way.
 */
export function quoteText(value: string): string {
  requireWritable(value);
  if (!value.includes('\0')) return quotePart(value);
  return `(${value.split('\0').map(quotePart).join(' || chr(0) || ')})`;
}

const quotePart = (part: string): string => `'${part.replaceAll("'", "''")}'`;

function requireWritable(text: string): void {
  if (/\p{Surrogate}/u.test(text)) throw unwritable('half of a surrogate pair');
}

const unwritable = (what: string): GovernanceError =>
  new GovernanceError('INVALID_STATEMENT', `The statement holds ${what}, which no engine can read.`, {
    remedy: 'Remove the broken character.',
  });
