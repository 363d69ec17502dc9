/** Laws of `cutCode` over the random statements and policies of the oracles: any functions of theirs may be code. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { governedCases } from '../../../test/oracles/governed-cases.js';
import { bind, PlanLake, secure } from '../../../test/support/duckdb-plans.js';
import type { BoundQuery, Column, ColumnId, Plan, Secured } from '../plan/plan.js';
import { outputColumns, walkPlan } from '../plan/traverse.js';
import { printDuckDb } from '../sql/duckdb/print.js';
import { type CutPlan, callsCode, cutCode } from './cut-code.js';

const POLICIES = 30;
const QUERIES_PER_POLICY = 6;
const SEED = 9_100_000;

type IsCode = (fn: string) => boolean;
interface Case {
  readonly sql: string;
  readonly query: Pick<BoundQuery, 'plan' | 'output'>;
  readonly isCode: IsCode;
  readonly cut: CutPlan;
}

const functionsIn = (plan: Plan): readonly string[] => {
  const found = new Set<string>();
  walkPlan(plan, {
    expr: (expr) => {
      if ('fn' in expr && !['and', 'grouping', 'grouping_id'].includes(expr.fn)) found.add(expr.fn);
    },
  });
  return [...found];
};

const cases: Case[] = [];
beforeAll(async () => {
  const options = { seed: SEED, policies: POLICIES, queriesPerPolicy: QUERIES_PER_POLICY };
  for await (const { sql, way, random } of governedCases(options)) {
    const query = { plan: way.statement.plan, output: way.bound.output };
    // Functions of row rules and masks are never the caller's.
    const called = functionsIn(way.bound.plan).filter((fn) => !functionsOfPolicies(query.plan).has(fn));
    if (called.length === 0) continue;
    const code = random.pick(called);
    const isCode = (fn: string): boolean => fn === code;
    cases.push({ sql, query, isCode, cut: cutCode(query, isCode) });
  }
});

function functionsOfPolicies(plan: Plan): ReadonlySet<string> {
  return new Set(securedIn(plan).flatMap((leaf) => functionsIn(leaf)));
}

function securedIn(plan: Plan): readonly Secured[] {
  const found: Secured[] = [];
  walkPlan(plan, {
    plan: (node) => {
      if (node.kind === 'secured') found.push(node);
    },
  });
  return found;
}

/** Columns and CTEs that a plan uses and nothing in it makes. */
function loose(plan: Plan, output: readonly Column[] = []): readonly unknown[] {
  const made = new Set<ColumnId>();
  const used = new Set<ColumnId>(output.map(({ id }) => id));
  const ctes = new Set<string>();
  const named = new Set<string>();
  walkPlan(plan, {
    plan: (node) => {
      for (const { id } of outputColumns(node)) made.add(id);
      if (node.kind === 'secured') for (const { id } of node.raw) made.add(id);
      if (node.kind === 'with') for (const { id } of node.ctes) ctes.add(`cte ${id}`);
      if (node.kind === 'cte-ref') named.add(`cte ${node.cte}`);
    },
    expr: (expr) => {
      if (expr.kind === 'column') used.add(expr.id);
    },
  });
  return [...[...used].filter((id) => !made.has(id)), ...[...named].filter((name) => !ctes.has(name))];
}

function always(law: (each: Case) => void): void {
  for (const each of cases) {
    try {
      law(each);
    } catch (error) {
      throw new Error(each.sql, { cause: error });
    }
  }
}

describe('cutCode', () => {
  it('has enough to go by', () => {
    expect(cases.length).toBeGreaterThan(60);
    expect(cases.filter(({ cut }) => cut.parts.length > 1).length).toBeGreaterThan(10);
  });

  it('leaves no code in a part, and all of it above', () => {
    always(({ cut, isCode }) => {
      for (const { plan } of cut.parts) expect(callsCode(plan, isCode)).toBe(false);
      expect(callsCode(cut.upper, isCode)).toBe(true);
    });
  });

  it('leaves no table above: what is there are the parts, each once, by the columns that it gives', () => {
    always(({ cut }) => {
      const leaves = securedIn(cut.upper);
      expect(leaves.map(({ table }) => table).sort()).toEqual(cut.parts.map(({ table }) => table).sort());
      for (const { table, items, raw, filter } of leaves) {
        const part = cut.parts.find((each) => each.table === table);
        expect(items.map(({ column }) => column)).toEqual(part?.columns);
        expect(raw.map(({ source }) => source)).toEqual(items.map((_, i) => `p${i + 1}`));
        expect(items.map(({ expr }) => expr.kind === 'column' && expr.id)).toEqual(raw.map(({ id }) => id));
        expect(filter).toBeUndefined();
      }
    });
  });

  it('cuts where nothing reaches across: neither side uses a column that it does not make', () => {
    always(({ cut, query }) => {
      expect(loose(cut.upper, query.output)).toEqual([]);
      for (const { plan, columns } of cut.parts) expect(loose(plan, columns)).toEqual([]);
    });
  });

  it('reads each secured leaf in one part, as it was', () => {
    always(({ cut, query }) => {
      const before = securedIn(query.plan).map(({ leaf }) => leaf);
      expect(cut.parts.flatMap(({ plan }) => securedIn(plan).map(({ leaf }) => leaf)).sort()).toEqual(
        before.sort(),
      );
    });
  });

  it('gives new columns and leaves ids of their own', () => {
    always(({ cut, query }) => {
      const known = new Set(securedIn(query.plan).flatMap(({ raw }) => raw.map(({ id }) => id)));
      const leaves = new Set(securedIn(query.plan).map(({ leaf }) => leaf));
      const made = securedIn(cut.upper);
      const ids = made.flatMap(({ raw }) => raw.map(({ id }) => id));
      expect(new Set(ids).size).toBe(ids.length);
      expect(new Set(made.map(({ leaf }) => leaf)).size).toBe(made.length);
      for (const id of ids) expect(known.has(id)).toBe(false);
      for (const { leaf } of made) expect(leaves.has(leaf)).toBe(false);
    });
  });
});

const QUERIES: readonly string[] = [
  'SELECT upper(name), id FROM people',
  "SELECT id, pay FROM people WHERE upper(name) = 'ANA' AND pay > 1 AND boss IS NULL",
  'SELECT p.name, sum(s.amount) FROM people p JOIN sales s ON p.id = s.person WHERE lower(s.shop) <> upper(p.name) GROUP BY p.name',
  'WITH a AS (SELECT upper(name) AS n, id FROM people), b AS (SELECT max(amount) AS m FROM sales) SELECT n, m FROM a, b WHERE id < 3',
  "SELECT id FROM people p WHERE EXISTS (SELECT 1 FROM sales s WHERE s.person = p.id AND upper(s.shop) = 'X')",
  'SELECT id, (SELECT max(amount) FROM sales s WHERE s.person = p.id) + length(name) FROM people p',
  'SELECT id, row_number() OVER (PARTITION BY upper(name) ORDER BY id) FROM people',
  'SELECT name FROM people WHERE id IN (SELECT person FROM sales WHERE amount > 60) UNION SELECT upper(shop) FROM sales',
  'SELECT upper(name) FROM (SELECT name FROM people ORDER BY pay DESC LIMIT 2)',
  'SELECT count(*), upper(shop) FROM sales GROUP BY ROLLUP (upper(shop)) ORDER BY 1, 2 LIMIT 3',
  'SELECT count(*) FROM people WHERE length(name) > 2',
  "SELECT p.id, s.shop FROM people p LEFT JOIN sales s ON p.id = s.person AND upper(s.shop) = 'X'",
];

describe('a plan that was cut', () => {
  let lake: PlanLake;
  beforeAll(async () => {
    lake = await PlanLake.open();
  });
  afterAll(() => lake.close());

  const calling = QUERIES.flatMap((sql) =>
    ['upper', 'length', '=', '+']
      .filter((code) => callsCode(bind(sql).plan, (fn) => fn === code))
      .map((code) => [code, sql] as const),
  );
  it.each(calling)('gives what it gave, where code is %s: %s', async (code, sql) => {
    const bound = bind(sql);
    const query = { plan: secure(bound), output: bound.output };
    const { upper, parts } = cutCode(query, (fn) => fn === code);
    for (const { table, plan, columns } of parts) {
      const text = printDuckDb(plan, { source: lake.source, output: columns });
      const names = columns.map((_, i) => `p${i + 1}`).join(', ');
      await lake.connection.run(
        `CREATE OR REPLACE TABLE "${table}" AS SELECT * FROM (${text}) AS t(${names})`,
      );
    }
    const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
    const above = printDuckDb(upper, { source: (table) => `"${table}"`, output: bound.output });
    expect(sorted(await lake.rows(above))).toEqual(sorted(await lake.run(sql)));
  });

  it('is given no more rows and columns than what is above needs', () => {
    const bound = bind(
      "SELECT upper(name) FROM people WHERE pay > 1 AND upper(name) <> 'X' AND boss IS NULL",
    );
    const { parts } = cutCode({ plan: secure(bound), output: bound.output }, (fn) => fn === 'upper');
    expect(parts.map(({ columns }) => columns.map(({ name }) => name))).toEqual([['name']]);
    expect(parts[0]?.plan.kind).toBe('filter');
    expect([...functionsIn(parts[0]?.plan as Plan)].sort()).toEqual(['>', 'is_null']);
  });

  it('is given one column where none is used, so that rows can be counted', () => {
    const bound = bind("SELECT upper(s.shop) FROM sales s LEFT JOIN people p ON upper(s.shop) = 'X'");
    const { parts } = cutCode({ plan: secure(bound), output: bound.output }, (fn) => fn === 'upper');
    expect(parts.map(({ columns }) => columns.length)).toEqual([1, 1]);
  });

  it('keeps an order above', () => {
    const bound = bind('SELECT upper(name) AS n FROM (SELECT name, pay FROM people) ORDER BY pay');
    const { upper, parts } = cutCode({ plan: secure(bound), output: bound.output }, (fn) => fn === 'upper');
    const kinds: string[] = [];
    walkPlan(upper, { plan: ({ kind }) => kinds.push(kind) });
    expect(kinds).toContain('sort');
    for (const { plan } of parts) expect(plan.kind).not.toBe('sort');
  });
});
