/** DELETE, UPDATE and MERGE. */
import type { Statement } from './ast.js';
import type { Assignment, MergeAction, MergeClause, MergeWhen } from './ast-write.js';
import type { Cursor } from './cursor.js';
import { parseExpr } from './parse-expression.js';
import { parsePrimary } from './parse-relation.js';
import { tableName } from './parse-write.js';
import { defaulted } from './write-default.js';

/** After DELETE. */
export function parseDelete(c: Cursor, at: Statement['at']): Statement {
  c.expectWord('FROM');
  return { kind: 'delete', target: tableName(c), at, ...targetAlias(c), ...where(c) };
}

/** After UPDATE. */
export function parseUpdate(c: Cursor, at: Statement['at']): Statement {
  const target = tableName(c);
  const alias = targetAlias(c);
  c.expectWord('SET');
  const assignments = parseAssignments(c);
  return { kind: 'update', target, assignments, at, ...alias, ...where(c) };
}

function targetAlias(c: Cursor) {
  const alias = c.optionalAlias('relation');
  if (alias !== undefined && c.isSymbol('('))
    throw c.refuse('Columns of an alias', 'Use the names of the table.');
  return alias === undefined ? {} : { alias };
}

const where = (c: Cursor) => (c.acceptWord('WHERE') ? { where: parseExpr(c) } : {});

const parseAssignments = (c: Cursor): readonly Assignment[] =>
  c.commaList(() => {
    const at = c.at;
    const column = c.qualifiedName();
    if (!c.acceptSymbol('=', '==')) throw c.unexpected("'='");
    return { column, value: defaulted(parseExpr(c)), at };
  });

/** After MERGE. */
export function parseMerge(c: Cursor, at: Statement['at']): Statement {
  if (c.isWord('WITH')) throw c.refuse('WITH SCHEMA EVOLUTION', 'Make the table with all of its columns.');
  c.expectWord('INTO');
  const target = tableName(c);
  const alias = targetAlias(c);
  c.expectWord('USING');
  const source = parsePrimary(c);
  if (source.kind !== 'table' && source.kind !== 'subquery')
    throw c.refuse('Such a source of MERGE', 'Merge from a table or from a query in parentheses.', source);
  c.expectWord('ON');
  const on = parseExpr(c);
  const clauses: MergeClause[] = [];
  while (c.isWord('WHEN')) clauses.push(parseClause(c));
  if (clauses.length === 0) throw c.unexpected('WHEN');
  return { kind: 'merge', target, source, on, clauses, at, ...alias };
}

function parseClause(c: Cursor): MergeClause {
  const at = c.at;
  c.expectWord('WHEN');
  const when = mergeWhen(c);
  const condition = c.acceptWord('AND') ? { condition: parseExpr(c) } : {};
  c.expectWord('THEN');
  return { when, action: mergeAction(c, when), at, ...condition };
}

function mergeWhen(c: Cursor): MergeWhen {
  if (c.acceptWord('MATCHED')) return 'matched';
  c.expectWord('NOT');
  c.expectWord('MATCHED');
  if (!c.acceptWord('BY')) return 'not-matched';
  if (c.acceptWord('TARGET')) return 'not-matched';
  c.expectWord('SOURCE');
  return 'not-matched-by-source';
}

function mergeAction(c: Cursor, when: MergeWhen): MergeAction {
  if (when === 'not-matched') {
    c.expectWord('INSERT');
    if (c.acceptSymbol('*')) return { kind: 'insert-all' };
    c.expectSymbol('(');
    const columns = c.commaList(() => c.qualifiedName());
    c.expectSymbol(')');
    c.expectWord('VALUES');
    c.expectSymbol('(');
    const values = c.commaList(() => defaulted(parseExpr(c)));
    if (values.length !== columns.length)
      throw c.error(`INSERT names ${columns.length} columns and gives ${values.length} values.`);
    c.expectSymbol(')');
    return { kind: 'insert', columns, values };
  }
  if (c.acceptWord('DELETE')) return { kind: 'delete' };
  c.expectWord('UPDATE');
  c.expectWord('SET');
  if (when === 'matched' && c.acceptSymbol('*')) return { kind: 'update-all' };
  return { kind: 'update', assignments: parseAssignments(c) };
}
