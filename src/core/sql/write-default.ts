/** DEFAULT as a value: no column has a default of its own, so it is NULL, as in Spark. */
import type { Expression, Query, QueryBody } from './ast.js';

export function withDefaults(query: Query): Query {
  return { ...query, body: inBody(query.body) };
}

/** Spark takes DEFAULT for a value in the rows of VALUES and in the columns of the outermost SELECT. */
function inBody(body: QueryBody): QueryBody {
  switch (body.kind) {
    case 'values':
      return { ...body, rows: body.rows.map((row) => row.map(defaulted)) };
    case 'select':
      return {
        ...body,
        items: body.items.map((item) =>
          item.kind === 'expression-item' && item.alias === undefined
            ? { ...item, expression: defaulted(item.expression) }
            : item,
        ),
      };
    case 'nested-query':
      return { ...body, query: withDefaults(body.query) };
    default:
      return body;
  }
}

export function defaulted(expression: Expression): Expression {
  if (expression.kind !== 'column' || expression.name.length !== 1) return expression;
  const [name] = expression.name;
  const meant = name?.quoted === false && name.name.toUpperCase() === 'DEFAULT';
  return meant ? { kind: 'literal', value: { type: 'null' }, at: expression.at } : expression;
}
