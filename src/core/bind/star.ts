/** `*`, `t.*`, `struct.*` and EXCEPT. Hidden columns are not in any scope, so no star shows them. */
import { foldName } from '../catalog/catalog.js';
import { GovernanceError } from '../errors.js';
import type { Column, Expr } from '../plan/plan.js';
import { STRING } from '../plan/types.js';
import type { QualifiedName, Star } from '../sql/ast.js';
import { invalid } from './context.js';
import { call, type ExprContext } from './expression.js';
import { literal } from './literals.js';
import { findColumn, referTo, type Scope } from './scope.js';

export interface StarItem {
  readonly name: string;
  readonly expr: Expr;
}

export function expandStar(
  star: Star,
  scope: Scope,
  qualified: (scope: Scope, target: QualifiedName) => readonly Column[] | undefined,
  context: ExprContext,
): readonly StarItem[] {
  const items = starItems(star, scope, qualified, context);
  if (items.length === 0) throw invalid('There is nothing for * to stand for.', star.at, 'Name the columns.');
  const dropped = new Set<string>();
  for (const name of star.except) {
    const folded = foldName(name.at(-1)?.name ?? '');
    if (!items.some((item) => foldName(item.name) === folded)) {
      throw new GovernanceError('UNRESOLVED_COLUMN', `EXCEPT names ${folded}, which is not there.`, {
        position: name[0]?.at ?? star.at,
        remedy: 'Leave it out.',
        sqlState: '42703',
      });
    }
    dropped.add(folded);
  }
  return items.filter((item) => !dropped.has(foldName(item.name)));
}

function starItems(
  star: Star,
  scope: Scope,
  qualified: (scope: Scope, target: QualifiedName) => readonly Column[] | undefined,
  context: ExprContext,
): readonly StarItem[] {
  const named = (columns: readonly Column[]): readonly StarItem[] =>
    columns.map((column) => ({ name: column.name, expr: referTo(column) }));
  if (star.target.length === 0) return named(scope.visible);
  const columns = qualified(scope, star.target);
  if (columns !== undefined) return named(columns);
  const found = findColumn(scope, star.target);
  if (found?.column.type.kind !== 'struct' || found.fields.length > 0) {
    throw invalid(`There is no table or struct ${star.target.map((p) => p.name).join('.')} here.`, star.at);
  }
  return found.column.type.fields.map((field) => ({
    name: field.name,
    expr: call('get_field', [referTo(found.column), literal(STRING, field.name)], star.at, context),
  }));
}
