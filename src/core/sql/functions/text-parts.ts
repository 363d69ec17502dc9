/** Parts of texts: by position, by separator, by pattern. */
import { array, INT, STRING } from '../../plan/types.js';
import { freshVariable, letIn } from '../duckdb/let.js';
import { anyNullable, arity, define, literalOf, literalText, raising, takes } from './define.js';
import type { FunctionSpec, RenderCall } from './spec.js';
import { extracted, javaPatternOf, literalPattern, substring } from './strings.js';

const S = STRING;
const INT_MAX = 2_147_483_647;
const INT_MIN = -2_147_483_648;
const RAISES = { raises: true } as const;

/**
 * The text before, what is put in, the text after; a length below zero is that of what is put in. Positions
 * wrap round at 32 bits, as in Java.
 */
function overlay(call: RenderCall): string {
  const [text = '', by = '', position, given = '-1'] = call.args;
  const start = `CAST(${position} AS BIGINT)`;
  const wrapped = (sql: string): string => `((${sql} + 6442450944) % 4294967296 - 2147483648)`;
  const length = `CASE WHEN ${given} < 0 THEN length(${by}) ELSE CAST(${given} AS BIGINT) END`;
  const part = (...args: readonly string[]): string => `(${substring({ ...call, args: [text, ...args] })})`;
  return `${part('1', wrapped(`${start} - 1`))} || ${by} || ${part(wrapped(`${start} + ${length}`), String(INT_MAX))}`;
}

const chosen: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 2, Number.POSITIVE_INFINITY);
  return wrong ?? takes([INT, ...args.slice(1).map(() => S)], S, { nullable: true })(args);
};
function choice({ args: [n, ...texts] }: RenderCall): string {
  const cases = texts.map((text, i) => `WHEN ${n} = ${i + 1} THEN ${text}`).join(' ');
  return `CASE WHEN ${n} IS NULL THEN NULL ${cases} ELSE ${raising('INVALID_INDEX')} END`;
}

/** Spark steps on by one character and so finds separators inside of one another. */
const overlapsItself = (separator: string): boolean =>
  Array.from({ length: separator.length - 1 }, (_, i) => separator.slice(i + 1)).some((end) =>
    separator.startsWith(end),
  );
const separated: FunctionSpec['resolve'] = (args) => {
  const separator = literalText(args, 1, 'separator');
  if (typeof separator === 'string') return separator;
  if (overlapsItself(separator.text)) return 'its separator must not overlap itself';
  return takes([S, S, INT], S)(args);
};
function substringIndex(call: RenderCall): string {
  const [text = '', separator, count] = call.args;
  if (literalOf(call, 1) === '') return `CASE WHEN ${text} IS NULL OR ${count} IS NULL THEN NULL ELSE '' END`;
  return letIn(`string_split(${text}, ${separator})`, (parts) => {
    const some = `CASE WHEN ${count} > 0 THEN ${parts}[1:${count}] ELSE ${parts}[greatest(len(${parts}) + ${count} + 1, 1):] END`;
    return `CASE WHEN ${parts} IS NULL OR ${count} IS NULL THEN NULL WHEN ${count} = ${INT_MIN} THEN ${raising('INVALID_INDEX')} WHEN ${count} = 0 THEN '' ELSE array_to_string(${some}, ${separator}) END`;
  });
}

const pieces: FunctionSpec['resolve'] = (args) => {
  const problem = literalPattern(args, 2);
  return problem ?? { params: [S, S], type: array(S), nullable: anyNullable(args) };
};
const counted: FunctionSpec['resolve'] = (args) => {
  const problem = literalPattern(args, 2);
  return problem ?? { params: [S, S], type: INT, nullable: anyNullable(args) };
};
const found: FunctionSpec['resolve'] = (args) => {
  const problem = literalPattern(args, 2);
  return problem ?? { params: [S, S], type: S, nullable: true };
};
const allExtracted: FunctionSpec['resolve'] = (args) => {
  const problem = literalPattern(args, args.length === 3 ? 3 : 2);
  if (problem !== undefined) return problem;
  const one = extracted(args);
  return typeof one === 'string' ? one : { ...one, type: array(S) };
};

const firstMatch = (call: RenderCall): string => {
  const pattern = javaPatternOf(call);
  return `CASE WHEN regexp_matches(${call.args[0]}, ${pattern}) THEN regexp_extract(${call.args[0]}, ${pattern}) ELSE NULL END`;
};

/** A group that takes no part in a match is empty, not NULL. */
function everyGroup(call: RenderCall): string {
  const [text = ''] = call.args;
  const group = call.args[2] === undefined ? 1 : literalOf(call, 2);
  const item = freshVariable(text);
  return `list_transform(regexp_extract_all(${text}, ${javaPatternOf(call)}, ${group}), lambda ${item}: coalesce(${item}, ''))`;
}

export const TEXT_PARTS: readonly FunctionSpec[] = [
  define(
    'overlay',
    'Text with a part replaced, from a position, of a length.',
    takes([S, S, INT, INT], S, { required: 3 }),
    overlay,
    RAISES,
  ),
  define(
    'find_in_set',
    'Position of a text in a list with commas, 0 if it is not there or has a comma.',
    takes([S, S], INT),
    "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN contains($1, ',') THEN 0 ELSE coalesce(CAST(list_position(string_split($2, ','), $1) AS INTEGER), 0) END",
  ),
  define('elt', 'The n-th of the texts; raises outside.', chosen, choice, RAISES),
  define(
    'substring_index',
    'Text up to the n-th literal separator; negative: after the n-th from the end.',
    separated,
    substringIndex,
    RAISES,
  ),
  define(
    'split',
    'Parts between matches of a literal pattern.',
    pieces,
    (call) => `regexp_split_to_array(${call.args[0]}, ${javaPatternOf(call)})`,
    RAISES,
  ),
  define(
    'regexp_count',
    'Number of matches of a literal pattern.',
    counted,
    (call) => `CAST(len(regexp_extract_all(${call.args[0]}, ${javaPatternOf(call)})) AS INTEGER)`,
    RAISES,
  ),
  define(
    'regexp_substr',
    'The first match of a literal pattern; NULL when there is none.',
    found,
    firstMatch,
  ),
  define(
    'regexp_extract_all',
    'A group of every match of a literal pattern.',
    allExtracted,
    everyGroup,
    RAISES,
  ),
];
