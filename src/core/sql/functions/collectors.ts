/** Aggregates that keep values as they are: sets, lists as text, the most frequent, percentiles; sums that do not raise. */
import { cappedDecimal, isFloating, isInteger } from '../../plan/coercion.js';
import { array, BIGINT, DOUBLE, STRING } from '../../plan/types.js';
import { arity, define, takes } from './define.js';
import type { FunctionSpec, RenderCall } from './spec.js';

/** In which order, or which of several, depends on the order of the rows. */
const UNORDERED = { kind: 'aggregate', deterministic: false } as const;

const single =
  (accept: (kind: string) => boolean): FunctionSpec['resolve'] =>
  (args) => {
    const wrong = arity(args, 1, 1);
    const [arg] = args;
    if (wrong !== undefined || arg === undefined) return wrong ?? '';
    if (!accept(arg.type.kind)) return `it takes no ${arg.type.kind}`;
    return { params: [arg.type], type: arg.type, nullable: true };
  };
const plain = single((kind) => !['array', 'map', 'struct'].includes(kind));
const set: FunctionSpec['resolve'] = (args) => {
  const found = plain(args);
  return typeof found === 'string' ? found : { ...found, type: array(found.type), nullable: false };
};

const listed: FunctionSpec['resolve'] = (args) => {
  const separator = args[1]?.literal;
  if (args[1] !== undefined && typeof separator !== 'string') return 'its separator must be a string literal';
  return takes([STRING, STRING], STRING, { required: 1, nullable: true })(args);
};

const percentile: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 2, 2);
  if (wrong !== undefined) return wrong;
  const share = args[1]?.literal;
  if (share === undefined || share === null || !(Number(share) >= 0 && Number(share) <= 1))
    return 'its percentage must be a literal from 0 to 1';
  return takes([DOUBLE, DOUBLE], DOUBLE, { nullable: true })(args);
};

const tried: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 1, 1);
  const type = args[0]?.type;
  if (wrong !== undefined || type === undefined) return wrong ?? '';
  if (isInteger(type)) return { params: [type], type: BIGINT, nullable: true };
  if (type.kind === 'decimal')
    return { params: [type], type: cappedDecimal(type.precision + 10, type.scale), nullable: true };
  return isFloating(type) ? { params: [DOUBLE], type: DOUBLE, nullable: true } : 'it takes numbers';
};
function trySum({ args: [value], type }: RenderCall): string {
  if (type.kind === 'double') return `sum(${value})`;
  const target = type.kind === 'decimal' ? `DECIMAL(${type.precision},${type.scale})` : 'BIGINT';
  return `TRY_CAST(sum(${value}) AS ${target})`;
}

const meant: FunctionSpec['resolve'] = (args) => {
  const type = args[0]?.type;
  if (type !== undefined && !isInteger(type) && !isFloating(type)) return 'it takes whole numbers or doubles';
  return takes([DOUBLE], DOUBLE, { nullable: true })(args);
};

export const COLLECTORS: readonly FunctionSpec[] = [
  define(
    'collect_set',
    'Every value that is not NULL once, in no order.',
    set,
    'coalesce(list_distinct(list($1) FILTER (WHERE $1 IS NOT NULL)), [])',
    UNORDERED,
  ),
  define(
    'listagg',
    'Texts joined with a literal separator, in the order of WITHIN GROUP.',
    listed,
    ({ args }) => `string_agg(${args[0]}, ${args[1] ?? "''"})`,
    { ...UNORDERED, aliases: ['string_agg'] },
  ),
  define('mode', 'The most frequent value; of several, one.', plain, 'mode($1)', UNORDERED),
  define(
    'percentile',
    'The value below which the literal share of values lies, between two if need be.',
    percentile,
    'quantile_cont($1, $2)',
    { kind: 'aggregate', approximate: true },
  ),
  define('try_sum', 'Sum, NULL when it overflows.', tried, trySum, {
    kind: 'aggregate',
    raises: (types) => types[0]?.kind === 'decimal',
  }),
  define('try_avg', 'Mean.', meant, 'avg($1)', { kind: 'aggregate' }),
];
