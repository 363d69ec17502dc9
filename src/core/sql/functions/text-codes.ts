/** Text as codes, bytes and escapes, and back. */
import { BIGINT, BINARY, STRING } from '../../plan/types.js';
import { define, literalText, quote, takes } from './define.js';
import type { FunctionSpec } from './spec.js';

const S = STRING;

/** Of the character sets only the one that text is kept in. */
const utf8 =
  (from: typeof STRING, to: typeof STRING): FunctionSpec['resolve'] =>
  (args) => {
    const charset = literalText(args, 1, 'character set');
    if (typeof charset === 'string') return charset;
    if (charset.text.toUpperCase() !== 'UTF-8') return 'it knows the character set UTF-8 only';
    return takes([from, S], to)(args);
  };

/** Java leaves a star and writes a space as a plus and a tilde as its code. */
const URL = "replace(replace(replace(url_encode($1), '%20', '+'), '~', '%7E'), '%2A', '*')";

const DIGITS_ONLY = "regexp_full_match($1, '[0-9A-Fa-f]*')";
/** A half byte stands at the front. */
const EVEN = "CASE WHEN strlen($1) % 2 = 1 THEN '0' || $1 ELSE $1 END";

export const TEXT_CODES: readonly FunctionSpec[] = [
  define(
    'char',
    'Character of a code, of which the last 8 bits count; empty below zero.',
    takes([BIGINT], S),
    "CASE WHEN $1 < 0 THEN '' ELSE chr(CAST($1 & 255 AS INTEGER)) END",
    { aliases: ['chr'], raises: true },
  ),
  define(
    'unhex',
    'Bytes of hexadecimal digits; NULL if there is anything else.',
    takes([S], BINARY, { nullable: true }),
    `CASE WHEN ${DIGITS_ONLY} THEN unhex(${EVEN}) ELSE NULL END`,
    { raises: true },
  ),
  define('encode', 'Text as bytes in UTF-8.', utf8(S, BINARY), 'encode($1)'),
  define('decode', 'Bytes in UTF-8 as text; raises over others.', utf8(BINARY, S), 'decode($1)', {
    raises: true,
  }),
  define('url_encode', 'Text as it stands in the query of a URL.', takes([S], S), URL),
  define(
    'quote',
    'Text in single quotes, those in it after a backslash.',
    takes([S], S),
    `('''' || replace($1, '''', ${quote("\\'")}) || '''')`,
  ),
];
