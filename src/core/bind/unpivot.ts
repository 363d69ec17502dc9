/** UNPIVOT: a row for each set of columns, beside the columns that are in none. */
import { foldName } from '../catalog/catalog.js';
import { commonType } from '../plan/coercion.js';
import type { Column, Expr, Plan } from '../plan/plan.js';
import { type DataType, STRING } from '../plan/types.js';
import type { UnpivotRelation } from '../sql/ast-relation.js';
import { type Binder, invalid, typeMismatch } from './context.js';
import { call, type ExprContext } from './expression.js';
import type { From } from './from.js';
import { rowsOf } from './generator.js';
import { implicitCast, literal } from './literals.js';
import { findHere, referTo, type Scope, unresolved } from './scope.js';

const UNPIVOT_SETS_MAX = 2_000;

export function bindUnpivot(unpivot: UnpivotRelation, input: From, binder: Binder, scope: Scope): From {
  const { at, values } = unpivot;
  const context: ExprContext = { binder, scope, clause: 'UNPIVOT', aggregates: false, windows: false };
  if (unpivot.sets.length > UNPIVOT_SETS_MAX)
    throw invalid(`UNPIVOT takes at most ${UNPIVOT_SETS_MAX} columns.`, at, 'Name fewer.');
  const sets = unpivot.sets.map((set) => {
    if (set.columns.length !== values.length)
      throw invalid(`There are ${values.length} value columns, but ${set.columns.length} here.`, set.at);
    const columns = set.columns.map((name) => {
      const found = findHere(scope, name);
      if (found === undefined) throw unresolved(scope, name);
      if (found.fields.length > 0)
        throw invalid('UNPIVOT takes columns.', set.at, 'Select the field as a column first.');
      return { column: found.column, written: name.at(-1)?.name ?? found.column.name };
    });
    return { columns, name: set.alias?.name ?? columns.map(({ written }) => written).join('_') };
  });
  const types = values.map((value, i) =>
    typeOf(
      sets.map(({ columns }) => columns[i]?.column.type ?? STRING),
      value.at,
    ),
  );
  const rows = sets.map(({ columns, name }) => [
    literal(STRING, name),
    ...columns.map(({ column }, i) => implicitCast(referTo(column), types[i] ?? column.type, at)),
  ]);
  const names = [unpivot.name, ...values].map(({ name }) => name);
  const made = rowsOf(rows, [STRING, ...types], names, at, context);
  const used = new Set(sets.flatMap(({ columns }) => columns.map(({ column }) => column.id)));
  const kept = (columns: readonly Column[]): readonly Column[] => columns.filter(({ id }) => !used.has(id));
  const plan = made.plan(input.plan, made.list);
  const visible = [...kept(input.visible), ...made.columns];
  const { alias } = unpivot;
  return {
    plan: unpivot.includeNulls ? plan : withValues(plan, made.columns.slice(1), context, at),
    visible,
    bindings:
      alias?.name === undefined
        ? input.bindings.map((binding) => ({ ...binding, columns: kept(binding.columns) }))
        : [{ qualifier: [foldName(alias.name.name)], columns: visible }],
  };
}

/** A text never becomes a number here, nor the other way round. */
function typeOf(types: readonly DataType[], at: UnpivotRelation['at']): DataType {
  const kinds = new Set(types.map(({ kind }) => kind).filter((kind) => kind !== 'void'));
  const common = kinds.has('string') && kinds.size > 1 ? undefined : commonType(types);
  if (common === undefined)
    throw typeMismatch('The columns of UNPIVOT have no common type.', at, 'Cast them to one type first.');
  return common;
}

/** EXCLUDE NULLS: rows in which any of the values is there. */
function withValues(
  input: Plan,
  values: readonly Column[],
  context: ExprContext,
  at: UnpivotRelation['at'],
): Plan {
  const condition = values
    .map((column): Expr => call('is_not_null', [referTo(column)], at, context))
    .reduce((a, b) => call('or', [a, b], at, context));
  return { kind: 'filter', input, condition };
}
