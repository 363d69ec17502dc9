/**
 * Upper and lower case as Spark has them (Unicode's full mappings) over DuckDB's, which maps one character to
 * one: `ß` is `SS`, a sigma at the end of a word is `ς`, and DuckDB's tables are some versions of Unicode
 * older. A text without any of these characters, which is nearly every text, goes to DuckDB as it is.
 */
import { letIn } from '../duckdb/let.js';
import { quote } from './define.js';

/** Upper, lower, how many in a row: what Unicode gained after DuckDB's tables. */
const NEWER: readonly (readonly [number, number, number])[] = [
  [0x1c89, 0x1c8a, 1],
  [0xa7cb, 0x264, 1],
  [0xa7cc, 0xa7cd, 1],
  [0xa7ce, 0xa7cf, 1],
  [0xa7d2, 0xa7d3, 1],
  [0xa7d4, 0xa7d5, 1],
  [0xa7da, 0xa7db, 1],
  [0xa7dc, 0x19b, 1],
  [0x10d50, 0x10d70, 22],
  [0x16ea0, 0x16ebb, 25],
];
const newer = (side: 0 | 1): string =>
  NEWER.flatMap((row) => Array.from({ length: row[2] }, (_, i) => String.fromCodePoint(row[side] + i))).join(
    '',
  );
const [NEWER_UPPER, NEWER_LOWER] = [newer(0), newer(1)];

/** Characters whose upper case is several: a set that Unicode promises not to change. */
const LAST_WITH_SEVERAL = 0xfb17;
const SEVERAL = Array.from({ length: LAST_WITH_SEVERAL + 1 }, (_, code) => String.fromCharCode(code))
  .filter((character) => [...character.toUpperCase()].length > 1)
  .map((character) => [character, character.toUpperCase()] as const);

const UPPER_CASES = `[${SEVERAL.map(([character]) => character).join('')}${NEWER_LOWER}]`;
const LOWER_CASES = `[İΣ${NEWER_UPPER}]`;

/** Unicode's Case_Ignorable, and what is cased besides (roman numerals, circled letters). */
const IGNORED = "\\p{Mn}\\p{Me}\\p{Cf}\\p{Lm}\\p{Sk}'.:·΄՟״‘’․‧︓﹒﹕＇．：";
const CASED =
  '\\p{Lu}\\p{Ll}\\p{Lt}ªº\\x{2160}-\\x{217f}\\x{24b6}-\\x{24e9}\\x{1f130}-\\x{1f149}\\x{1f150}-\\x{1f169}\\x{1f170}-\\x{1f189}';
const FINAL_SIGMA = `([${CASED}][${IGNORED}]*)Σ([${IGNORED}]*(?:[^${CASED}${IGNORED}]|\\z))`;

export const isAscii = (v: string): string => `strlen(${v}) = length(${v})`;

export const upperCase = (sql: string): string =>
  letIn(sql, (v) => {
    const known = `translate(${v}, ${quote(NEWER_LOWER)}, ${quote(NEWER_UPPER)})`;
    const whole = SEVERAL.reduce(
      (text, [one, more]) => `replace(${text}, ${quote(one)}, ${quote(more)})`,
      known,
    );
    return cased('upper', v, UPPER_CASES, whole);
  });

export const lowerCase = (sql: string): string =>
  letIn(sql, (v) => {
    const known = `translate(${v}, ${quote(NEWER_UPPER)}, ${quote(NEWER_LOWER)})`;
    const sigma = `regexp_replace(${known}, ${quote(FINAL_SIGMA)}, '\\1ς\\2', 'g')`;
    return cased('lower', v, LOWER_CASES, `replace(${sigma}, 'İ', ${quote('i\u0307')})`);
  });

const cased = (fn: 'upper' | 'lower', v: string, special: string, prepared: string): string =>
  `CASE WHEN ${isAscii(v)} OR NOT regexp_matches(${v}, ${quote(special)}) THEN ${fn}(${v}) ELSE ${fn}(${prepared}) END`;
