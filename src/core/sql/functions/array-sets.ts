/** Arrays as sets and sequences: the order of first occurrence is kept, NULL is an item like others. */
import { commonType, isFloating, isInteger, isOrdered } from '../../plan/coercion.js';
import { array, BOOLEAN, type DataType, INT, STRING, sameType, typeName } from '../../plan/types.js';
import { freshVariable, letIn } from '../duckdb/let.js';
import { anyNullable, arity, define, literalText, meeting, raising } from './define.js';
import type { Argument, FunctionSpec, RenderCall, Signature } from './spec.js';

type Resolved = Signature | string;
const RAISES = { raises: true } as const;

const elementOf = (arg: Argument | undefined): DataType | undefined =>
  arg?.type.kind === 'array' ? arg.type.element : undefined;

const one: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 1, 1);
  const [arg] = args;
  if (wrong !== undefined || arg === undefined) return wrong ?? '';
  if (elementOf(arg) === undefined) return 'it takes an array';
  return { params: [arg.type], type: arg.type, nullable: arg.nullable };
};

/** Equality of items is DuckDB's, which is Spark's for what sorts. */
const comparable = (type: DataType): string | undefined =>
  isOrdered(type) ? undefined : `it does not compare items that are a ${type.kind}`;

const oneSet: FunctionSpec['resolve'] = (args) => {
  const found = one(args);
  return comparable(elementOf(args[0]) ?? STRING) ?? found;
};

const twoSets =
  (result: (type: DataType) => DataType, nullable = false): FunctionSpec['resolve'] =>
  (args) =>
    meeting(
      2,
      (common): Resolved => {
        if (common.kind !== 'array') return 'it takes two arrays';
        const problem = comparable(common.element);
        return (
          problem ?? {
            params: [common, common],
            type: result(common),
            nullable: nullable || anyNullable(args),
          }
        );
      },
      2,
    )(args);

/** An array and an item of its type. */
const withItem =
  (nullable: (array: Argument, item: Argument) => boolean): FunctionSpec['resolve'] =>
  (args) => {
    const wrong = arity(args, 2, 2);
    const [list, item] = args;
    if (wrong !== undefined || list === undefined || item === undefined) return wrong ?? '';
    const element = elementOf(list);
    if (element === undefined) return 'it takes an array';
    const common = commonType([element, item.type]);
    if (common === undefined || !sameType(common, element)) return `the item must be ${typeName(element)}`;
    return { params: [list.type, element], type: list.type, nullable: nullable(list, item) };
  };

/** Items for which `keep` holds; the list is named once. */
const filtered = (list: string, others: string, keep: (item: string, place: string) => string): string => {
  const item = freshVariable(`${list} ${others}`);
  const place = freshVariable(`${list} ${others} ${item}`);
  return `list_filter(${list}, lambda ${item}, ${place}: ${keep(item, place)})`;
};
/** Of both zeros Spark keeps the one without a sign. */
function unsignedZeros(list: string, type: DataType | undefined): string {
  if (type?.kind !== 'array' || !isFloating(type.element)) return list;
  const item = freshVariable(list);
  return `list_transform(${list}, lambda ${item}: ${item} + 0)`;
}
const distinct = (list: string, type: DataType | undefined): string =>
  letIn(unsignedZeros(list, type), (v) =>
    filtered(v, v, (item, place) => `list_position(${v}, ${item}) = ${place}`),
  );
const isIn = (list: string, item: string): string => `list_position(${list}, ${item}) IS NOT NULL`;

const united = ({ args: [a, b], type }: RenderCall): string =>
  `CASE WHEN ${a} IS NULL OR ${b} IS NULL THEN NULL ELSE ${distinct(`list_concat(${a}, ${b})`, type)} END`;
const kept =
  (inBoth: boolean) =>
  ({ args: [a = '', b = ''], type }: RenderCall): string => {
    const items = letIn(distinct(a, type), (v) =>
      filtered(v, `${v} ${b}`, (item) => `${inBoth ? '' : 'NOT '}(${isIn(b, item)})`),
    );
    return `CASE WHEN ${a} IS NULL OR ${b} IS NULL THEN NULL ELSE ${items} END`;
  };

/** A NULL item could be equal to anything, so long as there is anything. */
const OVERLAP =
  'CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN list_has_any($1, $2) THEN true ' +
  'WHEN len($1) > 0 AND len($2) > 0 AND (len($1) > list_count($1) OR len($2) > list_count($2)) THEN NULL ELSE false END';

const removed = ({ args: [list = '', gone = ''] }: RenderCall): string =>
  `CASE WHEN ${gone} IS NULL THEN NULL ELSE ${filtered(list, gone, (item) => `${item} IS DISTINCT FROM ${gone}`)} END`;

const repeated: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 2, 2);
  const [item, count] = args;
  if (wrong !== undefined || item === undefined || count === undefined) return wrong ?? '';
  if (!isInteger(count.type) && count.type.kind !== 'void') return 'its count must be a whole number';
  if (count.type.kind === 'bigint') return 'its count must be an INT';
  return { params: [item.type, INT], type: array(item.type), nullable: count.nullable };
};

const joined: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 2, 3);
  if (wrong !== undefined) return wrong;
  if (elementOf(args[0])?.kind !== 'string') return 'it takes an array of texts';
  const separator = literalText(args, 1, 'separator');
  if (typeof separator === 'string') return separator;
  return {
    params: [array(STRING), ...args.slice(1).map(() => STRING)],
    type: STRING,
    nullable: anyNullable(args),
  };
};
function join({ args: [list = '', separator = '', instead] }: RenderCall): string {
  const item = freshVariable(`${list} ${separator} ${instead ?? ''}`);
  const items =
    instead === undefined ? list : `list_transform(${list}, lambda ${item}: coalesce(${item}, ${instead}))`;
  const unknown = [list, separator, ...(instead === undefined ? [] : [instead])];
  return `CASE WHEN ${unknown.map((arg) => `${arg} IS NULL`).join(' OR ')} THEN NULL ELSE coalesce(array_to_string(${items}, ${separator}), '') END`;
}

const sliced: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 3, 3);
  const [list, from, length] = args;
  if (wrong !== undefined || list === undefined || from === undefined || length === undefined)
    return wrong ?? '';
  if (elementOf(list) === undefined) return 'its first argument must be an array';
  if (![from, length].every((arg) => ['tinyint', 'smallint', 'int', 'void'].includes(arg.type.kind)))
    return 'its start and length must be INT';
  return { params: [list.type, INT, INT], type: list.type, nullable: anyNullable(args) };
};
function slice({ args: [list = '', from = '', length = ''] }: RenderCall): string {
  return letIn(`CASE WHEN ${from} < 0 THEN len(${list}) + ${from} + 1 ELSE ${from} END`, (start) => {
    const end = `${start} + CAST(${length} AS BIGINT) - 1`;
    return (
      `CASE WHEN ${list} IS NULL OR ${from} IS NULL OR ${length} IS NULL THEN NULL ` +
      `WHEN ${from} = 0 OR ${length} < 0 THEN ${raising('INVALID_INDEX')} ` +
      `WHEN ${start} < 1 OR ${length} = 0 THEN ${list}[1:0] ELSE ${list}[${start}:${end}] END`
    );
  });
}

const inserted: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 3, 3);
  const [list, place, item] = args;
  if (wrong !== undefined || list === undefined || place === undefined || item === undefined)
    return wrong ?? '';
  const element = elementOf(list);
  if (element === undefined) return 'its first argument must be an array';
  if (!['tinyint', 'smallint', 'int', 'void'].includes(place.type.kind)) return 'its position must be an INT';
  const common = commonType([element, item.type]);
  if (common === undefined || !sameType(common, element)) return `the item must be ${typeName(element)}`;
  return { params: [list.type, INT, element], type: list.type, nullable: list.nullable || place.nullable };
};
function insert({ args: [list = '', place = '', item = ''] }: RenderCall): string {
  const from = `CASE WHEN ${place} < 0 THEN len(${list}) + ${place} + 2 ELSE CAST(${place} AS BIGINT) END`;
  return letIn(
    from,
    (at) => {
      const before = `list_resize(${list}, greatest(len(${list}), ${at} - 1))[1:${at} - 1]`;
      const after = `CASE WHEN ${at} > len(${list}) THEN ${list}[1:0] ELSE ${list}[${at}:] END`;
      const inside = `list_concat(list_append(${before}, ${item}), ${after})`;
      const outside = `list_concat(list_resize([${item}], 2 - ${at}), ${list})`;
      return (
        `CASE WHEN ${list} IS NULL OR ${place} IS NULL THEN NULL WHEN ${place} = 0 THEN ${raising('INVALID_INDEX')} ` +
        `WHEN ${at} > 0 THEN ${inside} ELSE ${outside} END`
      );
    },
    `${list} ${place} ${item}`,
  );
}

const stepped: FunctionSpec['resolve'] = (args) => {
  const wrong = arity(args, 2, 3);
  if (wrong !== undefined) return wrong;
  const type = commonType(args.map((arg) => arg.type));
  if (type === undefined || !isInteger(type)) return 'it takes whole numbers';
  return { params: args.map(() => type), type: array(type), nullable: anyNullable(args) };
};
/** More items than this no array of Spark holds. */
const ITEMS_MAX = 2_147_483_632n;
function sequence({ args: [from, to, given], type }: RenderCall): string {
  const item = type.kind === 'array' ? type.element.kind.toUpperCase() : 'INTEGER';
  const big = (sql: string | undefined): string => `CAST(${sql} AS HUGEINT)`;
  const step = given ?? `CASE WHEN ${from} <= ${to} THEN 1 ELSE -1 END`;
  return letIn(`CAST(${step} AS BIGINT)`, (by) => {
    const wrong = `(${by} = 0 AND ${from} <> ${to}) OR (${by} > 0 AND ${from} > ${to}) OR (${by} < 0 AND ${from} < ${to})`;
    const many = `(${big(to)} - ${big(from)}) // ${by} >= ${ITEMS_MAX}`;
    const items = `range(CAST(${from} AS BIGINT), CAST(${to} AS BIGINT) + sign(${by}), ${by})`;
    return (
      `CASE WHEN ${from} IS NULL OR ${to} IS NULL OR ${by} IS NULL THEN NULL WHEN ${wrong} THEN ${raising('INVALID_INDEX')} ` +
      `WHEN ${from} = ${to} THEN [${from}] WHEN ${many} THEN ${raising('INVALID_INDEX')} ELSE CAST(${items} AS ${item}[]) END`
    );
  });
}

const same = (type: DataType): DataType => type;

export const ARRAY_SETS: readonly FunctionSpec[] = [
  define('array_distinct', 'Every item once.', oneSet, ({ args: [a = ''], type }) => distinct(a, type)),
  define('array_union', 'Every item of both, once.', twoSets(same), united),
  define('array_intersect', 'Items of the first that are in the second, once.', twoSets(same), kept(true)),
  define('array_except', 'Items of the first that are not in the second, once.', twoSets(same), kept(false)),
  define(
    'arrays_overlap',
    'Have both an item in common?',
    twoSets(() => BOOLEAN, true),
    OVERLAP,
  ),
  define(
    'array_remove',
    'Without the items that equal the second argument.',
    (args) => comparable(elementOf(args[0]) ?? STRING) ?? withItem((a, b) => a.nullable || b.nullable)(args),
    removed,
  ),
  define('array_compact', 'Without NULLs.', one, ({ args: [list = ''] }) =>
    filtered(list, '', (item) => `${item} IS NOT NULL`),
  ),
  define(
    'array_prepend',
    'The array with one item more at its start.',
    withItem((list) => list.nullable),
    'CASE WHEN $1 IS NULL THEN NULL ELSE list_prepend($2, $1) END',
  ),
  define(
    'array_repeat',
    'An array of the same item, so many times.',
    repeated,
    'CASE WHEN $2 IS NULL THEN NULL WHEN $2 <= 0 THEN [$1][1:0] ELSE repeat([$1], $2) END',
    RAISES,
  ),
  define('array_join', 'Texts joined with a literal separator; NULLs left out, or replaced.', joined, join),
  define(
    'array_insert',
    'With an item at a position from 1 (negative: from the end); NULLs fill what is between.',
    inserted,
    insert,
    RAISES,
  ),
  define('slice', 'Items from a position from 1 (negative: from the end), so many.', sliced, slice, RAISES),
  define('sequence', 'Whole numbers from one to another, by a step.', stepped, sequence, RAISES),
];
