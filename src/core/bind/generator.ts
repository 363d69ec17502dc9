/**
 * Generators: functions that make rows of a row. Each is one array whose items become rows, and columns out of an item:
 * `explode`, `posexplode` and `inline` over what they are given, `stack` over an array of its rows.
 */
import { foldName } from '../catalog/catalog.js';
import type { Position } from '../errors.js';
import { commonType } from '../plan/coercion.js';
import type { Column, Expr, Plan, ProjectItem } from '../plan/plan.js';
import { outputColumns } from '../plan/traverse.js';
import { type DataType, INT, STRING, sameType, typeName } from '../plan/types.js';
import type { Expression, Identifier, QualifiedName } from '../sql/ast.js';
import { invalid, typeMismatch } from './context.js';
import { bindExpr, call, type ExprContext } from './expression.js';
import { implicitCast, literal } from './literals.js';
import { referTo } from './scope.js';

const STACK_ROWS_MAX = 10_000;

const GENERATORS: ReadonlySet<string> = new Set(
  'explode explode_outer posexplode posexplode_outer inline inline_outer stack'.split(' '),
);

/** A generator over arguments that are bound. */
export interface Generator {
  /** What it shows, in order. */
  readonly columns: readonly Column[];
  readonly list: Expr;
  readonly at: Position;
  /** `list` as it is over the input. */
  plan(input: Plan, list: Expr): Plan;
}

export interface GeneratorCall {
  readonly name: QualifiedName;
  readonly args: readonly Expression[];
  readonly at: Position;
  /** `OUTER`: whatever the function is called. */
  readonly outer: boolean;
}

export const generatorName = (name: QualifiedName): string | undefined => {
  const folded = foldName(name.at(-1)?.name ?? '');
  return name.length === 1 && GENERATORS.has(folded) ? folded : undefined;
};

/** `names`: of its columns, in place of their own. */
export function bindGenerator(
  generator: GeneratorCall,
  names: readonly Identifier[],
  context: ExprContext,
): Generator {
  const fn = generatorName(generator.name);
  if (fn === undefined) throw notGenerator(generator);
  const args = generator.args.map((arg) => bindExpr(arg, { ...context, windows: false }));
  const outer = generator.outer || fn.endsWith('_outer');
  const { list, fields } =
    fn === 'stack' ? stack(args, generator, context) : ofArgument(fn, args, generator, context);
  return generatorOf({ list, fields, outer, positions: fn.startsWith('pos') }, names, generator.at, context);
}

/** Fields of an item that become columns; undefined: the item itself does. */
interface Items {
  readonly list: Expr;
  readonly fields:
    | readonly { readonly name: string; readonly field: string; readonly type: DataType }[]
    | undefined;
}

function ofArgument(fn: string, args: readonly Expr[], { at }: GeneratorCall, context: ExprContext): Items {
  const [list, ...others] = args;
  if (list === undefined || others.length > 0) throw invalid(`${fn} takes one argument.`, at);
  const { type } = list;
  if (fn.startsWith('inline')) {
    if (type.kind !== 'array' || type.element.kind !== 'struct')
      throw typeMismatch(`${fn} takes an array of structs, not ${typeName(type)}.`, at, 'Use explode.');
    return { list, fields: type.element.fields.map(({ name, type }) => ({ name, field: name, type })) };
  }
  if (type.kind === 'array') return { list, fields: undefined };
  if (type.kind !== 'map')
    throw typeMismatch(`${fn} takes an array or a map, not ${typeName(type)}.`, at, 'Make an array of it.');
  const fields = [
    { name: 'key', field: 'key', type: type.key },
    { name: 'value', field: 'value', type: type.value },
  ];
  return { list: call('map_entries', [list], at, context), fields };
}

/** `stack(2, a, b, c)`: rows from the left, NULL where the last is short. */
function stack(args: readonly Expr[], { at, args: [count] }: GeneratorCall, context: ExprContext): Items {
  const [first, ...values] = args;
  const rows = first?.kind === 'literal' && typeof first.value === 'bigint' ? Number(first.value) : 0;
  if (rows < 1 || rows > STACK_ROWS_MAX)
    throw invalid(`stack begins with its number of rows, from 1 to ${STACK_ROWS_MAX}.`, count?.at ?? at);
  const width = Math.max(1, Math.ceil(values.length / rows));
  const types = Array.from({ length: width }, (_, i) => {
    const column = values.filter((_, place) => place % width === i).map((value) => value.type);
    const known = column.find((type) => type.kind !== 'void');
    if (column.some((type) => type.kind !== 'void' && known !== undefined && !sameType(type, known)))
      throw typeMismatch(
        `Column ${i + 1} of stack has values of different types.`,
        at,
        'Cast them to one type.',
      );
    return known ?? commonType(column) ?? { kind: 'void' as const };
  });
  return itemsOf(
    Array.from({ length: rows }, (_, row) => values.slice(row * width, (row + 1) * width)),
    types,
    at,
    context,
  );
}

/** Rows of values under these names; the values are of their types. */
export function rowsOf(
  rows: readonly (readonly Expr[])[],
  types: readonly DataType[],
  names: readonly string[],
  at: Position,
  context: ExprContext,
): Generator {
  const { list, fields } = itemsOf(rows, types, at, context);
  const named = names.map((name) => ({ name, quoted: true, at }));
  return generatorOf({ list, fields, outer: false, positions: false }, named, at, context);
}

/** A short row ends with NULLs. */
function itemsOf(
  rows: readonly (readonly Expr[])[],
  types: readonly DataType[],
  at: Position,
  context: ExprContext,
): Items {
  const fields = types.map((type, i) => ({ name: `col${i}`, field: `col${i}`, type }));
  const structs = rows.map((row) =>
    call(
      'named_struct',
      fields.flatMap(({ field, type }, i) => {
        const value = row[i];
        return [
          literal(STRING, field),
          value === undefined ? literal(type, null) : implicitCast(value, type, at),
        ];
      }),
      at,
      context,
    ),
  );
  return { list: call('array', structs, at, context), fields };
}

interface Shape extends Items {
  readonly outer: boolean;
  readonly positions: boolean;
}

function generatorOf(
  shape: Shape,
  names: readonly Identifier[],
  at: Position,
  { binder, ...context }: ExprContext,
): Generator {
  const { list, fields, outer } = shape;
  if (list.type.kind !== 'array') throw new Error('a generator needs an array');
  const own = [...(shape.positions ? ['pos'] : []), ...(fields?.map(({ name }) => name) ?? ['col'])];
  if (names.length > 0 && names.length !== own.length)
    throw invalid(
      `It makes ${own.length} columns, but there are ${names.length} names for them.`,
      at,
      'Name every column.',
    );
  const shown = names.length > 0 ? names.map(({ name }) => name) : own;
  const position = shape.positions ? binder.column(shown[0] ?? 'pos', INT, outer) : undefined;
  const rest = shown.slice(shape.positions ? 1 : 0);
  const item = binder.column(fields === undefined ? (rest[0] ?? 'col') : 'item', list.type.element, true);
  const unnest = (input: Plan, over: Expr): Plan => ({
    kind: 'unnest',
    input,
    list: over,
    outer,
    item,
    ...(position === undefined ? {} : { position }),
  });
  const first = position === undefined ? [] : [position];
  if (fields === undefined) return { columns: [...first, item], list, at, plan: unnest };
  const items = fields.map(
    ({ field, type }, i): ProjectItem => ({
      column: binder.column(rest[i] ?? field, type, true),
      expr: call('get_field', [referTo(item), literal(STRING, field)], at, { binder, ...context }),
    }),
  );
  return {
    columns: [...first, ...items.map(({ column }) => column)],
    list,
    at,
    plan: (input, over) => {
      const passed = [...outputColumns(input), ...first].map((column) => ({ column, expr: referTo(column) }));
      return { kind: 'project', input: unnest(input, over), items: [...passed, ...items] };
    },
  };
}

const notGenerator = ({ name, at }: GeneratorCall): Error =>
  invalid(
    `${name.map((part) => part.name).join('.')} does not make rows.`,
    at,
    `These do: ${[...GENERATORS].join(', ')}.`,
  );
