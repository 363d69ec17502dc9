import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bind, PlanLake, type Securing, secure } from '../../../test/support/duckdb-plans.js';
import { GovernanceError } from '../../core/errors.js';
import type { Expr, Plan } from '../../core/plan/plan.js';
import { walkPlan } from '../../core/plan/traverse.js';
import { BOOLEAN, INT } from '../../core/plan/types.js';
import { printLeaf } from '../../core/sql/duckdb/print.js';
import { type ExpectedLeaf, expectedLeaves } from './second-check/leaf.js';
import { secondCheck } from './second-check.js';

let lake: PlanLake;
beforeAll(async () => {
  lake = await PlanLake.open();
  writeFileSync(join(lake.folder, 'secret.txt'), 'secret');
  copyFileSync(join(lake.folder, 'people.parquet'), join(lake.folder, 'other.parquet'));
});
afterAll(() => lake.close());

/** Rows whose first column is at most 2; it is masked by adding nothing but a call. */
const SECURING: Securing = {
  filter: (raw): Expr => ({
    kind: 'call',
    fn: '<=',
    type: BOOLEAN,
    nullable: true,
    args: [
      { kind: 'column', id: raw[0]?.id ?? 0, type: INT, nullable: true },
      { kind: 'literal', type: INT, nullable: false, value: 2n },
    ],
  }),
};

interface Judged {
  readonly sql: string;
  readonly plan: Plan;
  readonly leaves: readonly ExpectedLeaf[];
}
function judged(text: string): Judged {
  const bound = bind(text);
  const plan = secure(bound, SECURING);
  return { sql: lake.print(bound, SECURING), plan, leaves: expectedLeaves(plan, { source: lake.source }) };
}

/** The code, or undefined when it passes. */
async function verdict(sql: string, leaves: readonly ExpectedLeaf[]): Promise<string | undefined> {
  try {
    await secondCheck(lake, sql, leaves);
    return undefined;
  } catch (error) {
    if (!(error instanceof GovernanceError)) throw error;
    return error.code;
  }
}

/** Seen from DuckDB it is a fine statement: so the judge, not a parser error, is what refuses it. */
async function runs(sql: string): Promise<boolean> {
  try {
    await lake.connection.runAndReadAll(sql);
    return true;
  } catch {
    return false;
  }
}

const BASE = 'SELECT name, count(*) FROM people WHERE id > 0 GROUP BY name';

describe('what the printer prints', () => {
  const statements = [
    BASE,
    'SELECT * FROM people',
    'SELECT p.name FROM people p JOIN people q ON p.id = q.boss WHERE EXISTS (SELECT 1 FROM sales s WHERE s.person = p.id)',
    'WITH t AS (SELECT id FROM people) SELECT a.id FROM t a JOIN t b ON a.id = b.id UNION ALL SELECT person FROM sales',
    'SELECT id, row_number() OVER (PARTITION BY boss ORDER BY id) FROM people ORDER BY id DESC LIMIT 3',
    'SELECT t.id FROM people p, LATERAL (SELECT p.id + 1 AS id) t',
    'SELECT n FROM VALUES (1), (2) AS v(n) WHERE n IN (SELECT id FROM range(5))',
    "SELECT CAST(score AS STRING), CAST(seen AS STRING), CAST(name AS INT) FROM people WHERE name LIKE 'A%'",
    'SELECT boss, sum(id) FROM people GROUP BY ROLLUP(boss) HAVING grouping(boss) = 0',
    'SELECT DISTINCT CAST(array(id, boss) AS STRING) FROM people',
    'SELECT x FROM people LATERAL VIEW OUTER posexplode(array(id, boss)) t AS p, x',
    'SELECT * FROM people TABLESAMPLE (10 PERCENT) REPEATABLE (3) p PIVOT (max(id) FOR name IN (1, 2))',
    'WITH RECURSIVE r AS (SELECT id FROM people UNION ALL SELECT p.id FROM people p JOIN r ON p.boss = r.id) SELECT * FROM r',
  ];
  for (const text of statements) {
    it(`passes: ${text}`, async () => {
      const { sql, leaves } = judged(text);
      expect(await verdict(sql, leaves)).toBeUndefined();
    });
  }

  it('passes over temporary copies, and only over those', async () => {
    const bound = bind('SELECT p.name FROM people p JOIN sales s ON p.id = s.person');
    const plan = secure(bound, SECURING);
    const copies = new Map([
      [1, 'copy_1'],
      [2, 'copy_2'],
    ]);
    const options = { source: lake.source, copies };
    const sql = lake.print(bound, SECURING, { copies });
    expect(sql).not.toContain('read_parquet');
    expect(await verdict(sql, expectedLeaves(plan, options))).toBeUndefined();
    expect(await verdict(sql, expectedLeaves(plan, { source: lake.source }))).toBe('SECOND_CHECK');
    expect(await verdict(sql.replace('"copy_2"', '"copy_1"'), expectedLeaves(plan, options))).toBe(
      'SECOND_CHECK',
    );
  });

  it('passes a leaf alone, of which a copy is made', async () => {
    const { plan } = judged('SELECT name FROM people');
    const found: Promise<unknown>[] = [];
    walkPlan(plan, {
      plan: (node) => {
        if (node.kind !== 'secured') return;
        const options = { source: lake.source };
        found.push(
          expect(verdict(printLeaf(node, options), expectedLeaves(node, options))).resolves.toBeUndefined(),
        );
      },
    });
    expect(found).toHaveLength(1);
    await Promise.all(found);
  });
});

describe('attacks that DuckDB itself would run', () => {
  const file = (name: string): string => join(lake.folder, name);
  /** Expressions smuggled into a select list, and relations smuggled into FROM. */
  const expressions: Readonly<Record<string, () => string>> = {
    'a scalar subquery over a file': () => `(SELECT max(id) FROM '${file('people.parquet')}')`,
    'getenv-like functions': () => `getvariable('other')`,
    current_setting: () => `current_setting('threads')`,
    current_database: () => 'current_database()',
    stats: () => 'stats(c1)',
    'query through a subquery': () => `(SELECT count(*) FROM query('SELECT 1'))`,
    read_text: () => `(SELECT max(content) FROM read_text('${file('secret.txt')}'))`,
    read_blob: () => `(SELECT count(content) FROM read_blob('${file('secret.txt')}'))`,
    glob: () => `(SELECT max(file) FROM glob('${file('*')}'))`,
    'an error that shows a value': () =>
      "CASE WHEN c1 IS NULL AND c1 IS NOT NULL THEN error('value ' || c1) END",
    'a macro': () => 'stolen(1)',
    'a column by position': () => '#1',
    'COLUMNS()': () => "COLUMNS('c1')",
    'metadata of a file': () => `(SELECT max(file_name) FROM parquet_metadata('${file('people.parquet')}'))`,
    'an aggregate called by name': () => "list_aggregate([1], 'stats')",
    'a user type': () => "CAST('a' AS mood)",
    'a collation': () => "('a' COLLATE NOCASE)",
    'in a lambda': () => `list_transform([1], lambda v1: v1 + (SELECT count(*) FROM duckdb_settings()))`,
    'in a window': () => `sum((SELECT count(*) FROM duckdb_settings())) OVER ()`,
    'in VALUES': () => `(SELECT c9 FROM (VALUES ((SELECT count(*) FROM duckdb_tables()))) AS s9(c9))`,
  };
  const relations: Readonly<Record<string, () => string>> = {
    'a file by name': () => `'${file('people.parquet')}'`,
    'another table of the engine': () => 'hidden',
    'a table of a schema': () => 'main.hidden',
    'the catalogue': () => 'duckdb_settings()',
    information_schema: () => 'information_schema.tables',
    'read_parquet outside a leaf': () => `(SELECT * FROM read_parquet('${file('people.parquet')}'))`,
    read_csv: () => `read_csv('${file('secret.txt')}')`,
    'query()': () => `query('SELECT 1 AS c77')`,
    'query_table()': () => "query_table('hidden')",
    'a pragma function': () => "pragma_table_info('hidden')",
    'a sample of a SELECT': () => '(SELECT 1 AS c77) USING SAMPLE 1',
    'a sample by blocks': () => '(SELECT 1 AS c77) AS s77 TABLESAMPLE system(10 PERCENT)',
    'a reservoir': () => '(SELECT 1 AS c77) AS s77 TABLESAMPLE reservoir(10 ROWS)',
    'a sample of a table': () => 'hidden TABLESAMPLE bernoulli(10 PERCENT)',
    PIVOT: () => '(PIVOT (SELECT 1 AS c77, 2 AS c78) ON c77 USING sum(c78))',
    'SHOW as a relation': () => '(SHOW TABLES)',
    'a range over data': () =>
      'range(CAST((SELECT count(*) FROM hidden) AS BIGINT), CAST(5 AS BIGINT), CAST(1 AS BIGINT))',
    unnest: () => 'unnest([1, 2])',
    'a CTE that shadows nothing': () => '(WITH x AS (SELECT 1 AS c77) SELECT c77 FROM x)',
    'a recursive CTE without limits': () =>
      '(WITH RECURSIVE t77 AS (SELECT 1 AS c77 UNION ALL SELECT c77 + 1 FROM t77 WHERE c77 < 3) SELECT c77 FROM t77)',
    'a recursive CTE over another table': () => {
      const limit = "CASE WHEN c78 > 9 THEN error('SLUICE:RECURSION_LIMIT') ELSE c78 + 1 END";
      const step = `SELECT c99 AS c77, ${limit} AS c78, ${limit} AS c79 FROM hidden, t77`;
      return `(WITH RECURSIVE t77 AS (SELECT 1 AS c77, 9 AS c78, 1 AS c79 UNION ALL (${step} WHERE c78 < 9)) SELECT c77 FROM t77)`;
    },
    'inside a lateral join': () => 'LATERAL (SELECT * FROM duckdb_settings())',
  };

  beforeAll(async () => {
    await lake.connection.run('CREATE TABLE hidden AS SELECT 1 AS c99');
    await lake.connection.run('CREATE MACRO stolen(x) AS (SELECT max(c99) FROM hidden)');
    await lake.connection.run("CREATE TYPE mood AS ENUM ('a')");
  });

  for (const [name, make] of Object.entries(expressions)) {
    it(`refuses ${name} in the select list`, async () => {
      const { sql, leaves } = judged('SELECT name FROM people');
      const forged = sql.replace('SELECT c2', `SELECT c2, ${make()}`);
      expect(forged).not.toBe(sql);
      expect(await verdict(sql, leaves)).toBeUndefined();
      expect(await verdict(forged, leaves)).toBe('SECOND_CHECK');
    });
  }
  for (const [name, make] of Object.entries(relations)) {
    it(`refuses ${name} in FROM`, async () => {
      const { sql, leaves } = judged('SELECT name FROM people');
      expect(await runs(`SELECT count(*) FROM ${make().replace('LATERAL ', '')}`)).toBe(true);
      expect(await verdict(`${sql} CROSS JOIN ${make()}`, leaves)).toBe('SECOND_CHECK');
    });
  }

  const whole: Readonly<Record<string, (sql: string) => string>> = {
    'a second statement': (sql) => `${sql}; SELECT 1`,
    ATTACH: () => "ATTACH ':memory:' AS other",
    PRAGMA: () => 'PRAGMA database_list',
    SET: () => 'SET threads = 1',
    COPY: (sql) => `COPY (${sql}) TO '/dev/null'`,
    EXPLAIN: (sql) => `EXPLAIN ${sql}`,
    'CREATE TABLE AS': (sql) => `CREATE TEMP TABLE x AS ${sql}`,
    'a parameter': (sql) => `${sql} LIMIT $1`,
    QUALIFY: (sql) => `${sql} QUALIFY row_number() OVER () = 1`,
    'DISTINCT ON': (sql) => sql.replace('SELECT c2', 'SELECT DISTINCT ON (c2) c2'),
    'a set operation with a foreign side': (sql) => `${sql} UNION ALL SELECT c99 FROM hidden`,
    'a star': (sql) => sql.replace('SELECT c2', 'SELECT *'),
    'an empty text': () => '',
    'a comment only': () => '-- nothing',
  };
  for (const [name, forge] of Object.entries(whole)) {
    it(`refuses ${name}`, async () => {
      const { sql, leaves } = judged('SELECT name FROM people');
      expect(await verdict(forge(sql), leaves)).toBe('SECOND_CHECK');
    });
  }

  const faults: Readonly<Record<string, (sql: string) => string>> = {
    'lost its row rule': (sql) => sql.replace(/ WHERE \(\(c1000001 .*?\)\)\)/, ''),
    'has a weaker rule': (sql) => sql.replace('<=', '>='),
    'reads another file': (sql) => sql.replace('people.parquet', 'other.parquet'),
    'reads every file': (sql) => sql.replace('people.parquet', '[op]*.parquet'),
    'reads with other options': (sql) => sql.replace('hive_partitioning = false', 'filename = true'),
    'shows a raw column in place of another': (sql) => sql.replace('CAST("name"', 'CAST("weird ""name"""'),
    'is not there': () => 'SELECT CAST(1 AS INTEGER) AS c2',
  };
  for (const [name, fault] of Object.entries(faults)) {
    it(`refuses a leaf that ${name}`, async () => {
      const { sql, leaves } = judged('SELECT name FROM people');
      expect(fault(sql)).not.toBe(sql);
      expect(await runs(fault(sql))).toBe(true);
      expect(await verdict(fault(sql), leaves)).toBe('SECOND_CHECK');
    });
  }

  it('refuses a leaf whose own text lost its rule, though both texts agree', async () => {
    const { sql, leaves } = judged('SELECT name FROM people');
    const drop = (text: string): string => text.replace(/ WHERE \(\(c1000001 .*?\)\)\)/, '');
    expect(drop(sql)).not.toBe(sql);
    expect(
      await verdict(
        drop(sql),
        leaves.map((leaf) => ({ ...leaf, sql: drop(leaf.sql) })),
      ),
    ).toBe('SECOND_CHECK');
  });

  it('refuses what the parser cannot read or answers in an unknown shape', async () => {
    const { leaves } = judged('SELECT name FROM people');
    const answers = ['null', '[]', '{"error":false}', '{"error":false,"statements":[{}]}', 'not json'];
    for (const answer of answers) {
      await expect(secondCheck({ parse: async () => answer }, 'SELECT 1', leaves)).rejects.toMatchObject({
        code: 'SECOND_CHECK',
      });
    }
    const broken = { parse: () => Promise.reject(new Error('engine')) };
    await expect(secondCheck(broken, 'SELECT 1', leaves)).rejects.toMatchObject({ code: 'SECOND_CHECK' });
  });

  it('refuses a part of a node that it does not know', async () => {
    const { sql, leaves } = judged('SELECT name FROM people');
    const grown = {
      parse: async (text: string) =>
        (await lake.parse(text)).replaceAll('"qualify":null', '"qualify":null,"newer":null'),
    };
    await expect(secondCheck(grown, sql, leaves)).rejects.toMatchObject({ code: 'SECOND_CHECK' });
  });

  it('keeps the list of functions free of anything that reaches outside its arguments', async () => {
    const { ALLOWED_FUNCTIONS } = await import('./second-check/functions.js');
    const reaching = `
      read_ glob query duckdb_ pragma_ getenv current_ stats nextval currval checkpoint parquet_
      sniff_ getvariable error txid in_search_path pg_ has_ json_execute from_substrait
      which_secret write_log set_config vector_type typeof hash uuid gen_random`;
    const dangerous = new RegExp(`^(${reaching.trim().split(/\s+/).join('|')})`);
    expect([...ALLOWED_FUNCTIONS].filter((name) => dangerous.test(name))).toEqual([]);
    const known = await lake.rows('SELECT DISTINCT function_name FROM duckdb_functions()');
    const names = new Set(known.map((row) => row[0]));
    const parserOnly = ['-', 'coalesce', 'nullif', 'count_star'];
    const unknown = [...ALLOWED_FUNCTIONS].filter((name) => !names.has(name) && !parserOnly.includes(name));
    expect(unknown).toEqual([]);
  });
});
