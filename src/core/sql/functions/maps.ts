/** Maps made of other maps and arrays. A key that is there twice raises, as in Spark. */
import { commonType } from '../../plan/coercion.js';
import { array, map, struct } from '../../plan/types.js';
import { anyNullable, arity, define, raising } from './define.js';
import type { FunctionSpec, RenderCall } from './spec.js';

const entries: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 1, 1);
  const type = args[0]?.type;
  if (wrong !== undefined) return wrong;
  if (type?.kind !== 'map') return 'it takes a map';
  const entry = struct([
    { name: 'key', type: type.key },
    { name: 'value', type: type.value },
  ]);
  return { params: [type], type: array(entry), nullable: anyNullable(args) };
};

const fromArrays: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 2, 2);
  const [keys, values] = [args[0]?.type, args[1]?.type];
  if (wrong !== undefined) return wrong;
  if (keys?.kind !== 'array' || values?.kind !== 'array')
    return 'it takes an array of keys and one of values';
  if (keys.element.kind === 'map') return 'a map is no key';
  return { params: [keys, values], type: map(keys.element, values.element), nullable: anyNullable(args) };
};

const merged: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 1, Number.POSITIVE_INFINITY);
  const common = commonType(args.map((arg) => arg.type));
  if (wrong !== undefined) return wrong;
  if (common?.kind !== 'map') return 'it takes maps of one type';
  return { params: args.map(() => common), type: common, nullable: anyNullable(args) };
};
function merge({ args }: RenderCall): string {
  const unknown = args.map((arg) => `${arg} IS NULL`).join(' OR ');
  const all = (part: string): string =>
    args.map((arg) => `${part}(${arg})`).reduce((list, next) => `list_concat(${list}, ${next})`);
  return `CASE WHEN ${unknown} THEN NULL ELSE map(${all('map_keys')}, ${all('map_values')}) END`;
}

export const MAPS: readonly FunctionSpec[] = [
  define('map_entries', 'Keys and values as an array of structs.', entries, 'map_entries($1)'),
  define(
    'map_from_arrays',
    'A map of keys and values; raises on a key that is NULL or there twice, or arrays of two lengths.',
    fromArrays,
    `CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN len($1) <> len($2) THEN ${raising('INVALID_INDEX')} ELSE map($1, $2) END`,
    { raises: true },
  ),
  define('map_concat', 'Maps in one; raises on a key that is there twice.', merged, merge, { raises: true }),
];
