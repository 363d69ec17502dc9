/** ORDER BY ALL: every output column in turn. A column that is named `all` comes first. */
import { foldName } from '../catalog/catalog.js';
import type { SortKey } from '../plan/plan.js';
import type { SortItem } from '../sql/ast.js';
import { findHere, type Scope } from './scope.js';

/** How each column is sorted, when that is what is asked for. */
export function orderedByAll(
  [only, ...others]: readonly SortItem[],
  scope: Scope,
  output: readonly { readonly name: string }[] = scope.visible,
): Pick<SortKey, 'descending' | 'nulls'> | undefined {
  if (only?.expression.kind !== 'column' || others.length > 0) return undefined;
  const { name } = only.expression;
  if (name.length !== 1 || foldName(name[0]?.name ?? '') !== 'all') return undefined;
  if (output.some((column) => foldName(column.name) === 'all') || findHere(scope, name) !== undefined)
    return undefined;
  const { descending } = only;
  return { descending, nulls: only.nulls ?? (descending ? 'last' : 'first') };
}
