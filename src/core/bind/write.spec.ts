/** Targets, columns and assignments of statements that write. */
import { describe, expect, it } from '@jest/globals';
import { objectId } from '../catalog/catalog.js';
import { GovernanceError } from '../errors.js';
import { array, type DataType, decimal, INT, STRING, struct, TIMESTAMP, typeName } from '../plan/types.js';
import type { BoundRowChange, BoundTableWrite, BoundWrite } from '../plan/write.js';
import type { WriteStatement } from '../sql/ast-write.js';
import { functionTable } from '../sql/functions/table.js';
import { parseStatement } from '../sql/parse.js';
import type { BindContext } from './context.js';
import { bindReplacement, bindRowChange } from './row-change.js';
import { bindTableStatement, type TargetNames } from './write.js';

const TABLES: Readonly<Record<string, Readonly<Record<string, DataType>>>> = {
  'lake.main.t': { a: INT, B: STRING, d: decimal(10, 2), hidden: INT },
  'lake.main.s': {
    a: INT,
    b: STRING,
    at: TIMESTAMP,
    list: array(INT),
    pair: struct([{ name: 'x', type: INT }]),
  },
};
const columnsOf = (id: string, all: boolean) =>
  Object.entries(TABLES[id] ?? {})
    .filter(([name]) => all || name !== 'hidden')
    .map(([name, type]) => ({ name, type, nullable: true, tags: [] }));
const idOf = (parts: readonly string[]): string => {
  const [c, s, t] = [...['lake', 'main'].slice(0, 3 - parts.length), ...parts];
  return objectId(c ?? '', s ?? '', t ?? '');
};
const context: BindContext = {
  functions: functionTable,
  resolveTable: (parts) =>
    TABLES[idOf(parts)] === undefined
      ? undefined
      : { id: idOf(parts), columns: columnsOf(idOf(parts), false) },
  parameters: { named: new Map(), positional: [] },
  currentUser: 'ana',
  currentCatalog: 'lake',
  currentSchema: 'main',
  now: { timestamp: '2026-01-01 00:00:00.000000' },
};
const names: TargetNames = {
  resolve: (parts) =>
    TABLES[idOf(parts)] === undefined
      ? undefined
      : {
          object: idOf(parts),
          known: columnsOf(idOf(parts), false),
          all: columnsOf(idOf(parts), true),
          format: 'parquet',
        },
  idOf,
};
function bind(sql: string): BoundWrite {
  const statement = parseStatement(sql, { parameters: 'statement' }) as WriteStatement;
  if (statement.kind === 'insert' && statement.replaceWhere !== undefined)
    return bindReplacement({ ...statement, replaceWhere: statement.replaceWhere }, context, names);
  return statement.kind === 'delete' || statement.kind === 'update' || statement.kind === 'merge'
    ? bindRowChange(statement, context, names)
    : bindTableStatement(statement, context, names);
}
const write = (sql: string): BoundTableWrite => bind(sql) as BoundTableWrite;
const shown = (sql: string): string =>
  write(sql)
    .columns.map(({ name, type }) => `${name} ${typeName(type)}`)
    .join(', ');
function refused(sql: string): string {
  try {
    bind(sql);
  } catch (error) {
    if (error instanceof GovernanceError) {
      expect(error.details.position).toBeDefined();
      expect(error.details.remedy).toBeDefined();
      return error.code;
    }
    throw error;
  }
  throw new Error(`${sql} was not refused`);
}

describe('a new table', () => {
  it('has the columns of its query', () => {
    expect(shown("CREATE TABLE n AS SELECT 1 AS a, 'x' AS `b c`, DATE '2020-01-01' AS d FROM t")).toBe(
      'a int, b c string, d date',
    );
    expect(write('CREATE TABLE n AS SELECT * FROM t')).toMatchObject({
      mode: 'create',
      format: 'parquet',
      target: { object: 'lake.main.n' },
    });
    expect(shown('CREATE TABLE n AS SELECT * FROM t')).toBe('a int, B string, d decimal(10,2)');
    expect(write('CREATE TABLE Work.Ana.N (a INT) USING delta')).toMatchObject({
      target: { object: 'work.ana.n' },
      format: 'delta',
    });
  });

  it('is not made over another unless it is to be', () => {
    expect(refused('CREATE TABLE t AS SELECT 1 AS a')).toBe('TABLE_OR_VIEW_ALREADY_EXISTS');
    expect(bind('CREATE TABLE IF NOT EXISTS t AS SELECT 1 AS a').kind).toBe('nothing');
    expect(write('CREATE OR REPLACE TABLE t AS SELECT 1 AS a').mode).toBe('replace');
    expect(write('CREATE OR REPLACE TABLE n AS SELECT 1 AS a').mode).toBe('create');
    expect(bind('DROP TABLE IF EXISTS n').kind).toBe('nothing');
    expect(bind('DROP TABLE t').kind).toBe('drop');
  });

  it.each([
    ['CREATE TABLE n AS SELECT 1 AS a, 2 AS A', 'INVALID_STATEMENT'],
    ['CREATE TABLE n (a INT, A INT)', 'INVALID_STATEMENT'],
    ['CREATE TABLE n AS SELECT NULL AS a', 'TYPE_MISMATCH'],
    ["CREATE TABLE n AS SELECT array(INTERVAL '1' DAY) AS a", 'TYPE_MISMATCH'],
    ['CREATE TABLE n AS SELECT a FROM missing', 'TABLE_OR_VIEW_NOT_FOUND'],
    ['CREATE TABLE `a.b`.c.d AS SELECT 1 AS a', 'INVALID_STATEMENT'],
    ['CREATE TABLE a.b.c.d AS SELECT 1 AS a', 'INVALID_STATEMENT'],
    ['CREATE TABLE n AS SELECT 1 AS `a\\nb`', 'INVALID_STATEMENT'],
    ['DROP TABLE n', 'TABLE_OR_VIEW_NOT_FOUND'],
    ['TRUNCATE TABLE n', 'TABLE_OR_VIEW_NOT_FOUND'],
    ['TRUNCATE TABLE a.b.c.d', 'TABLE_OR_VIEW_NOT_FOUND'],
    ['INSERT INTO n VALUES (1)', 'TABLE_OR_VIEW_NOT_FOUND'],
  ])('%s: %s', (sql, code) => {
    expect(refused(sql.replace('\\n', '\n'))).toBe(code);
  });
});

describe('INSERT REPLACE WHERE', () => {
  const change = (sql: string) => bind(sql) as BoundRowChange;

  it('takes rows away by a condition over the table, and brings those of the query', () => {
    const { scan, source, on, clauses, replaces, columns, leaves } = change(
      "INSERT INTO t BY NAME REPLACE WHERE a > 1 AND T.b = 'x' SELECT b, a FROM s",
    );
    expect([replaces, scan.table, on]).toMatchObject([
      true,
      'lake.main.t',
      { kind: 'literal', value: false },
    ]);
    expect(columns.map(({ name }) => name)).toEqual(['a', 'B', 'd', 'hidden']);
    expect(source?.output.map(({ name, type }) => `${name} ${typeName(type)}`)).toEqual([
      'a int',
      'B string',
      'd decimal(10,2)',
      'hidden int',
    ]);
    expect(clauses.map(({ when, action, condition }) => [when, action.kind, condition?.kind])).toEqual([
      ['not-matched-by-source', 'delete', 'call'],
      ['not-matched', 'insert', undefined],
    ]);
    const [, insert] = clauses;
    const given = insert?.action.kind === 'insert' ? insert.action.values : [];
    expect(given.map(({ column, value }) => [column, value.kind === 'column' && value.id])).toEqual(
      source?.output.map(({ id, name }) => [name, id]),
    );
    expect(leaves.map(({ table }) => table)).toEqual(['lake.main.t', 'lake.main.s']);
    expect(source?.leaves.map(({ table }) => table)).toEqual(['lake.main.s']);
  });

  it.each([
    ['INSERT INTO t REPLACE WHERE hidden = 1 SELECT 1, 2, 3', 'UNRESOLVED_COLUMN'],
    [
      "INSERT INTO t REPLACE WHERE at = TIMESTAMP '2020-01-01 00:00:00' SELECT 1, 2, 3 FROM s",
      'UNRESOLVED_COLUMN',
    ],
    ['INSERT INTO t REPLACE WHERE a SELECT 1, 2, 3', 'TYPE_MISMATCH'],
    ['INSERT INTO t REPLACE WHERE true SELECT 1', 'INVALID_STATEMENT'],
    ['INSERT INTO n REPLACE WHERE true SELECT 1', 'TABLE_OR_VIEW_NOT_FOUND'],
  ])('%s: %s', (sql, code) => {
    expect(refused(sql)).toBe(code);
  });
});

describe('TRUNCATE', () => {
  it('is an overwrite of all columns, hidden ones too, by no rows', () => {
    const { mode, target, columns, source } = write('TRUNCATE TABLE T');
    expect({ mode, object: target.object }).toEqual({ mode: 'overwrite', object: 'lake.main.t' });
    expect(columns.map(({ name }) => name)).toEqual(['a', 'B', 'd', 'hidden']);
    expect(source.output.map(({ type }) => type)).toEqual(columns.map(({ type }) => type));
    expect(source.plan).toMatchObject({ kind: 'filter', condition: { kind: 'literal', value: false } });
    expect(source.leaves).toEqual([]);
  });
});

describe('INSERT', () => {
  const items = (sql: string): readonly string[] => {
    const { source } = write(sql);
    if (source.plan.kind !== 'project') throw new Error('no projection');
    return source.plan.items.map(({ expr, column }) => `${column.name}:${expr.kind}:${typeName(expr.type)}`);
  };

  it('gives each column its value in its type, NULL where there is none', () => {
    expect(items("INSERT INTO t VALUES (1L, 'x', 2)")).toEqual([
      'a:cast:int',
      'B:column:string',
      'd:cast:decimal(10,2)',
      'hidden:literal:int',
    ]);
    expect(items("INSERT INTO t (b, a) VALUES ('x', DEFAULT)")).toEqual([
      'a:literal:int'.replace('literal', 'cast'),
      'B:column:string',
      'd:literal:decimal(10,2)',
      'hidden:literal:int',
    ]);
    expect(items("INSERT INTO t BY NAME SELECT 'x' AS b, 1 AS A")).toEqual([
      'a:column:int',
      'B:column:string',
      'd:literal:decimal(10,2)',
      'hidden:literal:int',
    ]);
    expect(write('INSERT OVERWRITE t (a) SELECT 1')).toMatchObject({ mode: 'overwrite' });
  });

  it.each([
    ['INSERT INTO t VALUES (1)', 'INVALID_STATEMENT'],
    ["INSERT INTO t VALUES (1, 'x', 2, 3)", 'INVALID_STATEMENT'],
    ['INSERT INTO t (a, A) VALUES (1, 2)', 'INVALID_STATEMENT'],
    ['INSERT INTO t (a) VALUES (1, 2)', 'INVALID_STATEMENT'],
    ['INSERT INTO t (x) VALUES (1)', 'UNRESOLVED_COLUMN'],
    ['INSERT INTO t (hidden) VALUES (1)', 'UNRESOLVED_COLUMN'],
    ['INSERT INTO t BY NAME SELECT 1 AS x', 'UNRESOLVED_COLUMN'],
    ['INSERT INTO t BY NAME SELECT 1 AS a, 2 AS A', 'INVALID_STATEMENT'],
    ["INSERT INTO t (a) VALUES ('1')", 'TYPE_MISMATCH'],
    ['INSERT INTO t (a) VALUES (true)', 'TYPE_MISMATCH'],
    ["INSERT INTO t (a) VALUES (DATE '2020-01-01')", 'TYPE_MISMATCH'],
    ['INSERT INTO t (b) VALUES (array(1))', 'TYPE_MISMATCH'],
    ["INSERT INTO s (list) VALUES (array('x'))", 'TYPE_MISMATCH'],
    ["INSERT INTO s (pair) VALUES (named_struct('x', 1, 'y', 2))", 'TYPE_MISMATCH'],
  ])('%s: %s', (sql, code) => {
    expect(refused(sql)).toBe(code);
  });

  it.each([
    'INSERT INTO t (a) VALUES (1.5)',
    'INSERT INTO t (a) VALUES (NULL)',
    'INSERT INTO t (b) VALUES (1)',
    'INSERT INTO t (b) VALUES (true)',
    "INSERT INTO s (at) VALUES (DATE '2020-01-01')",
    'INSERT INTO s (list) VALUES (array(1L))',
    "INSERT INTO s (pair) VALUES (named_struct('y', 1L))",
  ])('%s is assigned as Spark does', (sql) => {
    expect(write(sql).kind).toBe('table-write');
  });
});

describe('rows that change', () => {
  const change = (sql: string): BoundRowChange => bind(sql) as BoundRowChange;

  it('are those of a target with its own names, and of a source', () => {
    expect(change('DELETE FROM t AS x WHERE x.a > 1')).toMatchObject({
      scan: { table: 'lake.main.t' },
      clauses: [{ when: 'matched', action: { kind: 'delete' }, condition: { kind: 'call' } }],
    });
    expect(change('UPDATE t SET a = a + 1L, t.b = DEFAULT').clauses).toMatchObject([
      { action: { kind: 'update', values: [{ column: 'a' }, { column: 'B', value: { value: null } }] } },
    ]);
    const merge = change(`MERGE INTO t USING s ON t.a = s.a WHEN MATCHED AND s.b = 'x' THEN DELETE
      WHEN MATCHED THEN UPDATE SET b = s.b WHEN NOT MATCHED THEN INSERT (a, b) VALUES (a, b)
      WHEN NOT MATCHED BY SOURCE THEN UPDATE SET d = d + 1`);
    expect(merge.leaves.map((leaf) => leaf.table)).toEqual(['lake.main.t', 'lake.main.s']);
    expect(merge.source?.leaves.map((leaf) => leaf.table)).toEqual(['lake.main.s']);
    expect(merge.clauses.map(({ when, action }) => `${when} ${action.kind}`)).toEqual([
      'matched delete',
      'matched update',
      'not-matched insert',
      'not-matched-by-source update',
    ]);
  });

  it.each([
    ['UPDATE t SET x = 1', 'UNRESOLVED_COLUMN'],
    ['UPDATE t SET hidden = 1', 'UNRESOLVED_COLUMN'],
    ['UPDATE t SET a = 1, A = 2', 'INVALID_STATEMENT'],
    ["UPDATE t SET a = '1'", 'TYPE_MISMATCH'],
    ['UPDATE t SET a = count(*)', 'INVALID_GROUPING'],
    ['UPDATE s SET pair.x = 1', 'FEATURE_NOT_ALLOWED'],
    ['DELETE FROM t WHERE hidden = 1', 'UNRESOLVED_COLUMN'],
    ['DELETE FROM t WHERE a', 'TYPE_MISMATCH'],
    ['DELETE FROM missing', 'TABLE_OR_VIEW_NOT_FOUND'],
    ['MERGE INTO t USING s ON a = 1 WHEN MATCHED THEN DELETE', 'AMBIGUOUS_COLUMN'],
    ['MERGE INTO t USING s ON t.a = s.a WHEN NOT MATCHED THEN INSERT (a) VALUES (t.a)', 'UNRESOLVED_COLUMN'],
    ['MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET *', 'UNRESOLVED_COLUMN'],
    [
      'MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE WHEN MATCHED THEN DELETE',
      'INVALID_STATEMENT',
    ],
  ])('%s: %s', (sql, code) => {
    expect(refused(sql)).toBe(code);
  });
});
