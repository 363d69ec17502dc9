/**
 * What a statement is, apart from its values: the printed statement with `?` for every literal, and the
 * values beside it. The audit record keeps the two apart, because a literal can be personal data.
 */
import type { Literal, Statement } from './ast.js';
import { printLiteral } from './print-literal.js';
import { printSparkStatement } from './print-spark.js';

export interface StatementShape {
  readonly shape: string;
  /** As Spark SQL literals, in the order of the `?` in the shape. */
  readonly literals: readonly string[];
}

export function statementShape(statement: Statement): StatementShape {
  const literals: string[] = [];
  const literal = ({ value }: Literal): string => {
    literals.push(printLiteral(value));
    return '?';
  };
  return { shape: printSparkStatement(statement, { literal }), literals };
}
