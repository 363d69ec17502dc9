/** Functions over text. Characters are code points, as in Spark. */

import { array, BIGINT, BINARY, BOOLEAN, INT, STRING } from '../../plan/types.js';
import { letIn } from '../duckdb/let.js';
import {
  anyNullable,
  arity,
  define,
  literalOf,
  literalText,
  type Options,
  quote,
  raising,
  takes,
} from './define.js';
import { javaPattern } from './java-pattern.js';
import { isAscii, lowerCase, upperCase } from './letter-case.js';
import type { Argument, FunctionSpec, RenderCall } from './spec.js';

const S = STRING;
const text = takes([S], S);
const RAISES = { raises: true } as const;
const INT_MAX = 2_147_483_647;

/** Spark counts from 1, and 0 means 1; negative counts from the end; a length below 1 gives ''. */
export function substring({ args }: RenderCall): string {
  const [value, start, length = String(INT_MAX)] = args;
  const from = `CASE WHEN ${start} = 0 THEN 1 WHEN ${start} < 0 THEN length(${value}) + ${start} + 1 ELSE ${start} END`;
  const begin = `CAST(${from} AS BIGINT)`;
  // A start before the text uses up part of the length.
  const used = `(${begin} + CAST(${length} AS BIGINT) - greatest(${begin}, 1))`;
  const unknown = [value, start, length].map((arg) => `${arg} IS NULL`).join(' OR ');
  return `CASE WHEN ${unknown} THEN NULL WHEN ${used} <= 0 THEN '' ELSE substring(${value}, greatest(${begin}, 1), ${used}) END`;
}

const joined: FunctionSpec['resolve'] = (args) => {
  const fits = args.every((arg) => !['array', 'map', 'struct', 'binary'].includes(arg.type.kind));
  return fits ? { params: args.map(() => S), type: S, nullable: anyNullable(args) } : 'it takes texts';
};

const joinedWith: FunctionSpec['resolve'] = (args) => {
  if (args.length === 0) return arity(args, 1, 1) ?? '';
  const params = args.map((arg, i) => (i > 0 && arg.type.kind === 'array' ? array(S) : S));
  if (params.some((param) => param.kind === 'array')) return 'it takes texts';
  return { params, type: S, nullable: args[0]?.nullable ?? true };
};

/** Pattern and replacement are literals: their meaning differs between engines and is translated here. */
const replaced: FunctionSpec['resolve'] = (args) => {
  const problem = literalPattern(args, 3);
  if (problem !== undefined) return problem;
  const replacement = literalText(args, 2, 'replacement');
  if (typeof replacement === 'string') return replacement;
  if (javaReplacement(replacement.text) === undefined) return 'its replacement has a broken \\ or $';
  return { params: [S, S, S], type: S, nullable: args[0]?.nullable ?? true };
};

/** Engines differ in how they step over empty matches. */
function matchesEmpty(pattern: string): boolean {
  try {
    const js = pattern
      .replace(/\\A/g, '^')
      .replace(/\\z/g, '$')
      .replace(/\\x\{([0-9a-f]+)\}/g, '\\u{$1}');
    return new RegExp(`^(?:${js})$`, 'u').test('');
  } catch {
    return true;
  }
}

/** Java's `$1` and `\$` as RE2's `\1`. */
function javaReplacement(replacement: string): string | undefined {
  let out = '';
  for (let i = 0; i < replacement.length; i += 1) {
    const c = replacement[i] ?? '';
    if (c === '\\') {
      i += 1;
      const next = replacement[i];
      if (next === undefined) return undefined;
      out += next === '\\' ? '\\\\' : next;
    } else if (c === '$') {
      const group = /^\d/.exec(replacement.slice(i + 1))?.[0];
      if (group === undefined) return undefined;
      out += `\\${group}`;
      i += 1;
    } else out += c;
  }
  return out;
}

export const extracted: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 2, 3);
  if (wrong !== undefined) return wrong;
  const pattern = literalText(args, 1, 'pattern');
  if (typeof pattern === 'string') return pattern;
  const translated = javaPattern(pattern.text, false);
  if ('problem' in translated) return translated.problem;
  const groups = (pattern.text.match(/(?<!\\)\((?!\?)/g) ?? []).length;
  const group = args[2] === undefined ? 1n : args[2].literal;
  if (typeof group !== 'bigint' || group < 0n || group > BigInt(groups) || group > 9n) {
    return 'its group must be a literal number of a group in the pattern';
  }
  return { params: args.map((_, i) => (i === 2 ? INT : S)), type: S, nullable: args[0]?.nullable ?? true };
};

/** What is wrong with the pattern of such a call; every match must have a character. */
export function literalPattern(args: readonly Argument[], count: number): string | undefined {
  const wrong = arity(args, count, count);
  if (wrong !== undefined) return wrong;
  const given = literalText(args, 1, 'pattern');
  if (typeof given === 'string') return given;
  const translated = javaPattern(given.text, false);
  if ('problem' in translated) return translated.problem;
  return matchesEmpty(translated.pattern) ? 'its pattern matches the empty text' : undefined;
}

export const javaPatternOf = (call: RenderCall): string => {
  const translated = javaPattern(literalOf(call, 1), false);
  if ('problem' in translated) throw new Error('a pattern was not checked');
  return quote(translated.pattern);
};

const padded =
  (side: 'lpad' | 'rpad') =>
  ({ args }: RenderCall): string => {
    const [value, length, pad = "' '"] = args;
    return `CASE WHEN ${length} <= 0 THEN CASE WHEN ${value} IS NULL OR ${pad} IS NULL THEN NULL ELSE '' END WHEN ${pad} = '' THEN left(${value}, ${length}) ELSE ${side}(${value}, ${length}, ${pad}) END`;
  };

const repeated = (value: string, times: string): string =>
  `CASE WHEN ${value} IS NULL OR ${times} IS NULL THEN NULL WHEN ${times} <= 0 THEN '' ELSE repeat(${value}, ${times}) END`;

/** DuckDB keeps an accent with its letter; Spark turns every character around. */
const reversed = (v: string): string =>
  `CASE WHEN ${isAscii(v)} THEN reverse(${v}) ELSE array_to_string(list_reverse(string_split(${v}, '')), '') END`;

/** DuckDB counts bytes: other characters are stood for by ASCII ones, as long as those last. */
const STAND_INS = Array.from({ length: 127 }, (_, i) => String.fromCharCode(i + 1)).join('');
function levenshtein({ args: [a = '', b = ''] }: RenderCall): string {
  return letIn(`[${a}, ${b}]`, (v) => {
    const [x, y] = [`${v}[1]`, `${v}[2]`];
    const both = `list_distinct(string_split(${x} || ${y}, ''))`;
    const short = (text: string): string =>
      `CASE WHEN ${isAscii(`(${x} || ${y})`)} THEN ${text} ELSE translate(${text}, array_to_string(${both}, ''), ${quote(STAND_INS)}) END`;
    const edits = `levenshtein(${short(x)}, ${short(y)})`;
    const tooMany = `len(${both}) > ${STAND_INS.length} AND NOT ${isAscii(`(${x} || ${y})`)}`;
    return `CASE WHEN ${x} IS NULL OR ${y} IS NULL THEN NULL WHEN ${x} = '' THEN CAST(length(${y}) AS INTEGER) WHEN ${y} = '' THEN CAST(length(${x}) AS INTEGER) WHEN ${tooMany} THEN ${raising('STATEMENT_TOO_COMPLEX')} ELSE CAST(${edits} AS INTEGER) END`;
  });
}

const atMost = (edits: string, limit: string | undefined): string =>
  limit === undefined
    ? edits
    : letIn(
        edits,
        (v) => `CASE WHEN ${limit} IS NULL THEN NULL WHEN ${v} > ${limit} THEN -1 ELSE ${v} END`,
        limit,
      );

export const STRINGS: readonly FunctionSpec[] = [
  define('upper', 'Text in upper case.', text, ({ args: [a = ''] }) => upperCase(a), { aliases: ['ucase'] }),
  define('lower', 'Text in lower case.', text, ({ args: [a = ''] }) => lowerCase(a), { aliases: ['lcase'] }),
  define('length', 'Number of characters.', takes([S], INT), 'CAST(length($1) AS INTEGER)', {
    aliases: ['char_length', 'character_length', 'len'],
  }),
  define('octet_length', 'Number of bytes.', takes([S], INT), 'CAST(strlen($1) AS INTEGER)'),
  define('bit_length', 'Number of bits.', takes([S], INT), 'CAST(strlen($1) * 8 AS INTEGER)'),
  define(
    'trim',
    'Text without spaces (or the given characters) at both ends.',
    takes([S, S], S, { required: 1 }),
    trimmed('trim'),
    sparkTrim('trim'),
  ),
  define('btrim', 'As trim.', takes([S, S], S, { required: 1 }), trimmed('trim')),
  define(
    'ltrim',
    'Text without spaces at its start.',
    takes([S, S], S, { required: 1 }),
    trimmed('ltrim'),
    sparkTrim('ltrim'),
  ),
  define(
    'rtrim',
    'Text without spaces at its end.',
    takes([S, S], S, { required: 1 }),
    trimmed('rtrim'),
    sparkTrim('rtrim'),
  ),
  define(
    'substring',
    'Part of a text, counted from 1 or from the end.',
    takes([S, INT, INT], S, { required: 2 }),
    substring,
    {
      aliases: ['substr'],
    },
  ),
  define(
    'left',
    'The first characters.',
    takes([S, INT], S),
    "CASE WHEN $2 <= 0 THEN CASE WHEN $1 IS NULL THEN NULL ELSE '' END ELSE left($1, $2) END",
    RAISES,
  ),
  define(
    'right',
    'The last characters.',
    takes([S, INT], S),
    "CASE WHEN $2 <= 0 THEN CASE WHEN $1 IS NULL THEN NULL ELSE '' END ELSE right($1, $2) END",
    RAISES,
  ),
  define('concat', 'Texts joined; NULL if one is.', joined, ({ args }) =>
    args.length === 0 ? "''" : `(${args.join(' || ')})`,
  ),
  define('concat_ws', 'Texts joined with a separator; NULLs left out.', joinedWith, ({ args }) =>
    args.length === 1
      ? `CASE WHEN ${args[0]} IS NULL THEN NULL ELSE '' END`
      : `concat_ws(${args.join(', ')})`,
  ),
  define('replace', 'Every occurrence replaced.', takes([S, S, S], S, { required: 2 }), ({ args }) => {
    const [value, search, by = "''"] = args;
    return `CASE WHEN ${search} = '' THEN CASE WHEN ${by} IS NULL THEN NULL ELSE ${value} END ELSE replace(${value}, ${search}, ${by}) END`;
  }),
  define('translate', 'Characters replaced one by one.', takes([S, S, S], S), 'translate($1, $2, $3)'),
  define(
    'instr',
    'Position of a text in another, 0 if it is not there.',
    takes([S, S], INT),
    'CAST(instr($1, $2) AS INTEGER)',
  ),
  define(
    'locate',
    'Position of the first text in the second.',
    takes([S, S], INT),
    'CAST(instr($2, $1) AS INTEGER)',
    { aliases: ['position'] },
  ),
  define('contains', 'Is the second text in the first?', takes([S, S], BOOLEAN), 'contains($1, $2)'),
  define(
    'startswith',
    'Does the first text start with the second?',
    takes([S, S], BOOLEAN),
    'starts_with($1, $2)',
  ),
  define('endswith', 'Does the first text end with the second?', takes([S, S], BOOLEAN), 'ends_with($1, $2)'),
  define(
    'lpad',
    'Text filled up at its start.',
    takes([S, INT, S], S, { required: 2 }),
    padded('lpad'),
    RAISES,
  ),
  define(
    'rpad',
    'Text filled up at its end.',
    takes([S, INT, S], S, { required: 2 }),
    padded('rpad'),
    RAISES,
  ),
  define('repeat', 'Text repeated.', takes([S, INT], S), repeated('$1', '$2'), RAISES),
  define('space', 'So many spaces.', takes([INT], S), repeated("' '", '$1'), RAISES),
  define('reverse', 'Text backwards.', text, ({ args: [a = ''] }) => letIn(a, reversed)),
  define(
    'ascii',
    'Code of the first character, 0 for none.',
    takes([S], INT),
    "CASE WHEN $1 = '' THEN 0 ELSE CAST(unicode($1) AS INTEGER) END",
  ),
  define('md5', 'MD5 as 32 hex digits.', takes([S], S), 'md5($1)'),
  define('sha2', 'SHA-256 as 64 hex digits; the length must be 256 or 0.', shaTwo, 'sha256($1)'),
  define('sha', 'SHA-1 as 40 hex digits.', takes([S], S), 'sha1($1)', { aliases: ['sha1'] }),
  define('base64', 'Bytes as base64.', takes([BINARY], S), 'to_base64($1)'),
  define('hex', 'Whole number as hexadecimal digits.', takes([BIGINT], S), 'upper(to_hex($1))'),
  define(
    'levenshtein',
    'Edits between two texts; -1 when there are more than a third argument says.',
    takes([S, S, INT], INT, { required: 2 }),
    (call) => atMost(levenshtein(call), call.args[2]),
    RAISES,
  ),
  define(
    'split_part',
    'The n-th part between separators.',
    takes([S, S, INT], S),
    `CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN NULL WHEN $3 = 0 THEN ${raising('INVALID_INDEX')} WHEN $2 = '' THEN CASE WHEN $3 IN (1, -1) THEN $1 ELSE '' END ELSE split_part($1, $2, $3) END`,
    RAISES,
  ),
  define(
    'regexp_replace',
    'Every match of a literal pattern replaced.',
    replaced,
    (call) =>
      `regexp_replace(${call.args[0]}, ${javaPatternOf(call)}, ${quote(javaReplacement(literalOf(call, 2)) ?? '')}, 'g')`,
  ),
  define(
    'regexp_extract',
    'A group of the first match of a literal pattern; empty when there is none.',
    extracted,
    (call) =>
      `regexp_extract(${call.args[0]}, ${javaPatternOf(call)}, ${call.args[2] === undefined ? 1 : literalOf(call, 2)})`,
  ),
];

/** Spark's own calls have the characters first, other than btrim; the tree has the text first. */
function sparkTrim(name: string): Options {
  return {
    spark: ({ args: [text, characters] }) =>
      `${name}(${characters === undefined ? '' : `${characters}, `}${text})`,
  };
}

function trimmed(side: 'trim' | 'ltrim' | 'rtrim'): (call: RenderCall) => string {
  return ({ args }) => `${side}(${args[0]}, ${args[1] ?? "' '"})`;
}

function shaTwo(args: Parameters<FunctionSpec['resolve']>[0]): ReturnType<FunctionSpec['resolve']> {
  const bits = args[1]?.literal;
  if (args.length !== 2 || (bits !== 256n && bits !== 0n)) return 'its length must be the literal 256 or 0';
  return { params: [S, INT], type: S, nullable: args[0]?.nullable ?? true };
}
