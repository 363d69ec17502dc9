/** PIVOT and UNPIVOT: columns out of rows, rows out of columns, behind what stands before them in FROM. */
import type { Identifier, QualifiedName } from './ast.js';
import type { NamedExpression, Relation, RelationAlias, UnpivotSet } from './ast-relation.js';
import type { Cursor } from './cursor.js';
import { parseExpr } from './parse-expression.js';

/** Undefined: neither stands here. */
export function parsePivot(c: Cursor, input: Relation): Relation | undefined {
  const at = c.at;
  if (c.isWord('PIVOT') && c.symbolAt(1, '(')) {
    c.take();
    return { kind: 'pivot', input, ...parsePivotBody(c), at, ...parseName(c) };
  }
  if (c.isWord('UNPIVOT') && (c.symbolAt(1, '(') || c.wordAt(1, 'INCLUDE', 'EXCLUDE'))) {
    c.take();
    const includeNulls = c.isWord('INCLUDE');
    if (c.acceptWord('INCLUDE', 'EXCLUDE')) c.expectWord('NULLS');
    return { kind: 'unpivot', input, includeNulls, ...parseUnpivotBody(c), at, ...parseName(c) };
  }
  return undefined;
}

function parsePivotBody(c: Cursor) {
  c.expectSymbol('(');
  const aggregates = c.commaList(() => parseNamed(c));
  c.expectWord('FOR');
  const columns = listOf(c, () => c.identifier());
  c.expectWord('IN');
  c.expectSymbol('(');
  const values = c.commaList(() => parseNamed(c));
  c.expectSymbol(')');
  c.expectSymbol(')');
  return { aggregates, columns, values };
}

function parseNamed(c: Cursor): NamedExpression {
  const expression = parseExpr(c);
  const alias = c.optionalAlias('relation');
  return { expression, at: expression.at, ...(alias === undefined ? {} : { alias }) };
}

function parseUnpivotBody(c: Cursor) {
  c.expectSymbol('(');
  const several = c.isSymbol('(');
  const values = listOf(c, () => c.identifier());
  c.expectWord('FOR');
  const name = c.identifier();
  c.expectWord('IN');
  c.expectSymbol('(');
  const sets = c.commaList(() => parseSet(c, several));
  c.expectSymbol(')');
  c.expectSymbol(')');
  return { values, several, name, sets };
}

function parseSet(c: Cursor, several: boolean): UnpivotSet {
  const at = c.at;
  if (several && !c.isSymbol('(')) throw c.unexpected("'('");
  const columns: readonly QualifiedName[] = several
    ? listOf(c, () => c.qualifiedName())
    : [c.qualifiedName()];
  const alias = c.optionalAlias('relation');
  return { columns, at, ...(alias === undefined ? {} : { alias }) };
}

/** `a` or `(a, b)`. */
function listOf<T>(c: Cursor, item: () => T): readonly T[] {
  if (!c.acceptSymbol('(')) return [item()];
  const items = c.commaList(item);
  c.expectSymbol(')');
  return items;
}

function parseName(c: Cursor): { readonly alias?: RelationAlias } {
  const name: Identifier | undefined = c.optionalAlias('relation');
  return name === undefined ? {} : { alias: { name, columns: [] } };
}
