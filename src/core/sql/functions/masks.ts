/**
 * Mask kernels: what the rewriter puts over raw columns. Total, deterministic, type-keeping; a user cannot
 * call them. Semantics: API.md, "Masks".
 */
import { isNumeric } from '../../plan/coercion.js';
import { INT, STRING } from '../../plan/types.js';
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

const numeric: FunctionSpec['resolve'] = (args) => {
  const type = args[0]?.type;
  if (type === undefined || !isNumeric(type)) return 'it takes a number';
  return { params: args.map((arg) => arg.type), type, nullable: true };
};

const backTo = (sql: string, { type }: RenderCall): string =>
  `TRY_CAST(${sql} AS ${type.kind === 'decimal' ? `DECIMAL(${type.precision},${type.scale})` : type.kind.toUpperCase()})`;

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
    INTERNAL,
  ),
  define(
    'sluice_mask_redact',
    `${TEXT}letters and digits.`,
    takes([STRING], STRING),
    "regexp_replace(regexp_replace(regexp_replace($1, '\\p{Nd}', '0', 'g'), '\\p{Lu}', 'X', 'g'), '[\\p{Ll}\\p{Lt}\\p{Lm}\\p{Lo}]', 'x', 'g')",
    INTERNAL,
  ),
  define(
    'sluice_show_first',
    `${TEXT}first characters.`,
    takes([STRING, INT], STRING),
    shown('left'),
    INTERNAL,
  ),
  define(
    'sluice_show_last',
    `${TEXT}last characters.`,
    takes([STRING, INT], STRING),
    shown('right'),
    INTERNAL,
  ),
  define(
    'sluice_hash',
    `${TEXT}keyed hash.`,
    takes([STRING, STRING], STRING, { nullable: true }),
    hash,
    INTERNAL,
  ),
  define('sluice_mask_round', `${TEXT}nearest multiple.`, numeric, rounded, INTERNAL),
  define('sluice_bucket', `${TEXT}lower bound.`, numeric, bucket, INTERNAL),
];
