/** LATERAL VIEW: rows that a generator makes of each row of FROM. */
import type { Position } from '../errors.js';
import type { Relation, RelationAlias } from './ast-relation.js';
import type { Cursor } from './cursor.js';
import { parseArgument } from './parse-call.js';

/** They stand behind the whole of FROM, one over the other. */
export function parseLateralViews(c: Cursor, from: readonly Relation[]): readonly Relation[] {
  if (!c.isWord('LATERAL') || !c.wordAt(1, 'VIEW')) return from;
  if (from.length === 0) throw c.unexpected('FROM');
  let view = crossed(from, c.at);
  while (c.isWord('LATERAL') && c.wordAt(1, 'VIEW')) view = parseLateralView(c, view);
  return [view];
}

function parseLateralView(c: Cursor, input: Relation): Relation {
  const at = c.at;
  c.expectWord('LATERAL');
  c.expectWord('VIEW');
  const outer = c.acceptWord('OUTER');
  const name = c.qualifiedName();
  c.expectSymbol('(');
  const args = c.isSymbol(')') ? [] : c.commaList(() => parseArgument(c));
  c.expectSymbol(')');
  return { kind: 'lateral-view', input, outer, name, args, at, ...parseNames(c) };
}

/** `t AS a, b`, `t a, b`, `t`, `AS a`: other than in a relation, the columns stand without parentheses. */
function parseNames(c: Cursor): { readonly alias?: RelationAlias } {
  const name = c.isWord('AS') ? undefined : c.optionalAlias('relation');
  const as = c.acceptWord('AS');
  const named = as || (isName(c) && !c.isAliasEnd(0));
  const columns = named ? c.commaList(() => c.identifier()) : [];
  return name === undefined && columns.length === 0
    ? {}
    : { alias: { ...(name === undefined ? {} : { name }), columns } };
}

const isName = (c: Cursor): boolean => ['word', 'quoted'].includes(c.token.kind);

/** What stands before them is one tree: Spark crosses the entries of FROM first. */
export function crossed(from: readonly Relation[], at: Position): Relation {
  const [first, ...rest] = from;
  if (first === undefined) throw new Error('nothing to cross');
  return rest.reduce(
    (left, right): Relation => ({ kind: 'join', type: 'cross', natural: false, left, right, at }),
    first,
  );
}
