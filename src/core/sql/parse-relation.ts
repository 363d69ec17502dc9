/** FROM: tables, subqueries, VALUES, table functions and joins. */
import { GovernanceError, type Position } from '../errors.js';
import type { QualifiedName } from './ast.js';
import type { AsOf, JoinRelation, JoinType, Relation, RelationAlias } from './ast-relation.js';
import type { Cursor } from './cursor.js';
import { parseArgument } from './parse-call.js';
import { parseExpr, startsQuery } from './parse-expression.js';
import { crossed } from './parse-lateral-view.js';
import { parsePivot } from './parse-pivot.js';
import { parseQuery, parseRows } from './parse-query.js';
import { parseSample } from './parse-sample.js';

/**
 * The entries of FROM. Spark lets a join reach over the comma before it: `a, b RIGHT JOIN c` is `(a CROSS
 * JOIN b) RIGHT JOIN c`, so what stands before a join becomes one tree.
 */
export function parseFrom(c: Cursor): readonly Relation[] {
  let entries: readonly Relation[] = [parseRelation(c)];
  while (c.acceptSymbol(',')) {
    const at = c.at;
    const next = parsePrimary(c);
    const joined = parseExtension(c, crossed([...entries, next], at));
    entries = joined === undefined ? [...entries, next] : [parseJoins(c, joined)];
  }
  return entries;
}

const parseRelation = (c: Cursor): Relation => parseJoins(c, parsePrimary(c));

function parseJoins(c: Cursor, start: Relation): Relation {
  let left = start;
  for (;;) {
    const joined = parseExtension(c, left);
    if (joined === undefined) return left;
    left = joined;
  }
}

const parseExtension = (c: Cursor, left: Relation): Relation | undefined =>
  parsePivot(c, left) ?? parseJoin(c, left);

export function parseJoin(c: Cursor, left: Relation): JoinRelation | undefined {
  const at = c.at;
  const natural = c.isWord('NATURAL');
  if (natural) c.take();
  const type = joinType(c);
  if (type === undefined) {
    if (natural) throw c.unexpected('JOIN');
    return undefined;
  }
  const right = parsePrimary(c);
  if ('lateral' in right && right.lateral && (natural || c.isWord('USING')))
    throw c.error('A LATERAL join takes neither NATURAL nor USING.');
  if (c.acceptWord('ON')) {
    if (natural) throw c.error('A NATURAL join takes no ON.');
    return { kind: 'join', type, natural, left, right, on: parseExpr(c), at };
  }
  if (c.acceptWord('USING')) {
    c.expectSymbol('(');
    const using = c.commaList(() => c.identifier());
    c.expectSymbol(')');
    return { kind: 'join', type, natural, left, right, using, at };
  }
  return { kind: 'join', type, natural, left, right, at };
}

const JOINS: readonly (readonly [readonly string[], JoinType])[] = [
  [['JOIN'], 'inner'],
  [['INNER', 'JOIN'], 'inner'],
  [['CROSS', 'JOIN'], 'cross'],
  [['LEFT', 'OUTER', 'JOIN'], 'left'],
  [['LEFT', 'SEMI', 'JOIN'], 'left-semi'],
  [['LEFT', 'ANTI', 'JOIN'], 'left-anti'],
  [['SEMI', 'JOIN'], 'left-semi'],
  [['ANTI', 'JOIN'], 'left-anti'],
  [['LEFT', 'JOIN'], 'left'],
  [['RIGHT', 'OUTER', 'JOIN'], 'right'],
  [['RIGHT', 'JOIN'], 'right'],
  [['FULL', 'OUTER', 'JOIN'], 'full'],
  [['FULL', 'JOIN'], 'full'],
];

const joinType = (c: Cursor): JoinType | undefined => JOINS.find(([words]) => c.acceptWords(...words))?.[1];

export function parsePrimary(c: Cursor): Relation {
  const at = c.at;
  const lateral =
    c.isWord('LATERAL') &&
    (c.symbolAt(1, '(') || ['word', 'quoted'].includes(c.ahead(1).kind)) &&
    !c.wordAt(1, 'VIEW');
  if (lateral) c.take();
  if (c.isSymbol('(')) return parseParenthesised(c, lateral);
  if (
    c.isWord('STREAM') &&
    (c.symbolAt(1, '(') || ['word', 'quoted'].includes(c.ahead(1).kind)) &&
    !c.wordAt(1, 'AS', 'WHERE', 'JOIN')
  ) {
    throw c.refuse('STREAM', 'Read the table as it is now.');
  }
  if (c.isWord('VALUES') && !c.symbolAt(1, '.')) {
    refuseValuesTable(c);
    c.take();
    const rows = parseRows(c);
    return { kind: 'values-relation', rows, at, ...parseAlias(c) };
  }
  if (c.token.kind === 'string') throw pathRefused(c.at);
  // `FROM from x`: Spark would take the first of two such words for an alias.
  if (c.isAliasEnd(0)) throw c.unexpected('a table');
  const name = c.qualifiedName();
  if (c.isSymbol('(')) return parseTableFunction(c, name, lateral);
  if (lateral) throw c.unexpected("'('");
  refusePathName(c, name);
  const asOf = parseAsOf(c);
  const relation: Relation = { kind: 'table', name, at, ...asOf, ...parseSample(c), ...parseAlias(c) };
  refuseTableSuffix(c);
  return relation;
}

/** [FOR] VERSION AS OF number | [FOR] TIMESTAMP AS OF text: nothing that would have to be computed. */
function parseAsOf(c: Cursor): { readonly asOf?: AsOf } {
  const at = c.at;
  const version = acceptAsOf(c, 'VERSION', 'SYSTEM_VERSION');
  if (!version && !acceptAsOf(c, 'TIMESTAMP', 'SYSTEM_TIME')) return {};
  if (!version && c.isWord('TIMESTAMP') && c.ahead(1).kind === 'string') c.take();
  const { token } = c;
  const text = token.kind === 'string' || (version && token.kind === 'number') ? token.text : undefined;
  if (text === undefined)
    throw c.unexpected(version ? 'a version, as 3' : "a moment, as '2026-01-31 12:00:00'");
  c.take();
  if (!version) return { asOf: { kind: 'timestamp', text, at } };
  if (!VERSION.test(text)) throw c.error('A version is a whole number.', at, 'Write VERSION AS OF 3.');
  return { asOf: { kind: 'version', version: Number(text), at } };
}

const VERSION = /^\d{1,15}$/;

const acceptAsOf = (c: Cursor, ...words: readonly string[]): boolean =>
  words.some((word) => c.acceptWords('FOR', word, 'AS', 'OF') || c.acceptWords(word, 'AS', 'OF'));

/**
 * `FROM VALUES t` reads a table called `values` in Spark, `FROM VALUES f(1)` and `FROM VALUES DATE '...'` do
 * not.
 */
function refuseValuesTable(c: Cursor): void {
  const word = ['word', 'quoted'].includes(c.ahead(1).kind);
  if (!word || c.symbolAt(2, '(') || ['string', 'number'].includes(c.ahead(2).kind)) return;
  throw c.error(
    'VALUES is followed by a name.',
    c.at,
    'Put each row into parentheses; a table called values needs back-quotes.',
  );
}

function parseParenthesised(c: Cursor, lateral: boolean): Relation {
  const at = c.at;
  c.expectSymbol('(');
  if (startsQuery(c) || (c.isWord('VALUES') && c.symbolAt(2, '('))) {
    const query = c.nested(() => parseQuery(c));
    c.expectSymbol(')');
    return { kind: 'subquery', query, lateral, at, ...parseSample(c), ...parseAlias(c) };
  }
  if (lateral) throw c.unexpected('a subquery');
  const relation = c.nested(() => parseRelation(c));
  c.expectSymbol(')');
  return { kind: 'parenthesised', relation, at, ...parseSample(c), ...parseAlias(c) };
}

function parseTableFunction(c: Cursor, name: QualifiedName, lateral: boolean): Relation {
  c.expectSymbol('(');
  const args = c.isSymbol(')') ? [] : c.commaList(() => parseArgument(c));
  c.expectSymbol(')');
  const at = name[0]?.at ?? c.at;
  return { kind: 'table-function', name, args, lateral, at, ...parseAlias(c) };
}

/** [AS] name [(columns)] */
export function parseAlias(c: Cursor): { readonly alias?: RelationAlias } {
  refuseTableSuffix(c);
  const name = c.optionalAlias('relation');
  if (name === undefined) return {};
  if (!c.acceptSymbol('(')) return { alias: { name, columns: [] } };
  const columns = c.commaList(() => c.identifier());
  c.expectSymbol(')');
  return { alias: { name, columns } };
}

function refuseTableSuffix(c: Cursor): void {
  if (c.isWord('TABLESAMPLE'))
    throw c.refuse('TABLESAMPLE here', 'Say it behind the name of a table or parentheses, before the alias.');
  const system = c.isWord('FOR') ? 1 : 0;
  if (
    c.wordAt(system, 'VERSION', 'TIMESTAMP', 'SYSTEM_VERSION', 'SYSTEM_TIME') &&
    c.wordAt(system + 1, 'AS') &&
    c.wordAt(system + 2, 'OF')
  ) {
    throw c.refuse('Time travel here', 'Say it behind the name of a table, before its alias.');
  }
}

const FILE_FORMATS = new Set(
  'parquet csv json orc text avro binaryfile delta iceberg hudi jdbc xml image libsvm kafka rate socket noop'.split(
    ' ',
  ),
);

/** Spark reads format.`path` as a file. No path ever stands for a table here. */
export function refusePathName(c: Cursor, name: QualifiedName): void {
  const format = name.length === 2 && FILE_FORMATS.has(name[0]?.name.toLowerCase() ?? '');
  const path = name.some((part) =>
    /[/\\:]|\.(parquet|csv|tsv|json|ndjson|orc|txt|avro|xml)(\.\w+)?$/i.test(part.name),
  );
  if (format || path) throw pathRefused(name[0]?.at ?? c.at);
}

const pathRefused = (position: Position): GovernanceError =>
  new GovernanceError('FEATURE_NOT_ALLOWED', 'A file path as a table is not allowed.', {
    position,
    remedy: 'Name a table of the catalogue (catalog.schema.table); SHOW TABLES lists them.',
    sqlState: '0A000',
  });
