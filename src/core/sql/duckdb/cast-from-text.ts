/**
 * CAST from string with Spark's rules. The text is first matched against what Spark reads; only what matched
 * reaches DuckDB's own, more lenient cast. No match leaves the empty text, which no type can be read from:
 * the cast raises (or gives NULL for TRY_CAST) without ever seeing the value.
 */
import type { DataType } from '../../plan/types.js';
import { letIn } from './let.js';

/** Spark trims ASCII white space and control characters (UTF8String.trimAll). */
const W = '[\\x00-\\x20\\x7f]*';
/** Java's own trim, for floating point. */
const JAVA_W = '[\\x00-\\x20]*';
const NUMBER = '[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?';
const SPECIAL = '[+-]?(?:NaN|Infinity)|(?i:[+-]?inf(?:inity)?|nan)';
const DATE = '[+-]?[0-9]{4,7}-[0-9]{1,2}-[0-9]{1,2}';
/** DuckDB knows no plus sign before a year. */
const PLAIN_DATE = '-?[0-9]{4,7}-[0-9]{1,2}-[0-9]{1,2}';
const HOUR = '(?:[01]?[0-9]|2[0-3])';
const MINUTE = ':[0-5]?[0-9]';
const SECOND = `${MINUTE}(?:\\.[0-9]*)?`;
/** Java knows offsets up to eighteen hours. */
const OFFSET = '[+-](?:(?:0[0-9]|1[0-7])(?::[0-5][0-9]){1,2}|18(?::00){1,2})';
/** Names without a slash that Java and DuckDB mean the same by; they disagree about others (ROC, CST6CDT). */
const SHORT_NAMES =
  'CET Cuba EET Egypt Eire GB GB-Eire Greenwich Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya MET MST7MDT NZ NZ-CHAT ' +
  'Navajo PRC Poland Portugal ROK Singapore Turkey UCT Universal W-SU WET Zulu PNT EST EAT ECT PRT CTT SST MST AST NST HST ACT BST ' +
  'AET IST CST NET AGT CAT MIT BET PST ART JST VST IET CNT PLT';
const NAME = `(?:(?:[A-Z][a-z]+|US|SystemV)(?:/[A-Z][A-Za-z0-9_+-]*)+|${SHORT_NAMES.replaceAll(' ', '|')})`;
const ZONE = `(?:Z|${OFFSET}| ${NAME})`;
const MOMENT = `${PLAIN_DATE}[ T]${HOUR}${MINUTE}${SECOND}`;

const extract = (sql: string, pattern: string): string => `regexp_extract(${sql}, '${pattern}', 1)`;
const replace = (sql: string, pattern: string, by: string): string =>
  `regexp_replace(${sql}, '${pattern}', '${by}')`;

/** The text of a date or timestamp with the parts that Spark lets one leave out. */
function fullDate(sql: string): string {
  const withMonth = replace(sql, `^${W}([+-]?[0-9]{4,7})${W}$`, '\\1-1-1');
  return replace(withMonth, `^${W}([+-]?[0-9]{4,7}-[0-9]{1,2})${W}$`, '\\1-1');
}

function fullTimestamp(sql: string): string {
  const hours = replace(fullDate(sql), `^${W}(${DATE})${W}$`, '\\1 0:0:0');
  const minutes = replace(hours, `^${W}(${DATE}[ T]${HOUR})${W}$`, '\\1:0');
  const seconds = replace(minutes, `^${W}(${DATE}[ T]${HOUR}${MINUTE})${W}$`, '\\1:0');
  return plainZone(seconds);
}

/**
 * Zones as DuckDB reads them: `Z` or `+05:30`, for `UTC`, `GMT+1`, `+5`, `+0530`, ` +5:30`, `+05:3` and the
 * like. The blank before an offset marks it until it is whole.
 */
function plainZone(sql: string): string {
  const zulu = replace(sql, `([0-9.]) *(?:UTC|GMT0?|UT|Z)${W}$`, '\\1Z');
  const offset = replace(zulu, `([0-9.]) *(?:UTC|GMT|UT)?([+-][0-9:]+)${W}$`, '\\1 \\2');
  const hour = replace(offset, ' ([+-])([0-9])(:|$)', ' \\10\\2\\3');
  const minutes = replace(hour, ' ([+-][0-9]{2})$', ' \\1:00');
  const minute = replace(minutes, ' ([+-][0-9]{2}:)([0-9])$', ' \\10\\2');
  const together = replace(minute, ' ([+-][0-9]{2})([0-9]{2})$', ' \\1:\\2');
  const seconds = replace(together, ' ([+-][0-9]{2})([0-9]{2})([0-9]{2})$', ' \\1:\\2:\\3');
  const whole = replace(seconds, ' ([+-][0-9:]+)$', '\\1');
  return replace(whole, `([0-9.]) *(${NAME})${W}$`, '\\1 \\2');
}

/** What nearly all texts look like goes straight to DuckDB's cast. */
const PLAIN_MOMENT = `[0-9]{4}-[0-9]{2}-[0-9]{2} (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?`;
const PLAIN_DAY = '[0-9]{4}-[0-9]{2}-[0-9]{2}';

const unlessPlain = (sql: string, plain: string, other: (name: string) => string): string =>
  letIn(sql, (v) => `CASE WHEN regexp_full_match(${v}, '${plain}') THEN ${v} ELSE ${other(v)} END`);

/**
 * The zone of a text without zone is left out, but must be one: DuckDB is asked by a cast that gives NULL for
 * an unknown one.
 */
const withoutZone = (v: string): string =>
  `CASE WHEN ${v} IS NOT NULL AND TRY_CAST(${v} AS TIMESTAMP WITH TIME ZONE) IS NULL THEN '' ELSE ${extract(v, `^(${MOMENT})`)} END`;

/** What stands for the text before DuckDB's own cast to an atomic type. */
export function textForCast(sql: string, to: DataType): string {
  switch (to.kind) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return extract(sql, `^${W}([+-]?[0-9]+)${W}$`);
    case 'float':
    case 'double':
      return letIn(
        sql,
        (v) =>
          `(${extract(v, `^${JAVA_W}(${NUMBER})[fFdD]?${JAVA_W}$`)} || ${extract(v, `^${JAVA_W}(${SPECIAL})${JAVA_W}$`)})`,
      );
    case 'decimal':
      return extract(sql, `^${W}(${NUMBER})${W}$`);
    case 'boolean':
      return extract(`lower(${sql})`, `^${W}(t|true|y|yes|1|f|false|n|no|0)${W}$`);
    case 'date':
      return unlessPlain(sql, PLAIN_DAY, (v) =>
        extract(fullDate(v), `(?s)^${W}\\+?(${PLAIN_DATE})(?:[ T].*)?${W}$`),
      );
    case 'timestamp':
      return unlessPlain(sql, PLAIN_MOMENT, (v) =>
        extract(fullTimestamp(v), `^${W}\\+?(${MOMENT}(?:${ZONE})?)${W}$`),
      );
    case 'timestamp_ntz':
      return unlessPlain(sql, PLAIN_MOMENT, (v) =>
        letIn(extract(fullTimestamp(v), `^${W}\\+?(${MOMENT}(?:${ZONE})?)${W}$`), withoutZone),
      );
    default:
      throw new Error(`no text is read as ${to.kind}`);
  }
}
