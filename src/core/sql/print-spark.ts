/**
 * A syntax tree as Spark SQL text again. Every name is back-quoted and every literal written from its value,
 * so nothing of the text that was parsed survives but what the tree holds: `parse(print(tree))` is the same
 * tree.
 */
import type { Expression, Query, Statement } from './ast.js';
import { PLAIN_LITERALS, type PrintOptions, printExpression } from './print-expression.js';
import { printIdentifier, printName } from './print-literal.js';
import { printQuery } from './print-query.js';
import { printWrite } from './print-write.js';

export const printSparkQuery = (query: Query): string => printQuery(query, PLAIN_LITERALS);

export const printSparkExpression = (expression: Expression): string =>
  printExpression(expression, PLAIN_LITERALS);

export function printSparkStatement(statement: Statement, options: PrintOptions = PLAIN_LITERALS): string {
  switch (statement.kind) {
    case 'query-statement':
      return printQuery(statement.query, options);
    case 'explain': {
      const mode = statement.mode === 'simple' ? '' : `${statement.mode.toUpperCase()} `;
      return `EXPLAIN ${mode}${printSparkStatement(statement.statement, options)}`;
    }
    case 'describe-table': {
      const extended = statement.extended ? 'EXTENDED ' : '';
      const column = statement.column === undefined ? '' : ` ${printName(statement.column)}`;
      return `DESCRIBE TABLE ${extended}${printName(statement.name)}${column}`;
    }
    case 'describe-query':
      return `DESCRIBE QUERY ${printQuery(statement.query, options)}`;
    case 'describe-function':
      return `DESCRIBE FUNCTION ${statement.extended ? 'EXTENDED ' : ''}${printIdentifier(statement)}`;
    case 'show': {
      const within = statement.in === undefined ? '' : ` IN ${printName(statement.in)}`;
      const { like: pattern, at } = statement;
      const like =
        pattern === undefined
          ? ''
          : ` LIKE ${options.literal({ kind: 'literal', value: { type: 'string', value: pattern }, at })}`;
      return `SHOW ${statement.what.toUpperCase()}${within}${like}`;
    }
    case 'use': {
      const what = statement.what === 'any' ? '' : `${statement.what.toUpperCase()} `;
      return `USE ${what}${printName(statement.name)}`;
    }
    default:
      return printWrite(statement, options);
  }
}
