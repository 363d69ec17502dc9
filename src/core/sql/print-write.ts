/** Statements that write, as Spark SQL text. */
import type { Assignment, MergeAction, MergeClause, WriteStatement } from './ast-write.js';
import { type PrintOptions, printExpression } from './print-expression.js';
import { printIdentifier, printName, printType } from './print-literal.js';
import { printQuery } from './print-query.js';
import { printRelation } from './print-relation.js';

export function printWrite(statement: WriteStatement, o: PrintOptions): string {
  switch (statement.kind) {
    case 'create-table': {
      const columns = statement.columns.map(
        ({ name, type }) => `${printIdentifier(name)} ${printType(type)}`,
      );
      return `${printCreation(statement)} (${columns.join(', ')})${printClauses(statement, o)}`;
    }
    case 'create-table-as':
      return `${printCreation(statement)}${printClauses(statement, o)} AS ${printQuery(statement.query, o)}`;
    case 'insert': {
      const columns =
        statement.columns === undefined ? '' : ` (${statement.columns.map(printIdentifier).join(', ')})`;
      const by = statement.byName ? ' BY NAME' : '';
      const how = statement.overwrite ? 'OVERWRITE' : 'INTO';
      const { replaceWhere } = statement;
      // In parentheses: a query in parentheses behind a name would be a call.
      const where = replaceWhere === undefined ? '' : ` REPLACE WHERE (${printExpression(replaceWhere, o)})`;
      return `INSERT ${how} TABLE ${printName(statement.target)}${by}${columns}${where} ${printQuery(statement.query, o)}`;
    }
    case 'drop-table':
      return `DROP TABLE ${statement.ifExists ? 'IF EXISTS ' : ''}${printName(statement.name)}`;
    case 'truncate':
      return `TRUNCATE TABLE ${printName(statement.target)}`;
    case 'delete':
      return `DELETE FROM ${printTarget(statement)}${printWhere(statement, o)}`;
    case 'update':
      return `UPDATE ${printTarget(statement)} SET ${printAssignments(statement.assignments, o)}${printWhere(statement, o)}`;
    case 'merge': {
      const head = `MERGE INTO ${printTarget(statement)} USING ${printRelation(statement.source, o)}`;
      const clauses = statement.clauses.map((clause) => printClause(clause, o));
      return `${head} ON ${printExpression(statement.on, o)} ${clauses.join(' ')}`;
    }
  }
}

type Creation = Extract<WriteStatement, { readonly kind: 'create-table' | 'create-table-as' }>;
type RowChange = Extract<WriteStatement, { readonly kind: 'delete' | 'update' | 'merge' }>;

const printCreation = ({ name, orReplace, ifNotExists }: Creation): string =>
  `CREATE ${orReplace ? 'OR REPLACE ' : ''}TABLE ${ifNotExists ? 'IF NOT EXISTS ' : ''}${printName(name)}`;

function printClauses({ format, comment, at }: Creation, o: PrintOptions): string {
  const using = format === undefined ? '' : ` USING ${format}`;
  if (comment === undefined) return using;
  return `${using} COMMENT ${o.literal({ kind: 'literal', value: { type: 'string', value: comment }, at })}`;
}

const printTarget = ({ target, alias }: RowChange): string =>
  printName(target) + (alias === undefined ? '' : ` AS ${printIdentifier(alias)}`);

const printWhere = (
  { where }: Extract<RowChange, { readonly kind: 'delete' | 'update' }>,
  o: PrintOptions,
): string => (where === undefined ? '' : ` WHERE ${printExpression(where, o)}`);

const printAssignments = (assignments: readonly Assignment[], o: PrintOptions): string =>
  assignments.map(({ column, value }) => `${printName(column)} = ${printExpression(value, o)}`).join(', ');

const WHEN = {
  matched: 'MATCHED',
  'not-matched': 'NOT MATCHED',
  'not-matched-by-source': 'NOT MATCHED BY SOURCE',
} as const;

function printClause({ when, condition, action }: MergeClause, o: PrintOptions): string {
  const and = condition === undefined ? '' : ` AND ${printExpression(condition, o)}`;
  return `WHEN ${WHEN[when]}${and} THEN ${printAction(action, o)}`;
}

function printAction(action: MergeAction, o: PrintOptions): string {
  switch (action.kind) {
    case 'delete':
      return 'DELETE';
    case 'update':
      return `UPDATE SET ${printAssignments(action.assignments, o)}`;
    case 'update-all':
      return 'UPDATE SET *';
    case 'insert': {
      const values = action.values.map((value) => printExpression(value, o)).join(', ');
      return `INSERT (${action.columns.map(printName).join(', ')}) VALUES (${values})`;
    }
    case 'insert-all':
      return 'INSERT *';
  }
}
