/**
 * Higher-order functions. A parameter is printed under the name of its column (`c7`); where the engine hands a lambda
 * something else than Spark does, the value is given that name around the body.
 */
import { isOrdered } from '../../plan/coercion.js';
import { array, BIGINT, BOOLEAN, type DataType, INT, map, sameType, typeName } from '../../plan/types.js';
import { freshVariable, letIn } from '../duckdb/let.js';
import { duckDbType } from '../duckdb/types.js';
import { columnName } from '../plan-sql/block.js';
import { anyNullable, arity, define, raising } from './define.js';
import type { Argument, FunctionSpec, LambdaParameter, LambdaShape, RenderCall, Signature } from './spec.js';

type Resolved = Signature | string;
const RAISES = { raises: true } as const;

const some = (type: DataType): LambdaParameter => ({ type, nullable: true });
const sure = (type: DataType): LambdaParameter => ({ type, nullable: false });

const elementOf = (arg: Argument | undefined): DataType | undefined =>
  arg?.type.kind === 'array' ? arg.type.element : undefined;
const NO_ARRAY = 'its first argument must be an array';
const NO_MAP = 'its first argument must be a map';

/** `x -> ...`, and `(x, i) -> ...` with the place of the item from 0. */
const EACH: LambdaShape = {
  at: [1],
  optional: 1,
  parameters: ([list]) => {
    const element = elementOf(list);
    return element === undefined ? NO_ARRAY : [some(element), sure(INT)];
  },
};
const EACH_ALONE: LambdaShape = {
  at: [1],
  parameters: ([list]) => {
    const element = elementOf(list);
    return element === undefined ? NO_ARRAY : [some(element)];
  },
};
const ENTRY: LambdaShape = {
  at: [1],
  parameters: ([of]) => (of?.type.kind === 'map' ? [sure(of.type.key), some(of.type.value)] : NO_MAP),
};

/** Number of arguments and the lambdas among them; then the types. */
const higher =
  (
    shape: LambdaShape,
    [minimum, maximum]: readonly [number, number],
    result: (args: readonly Argument[]) => Resolved,
  ): FunctionSpec['resolve'] =>
  (args) => {
    const wrong = arity(args, minimum, maximum);
    if (wrong !== undefined) return wrong;
    const missing = shape.at.find((place) => place < args.length && args[place]?.isLambda !== true);
    return missing === undefined ? result(args) : `its argument ${missing + 1} must be a lambda`;
  };

const typesOf = (args: readonly Argument[]): readonly DataType[] => args.map(({ type }) => type);

function condition(args: readonly Argument[], type: DataType, nullable: boolean): Resolved {
  const [of, test] = args;
  if (of === undefined || test === undefined) return NO_ARRAY;
  if (test.type.kind !== 'boolean' && test.type.kind !== 'void')
    return `its lambda must give a boolean, not ${typeName(test.type)}`;
  return { params: [of.type, BOOLEAN], type, nullable };
}

// ---------------------------------------------------------------- rendering

/** Names of the parameters and the body of the lambda at `index`. */
function lambdaOf({ args, nodes }: RenderCall, index: number): { names: readonly string[]; body: string } {
  const node = nodes[index];
  const text = args[index];
  if (node?.kind !== 'lambda' || text === undefined) throw new Error('a lambda was not checked');
  const names = node.parameters.map(({ id }) => columnName(id));
  return { names, body: text.slice(`lambda ${names.join(', ')}: `.length) };
}

/** The body with its parameters standing for `values`, as far as it has names for them. */
const given = (names: readonly string[], values: readonly string[], body: string): string =>
  names.reduceRight((inner, name, i) => `list_transform([${values[i]}], lambda ${name}: ${inner})[1]`, body);

/** The lambda as the engine takes it: places count from 1 there. */
function each(call: RenderCall): string {
  const { names, body } = lambdaOf(call, 1);
  const [item, place] = names;
  if (place === undefined) return `lambda ${item}: ${body}`;
  const counted = freshVariable(body);
  return `lambda ${item}, ${counted}: ${given([place], [`CAST(${counted} - 1 AS INTEGER)`], body)}`;
}

const entries = (call: RenderCall): string => {
  const { names, body } = lambdaOf(call, 1);
  const entry = freshVariable(body);
  return `lambda ${entry}: ${given(names, [`${entry}.key`, `${entry}.value`], body)}`;
};

/** One `sure` answer decides; without one, an unknown makes the whole unknown. */
const quantified =
  (decides: boolean) =>
  (call: RenderCall): string =>
    letIn(
      `list_transform(${call.args[0]}, ${each(call)})`,
      (v) =>
        `CASE WHEN ${v} IS NULL THEN NULL WHEN list_contains(${v}, ${decides}) THEN ${decides} WHEN len(${v}) > list_count(${v}) THEN NULL ELSE ${!decides} END`,
    );

/** The engine folds over values of one type: items go along with a place for the result so far. */
function folded(call: RenderCall): string {
  const [list = '', start = ''] = call.args;
  const { names, body } = lambdaOf(call, 2);
  const [kept, next] = [call.types[1], elementOf({ type: call.types[0] ?? BIGINT, nullable: true })];
  if (kept === undefined || next === undefined) throw new Error('a fold was not checked');
  const so = freshVariable(`${list} ${start} ${body}`);
  const item = freshVariable(`${list} ${start} ${body} ${so}`);
  const pair = (key: string, value: string): string => `{'key': ${key}, 'value': ${value}}`;
  const empty = (type: DataType): string => `CAST(NULL AS ${duckDbType(type)})`;
  const items = `list_transform(${list}, lambda ${item}: ${pair(empty(kept), item)})`;
  const step = pair(given(names, [`${so}.key`, `${item}.value`], body), empty(next));
  const result = `list_reduce(${items}, lambda ${so}, ${item}: ${step}, ${pair(start, empty(next))}).key`;
  if (call.args.length < 4) return result;
  const last = lambdaOf(call, 3);
  const whole = given(last.names, [result], last.body);
  return `CASE WHEN ${list} IS NULL THEN NULL ELSE ${whole} END`;
}

/** Two arguments under names, NULL when one of them is. */
const both = ([x = '', y = '']: readonly string[], body: (a: string, b: string) => string): string =>
  letIn(
    x,
    (a) => letIn(y, (b) => `CASE WHEN ${a} IS NULL OR ${b} IS NULL THEN NULL ELSE ${body(a, b)} END`, a),
    y,
  );

/** The shorter one is filled up with NULLs. */
function zipped(call: RenderCall): string {
  const { names, body } = lambdaOf(call, 2);
  return both(call.args, (a, b) => {
    const place = freshVariable(`${a} ${b} ${body}`);
    const values = [`list_extract(${a}, ${place})`, `list_extract(${b}, ${place})`];
    const places = `range(1, greatest(len(${a}), len(${b})) + 1)`;
    return `list_transform(${places}, lambda ${place}: ${given(names, values, body)})`;
  });
}

function zippedMaps(call: RenderCall): string {
  const { names, body } = lambdaOf(call, 2);
  return both(call.args, (a, b) => {
    const key = freshVariable(`${a} ${b} ${body}`);
    const added = `list_filter(map_keys(${b}), lambda ${key}: NOT map_contains(${a}, ${key}))`;
    const values = [key, `map_extract_value(${a}, ${key})`, `map_extract_value(${b}, ${key})`];
    return letIn(
      `list_concat(map_keys(${a}), ${added})`,
      (keys) => `map(${keys}, list_transform(${keys}, lambda ${key}: ${given(names, values, body)}))`,
    );
  });
}

/**
 * The engine sorts by values only. The place of an item in a stable sort is the number of items that are smaller, or
 * equal and before it.
 */
function sortedBy(call: RenderCall): string {
  if (call.args.length < 2) return `list_sort(${call.args[0]}, 'ASC', 'NULLS LAST')`;
  const { names, body } = lambdaOf(call, 1);
  return letIn(call.args[0] ?? '', (list) => {
    const [x, i, y, j, order] = Array.from({ length: 5 }).reduce<readonly string[]>(
      (taken) => [...taken, freshVariable(`${list} ${body} ${taken.join(' ')}`)],
      [],
    );
    const compared = letIn(
      given(names, [`${y}`, `${x}`], body),
      (sign) => `CASE WHEN ${sign} IS NULL THEN ${raising('INVALID_INDEX')} ELSE ${sign} END`,
    );
    const before = `list_transform(${list}, lambda ${y}, ${j}: CASE WHEN ${j} = ${i} THEN 1 ELSE ${compared} END)`;
    const smaller = `len(list_filter(${before}, lambda ${order}, ${j}: ${order} < 0 OR (${order} = 0 AND ${j} < ${i})))`;
    const ranked = `list_transform(${list}, lambda ${x}, ${i}: {'key': ${smaller}, 'value': ${x}})`;
    return `list_transform(list_sort(${ranked}), lambda ${x}: ${x}.value)`;
  });
}

// ---------------------------------------------------------------- entries

const FOLD: LambdaShape = {
  at: [2, 3],
  parameters: ([list, start], index) => {
    const element = elementOf(list);
    if (element === undefined || start === undefined) return NO_ARRAY;
    return index === 2 ? [some(start.type), some(element)] : [some(start.type)];
  },
};
const PAIRS: LambdaShape = {
  at: [2],
  parameters: ([a, b]) => {
    const [x, y] = [elementOf(a), elementOf(b)];
    return x === undefined || y === undefined ? 'it takes two arrays' : [some(x), some(y)];
  },
};
const TWO_MAPS: LambdaShape = {
  at: [2],
  parameters: ([a, b]) => {
    if (a?.type.kind !== 'map' || b?.type.kind !== 'map') return 'it takes two maps';
    if (!sameType(a.type.key, b.type.key) || !isOrdered(a.type.key)) return 'its maps have keys of two kinds';
    return [sure(a.type.key), some(a.type.value), some(b.type.value)];
  },
};
const COMPARED: LambdaShape = {
  at: [1],
  parameters: ([list]) => {
    const element = elementOf(list);
    return element === undefined ? NO_ARRAY : [some(element), some(element)];
  },
};

function foldedType(args: readonly Argument[]): Resolved {
  const [list, start, step, last] = args;
  if (list === undefined || start === undefined || step === undefined) return NO_ARRAY;
  const becomes = step.type.kind === 'void' ? start.type : step.type;
  if (!sameType(becomes, start.type))
    return `its lambda must give what it starts with, ${typeName(start.type)}, not ${typeName(step.type)}`;
  const params = [list.type, start.type, start.type, ...(last === undefined ? [] : [last.type])];
  return { params, type: last?.type ?? start.type, nullable: true };
}

function sortedType(args: readonly Argument[]): Resolved {
  const [list, order] = args;
  const element = elementOf(list);
  if (list === undefined || element === undefined) return NO_ARRAY;
  if (order === undefined && !isOrdered(element)) return `it does not order a ${element.kind}`;
  if (order !== undefined && order.type.kind !== 'int')
    return `its lambda must give an int, not ${typeName(order.type)}`;
  return { params: typesOf(args), type: list.type, nullable: list.nullable };
}

const mapped =
  (type: (key: DataType, value: DataType, body: DataType) => DataType) =>
  (args: readonly Argument[]): Resolved => {
    const [of, body] = args;
    if (of?.type.kind !== 'map' || body === undefined) return NO_MAP;
    const made = type(of.type.key, of.type.value, body.type);
    if (made.kind === 'map' && made.key.kind === 'map') return 'a map is no key';
    return { params: typesOf(args), type: made, nullable: of.nullable };
  };

export const LAMBDAS: readonly FunctionSpec[] = [
  define(
    'transform',
    'Every item as the lambda makes it.',
    higher(EACH, [2, 2], (args) => ({
      params: typesOf(args),
      type: array(args[1]?.type ?? INT),
      nullable: args[0]?.nullable ?? true,
    })),
    (call) => `list_transform(${call.args[0]}, ${each(call)})`,
    { lambda: EACH },
  ),
  define(
    'filter',
    'Items for which the lambda is true.',
    higher(EACH, [2, 2], (args) => condition(args, args[0]?.type ?? BOOLEAN, args[0]?.nullable ?? true)),
    (call) => `list_filter(${call.args[0]}, ${each(call)})`,
    { lambda: EACH },
  ),
  define(
    'exists',
    'Is the lambda true for some item?',
    higher(EACH_ALONE, [2, 2], (args) => condition(args, BOOLEAN, true)),
    quantified(true),
    { lambda: EACH_ALONE },
  ),
  define(
    'forall',
    'Is the lambda true for every item?',
    higher(EACH_ALONE, [2, 2], (args) => condition(args, BOOLEAN, true)),
    quantified(false),
    { lambda: EACH_ALONE },
  ),
  define(
    'aggregate',
    'Items merged one by one into a start value; a second lambda makes the result of it.',
    higher(FOLD, [3, 4], foldedType),
    folded,
    { lambda: FOLD, aliases: ['reduce'] },
  ),
  define(
    'zip_with',
    'Items of two arrays, side by side, as the lambda makes one of them.',
    higher(PAIRS, [3, 3], (args) => ({
      params: typesOf(args),
      type: array(args[2]?.type ?? INT),
      nullable: anyNullable(args.slice(0, 2)),
    })),
    zipped,
    { lambda: PAIRS },
  ),
  define(
    'map_filter',
    'Entries for which the lambda is true.',
    higher(ENTRY, [2, 2], (args) => condition(args, args[0]?.type ?? BOOLEAN, args[0]?.nullable ?? true)),
    (call) => `map_from_entries(list_filter(map_entries(${call.args[0]}), ${entries(call)}))`,
    { lambda: ENTRY },
  ),
  define(
    'transform_keys',
    'Keys as the lambda makes them; raises on one that is NULL or there twice.',
    higher(
      ENTRY,
      [2, 2],
      mapped((_, value, body) => map(body, value)),
    ),
    (call) =>
      letIn(
        call.args[0] ?? '',
        (of) => `map(list_transform(map_entries(${of}), ${entries(call)}), map_values(${of}))`,
      ),
    { ...RAISES, lambda: ENTRY },
  ),
  define(
    'transform_values',
    'Values as the lambda makes them.',
    higher(
      ENTRY,
      [2, 2],
      mapped((key, _, body) => map(key, body)),
    ),
    (call) =>
      letIn(
        call.args[0] ?? '',
        (of) => `map(map_keys(${of}), list_transform(map_entries(${of}), ${entries(call)}))`,
      ),
    { lambda: ENTRY },
  ),
  define(
    'map_zip_with',
    'Entries of two maps, by key, as the lambda makes one of them.',
    higher(TWO_MAPS, [3, 3], (args) => {
      const [a, , body] = args;
      if (a?.type.kind !== 'map' || body === undefined) return 'it takes two maps';
      return {
        params: typesOf(args),
        type: map(a.type.key, body.type),
        nullable: anyNullable(args.slice(0, 2)),
      };
    }),
    zippedMaps,
    { lambda: TWO_MAPS },
  ),
  define(
    'array_sort',
    'Items in ascending order, NULLs last, or by a lambda that compares two; raises where it gives NULL.',
    higher(COMPARED, [1, 2], sortedType),
    sortedBy,
    { lambda: COMPARED, raises: (types) => types.length > 1 },
  ),
];
