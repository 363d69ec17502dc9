/** Functions over arrays, maps and structs. Indices are Spark's; what raises there raises here. */
import { commonType, isInteger, isOrdered } from '../../plan/coercion.js';
import {
  array,
  BIGINT,
  BOOLEAN,
  type DataType,
  INT,
  map,
  STRING,
  sameType,
  struct,
  typeName,
} from '../../plan/types.js';
import { anyNullable, arity, define, literalOf, quote, raising } from './define.js';
import type { Argument, FunctionSpec, RenderCall, Signature } from './spec.js';

type Resolved = Signature | string;
const RAISES = { raises: true } as const;

/** One array first, then what `rest` says of it. */
const onArray =
  (
    count: number,
    result: (element: DataType, args: readonly Argument[]) => Resolved,
  ): FunctionSpec['resolve'] =>
  (args) => {
    const wrong = arity(args, count, count);
    if (wrong !== undefined) return wrong;
    const type = args[0]?.type;
    return type?.kind === 'array' ? result(type.element, args) : 'its first argument must be an array';
  };

const gives =
  (
    type: (element: DataType) => DataType,
    nullable = false,
  ): ((element: DataType, args: readonly Argument[]) => Resolved) =>
  (element, args) => ({
    params: args.map((arg) => arg.type),
    type: type(element),
    nullable: nullable || anyNullable(args),
  });

type OfElement = (element: DataType, args: readonly Argument[]) => Resolved;
const ordered =
  (result: OfElement): OfElement =>
  (element, args) =>
    isOrdered(element) ? result(element, args) : `it does not order a ${element.kind}`;

/** The second argument is an element of the array. */
const withElement = (type: DataType): FunctionSpec['resolve'] =>
  onArray(2, (element, args) => {
    const item = args[1];
    if (item === undefined || commonType([element, item.type]) === undefined)
      return 'its second argument must be like the elements';
    if (!sameType(commonType([element, item.type]) ?? element, element))
      return `cast the second argument to ${typeName(element)}`;
    return { params: [array(element), element], type, nullable: true };
  });

const onMap =
  (
    count: number,
    result: (key: DataType, value: DataType, args: readonly Argument[]) => Resolved,
  ): FunctionSpec['resolve'] =>
  (args) => {
    const wrong = arity(args, count, count);
    if (wrong !== undefined) return wrong;
    const type = args[0]?.type;
    return type?.kind === 'map' ? result(type.key, type.value, args) : 'its first argument must be a map';
  };

const sized: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 1, 1);
  const type = args[0]?.type;
  if (wrong !== undefined || type === undefined) return wrong ?? '';
  if (type.kind !== 'array' && type.kind !== 'map') return 'it takes an array or a map';
  return { params: [type], type: INT, nullable: args[0]?.nullable ?? true };
};

const made: FunctionSpec['resolve'] = (args) => {
  const common = commonType(args.map((arg) => arg.type));
  if (common === undefined) return 'its items have no common type';
  return { params: args.map(() => common), type: array(common), nullable: false };
};

const listOf = (items: readonly string[]): string =>
  items.length === 0 ? 'CAST([] AS INTEGER[])' : `[${items.join(', ')}]`;
const isKey = (index: number): boolean => index % 2 === 0;

const mapOf: FunctionSpec['resolve'] = (args) => {
  if (args.length % 2 === 1) return 'it takes keys and values in turn';
  const key = commonType(args.filter((_, i) => isKey(i)).map((arg) => arg.type));
  const value = commonType(args.filter((_, i) => !isKey(i)).map((arg) => arg.type));
  if (key === undefined || value === undefined) return 'its keys or its values have no common type';
  if (key.kind === 'map') return 'a map is no key';
  return { params: args.map((_, i) => (isKey(i) ? key : value)), type: map(key, value), nullable: false };
};

const renderMap = ({ args }: RenderCall): string =>
  `map(${listOf(args.filter((_, i) => isKey(i)))}, ${listOf(args.filter((_, i) => !isKey(i)))})`;

const namedStruct: FunctionSpec['resolve'] = (args) => {
  if (args.length === 0 || args.length % 2 === 1) return 'it takes names and values in turn';
  const names = args.filter((_, i) => i % 2 === 0).map((arg) => arg.literal);
  if (names.some((name) => typeof name !== 'string')) return 'its names must be string literals';
  const fields = names.map((name, i) => ({ name: String(name), type: args[2 * i + 1]?.type ?? STRING }));
  const folded = new Set(fields.map((field) => field.name.toLowerCase()));
  if (folded.size !== fields.length) return 'its names must differ';
  return { params: args.map((arg) => arg.type), type: struct(fields), nullable: false };
};

function renderStruct(call: RenderCall): string {
  const fields = call.args.flatMap((arg, i) =>
    i % 2 === 1 ? [`${quote(literalOf(call, i - 1))}: ${arg}`] : [],
  );
  return `{${fields.join(', ')}}`;
}

const elementAt: FunctionSpec['resolve'] = (args) => {
  const [container, index] = args;
  if (container?.type.kind === 'map')
    return onMap(2, (key, value) => ({ params: [container.type, key], type: value, nullable: true }))(args);
  if (container?.type.kind !== 'array' || index === undefined || !isInteger(index.type))
    return 'it takes an array and a whole number, or a map and a key';
  return { params: [container.type, BIGINT], type: container.type.element, nullable: true };
};

const elementOf =
  (outside: string) =>
  (call: RenderCall): string => {
    const [container, index] = call.args;
    if (call.types[0]?.kind === 'map') return `map_extract_value(${container}, ${index})`;
    const zero = raising('INVALID_INDEX');
    return `CASE WHEN ${container} IS NULL OR ${index} IS NULL THEN NULL WHEN ${index} = 0 THEN ${zero} WHEN abs(${index}) <= len(${container}) THEN list_extract(${container}, ${index}) ELSE ${outside} END`;
  };

export const COLLECTIONS: readonly FunctionSpec[] = [
  define('array', 'An array of the arguments.', made, ({ args }) => listOf(args)),
  define(
    'map',
    'A map of keys and values in turn; raises on a key that is NULL or there twice.',
    mapOf,
    renderMap,
    RAISES,
  ),
  define('named_struct', 'A struct of names and values.', namedStruct, renderStruct),
  define(
    'size',
    'Number of items.',
    sized,
    ({ args, types }) =>
      types[0]?.kind === 'map'
        ? `CAST(cardinality(${args[0]}) AS INTEGER)`
        : `CAST(len(${args[0]}) AS INTEGER)`,
    { aliases: ['cardinality'] },
  ),
  define(
    'array_size',
    'Number of items of an array.',
    onArray(
      1,
      gives(() => INT),
    ),
    'CAST(len($1) AS INTEGER)',
  ),
  define(
    'array_contains',
    'Is the value in the array?',
    withElement(BOOLEAN),
    'CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN list_contains($1, $2) THEN true WHEN len($1) > list_count($1) THEN NULL ELSE false END',
  ),
  define(
    'array_position',
    'Position of a value from 1, 0 if it is not there.',
    withElement(BIGINT),
    'CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE coalesce(CAST(list_position($1, $2) AS BIGINT), 0) END',
  ),
  define(
    'array_append',
    'The array with one item more.',
    onArray(2, (element, args) =>
      args[1] && sameType(args[1].type, element)
        ? { params: [array(element), element], type: array(element), nullable: args[0]?.nullable ?? true }
        : `the item must be ${typeName(element)}`,
    ),
    'CASE WHEN $1 IS NULL THEN NULL ELSE list_append($1, $2) END',
  ),
  define(
    'array_max',
    'Greatest item, NULLs left out.',
    onArray(1, ordered(gives((element) => element, true))),
    'list_max($1)',
  ),
  define(
    'array_min',
    'Least item, NULLs left out.',
    onArray(1, ordered(gives((element) => element, true))),
    'list_min($1)',
  ),
  define(
    'sort_array',
    'Items in ascending order, NULLs first.',
    onArray(1, ordered(gives((element) => array(element)))),
    "list_sort($1, 'ASC', 'NULLS FIRST')",
  ),
  define(
    'element_at',
    'Item by position from 1 (negative: from the end; raises outside), or by key.',
    elementAt,
    elementOf(raising('INVALID_INDEX')),
    RAISES,
  ),
  define('try_element_at', 'As element_at, NULL outside.', elementAt, elementOf('NULL'), RAISES),
  define(
    'get',
    'Item by position from 0, NULL outside.',
    onArray(2, (element, args) =>
      args[1] && isInteger(args[1].type)
        ? { params: [array(element), BIGINT], type: element, nullable: true }
        : 'its index must be a whole number',
    ),
    'CASE WHEN $2 >= 0 THEN list_extract($1, $2 + 1) ELSE NULL END',
    RAISES,
  ),
  define(
    'map_keys',
    'Keys of a map.',
    onMap(1, (key, _, args) => ({
      params: [args[0]?.type ?? key],
      type: array(key),
      nullable: anyNullable(args),
    })),
    'map_keys($1)',
  ),
  define(
    'map_values',
    'Values of a map.',
    onMap(1, (_, value, args) => ({
      params: [args[0]?.type ?? value],
      type: array(value),
      nullable: anyNullable(args),
    })),
    'map_values($1)',
  ),
  define(
    'map_contains_key',
    'Is there this key?',
    onMap(2, (key, _, args) => ({
      params: [args[0]?.type ?? key, key],
      type: BOOLEAN,
      nullable: anyNullable(args),
    })),
    'CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE list_contains(map_keys($1), $2) END',
  ),
  define(
    'flatten',
    'An array of arrays as one array; NULL if one is NULL.',
    (args) => {
      const type = args[0]?.type;
      if (args.length !== 1 || type?.kind !== 'array' || type.element.kind !== 'array')
        return 'it takes an array of arrays';
      return { params: [type], type: type.element, nullable: true };
    },
    'CASE WHEN len($1) > list_count($1) THEN NULL ELSE flatten($1) END',
  ),
];
