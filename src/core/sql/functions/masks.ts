/**
 * Mask kernels: what the rewriter puts over raw columns. Total, deterministic, type-keeping; a user cannot
 * call them. Semantics: API.md, "Masks".
 */
import { isNumeric } from '../../plan/coercion.js';
import { INT, STRING } from '../../plan/types.js';
import { printString, printType } from '../print-literal.js';
import { define, literalOf, quote, takes } from './define.js';
import type { FunctionSpec, RenderCall } from './spec.js';

const INTERNAL = { internal: true } as const;
const TEXT = 'Mask: ';

/** Every character but the shown ones as x; a text of n characters or fewer shows none. */
const shown =
  (side: 'left' | 'right') =>
  (call: RenderCall): string => {
    const [value, n] = call.args;
    const hidden = `repeat('x', greatest(length(${value}) - ${n}, 0))`;
    const part = `${side}(${value}, greatest(${n}, 0))`;
    const text = side === 'left' ? `${part} || ${hidden}` : `${hidden} || ${part}`;
    return `CASE WHEN length(${value}) <= ${n} THEN repeat('x', length(${value})) ELSE ${text} END`;
  };

/**
 * Connection variable that holds the key of a domain; the name gives nothing away and cannot break out of a
 * string.
 */
export const hashVariable = (domain: string): string =>
  `sluice_key_${Buffer.from(domain, 'utf8').toString('hex')}`;

function hash(call: RenderCall): string {
  const key = `getvariable(${quote(hashVariable(literalOf(call, 1)))})`;
  // No key, no hash: NULL rather than a hash that anyone could compute.
  return `left(sha256(${key} || sha256(${key} || ${call.args[0]})), 32)`;
}

/** The same for Spark, whose `left` and `right` take what is there. */
const sparkShown =
  (side: 'left' | 'right') =>
  ({ args: [value, n] }: RenderCall): string => {
    const hidden = `repeat('x', greatest(length(${value}) - ${n}, 0))`;
    const part = `${side}(${value}, greatest(${n}, 0))`;
    const text = side === 'left' ? `concat(${part}, ${hidden})` : `concat(${hidden}, ${part})`;
    return `CASE WHEN length(${value}) <= ${n} THEN repeat('x', length(${value})) ELSE ${text} END`;
  };

const sparkEmail = ({ args: [value] }: RenderCall): string => {
  const domain = `regexp_extract(${value}, ${printString('@[^@]*\\z')}, 0)`;
  return (
    `CASE WHEN ${value} IS NULL THEN CAST(NULL AS STRING) ` +
    `WHEN ${value} RLIKE ${printString('\\A[^@]+@[^@]+\\z')} THEN concat(left(${value}, 1), '***', ${domain}) ELSE '***' END`
  );
};

const REDACTED: readonly (readonly [pattern: string, by: string])[] = [
  ['\\p{Nd}', '0'],
  ['\\p{Lu}', 'X'],
  ['[\\p{Ll}\\p{Lt}\\p{Lm}\\p{Lo}]', 'x'],
];
const sparkRedact = ({ args: [value = ''] }: RenderCall): string =>
  REDACTED.reduce((sql, [pattern, by]) => `regexp_replace(${sql}, ${printString(pattern)}, '${by}')`, value);

const numeric: FunctionSpec['resolve'] = (args) => {
  const type = args[0]?.type;
  if (type === undefined || !isNumeric(type)) return 'it takes a number';
  return { params: args.map((arg) => arg.type), type, nullable: true };
};

/** Numbers are called alike by both engines, and these two masks are told alike. */
const backTo = (sql: string, { type }: RenderCall): string => `TRY_CAST(${sql} AS ${printType(type)})`;

function rounded(call: RenderCall): string {
  const [value, to] = call.args;
  return backTo(`round(CAST(${value} AS DOUBLE) / CAST(${to} AS DOUBLE)) * CAST(${to} AS DOUBLE)`, call);
}

function bucket(call: RenderCall): string {
  const [value, ...bounds] = call.args;
  const branches = [...bounds].reverse().map((bound) => `WHEN ${value} >= ${bound} THEN ${bound}`);
  return backTo(`CASE ${branches.join(' ')} END`, call);
}

export const MASKS: readonly FunctionSpec[] = [
  define(
    'sluice_mask_email',
    `${TEXT}e-mail.`,
    takes([STRING], STRING),
    "CASE WHEN $1 IS NULL THEN NULL WHEN regexp_full_match($1, '[^@]+@[^@]+', 's') THEN left($1, 1) || '***' || regexp_extract($1, '@[^@]*$', 0, 's') ELSE '***' END",
    { ...INTERNAL, spark: sparkEmail },
  ),
  define(
    'sluice_mask_redact',
    `${TEXT}letters and digits.`,
    takes([STRING], STRING),
    "regexp_replace(regexp_replace(regexp_replace($1, '\\p{Nd}', '0', 'g'), '\\p{Lu}', 'X', 'g'), '[\\p{Ll}\\p{Lt}\\p{Lm}\\p{Lo}]', 'x', 'g')",
    { ...INTERNAL, spark: sparkRedact },
  ),
  define('sluice_show_first', `${TEXT}first characters.`, takes([STRING, INT], STRING), shown('left'), {
    ...INTERNAL,
    spark: sparkShown('left'),
  }),
  define('sluice_show_last', `${TEXT}last characters.`, takes([STRING, INT], STRING), shown('right'), {
    ...INTERNAL,
    spark: sparkShown('right'),
  }),
  define(
    'sluice_hash',
    `${TEXT}keyed hash.`,
    takes([STRING, STRING], STRING, { nullable: true }),
    hash,
    INTERNAL,
  ),
  define('sluice_mask_round', `${TEXT}nearest multiple.`, numeric, rounded, { ...INTERNAL, spark: rounded }),
  define('sluice_bucket', `${TEXT}lower bound.`, numeric, bucket, { ...INTERNAL, spark: bucket }),
];
