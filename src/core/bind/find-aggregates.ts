/** Is there an aggregate call in a syntax tree, outside of subqueries and windows? */
import { foldName } from '../catalog/catalog.js';
import type { Expression } from '../sql/ast.js';
import type { Binder } from './context.js';

export function containsAggregate(expression: Expression, binder: Binder): boolean {
  const any = (...parts: readonly (Expression | undefined)[]): boolean =>
    parts.some((part) => part !== undefined && containsAggregate(part, binder));
  switch (expression.kind) {
    case 'call': {
      const name = foldName(expression.name.at(-1)?.name ?? '');
      const aggregate =
        binder.context.functions.lookup(name)?.kind === 'aggregate' || name.startsWith('grouping');
      if (aggregate && expression.over === undefined) return true;
      const over = expression.over?.kind === 'window-spec' ? expression.over : undefined;
      return any(
        ...expression.args,
        ...(over?.partitionBy ?? []),
        ...(over?.orderBy.map((o) => o.expression) ?? []),
      );
    }
    case 'unary':
    case 'cast':
    case 'field':
      return any(expression.operand);
    case 'binary':
      return any(expression.left, expression.right);
    case 'between':
      return any(expression.operand, expression.low, expression.high);
    case 'in-list':
      return any(expression.operand, ...expression.items);
    case 'in-subquery':
      return any(expression.operand);
    case 'like':
      return any(expression.operand, expression.pattern);
    case 'is':
      return any(expression.operand, expression.other);
    case 'case':
      return any(
        expression.operand,
        ...expression.branches.flatMap((b) => [b.when, b.then]),
        expression.otherwise,
      );
    case 'subscript':
      return any(expression.operand, expression.index);
    case 'row':
      return any(...expression.items);
    case 'named-argument':
      return any(expression.value);
    case 'lambda':
      return any(expression.body);
    case 'literal':
    case 'column':
    case 'parameter':
    case 'exists':
    case 'scalar-subquery':
      return false;
  }
}
