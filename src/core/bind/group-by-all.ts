/** GROUP BY ALL: the keys are the select items without an aggregate; without such an item all rows are one group. */
import { foldName } from '../catalog/catalog.js';
import type { Position } from '../errors.js';
import type { Expr } from '../plan/plan.js';
import { exprChildren } from '../plan/traverse.js';
import type { GroupBy } from '../sql/ast.js';
import { type Binder, badGrouping } from './context.js';
import { findHere, type Scope } from './scope.js';

/** A column of FROM that is named `all` comes first. */
export function isGroupByAll({ elements: [only, ...others] }: GroupBy, scope: Scope): boolean {
  if (others.length > 0 || only?.kind !== 'expression-group' || only.expression.kind !== 'column')
    return false;
  const { name } = only.expression;
  return name.length === 1 && foldName(name[0]?.name ?? '') === 'all' && findHere(scope, name) === undefined;
}

export interface GroupedItem {
  readonly name: string;
  readonly expr: Expr;
  /** Of a generator: it is made above the groups, out of a list over them. */
  readonly by?: { readonly list: Expr };
}

export function inferredKeys(
  items: readonly GroupedItem[],
  at: Position,
  { context: { functions } }: Binder,
): readonly Expr[] {
  // Spark counts an aggregate function over a window too.
  const aggregates = (expr: Expr): boolean =>
    expr.kind === 'aggregate-call' ||
    (expr.kind === 'window-call' && functions.lookup(expr.fn)?.kind === 'aggregate');
  const keys = items.map(({ expr, by }) => by?.list ?? expr).filter((expr) => !holds(expr, aggregates));
  if (keys.some((expr) => holds(expr, ({ kind }) => kind === 'window-call'))) {
    throw badGrouping(
      'GROUP BY ALL cannot group by a window function.',
      at,
      'List the grouping expressions, or put the window into an outer query.',
    );
  }
  return keys;
}

/** Subqueries aggregate for themselves. */
const holds = (expr: Expr, wanted: (expr: Expr) => boolean): boolean =>
  wanted(expr) || exprChildren(expr).some((child) => holds(child, wanted));
