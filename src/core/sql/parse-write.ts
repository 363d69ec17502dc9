/** Statements that write: CREATE TABLE, INSERT, DROP TABLE and TRUNCATE TABLE; those that change rows are in `parse-row-change.ts`. */
import type { TableFormat } from '../plan/write.js';
import type { Identifier, QualifiedName, Statement } from './ast.js';
import type { ColumnDefinition } from './ast-write.js';
import type { Cursor } from './cursor.js';
import { parseExpr, startsQuery } from './parse-expression.js';
import { parseQuery } from './parse-query.js';
import { refusePathName } from './parse-relation.js';
import { parseType } from './parse-type.js';
import { statementRefused } from './refused-statement.js';
import { withDefaults } from './write-default.js';

const FORMATS: readonly TableFormat[] = ['parquet', 'delta'];

/** What may be said of a table to be, in Spark, but not here. */
const REFUSED_CLAUSES: Readonly<Record<string, string>> = {
  LOCATION: 'Leave it out: a table lies in the warehouse of the gateway.',
  OPTIONS: 'Leave it out: files are written in one way.',
  TBLPROPERTIES: 'Leave it out; tags and an owner are set through PUT /v1/catalog/tables/{name}/metadata.',
  PARTITIONED: 'Leave it out: Parquet files know which rows they can hold.',
  CLUSTERED: 'Leave it out.',
  CLUSTER: 'Leave it out.',
  SKEWED: 'Leave it out.',
  STORED: 'Say USING parquet or USING delta.',
  ROW: 'Say USING parquet or USING delta.',
  DEFAULT: 'Leave it out.',
};

/** A table to be written to. No path ever stands for one. */
export function tableName(c: Cursor): QualifiedName {
  const name = c.qualifiedName();
  refusePathName(c, name);
  return name;
}

const queryAhead = (c: Cursor): boolean => startsQuery(c, c.isSymbol('(') ? 1 : 0);

/** After CREATE. */
export function parseCreate(c: Cursor, at: Statement['at']): Statement {
  const orReplace = c.acceptWords('OR', 'REPLACE');
  if (!c.isWord('TABLE')) throw notATable(c, 'CREATE', at);
  c.take();
  const ifNotExists = c.acceptWords('IF', 'NOT', 'EXISTS');
  if (orReplace && ifNotExists) throw c.error('OR REPLACE and IF NOT EXISTS exclude each other.', at);
  const name = tableName(c);
  if (c.isWord('LIKE')) throw c.refuse('CREATE TABLE ... LIKE', 'Use CREATE TABLE ... AS SELECT.');
  const columns = c.isSymbol('(') && !queryAhead(c) ? parseColumns(c) : undefined;
  const clauses = parseClauses(c);
  const creation = { name, orReplace, ifNotExists, at, ...clauses };
  if (c.acceptWord('AS') || queryAhead(c)) {
    if (columns !== undefined)
      throw c.error(
        'A table made from a query takes its columns.',
        columns[0]?.at,
        'Cast them in the query.',
      );
    return { kind: 'create-table-as', query: parseQuery(c), ...creation };
  }
  if (columns === undefined) throw c.unexpected('columns or AS query');
  return { kind: 'create-table', columns, ...creation };
}

/** CREATE FUNCTION, DROP VIEW and the like. */
function notATable(c: Cursor, verb: 'CREATE' | 'DROP', at: Statement['at']) {
  const word = c.token.kind === 'word' ? c.token.upper : '';
  const view = verb === 'CREATE' && ['TEMPORARY', 'TEMP', 'GLOBAL', 'VIEW'].includes(word);
  const remedy = view ? 'Use a CTE, or CREATE TABLE ... AS SELECT.' : 'Tables can be created and dropped.';
  return statementRefused(`${verb} ${word}`.trim(), at, remedy);
}

function parseColumns(c: Cursor): readonly ColumnDefinition[] {
  c.expectSymbol('(');
  const columns = c.commaList(() => {
    const at = c.at;
    if (c.isWord('CONSTRAINT', 'PRIMARY', 'FOREIGN', 'CHECK') && !c.symbolAt(1, ',', ')'))
      refuseConstraint(c, ['CONSTRAINT', 'PRIMARY', 'FOREIGN', 'CHECK']);
    const name = c.identifier();
    const type = parseType(c);
    refuseConstraint(c, [
      'NOT',
      'DEFAULT',
      'GENERATED',
      'COMMENT',
      'CONSTRAINT',
      'PRIMARY',
      'UNIQUE',
      'CHECK',
    ]);
    return { name, type, at };
  });
  c.expectSymbol(')');
  return columns;
}

function refuseConstraint(c: Cursor, words: readonly string[]): void {
  const { token } = c;
  if (token.kind !== 'word' || !words.includes(token.upper)) return;
  const what = token.upper === 'NOT' ? 'NOT NULL' : token.upper;
  throw c.refuse(`${what} of a column`, 'A column is a name and a type.');
}

function parseClauses(c: Cursor): { readonly format?: TableFormat; readonly comment?: string } {
  let format: TableFormat | undefined;
  let comment: string | undefined;
  for (;;) {
    const { token } = c;
    if (format === undefined && c.acceptWord('USING')) {
      format = tableFormat(c);
    } else if (comment === undefined && c.acceptWord('COMMENT')) {
      if (c.token.kind !== 'string') throw c.unexpected('a text');
      comment = c.token.text;
      c.take();
    } else if (token.kind === 'word' && REFUSED_CLAUSES[token.upper] !== undefined) {
      const next = c.ahead(1);
      const by = next.kind === 'word' && ['BY', 'FORMAT', 'AS'].includes(next.upper) ? ` ${next.upper}` : '';
      throw c.refuse(`${token.upper}${by} of a table`, REFUSED_CLAUSES[token.upper] ?? '');
    } else break;
  }
  return { ...(format === undefined ? {} : { format }), ...(comment === undefined ? {} : { comment }) };
}

function tableFormat(c: Cursor): TableFormat {
  const { at } = c;
  const { name } = c.identifier();
  const format = FORMATS.find((known) => known === name.toLowerCase());
  if (format !== undefined && !c.isSymbol('.')) return format;
  throw c.refuse(
    `USING ${format === undefined ? 'another format' : 'a path'}`,
    'Say USING parquet or USING delta.',
    {
      at,
    },
  );
}

/** After INSERT. */
export function parseInsert(c: Cursor, at: Statement['at']): Statement {
  const overwrite = c.acceptWord('OVERWRITE');
  if (!overwrite) c.expectWord('INTO');
  if (c.isWord('DIRECTORY') || (c.isWord('LOCAL') && c.wordAt(1, 'DIRECTORY')))
    throw c.refuse('INSERT OVERWRITE DIRECTORY', 'Write to a table.');
  c.acceptWord('TABLE');
  const target = tableName(c);
  for (const [words, what] of REFUSED_INSERTS)
    if (words.every((word, i) => c.wordAt(i, word)) || (what === 'PARTITION' && c.isWord('PARTITION')))
      throw c.refuse(`${what} of INSERT`, 'Leave it out; DELETE and MERGE change rows of Delta tables.');
  const byName = c.acceptWords('BY', 'NAME');
  const columns = !byName && c.isSymbol('(') && !queryAhead(c) ? columnNames(c) : undefined;
  const replaceWhere = !overwrite && c.acceptWords('REPLACE', 'WHERE') ? parseExpr(c) : undefined;
  const query = withDefaults(parseQuery(c));
  return {
    kind: 'insert',
    target,
    overwrite,
    byName,
    query,
    at,
    ...(columns === undefined ? {} : { columns }),
    ...(replaceWhere === undefined ? {} : { replaceWhere }),
  };
}

const REFUSED_INSERTS: readonly (readonly [readonly string[], string])[] = [
  [['PARTITION'], 'PARTITION'],
  [['IF', 'NOT', 'EXISTS'], 'IF NOT EXISTS'],
  [['REPLACE', 'ON'], 'REPLACE ON'],
  [['REPLACE', 'USING'], 'REPLACE USING'],
  [['WITH', 'SCHEMA', 'EVOLUTION'], 'WITH SCHEMA EVOLUTION'],
];

function columnNames(c: Cursor): readonly Identifier[] {
  c.expectSymbol('(');
  const names = c.commaList(() => c.identifier());
  c.expectSymbol(')');
  return names;
}

/** After DROP. */
export function parseDrop(c: Cursor, at: Statement['at']): Statement {
  if (!c.isWord('TABLE')) throw notATable(c, 'DROP', at);
  c.take();
  const ifExists = c.acceptWords('IF', 'EXISTS');
  const name = tableName(c);
  if (c.isWord('PURGE')) throw c.refuse('PURGE', 'Files of a dropped table are removed by themselves.');
  return { kind: 'drop-table', name, ifExists, at };
}

/** After TRUNCATE. */
export function parseTruncate(c: Cursor, at: Statement['at']): Statement {
  c.expectWord('TABLE');
  const target = tableName(c);
  if (c.isWord('PARTITION'))
    throw c.refuse('PARTITION of TRUNCATE', 'DELETE FROM a Delta table by a condition.');
  return { kind: 'truncate', target, at };
}
