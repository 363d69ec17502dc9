/** Statements: queries, writes, EXPLAIN, DESCRIBE, SHOW and USE. Every other kind is refused by its name. */
import type { ExplainMode, Identifier, Statement } from './ast.js';
import type { Cursor } from './cursor.js';
import { parseQuery } from './parse-query.js';
import { refusePathName } from './parse-relation.js';
import { parseDelete, parseMerge, parseUpdate } from './parse-row-change.js';
import { parseCreate, parseDrop, parseInsert, parseTruncate } from './parse-write.js';
import { refusedStatement, statementRefused } from './refused-statement.js';

const EXPLAIN_MODES: readonly ExplainMode[] = ['extended', 'codegen', 'cost', 'formatted'];

export function parseOneStatement(c: Cursor): Statement {
  const at = c.at;
  const token = c.token;
  if (token.kind === 'end') throw c.error('The statement is empty.');
  if (c.isSymbol('(') || c.isWord('SELECT', 'WITH', 'VALUES', 'TABLE', 'FROM')) {
    return { kind: 'query-statement', query: parseQuery(c), at };
  }
  if (c.acceptWord('EXPLAIN')) return parseExplain(c, at);
  if (c.acceptWord('DESCRIBE', 'DESC')) return parseDescribe(c, at);
  if (c.acceptWord('SHOW')) return parseShow(c, at);
  if (c.acceptWord('USE')) return parseUse(c, at);
  if (c.acceptWord('CREATE')) return parseCreate(c, at);
  if (c.acceptWord('INSERT')) return parseInsert(c, at);
  if (c.acceptWord('DROP')) return parseDrop(c, at);
  if (c.acceptWord('TRUNCATE')) return parseTruncate(c, at);
  if (c.acceptWord('DELETE')) return parseDelete(c, at);
  if (c.acceptWord('UPDATE')) return parseUpdate(c, at);
  if (c.acceptWord('MERGE')) return parseMerge(c, at);
  throw refusedStatement(c);
}

function parseExplain(c: Cursor, at: Statement['at']): Statement {
  const mode = EXPLAIN_MODES.find((m) => c.acceptWord(m.toUpperCase())) ?? 'simple';
  if (c.isWord('ANALYZE')) throw c.refuse('EXPLAIN ANALYZE', 'Use EXPLAIN, or run the statement.');
  return { kind: 'explain', mode, statement: c.nested(() => parseOneStatement(c)), at };
}

function parseDescribe(c: Cursor, at: Statement['at']): Statement {
  if (c.acceptWord('FUNCTION')) {
    const extended = c.acceptWord('EXTENDED');
    const token = c.take();
    if (token.kind !== 'word' && token.kind !== 'quoted' && token.kind !== 'string')
      throw c.error('Expected a function.', token.at);
    return { kind: 'describe-function', name: token.text, extended, at };
  }
  if (
    c.isWord('DATABASE', 'SCHEMA', 'NAMESPACE', 'CATALOG') &&
    ['word', 'quoted'].includes(c.ahead(1).kind)
  ) {
    throw c.refuse('DESCRIBE SCHEMA', 'Use SHOW TABLES IN the schema.');
  }
  if (c.acceptWord('QUERY') || c.isSymbol('(') || c.isWord('SELECT', 'WITH', 'VALUES')) {
    return { kind: 'describe-query', query: parseQuery(c), at };
  }
  c.acceptWord('TABLE');
  const extended = c.acceptWord('EXTENDED', 'FORMATTED');
  const name = c.qualifiedName();
  refusePathName(c, name);
  if (c.isWord('PARTITION') || c.isWord('AS'))
    throw c.refuse('DESCRIBE ... PARTITION and AS JSON', 'Describe the table.');
  const column = c.token.kind === 'word' || c.token.kind === 'quoted' ? c.qualifiedName() : undefined;
  return { kind: 'describe-table', name, extended, at, ...(column === undefined ? {} : { column }) };
}

function parseShow(c: Cursor, at: Statement['at']): Statement {
  const what = c.take();
  const word = what.kind === 'word' ? what.upper : '';
  switch (word) {
    case 'CATALOGS':
      return { kind: 'show', what: 'catalogs', at, ...like(c) };
    case 'SCHEMAS':
    case 'DATABASES':
    case 'NAMESPACES':
      return { kind: 'show', what: 'schemas', at, ...within(c), ...like(c) };
    case 'TABLES':
      return { kind: 'show', what: 'tables', at, ...within(c), ...like(c) };
    case 'COLUMNS': {
      const table = within(c);
      const schema = within(c);
      if (table.in === undefined) throw c.unexpected('IN table');
      const name = [...(schema.in ?? []), ...table.in];
      refusePathName(c, name);
      return { kind: 'show', what: 'columns', in: name, at };
    }
    case 'FUNCTIONS':
      return { kind: 'show', what: 'functions', at, ...like(c) };
    default:
      throw statementRefused(`SHOW ${what.kind === 'word' ? what.upper : ''}`.trim(), at);
  }
}

const within = (c: Cursor): { readonly in?: readonly Identifier[] } =>
  c.acceptWord('IN', 'FROM') ? { in: c.qualifiedName() } : {};

function like(c: Cursor): { readonly like?: string } {
  const named = c.acceptWord('LIKE');
  const token = c.token;
  if (token.kind !== 'string') {
    if (named) throw c.unexpected('a pattern');
    return {};
  }
  c.take();
  return { like: token.text };
}

function parseUse(c: Cursor, at: Statement['at']): Statement {
  const catalog = c.isWord('CATALOG') && c.ahead(1).kind !== 'end';
  const schema = !catalog && c.isWord('SCHEMA', 'DATABASE', 'NAMESPACE') && c.ahead(1).kind !== 'end';
  if (catalog || schema) c.take();
  return { kind: 'use', what: catalog ? 'catalog' : schema ? 'schema' : 'any', name: c.qualifiedName(), at };
}
